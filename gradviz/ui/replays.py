"""Compares what comes when a program runs again with what it reported the first time.

A copy of the program finds differences itself. One that was started anew, because it could not be copied,
does not know what was before: only the window does.
"""

from __future__ import annotations

from gradviz.session.hints import DIFFERS, DIFFERS_FROM
from gradviz.session.protocol import Metrics, Problem, Recorded, Report
from gradviz.trace import Iteration, Run, lint
from gradviz.trace.state import first_difference

MAX_EVENTS = 1 << 20  # that are remembered


class Replays:
    """What a branch reported first, as hashes; the oldest are forgotten when there are very many."""

    def __init__(self) -> None:
        self._first: dict[int, Iteration] = {}
        self._events = 0
        self._mistakes: set[tuple[str, object]] = set()  # that the linter has told of
        self._told: int | None = None  # the earliest iteration of which a difference was told

    def hear(self, problem: Problem) -> bool:
        """A problem is to be told; False where it tells of a difference that follows from one told before, or
        of a mistake that was found before: a copy of the program that goes on finds it, too."""
        if problem.kind in lint.NAMES:
            place = problem.kind, problem.source or problem.nodes
            new = place not in self._mistakes
            self._mistakes.add(place)
            return new
        if problem.kind != "replay":
            return True
        if self._told is not None and self._told <= problem.iteration:
            return False
        self._told = problem.iteration
        return True

    def examine(self, report: Report, run: Run) -> Problem | None:
        """The difference to what was reported before. `run` does not have the report's curves yet."""
        match report:
            case Recorded() if report.iteration.began and report.iteration.digests:
                return self._compare(report.iteration)
            case Metrics():
                losses = (metric for metric in report.metrics if metric.name == "loss")
                found = (run.first_to_differ(metric) for metric in losses)
                return next((_problem(iteration) for iteration in found if iteration is not None), None)
        return None

    def _compare(self, iteration: Iteration) -> Problem | None:
        first = self._first.get(iteration.index)
        if first is None:
            self._remember(iteration)
            return None
        event = first_difference(first, iteration)
        if event is None:
            return None
        if event < 0:
            return _problem(iteration.index)
        happened = iteration.events[event]
        node = iteration.nodes[happened.node]
        names = {"forward": node.name, "backward": node.grad_fn}
        words = names.get(happened.kind, node.qualified_name)
        place = (str(iteration.index + 1), words)
        return Problem(
            "warning", "replay", "", happened.source, "", DIFFERS_FROM, place, iteration.index, event
        )

    def _remember(self, iteration: Iteration) -> None:
        kept = Iteration(iteration.index, began=iteration.began, digests=iteration.digests)
        self._first[iteration.index] = kept
        self._events += len(kept.digests)
        while self._events > MAX_EVENTS:
            oldest = next(iter(self._first))
            self._events -= len(self._first.pop(oldest).digests)


def _problem(iteration: int) -> Problem:
    words = (str(iteration + 1),)
    return Problem("warning", "replay", "", hint=DIFFERS, hint_arguments=words, iteration=iteration)
