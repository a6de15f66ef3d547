"""A trace file answers like a worker, as far as it goes, and runs nothing."""

from __future__ import annotations

import queue
import sys
from collections.abc import Iterator

import numpy as np
import pytest

from gradviz.session.hints import NOT_KEPT, NOT_RUNNING
from gradviz.session.player import TracePlayer
from gradviz.session.protocol import (
    Advance,
    Because,
    Break,
    CountUnits,
    Fetch,
    Fetched,
    Fork,
    Hits,
    Look,
    Match,
    Matched,
    Metrics,
    Origin,
    Origins,
    Problem,
    Recorded,
    Report,
    Seek,
    Seen,
    Start,
    Status,
    UnitsCounted,
    Why,
)
from gradviz.trace import ArrayRef, Breakpoint, summarize
from gradviz.trace.branches import MAIN
from gradviz.trace.file import TraceFile
from gradviz.trace.units import count_units
from gradviz.trace.values import Part
from tests.trace.file.recorded import BRANCH, HIT, recordings, write_run


class Window:
    def __init__(self, file: TraceFile, branch: int = MAIN) -> None:
        self.reports: queue.Queue[Report] = queue.Queue()
        self.branch = branch
        self.player = TracePlayer(self._note, lambda *_: None, file)

    def _note(self, branch: int, report: Report) -> None:
        assert branch == self.branch
        self.reports.put(report)

    def ask(self, *commands: object, answers: int) -> list[Report]:
        for command in commands:
            self.player.send(command, self.branch)  # type: ignore[arg-type]
        return [self.reports.get(timeout=10) for _ in range(answers)]

    def shown(self, command: Seek | Advance) -> int:
        recorded, status = self.ask(command, answers=2)
        assert isinstance(recorded, Recorded) and isinstance(status, Status)
        return recorded.iteration.index


@pytest.fixture
def window(tmp_path) -> Iterator[Window]:
    with TraceFile(write_run(tmp_path / "run.gvtrace")) as file:
        window = Window(file)
        yield window
        window.player.close(wait=True)
        assert window.player.gone and window.reports.empty()


def test_a_start_tells_of_the_run_and_runs_nothing(window):
    metrics, hits, status = window.ask(Start("import sys; sys.ran = 1", "x.py"), answers=3)
    assert isinstance(metrics, Metrics) and [metric.name for metric in metrics.metrics] == [
        "accuracy",
        "loss",
    ]
    assert hits == Hits(0, 8, [4], [HIT])
    assert status == Status("finished", 8)
    assert not hasattr(sys, "ran")


def test_new_breakpoints_are_looked_for_in_what_is_kept(window):
    known, new = Breakpoint(4, "grad.norm > 10"), Breakpoint(5, "loss > 0 or event == 2")
    (hits,) = window.ask(Break([known, new, Breakpoint(6, "true", enabled=False)]), answers=1)
    assert isinstance(hits, Hits) and (hits.first, hits.last, hits.breakpoints) == (0, 8, [5])
    kept = {iteration.index for iteration in (r.iteration for r in recordings().values())}
    assert {hit.iteration for hit in hits.hits} == kept
    (problem,) = window.ask(Break([Breakpoint(7, "grad >")]), answers=1)
    assert isinstance(problem, Problem) and problem.kind == "condition"


def test_where_a_nan_came_from_is_answered(window):
    (answer,) = window.ask(Origin(9, ArrayRef(0, 0, 0, "value")), answers=1)
    assert isinstance(answer, Origins) and answer.request == 9
    assert answer.trail.outcome == "finite"
    (answer,) = window.ask(Origin(9, ArrayRef(77, 0, 0, "value")), answers=1)
    assert answer.trail.outcome == "unknown"


def test_the_kept_iterations_are_walked_in_both_directions(window):
    assert window.shown(Advance("iteration")) == 0
    assert window.shown(Advance("iteration")) == 6
    assert window.shown(Advance("iteration")) == 6
    assert window.shown(Seek(0)) == 0
    assert window.shown(Advance("end")) == 6


def test_what_is_not_kept_leads_to_the_nearest_in_its_direction_and_is_said_once(window):
    assert window.shown(Seek(6)) == 6
    recorded, _, problem = window.ask(Seek(5), answers=3)
    assert recorded.iteration.index == 0
    assert (problem.severity, problem.hint, problem.hint_arguments) == ("warning", NOT_KEPT, ("6", "1"))
    assert window.shown(Seek(1)) == 6
    assert window.shown(Seek(7)) == 6


def test_arrays_are_looked_at_and_fetched(window):
    recording = recordings()[6]
    node = recording.node("net/relu").id
    there, absent = ArrayRef(6, 99, node, "value"), ArrayRef(2, 99, node, "value")
    seen, fetched, corner = window.ask(
        Look(1, [there, absent], 4, 4, 2), Fetch(2, there), Fetch(3, there, Part()), answers=3
    )
    value = recording.arrays[node, "value"]
    assert seen == Seen(1, [summarize(value, 4, 4, 2), None])
    assert isinstance(fetched, Fetched) and fetched.request == 2
    np.testing.assert_array_equal(fetched.array.array(), value)
    assert corner.array.array() == value[0, 0] and corner.nbytes == value.nbytes


def test_conditions_find_nodes_of_the_kept_iterations(window):
    condition = 'op == "relu" and grad.norm > 0'
    relu = recordings()[6].node("net/relu").id
    asked = [Match(index, condition) for index in (0, 2, 6)]
    assert window.ask(*asked, Match(6, "no condition"), answers=4) == [
        Matched(0, condition, [relu]),
        Matched(2, condition, []),
        Matched(6, condition, [relu]),
        Matched(6, "no condition", []),
    ]


def test_dead_units_are_counted_in_the_kept_arrays(window):
    recording = recordings()[6]
    relu, addmm = (recording.node(key).id for key in ("net/relu", "net.fc1/addmm"))
    there = [ArrayRef(6, 99, node, "value") for node in (relu, addmm)]
    counted = count_units("relu", recording.arrays[relu, "value"])
    assert window.ask(CountUnits(1, 6, there), CountUnits(2, 5, there), answers=2) == [
        UnitsCounted(1, [counted, None]),
        UnitsCounted(2, [None, None]),
    ]


def test_what_the_program_would_have_to_run_for_is_told(window):
    because, problem = window.ask(Why(3, ArrayRef(0, 0, 0, "value"), (0,)), Fork(BRANCH), answers=2)
    assert because == Because(3, None, NOT_RUNNING)
    assert (problem.severity, problem.hint) == ("warning", NOT_RUNNING)


def test_a_branch_is_walked_by_itself(tmp_path):
    with TraceFile(write_run(tmp_path / "run.gvtrace")) as file:
        window = Window(file, branch=BRANCH.id)
        assert window.ask(Start("", ""), answers=2) == [Metrics([]), Status("failed", 6, exit_code=1)]
        assert window.shown(Advance("iteration")) == 6
        window.player.close(wait=True)


def test_damage_that_shows_late_is_a_problem_and_not_an_end(tmp_path):
    path = write_run(tmp_path / "run.gvtrace")
    data = path.read_bytes()
    place = data.index(b"iterations/0/0.msgpack") + 60
    path.write_bytes(data[:place] + bytes([data[place] ^ 255]) + data[place + 1 :])
    with TraceFile(path) as file:
        window = Window(file)
        problem, status = window.ask(Seek(0), answers=2)
        assert isinstance(problem, Problem) and problem.message.startswith(f"{path}: is damaged")
        assert isinstance(status, Status)
        assert window.shown(Seek(6)) == 6
        window.player.close(wait=True)
