"""A session without a window: commands that wait for their answers."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

from msgspec.structs import replace

from gradviz.session.client import SessionClient
from gradviz.session.protocol import (
    Acknowledge,
    Advance,
    Break,
    Command,
    Export,
    Exported,
    Hits,
    Metrics,
    Output,
    Problem,
    Recorded,
    Report,
    Scan,
    Seek,
    Start,
    Status,
    Unreachable,
)
from gradviz.trace import Breakpoint, Iteration, Run

FAR = (1 << 62) - 1  # an iteration that no program reaches


class _End(NamedTuple):
    """The worker is gone although nobody ended it."""

    code: int | None


class OutOfTimeError(Exception):
    """The program was not at rest in time."""


class Runner:
    """A program in a worker. Use it in a `with` statement: at its end every process of it is gone.

    `on_report` hears what a person may want to know while it runs: `Output`, `Problem` and `Hits`. With a
    `timeout` in seconds OutOfTimeError is raised once it has run for so long.
    """

    def __init__(
        self,
        start: Start,
        on_report: Callable[[Output | Problem | Hits], None],
        timeout: float | None = None,
    ) -> None:
        self._deadline = None if timeout is None else time.monotonic() + timeout
        self.run = Run()
        self.status = Status("ready")
        self._start = start
        self._on_report = on_report
        self._begin(start)

    def __enter__(self) -> Runner:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.finish()

    @property
    def over(self) -> bool:
        """The program has ended."""
        return self.status.state in ("finished", "failed")

    def scan(self, last: int | None, breakpoints: list[Breakpoint]) -> None:
        """Runs the program from its beginning to the end of iteration `last`, or to its own."""
        self._send(Break(breakpoints))
        self._send(Scan(0, FAR if last is None else last))
        self._wait_for_rest()
        self._send(Break([]))  # whatever is gone to from here on is not looked through once more

    def run_on(self) -> None:
        """Runs the program to its end at full speed; only now and then an iteration is recorded."""
        if not self.over:
            self._send(Advance("end"))
            self._wait_for_rest()

    def hold(self) -> None:
        """Holds the program at the end of its next iteration."""
        self._send(Advance("iteration"))
        self._wait_for_rest()

    def go_to(self, index: int) -> Iteration | None:
        """Records that iteration; None when the program does not come to it."""
        self._send(Seek(index))
        return self._wait_for_rest(index)

    def export(self, index: int, path: Path) -> Exported:
        """Writes the iteration that was gone to into a file."""
        self._send(Export(index, str(path)))
        while True:
            report = self._next()
            if isinstance(report, Exported):
                return report
            if self._gone:
                return Exported(index, str(path), "not recorded")

    # ── inside ────────────────────────────────────────────────────────────────────────────────────────────

    def _begin(self, start: Start) -> None:
        reports: queue.SimpleQueue[Report | _End] = queue.SimpleQueue()
        self._reports = reports
        self._gone = False
        self._client = SessionClient(
            lambda _branch, report: reports.put(report), lambda _branch, code: reports.put(_End(code))
        )
        self._send(start)

    def _run_again(self) -> None:
        """The program cannot be wound back: it starts anew."""
        furthest = max(self.status.iteration, self.run.last_iteration)
        self._client.close(wait=True)
        self._begin(replace(self._start, furthest=furthest))

    def _send(self, command: Command) -> None:
        if self._gone and not isinstance(command, Break):
            self._run_again()
        self._client.send(command)

    def _wait_for_rest(self, wanted: int = -1) -> Iteration | None:
        """Until the program holds or is over; the iteration that is wanted, if it was recorded meanwhile."""
        found = None
        while True:
            report = self._next()
            match report:
                case Recorded() if report.iteration.index == wanted and report.iteration.complete:
                    found = report.iteration
                case Unreachable():
                    self._run_again()
                    self._send(Seek(report.iteration))
                case Status() if report.state == "holding" or self.over:
                    return found

    def _next(self) -> Report:
        """The next report, which has had its effects."""
        left = None if self._deadline is None else max(self._deadline - time.monotonic(), 0)
        try:
            report = self._reports.get(timeout=left)
        except queue.Empty:
            raise OutOfTimeError from None
        if isinstance(report, _End):
            self._gone = True
            code = 1 if report.code is None else report.code
            report = Status("failed" if code else "finished", self.status.iteration, exit_code=code)
        match report:
            case Status():
                self.status = report
            case Recorded():
                self._client.send(Acknowledge())
            case Metrics():
                for metric in report.metrics:
                    self.run.extend(metric)
            case Output() | Problem() | Hits():
                self._on_report(report)
        return report
