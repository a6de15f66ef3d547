"""A window that talks to all branches of a run, for tests."""

from __future__ import annotations

import queue
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from gradviz.session.client import SessionClient
from gradviz.session.protocol import (
    Acknowledge,
    Advance,
    Fork,
    Look,
    Metrics,
    Output,
    Problem,
    Recorded,
    Seek,
    Seen,
    Start,
    Status,
)
from gradviz.trace import ArrayRef, Iteration
from gradviz.trace.branches import MAIN, Branch, Edit, edits_of
from tests.session.harness import PATH

PATIENCE = 30.0


class Tree:
    """A window that talks to all branches of a run."""

    def __init__(self) -> None:
        self.arrived: queue.Queue[tuple[int, Any]] = queue.Queue()
        self.seen: dict[int, list[Any]] = defaultdict(list)
        self.losses: dict[int, dict[int, set[float]]] = defaultdict(lambda: defaultdict(set))
        self.branches: dict[int, Branch] = {}
        self.client = SessionClient(
            lambda branch, report: self.arrived.put((branch, report)),
            lambda branch, code: self.arrived.put((branch, ("ended", code))),
        )

    @property
    def group(self) -> int:
        return self.client._process.pid

    def run(self, text: str, until: str = "end") -> None:
        self.client.send(Start(text, PATH))
        self.client.send(Advance(until))  # type: ignore[arg-type]
        if until == "end":
            self.finish()

    def wait_for(self, branch: int, wanted: Callable[[Any], bool]) -> Any:
        """The first report of a branch that is `wanted` and has not been waited for."""
        deadline = time.monotonic() + PATIENCE
        while True:
            for position, report in enumerate(self.seen[branch]):
                if wanted(report):
                    del self.seen[branch][position]
                    return report
            try:
                number, report = self.arrived.get(timeout=max(0.01, deadline - time.monotonic()))
            except queue.Empty:
                kinds = [type(report).__name__ for report in self.seen[branch]]
                raise AssertionError(f"nothing more came from {branch} after {kinds}") from None
            self.seen[number].append(report)
            if isinstance(report, Recorded):
                self.client.send(Acknowledge(), number)
            if isinstance(report, Metrics):
                for metric in report.metrics:
                    for iteration, value in zip(metric.iterations, metric.values, strict=True):
                        if metric.name == "loss":
                            self.losses[number][iteration].add(value)

    def finish(self, branch: int = MAIN) -> None:
        self.wait_for(branch, lambda r: isinstance(r, Status) and r.state in ("finished", "failed"))

    def fork(self, iteration: int, *edits: Edit, parent: int = MAIN) -> int:
        """Begins a branch; its number."""
        number = len(self.branches) + 1
        branch = self.branches[number] = Branch(number, "", parent, iteration, edits)
        self.client.fork(Fork(branch, edits_of(branch, self.branches)))
        return number

    def held_at(self, iteration: int, branch: int) -> tuple[Iteration, list[str]]:
        """An iteration that was asked for, and the exact numbers of all that it has computed and changed."""
        found = self.wait_for(
            branch,
            lambda r: isinstance(r, Recorded) and r.iteration.index == iteration and r.iteration.complete,
        ).iteration
        found.nanoseconds = []  # no two runs agree on these
        last = len(found.events) - 1
        refs = [
            ArrayRef(iteration, last, node.id, role) for node in found.nodes for role in ("value", "grad")
        ]
        self.client.send(Look(1, refs, rows=64, cols=64), branch)  # type: ignore[arg-type]
        seen = self.wait_for(branch, lambda r: isinstance(r, Seen))
        return found, [repr(summary) for summary in seen.summaries]

    def go_to(self, iteration: int, branch: int = MAIN) -> tuple[Iteration, list[str]]:
        self.seen[branch] = [report for report in self.seen[branch] if not isinstance(report, Recorded)]
        self.client.send(Seek(iteration), branch)
        return self.held_at(iteration, branch)

    def forked(self, iteration: int, *edits: Edit, parent: int = MAIN) -> tuple[int, Iteration, list[str]]:
        branch = self.fork(iteration, *edits, parent=parent)
        return branch, *self.held_at(iteration, branch)

    def run_on(self, branch: int = MAIN) -> None:
        self.client.send(Advance("end"), branch)
        self.finish(branch)

    def curve(self, branch: int) -> dict[int, float]:
        """The losses of a branch, which were the same whenever they were reported."""
        assert all(len(values) == 1 for values in self.losses[branch].values())
        return {iteration: min(values) for iteration, values in sorted(self.losses[branch].items())}

    def printed(self, branch: int) -> str:
        return "".join(report.text for report in self.seen[branch] if isinstance(report, Output))

    def problems(self, branch: int) -> list[Problem]:
        """Errors; the linter may have its own opinion of a program that somebody changed."""
        found = (report for report in self.seen[branch] if isinstance(report, Problem))
        return [problem for problem in found if problem.severity == "error"]
