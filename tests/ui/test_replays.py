"""The window notices when a program that runs again does something else."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from gradviz.session.hints import DIFFERS, DIFFERS_FROM
from gradviz.session.protocol import Advance, Metrics, Problem, Recorded, Report, Seek, Start, Status
from gradviz.trace import Event, Iteration, Metric, Node, Run, Source, TensorInfo
from gradviz.ui.replays import Replays
from tests.session.harness import PATH, SMALL_NET
from tests.session.test_client import Window

LINE = Source("program.py", 7)


def recorded(index: int, *digests: int, began: bytes = b"state") -> Recorded:
    out = (TensorInfo((2,), "float32", True),)
    nodes = [
        Node(id=i, key=f"/op{i}", kind="operation", name=f"op{i}", outputs=out) for i in range(len(digests))
    ]
    events = [Event("forward", i, LINE) for i in range(len(digests))]
    return Recorded(
        Iteration(index, nodes=nodes, events=events, complete=True, began=began, digests=list(digests))
    )


def test_the_first_event_that_differs_is_told_with_its_operation_and_line() -> None:
    replays = Replays()
    assert replays.examine(recorded(4, 1, 2, 3), Run()) is None
    assert replays.examine(recorded(4, 1, 2, 3), Run()) is None
    problem = replays.examine(recorded(4, 1, 9, 8), Run())
    assert problem is not None
    assert (problem.kind, problem.iteration, problem.event, problem.source) == ("replay", 4, 1, LINE)
    assert (problem.hint, problem.hint_arguments) == (DIFFERS_FROM, ("5", "op1"))


def test_an_iteration_that_began_otherwise_is_told() -> None:
    replays = Replays()
    replays.examine(recorded(4, 1, 2), Run())
    problem = replays.examine(recorded(4, 1, 2, began=b"another"), Run())
    assert problem is not None
    assert (problem.hint, problem.event) == (DIFFERS, -1)


def test_what_was_recorded_from_its_middle_is_not_compared() -> None:
    replays = Replays()
    replays.examine(recorded(4, 7, began=b""), Run())
    assert replays.examine(recorded(4, 1, 2), Run()) is None
    assert replays.examine(recorded(4, 7, began=b""), Run()) is None


def test_a_difference_is_told_once_until_an_earlier_one_is_found() -> None:
    replays = Replays()
    told = [Problem("warning", "replay", "", iteration=i) for i in (7, 9, 7, 3, 7)]
    assert [replays.hear(problem) for problem in told] == [True, False, False, True, False]
    assert replays.hear(Problem("error", "ValueError", ""))


def test_another_loss_is_told_and_one_that_is_no_number_equals_itself() -> None:
    nan, run, replays = float("nan"), Run(), Replays()
    run.extend(Metric("loss", [0, 1, 2], [1.0, nan, 3.0]))
    same = Metrics([Metric("loss", [1, 2, 3], [nan, 3.0, 4.0])])
    other = Metrics([Metric("loss", [1, 2], [nan, 3.5])])
    assert replays.examine(same, run) is None
    problem = replays.examine(other, run)
    assert problem is not None
    assert problem.iteration == 2


CHANGES = {
    "nothing": ("", "", False),
    "a clock": ("import time", "* time.perf_counter()", True),
    "an unseeded stream": ("import numpy as np; own = np.random.default_rng()", "* own.random()", True),
    "what the system draws": ("import os", "+ os.urandom(1)[0] / 256", True),
    "a clock that is only printed": (
        "import time; began = time.time()",
        "+ 0 * len(str(time.time()))",
        False,
    ),
    "texts in a set": ("words = {'a', 'bc', 'def', 'ghij'}", "* len(next(iter(words)))", False),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_program_that_is_started_anew_comes_to_the_same_or_that_is_told(change: str) -> None:
    before, factor, differs = CHANGES[change]
    text = f"{before}\n{SMALL_NET}".replace("net(inputs)", f"net(inputs) {factor}")
    replays, run = Replays(), Run()
    told: list[Problem] = []

    def heard(report: Report) -> None:
        problem = replays.examine(report, run)
        if problem is not None and replays.hear(problem):
            told.append(problem)
        if isinstance(report, Metrics):
            for metric in report.metrics:
                run.extend(metric)

    for furthest in (-1, 4):
        window = Window()
        window.client.send(Start(text, PATH, furthest=furthest, checkpoints=False))
        window.client.send(Advance("iteration"))
        window.wait_for(lambda r: isinstance(r, Status) and r.state == "holding")
        window.client.send(Seek(3))
        window.wait_for(lambda r: isinstance(r, Recorded) and r.iteration.index == 3)
        window.client.close(wait=True)
        for report in window.seen:
            heard(report)
    assert [problem.iteration for problem in told] == [0] * differs
    assert all(problem.hint_arguments[1:] == ("mul" if "*" in factor else "add",) for problem in told)


def test_a_mistake_that_a_copy_of_the_program_finds_again_is_told_once():
    replays = Replays()
    mistake = Problem("warning", "missing-zero-grad", "", Source("p.py", 3), iteration=1)
    assert replays.hear(mistake)
    assert not replays.hear(replace(mistake, iteration=7))
    assert replays.hear(replace(mistake, source=Source("p.py", 4)))
