"""A trace file is asked for its moments, and checked by running its program again on several routes."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from gradviz.errors import InputError
from gradviz.session import replaying
from gradviz.session.program import Settings
from gradviz.session.protocol import Start
from gradviz.session.runner import Runner
from gradviz.session.tracing import Order, record_trace
from gradviz.trace.branches import Branch, SetLearningRate, edits_of
from gradviz.trace.file import BranchRun, TraceFile, TraceWriter
from gradviz.trace.state import state_hash

EXACT = """
import torch
from torch import nn
net = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Dropout(0.5), nn.Linear(4, 1))
optimizer = torch.optim.Adam(net.parameters())
for i in range(30):
    loss = net(torch.randn(5, 3)).pow(2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
"""
CLOCK = """
import time, torch
w = torch.ones(2, requires_grad=True)
for i in range(8):
    (w * (time.perf_counter() % 1)).sum().backward()
    with torch.no_grad():
        w -= 0.1 * w.grad
"""


def recorded(folder: Path, text: str, **options: object) -> Path:
    order = Order(folder / "program.py", text, Settings(seed=5), folder / "run.gvtrace", **options)  # type: ignore[arg-type]
    record_trace(order)
    return order.target


@pytest.fixture(scope="module")
def exact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return recorded(tmp_path_factory.mktemp("run"), EXACT)


@pytest.fixture
def no_program(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(*_: object) -> None:
        raise AssertionError("nothing must run")

    monkeypatch.setattr(replaying, "Runner", run)


def test_a_moment_in_the_file_is_shown_without_running_anything(exact, capsys, no_program):
    with TraceFile(exact) as file:
        assert replaying.show(file, 29, 2) == 0
        iteration = file.iteration(29)
    assert capsys.readouterr() == (
        f"30:3  forward net.1/relu (program.py:7)\nstate {state_hash(iteration, 2)}\n",
        "",
    )


def test_the_beginning_and_the_end_of_an_iteration_are_moments(exact, capsys, no_program):
    with TraceFile(exact) as file:
        last = len(file.iteration(0).events)
        replaying.show(file, 0, -1)
        replaying.show(file, 0, None)
    out = capsys.readouterr().out.splitlines()
    assert out[0] == "1:0  before the first operation"
    assert out[2].startswith(f"1:{last}  update net.3.bias")
    assert out[1] != out[3]


def test_another_moment_is_computed_and_that_is_said(exact, capsys):
    with TraceFile(exact) as file:
        assert replaying.show(file, 11, 0) == 0
        out, err = capsys.readouterr()
        assert "gradviz: iteration 12 is not in the file" in err and "running the program" in err
        assert replaying.show(file, 11, 0) == 0
    assert capsys.readouterr().out == out != ""


def test_a_moment_that_does_not_exist_is_refused(exact, no_program):
    with TraceFile(exact) as file:
        with pytest.raises(InputError, match="there is no iteration 31; the last is 30"):
            replaying.show(file, 30, 0)
        with pytest.raises(InputError, match=r"iteration 1 has no event 1000; the last is \d+"):
            replaying.show(file, 0, 999)


def test_the_contents_are_listed(exact, capsys, no_program):
    with TraceFile(exact) as file:
        replaying.describe(file)
    assert capsys.readouterr().out.endswith("program.py, seed 5\nrun: 30 iterations, in full detail: 1, 30\n")


def test_a_program_that_repeats_itself_agrees_on_every_route(exact, capsys):
    with TraceFile(exact) as file:
        assert replaying.verify(file) == replaying.AGREE
    *routes, verdict = capsys.readouterr().out.splitlines()
    assert [route.partition(":")[0] for route in routes] == [
        "straight",
        "backwards",
        "in random order",
        "without checkpoints",
    ]
    assert all(route.endswith("0 differ") for route in routes) and verdict == "all states agree"


def test_a_program_that_reads_the_clock_differs_and_the_first_moment_is_named(tmp_path, capsys):
    with TraceFile(recorded(tmp_path, CLOCK)) as file:
        assert replaying.verify(file) == replaying.DIFFER
    assert "the first moment that differs: 1:1  forward mul (program.py:5)" in capsys.readouterr().out


def rewritten(path: Path, target: Path, **changes: object) -> Path:
    """The file with other claims about its program, or another state in its last iteration."""
    with TraceFile(path) as file, TraceWriter(target) as writer:
        for index in file.iterations():
            iteration = file.iteration(index)
            iteration.digests[3] ^= changes.get("flip", 0) if index else 0
            writer.add(0, iteration, file.arrays(index), file.find)
        program = replace(file.manifest.program, **{k: v for k, v in changes.items() if k != "flip"})
        writer.finish(
            replace(file.manifest, program=program, branches=(replace(file.manifest.branches[0], curves=[]),))
        )
    return target


def test_a_file_that_was_changed_differs_where_it_was(exact, tmp_path, capsys):
    with TraceFile(rewritten(exact, tmp_path / "x.gvtrace", flip=1)) as file:
        assert replaying.verify(file) == replaying.DIFFER
    assert "the first moment that differs: 30:4  " in capsys.readouterr().out


def test_another_seed_differs_from_the_beginning(exact, tmp_path, capsys):
    with TraceFile(rewritten(exact, tmp_path / "x.gvtrace", seed=6)) as file:
        assert replaying.verify(file) == replaying.DIFFER
    assert "the first moment that differs: 1:0  before the first operation" in capsys.readouterr().out


@pytest.mark.parametrize(
    "text", ["import no_such_module\n" + EXACT, EXACT.replace("range(30)", "range(3 // 0)")]
)
def test_a_program_that_fails_could_not_run(exact, tmp_path, capsys, text):
    with TraceFile(rewritten(exact, tmp_path / "x.gvtrace", text=text)) as file:
        assert replaying.verify(file) == replaying.COULD_NOT_RUN
    assert "the program did not come to iteration 1" in capsys.readouterr().err


def test_a_program_that_ends_too_early_differs(exact, tmp_path, capsys):
    with TraceFile(rewritten(exact, tmp_path / "x.gvtrace", text=EXACT.replace("30", "4"))) as file:
        assert replaying.verify(file) == replaying.DIFFER
    assert "the first moment that differs: 5:0  " in capsys.readouterr().out


def with_branch(exact: Path, folder: Path, branch: Branch, recorded_as: Branch) -> Path:
    """The file with a branch, which was recorded with the edits of `recorded_as`."""
    start = Start(EXACT, "program.py", seed=5, edits=edits_of(recorded_as, {}))
    with (
        TraceFile(exact) as file,
        TraceWriter(folder / "x.gvtrace") as writer,
        Runner(start, print) as runner,
    ):
        runner.go_to(20)
        runner.export(20, folder / "part.gvtrace")
        with TraceFile(folder / "part.gvtrace") as part:
            writer.add(branch.id, part.iteration(20), part.arrays(20), part.find)
        main = replace(file.manifest.branches[0], curves=[])
        writer.finish(replace(file.manifest, branches=(main, BranchRun(branch=branch, iterations=21))))
    return folder / "x.gvtrace"


def test_branches_are_verified_too(exact, tmp_path, capsys):
    hot = Branch(1, "hot", edits=(SetLearningRate(0.5),), iteration=10)
    cold = Branch(1, "cold", edits=(SetLearningRate(0.1),), iteration=10)
    with TraceFile(with_branch(exact, tmp_path, hot, hot)) as file:
        assert replaying.verify(file) == replaying.AGREE
    assert "branch hot\nstraight: " in capsys.readouterr().out
    with TraceFile(with_branch(exact, tmp_path, cold, hot)) as file:
        assert replaying.verify(file) == replaying.DIFFER
    assert "the first moment that differs: 21:0" in capsys.readouterr().out


def test_a_runner_starts_again_where_nothing_can_be_wound_back():
    with Runner(Start(EXACT, "program.py", checkpoints=False), lambda _: None) as runner:
        late, early, again = runner.go_to(9), runner.go_to(2), runner.go_to(9)
    assert early.index == 2 and late.index == 9
    assert late.digests == again.digests and late.began == again.began
