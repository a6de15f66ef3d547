"""An iteration is run again and again with another number set in it, beside the true run."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from gradviz.session import hints
from gradviz.session.protocol import Fork, Problem, Recorded, Status, Try, Unforked
from gradviz.trace.branches import Branch, SetNumber, edits_of
from tests.session.test_checkpoints import LONG_NET, all_end, processes_of
from tests.session.tree import Tree

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="experiments are forks, made on Linux")

AT = 7
BIAS = SetNumber("net.fc1/bias", "value", (1,), 0.75)


@pytest.fixture
def tree() -> Iterator[Tree]:
    tree = Tree()
    yield tree
    tree.client.close(wait=True)
    assert tree.client.gone and all_end(tree.group)


def begin(tree: Tree, edit: SetNumber, iteration: int = AT) -> float | None:
    branch = tree.branches[1] = Branch(1, "", 0, iteration, (edit,))
    tree.client.fork(Fork(branch, edits_of(branch, tree.branches), experiment=True))
    return outcome(tree, iteration)


def attempt(tree: Tree, edit: SetNumber) -> float | None:
    tree.client.send(Try(edit), 1)
    return outcome(tree)


def outcome(tree: Tree, iteration: int = AT) -> float | None:
    """The loss of the iteration, once the program holds at its end or is over."""
    tree.wait_for(1, lambda r: isinstance(r, Status) and r.state in ("holding", "failed", "finished"))
    (*_, last) = [report for report in tree.seen[1] if isinstance(report, Recorded)]
    assert last.iteration.index == iteration and last.iteration.complete
    return last.iteration.loss


def test_each_try_is_computed_from_the_same_beginning(tree):
    tree.run(LONG_NET, "iteration")
    true = tree.go_to(AT)[0].loss
    high = begin(tree, BIAS)
    low = attempt(tree, SetNumber("net.fc1/bias", "value", (1,), 1.5))
    assert len({true, high, low}) == 3
    assert attempt(tree, BIAS) == high
    assert attempt(tree, SetNumber("net.fc1/weight", "grad", (1, 0), 5.0)) == true
    assert tree.go_to(AT)[0].loss == true and not tree.problems(0)


def test_the_first_iteration_and_one_far_from_a_checkpoint(tree):
    tree.run(LONG_NET)
    true = tree.go_to(0)[0].loss
    assert begin(tree, BIAS, 0) != true


def test_a_try_that_breaks_the_program_says_why_and_the_next_one_runs(tree):
    tree.run(LONG_NET, "iteration")
    true = tree.go_to(AT)[0].loss
    begin(tree, SetNumber("/targets", "value", (0,), 99.0))
    (problem,) = tree.problems(1)
    assert problem.kind == "IndexError"
    tree.seen[1].clear()
    assert attempt(tree, SetNumber("net/nothing", "value", (0,), 99.0)) == true
    assert [report.hint for report in tree.seen[1] if isinstance(report, Problem)] == [hints.NO_NUMBER]


def test_dropping_it_ends_its_processes_and_the_run_goes_on(tree):
    tree.run(LONG_NET, "iteration")
    tree.go_to(AT)
    before = processes_of(tree.group)
    begin(tree, BIAS)
    assert len(processes_of(tree.group)) == len(before) + 2
    tree.client.drop(1)
    tree.run_on()
    assert tree.curve(0) and not tree.problems(0)


def test_a_kept_one_is_a_branch_that_can_be_walked(tree):
    tree.run(LONG_NET)
    tree.go_to(AT)
    first = begin(tree, BIAS)
    tree.client.drop(1)
    branch, iteration, _ = tree.forked(AT, BIAS)
    assert iteration.loss == first
    tree.run_on(branch)
    assert tree.go_to(AT, branch)[0].loss == first
    assert tree.go_to(AT - 1, branch)[0].loss == tree.go_to(AT - 1)[0].loss
    assert not tree.problems(branch)


def test_a_program_that_computes_in_several_threads_cannot_be_copied(tree):
    threads = (
        "import threading, time\nthreading.Thread(target=time.sleep, args=(600,), daemon=True).start()\n"
    )
    tree.run(threads + LONG_NET, "iteration")
    tree.go_to(AT)
    branch = tree.branches[1] = Branch(1, "", 0, AT, (BIAS,))
    tree.client.fork(Fork(branch, edits_of(branch, tree.branches), experiment=True))
    tree.wait_for(1, lambda report: isinstance(report, Unforked))
