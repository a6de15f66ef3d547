"""Branches of the run: copies of the program that go on beside it, each its own."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator

import pytest

from gradviz.session.protocol import (
    Advance,
    Branched,
    Output,
    Problem,
    Start,
    Unforked,
)
from gradviz.trace.branches import (
    MAIN,
    Edit,
    SetElement,
    SetLearningRate,
    SetLoss,
    SetSample,
    edits_of,
)
from tests.session.harness import PATH, node_named
from tests.session.test_checkpoints import (
    DROPOUT,
    GAN,
    LONG_NET,
    NO_OPTIMIZER,
    all_end,
    is_running,
    processes_of,
)
from tests.session.tree import PATIENCE, Tree

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="checkpoints are made on Linux")

MOMENTUM = LONG_NET.replace("lr=0.5", "lr=0.1, momentum=0.9, nesterov=True")

LBFGS = """
import torch
w = torch.tensor([-1.0, 2.0], requires_grad=True)
optimizer = torch.optim.LBFGS([w], max_iter=2)
for i in range(100):
    def closure():
        optimizer.zero_grad()
        loss = (1 - w[0]) ** 2 + 100 * (w[1] - w[0] ** 2) ** 2 + 0 * torch.rand(())
        loss.backward()
        return loss
    optimizer.step(closure)
"""

PRINTING = LONG_NET + "    print('loss', epoch, loss.item())\n"


@pytest.fixture
def tree() -> Iterator[Tree]:
    tree = Tree()
    yield tree
    tree.client.close(wait=True)
    assert tree.client.gone and all_end(tree.group)


PROGRAMS = {
    "net": LONG_NET,
    "dropout": DROPOUT,
    "gan": GAN,
    "none": NO_OPTIMIZER,
    "momentum": MOMENTUM,
    "lbfgs": LBFGS,
}


@pytest.mark.parametrize("text", PROGRAMS.values(), ids=PROGRAMS)
def test_a_branch_without_a_change_is_its_parent(tree: Tree, text: str) -> None:
    tree.run(text)
    middle = max(tree.losses[MAIN]) // 2
    there = tree.go_to(middle)
    branch, *here = tree.forked(middle)
    assert tuple(here) == there
    tree.run_on(branch)
    main = tree.curve(MAIN)
    assert {i: main[i] for i in main if i >= middle} == {
        i: loss for i, loss in tree.curve(branch).items() if i >= middle
    }
    last = max(main)
    assert tree.go_to(last, branch) == tree.go_to(last)
    assert tree.go_to(3, branch) == tree.go_to(3)
    assert not tree.problems(branch) and not tree.problems(MAIN)


CHANGES = {
    "rate": (LONG_NET, SetLearningRate(0.01)),
    "rate by hand": (
        NO_OPTIMIZER.replace("0.1 *", "lr *").replace("import torch", "import torch\nlr = 0.1"),
        SetLearningRate(0.3),
    ),
    "rate of one": (GAN, SetLearningRate(1.0, optimizer="makes")),
    "rate of LBFGS": (LBFGS, SetLearningRate(0.5)),
    "element": (MOMENTUM, SetElement("net.fc1.weight", (0, 1), 3.0)),
    "element by hand": (NO_OPTIMIZER, SetElement("w", (1,), 3.0)),
    "loss": (
        LONG_NET,
        SetLoss(
            "import torch.nn.functional as F\ndef criterion(o, y):\n    return F.cross_entropy(o, y) * 3\n",
            "loss.py",
        ),
    ),
    "sample": (DROPOUT, SetSample(1, index=(2,), value=5.0)),
}


@pytest.mark.parametrize(("text", "edit"), CHANGES.values(), ids=CHANGES)
def test_a_change_counts_from_its_iteration_and_the_parent_stays_as_it_was(
    tree: Tree, text: str, edit: Edit
) -> None:
    tree.run(text)
    before = tree.curve(MAIN)
    middle = max(before) // 2
    branch, first, numbers = tree.forked(middle, edit)
    tree.run_on(branch)
    changed = tree.curve(branch)
    assert all(changed[i] == before[i] for i in changed if i < middle)
    assert any(changed[i] != before[i] for i in changed if i >= middle)
    again, *same = tree.forked(middle, edit)
    assert tuple(same) == (first, numbers)
    tree.run_on(again)
    assert {i: loss for i, loss in tree.curve(again).items() if i >= middle} == {
        i: loss for i, loss in changed.items() if i >= middle
    }
    tree.go_to(2)
    tree.run_on()
    assert tree.curve(MAIN) == before
    assert not tree.problems(branch) and not tree.problems(MAIN)


def test_a_branch_goes_back_to_before_its_parting_and_forward_again(tree: Tree) -> None:
    tree.run(LONG_NET)
    branch, *parted = tree.forked(200, SetElement("net.fc1.weight", (0, 0), 9.0))
    later = tree.go_to(300, branch)
    assert tree.go_to(50, branch) == tree.go_to(50)
    assert tree.go_to(200, branch) == tuple(parted)
    assert tree.go_to(300, branch) == later != tree.go_to(300)
    assert not tree.problems(branch)


def test_a_branch_of_a_branch_has_the_changes_of_both(tree: Tree) -> None:
    tree.run(LONG_NET)
    slow, _, _ = tree.forked(100, SetLearningRate(0.0))
    tree.run_on(slow)
    child, iteration, _ = tree.forked(200, SetElement("net.fc2.bias", (0,), 4.0), parent=slow)
    tree.run_on(child)
    stuck = tree.curve(slow)
    assert len({stuck[i] for i in stuck if i > 100}) == 1
    assert {tree.curve(child)[i] for i in tree.curve(child) if i >= 200} == {iteration.loss}
    earlier, *numbers = tree.forked(50, parent=slow)
    assert tuple(numbers) == tree.go_to(50)
    tree.run_on(earlier)
    assert tree.curve(earlier)[399] == tree.curve(MAIN)[399]


def test_a_branch_can_leave_at_the_very_first_iteration(tree: Tree) -> None:
    tree.run(LONG_NET)
    branch, first, _ = tree.forked(0, SetElement("net.fc1.bias", (0,), 2.0))
    assert first.loss != tree.curve(MAIN)[0]
    assert tree.go_to(1, branch) != tree.go_to(1)
    assert tree.go_to(0, branch)[0] == first


def test_the_shared_past_is_not_printed_again_and_each_prints_its_own(tree: Tree) -> None:
    tree.run(PRINTING)
    branch, _, _ = tree.forked(390, SetLearningRate(0.0))
    tree.run_on(branch)
    tree.go_to(100, branch)
    tree.go_to(395, branch)
    tree.run_on(branch)
    tree.client.drop(branch)
    lines = tree.printed(branch).splitlines()
    assert [line.split()[1] for line in lines] == [str(i) for i in range(390, 400)]
    assert [line.split()[1] for line in tree.printed(MAIN).splitlines()] == [str(i) for i in range(400)]


def test_both_are_walked_side_by_side(tree: Tree) -> None:
    tree.run(LONG_NET, until="iteration")
    tree.held_at(0, MAIN)
    tree.go_to(30)
    branch, _, _ = tree.forked(30, SetLearningRate(0.01))
    for i in range(31, 40):
        for number in (MAIN, branch):
            tree.client.send(Advance("iteration"), number)
        here, there = tree.held_at(i, MAIN), tree.held_at(i, branch)
        assert here[0].events == there[0].events and here[1] != there[1]


def test_the_main_program_can_go_on_while_a_branch_is_made(tree: Tree) -> None:
    tree.run(LONG_NET, until="iteration")
    tree.held_at(0, MAIN)
    branch = tree.fork(0, SetLearningRate(0.0))
    there = tree.go_to(5)
    assert there[0].index == 5
    assert tree.held_at(0, branch)[0].index == 0
    tree.run_on()


ERRORS = {
    "name": SetElement("net.fc3.weight", (0, 0), 1.0),
    "index": SetElement("net.fc1.weight", (9, 9), 1.0),
    "loss": SetLoss("def criterion(o, y: pass\n", "loss.py"),
    "batch": SetSample(0, label=1),
}


@pytest.mark.parametrize("edit", ERRORS.values(), ids=ERRORS)
def test_a_change_that_cannot_be_made_is_told_and_nothing_is_lost(tree: Tree, edit: Edit) -> None:
    tree.run(LONG_NET)
    branch, *numbers = tree.forked(200, edit)
    (problem,) = tree.problems(branch)
    assert problem.severity == "error"
    assert tuple(numbers) == tree.go_to(200)


def ended(branch: int, tree: Tree) -> int | None:
    return tree.wait_for(branch, lambda r: isinstance(r, tuple))[1]


ENDS = {
    "exit": ("os._exit(7)", 7),
    "crash": ("os.abort()", 128 + signal.SIGABRT),
    "killed": ("os.kill(os.getpid(), 9)", 128 + signal.SIGKILL),
}


@pytest.mark.parametrize(("end", "code"), ENDS.values(), ids=ENDS)
def test_the_end_of_a_branchs_process_is_noticed_and_is_nobody_elses(tree: Tree, end: str, code: int) -> None:
    tree.run(
        LONG_NET.replace("import torch\n", "import os\nimport torch\n", 1) + f"    if loss > 50: {end}\n"
    )
    branch = tree.fork(200, SetElement("net.fc2.bias", (0,), 1e3))
    tree.client.send(Advance("end"), branch)
    assert ended(branch, tree) == code
    assert [problem.kind for problem in tree.problems(branch)] == ["worker"]
    there = tree.go_to(250)
    _, *numbers = tree.forked(250)
    assert tuple(numbers) == there


def test_an_exception_in_a_branch_is_told_with_its_line(tree: Tree) -> None:
    tree.run(LONG_NET + "    if loss > 50: raise ValueError('much')\n")
    branch = tree.fork(200, SetElement("net.fc2.bias", (0,), 1e3))
    problem = tree.wait_for(branch, lambda r: isinstance(r, Problem))
    assert (problem.kind, problem.message) == ("ValueError", "much")
    assert tree.go_to(100, branch) == tree.go_to(100)


def test_branches_outlive_the_main_program(tree: Tree) -> None:
    tree.run("import os\n" + LONG_NET + "    if epoch == 399: os._exit(3)\n", until="iteration")
    tree.held_at(0, MAIN)
    tree.go_to(200)
    branch, _, _ = tree.forked(100)
    tree.client.send(Advance("end"))
    assert ended(MAIN, tree) == 3
    assert tree.go_to(150, branch)[0].index == 150
    assert tree.go_to(20, branch)[0].index == 20
    tree.client.send(Advance("end"), branch)
    assert ended(branch, tree) == 3


def test_a_dropped_branch_leaves_no_process_and_its_children_keep_their_past(tree: Tree) -> None:
    tree.run(LONG_NET)
    before = len(processes_of(tree.group))
    parent, _, _ = tree.forked(100, SetLearningRate(0.1))
    tree.run_on(parent)
    child, _, _ = tree.forked(200, parent=parent)
    there = tree.go_to(150, child)
    tree.client.drop(parent)
    assert tree.go_to(150, child) == there
    tree.client.drop(child)
    deadline = time.monotonic() + PATIENCE
    while len(processes_of(tree.group)) > before and time.monotonic() < deadline:
        pass
    assert len(processes_of(tree.group)) <= before


def test_what_a_dropped_branch_has_started_ends_with_it(tree: Tree) -> None:
    start = "import subprocess; print(subprocess.Popen(['sleep', '1000']).pid); sum(range(10**12))"
    tree.run(LONG_NET + f"    if loss > 50:\n        {start}\n")
    branch = tree.fork(200, SetElement("net.fc2.bias", (0,), 1e3))
    process = int(tree.wait_for(branch, lambda r: isinstance(r, Output)).text)
    tree.client.drop(branch)
    deadline = time.monotonic() + PATIENCE
    while is_running(process) and time.monotonic() < deadline:
        pass
    assert not is_running(process)
    assert tree.go_to(100)[0].index == 100


def test_a_branch_that_is_stuck_can_be_dropped(tree: Tree) -> None:
    tree.run(LONG_NET + "    if loss > 50: sum(range(10**12))\n")
    branch = tree.fork(200, SetElement("net.fc2.bias", (0,), 1e3))
    tree.wait_for(branch, lambda r: isinstance(r, Branched))
    tree.client.drop(branch)
    assert tree.go_to(100)[0].index == 100


def test_all_branches_end_with_the_supervisor(tree: Tree) -> None:
    tree.run(LONG_NET)
    tree.forked(100)
    tree.forked(200)
    os.kill(tree.group, signal.SIGKILL)
    assert all_end(tree.group)


def test_without_checkpoints_there_is_no_fork(tree: Tree) -> None:
    tree.client.send(Start(LONG_NET, PATH, checkpoints=False))
    tree.client.send(Advance("end"))
    tree.finish()
    branch = tree.fork(100)
    assert tree.wait_for(branch, lambda r: not isinstance(r, Output)) == Unforked(branch)


def test_a_branch_run_from_the_programs_beginning_is_the_same(tree: Tree) -> None:
    edit = SetLearningRate(0.05)
    tree.run(PRINTING)
    branch, *forked = tree.forked(200, edit)
    alone = Tree()
    try:
        edits = edits_of(tree.branches[branch], {})
        alone.client.send(Start(PRINTING, PATH, furthest=199, checkpoints=False, edits=edits))
        assert alone.go_to(200) == tuple(forked)
        alone.run_on()
        tree.run_on(branch)
        assert alone.curve(MAIN)[399] == tree.curve(branch)[399]
        alone.client.close(wait=True)
    finally:
        alone.client.close(wait=True)


def test_many_branches_share_one_bound_of_checkpoints(tree: Tree) -> None:
    tree.run(LONG_NET)
    there = tree.go_to(399)
    for i in range(12):
        branch, _, _ = tree.forked(20 * i + 1, SetLearningRate(0.1 + i))
        tree.run_on(branch)
    assert tree.go_to(399) == there
    assert node_named(tree.go_to(0)[0], "net.fc1.weight")
