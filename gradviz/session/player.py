"""Walks a trace file the way a worker is walked: the same commands, the same reports, and nothing runs."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from functools import partial

from gradviz.errors import TraceFileError
from gradviz.session import answers
from gradviz.session.hints import NOT_KEPT, NOT_RUNNING
from gradviz.session.protocol import (
    Advance,
    Because,
    Break,
    Check,
    Checked,
    Command,
    CountUnits,
    Fetch,
    Fork,
    Hits,
    Look,
    Match,
    Metrics,
    Origin,
    Problem,
    Recorded,
    Report,
    Seek,
    Start,
    State,
    Status,
    Why,
)
from gradviz.session.watch import conditions_of
from gradviz.trace import Breakpoint, Hit
from gradviz.trace.branches import MAIN
from gradviz.trace.file import BranchRun, TraceFile
from gradviz.trace.hits import hits_in


class TracePlayer:
    """An open trace file in place of a SessionClient.

    For each branch, `Start` is answered by what is known of its whole run, `Seek` and `Advance` by iterations
    that are there in full detail, and what is asked of those as a worker would answer it. Whatever the
    program would have to run for does nothing, or says so. The reports come from the player's thread; the
    file stays open after `close`.
    """

    def __init__(
        self,
        on_report: Callable[[int, Report], None],
        on_end: Callable[[int, int | None], None],
        file: TraceFile,
    ) -> None:
        self._on_report = on_report  # `on_end` is never called: there is no process that could end
        self._file = file
        self._shown: dict[int, int] = {}  # iteration by branch
        self._told = False  # that not all iterations are kept
        self._commands: queue.SimpleQueue[tuple[int, Command] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._serve, name="gradviz-player", daemon=True)
        self._thread.start()

    @property
    def gone(self) -> bool:
        """Whether its thread has ended."""
        return not self._thread.is_alive()

    def send(self, command: Command, branch: int = MAIN) -> None:
        """Sends without waiting for an answer."""
        self._commands.put((branch, command))

    def fork(self, fork: Fork) -> None:
        """There is no program that could be forked."""
        self.send(fork, fork.branch.parent)

    def drop(self, branch: int) -> None:
        """There is nothing to end."""

    def close(self, *, wait: bool = False) -> None:
        """Ends the thread; returns at once, or with `wait` when it has ended."""
        self._commands.put(None)
        if wait:
            self._thread.join()

    # ── in the player's thread ────────────────────────────────────────────────────────────────────────────

    def _serve(self) -> None:
        while (message := self._commands.get()) is not None:
            branch, command = message
            run = self._file.manifest.run(branch)
            if run is None:
                continue
            try:
                self._answer(run, command)
            except TraceFileError as problem:
                self._report(run, Problem("error", "file", str(problem)))
                self._report(run, _status(run))

    def _answer(self, run: BranchRun, command: Command) -> None:
        find = partial(self._file.find, branch=run.id)
        match command:
            case Start():
                self._tell(run)
            case Advance():
                self._advance(run, to_the_end=command.until == "end")
            case Seek():
                self._seek(run, command.iteration)
            case Look():
                self._report(run, answers.seen(find, command))
            case Fetch():
                self._report(run, answers.fetched(find, command))
            case Why():
                self._report(run, Because(command.request, None, NOT_RUNNING))
            case Check():
                self._report(run, Checked(command.iteration, command.node, [], NOT_RUNNING))
            case Origin():
                iteration = self._file.iteration(command.array.iteration, run.id)
                self._report(run, answers.origins(iteration, find, command))
            case Match():
                iteration = self._file.iteration(command.iteration, run.id)
                self._report(run, answers.matched(iteration, find, command))
            case CountUnits():
                iteration = self._file.iteration(command.iteration, run.id)
                self._report(run, answers.units_counted(iteration, find, command))
            case Break():
                self._examine(run, command.breakpoints)
            case Fork():
                self._report(run, Problem("warning", "file", "", hint=NOT_RUNNING))

    def _tell(self, run: BranchRun) -> None:
        """Reports what is known of the whole run."""
        self._report(run, Metrics(self._file.curves(run.id)))
        for done in run.examined:
            hits = [
                hit
                for hit in run.hits
                if hit.breakpoint == done.breakpoint and done.first <= hit.iteration <= done.last
            ]
            self._report(run, Hits(done.first, done.last, [done.breakpoint], hits))
        self._report(run, _status(run))

    def _examine(self, run: BranchRun, breakpoints: list[Breakpoint]) -> None:
        """Looks for conditions that are new in the iterations that are kept: no others can be gone to."""
        known = {done.breakpoint for done in run.examined}
        conditions, unreadable = conditions_of(each for each in breakpoints if each.id not in known)
        for problem in unreadable:
            self._report(run, problem)
        if not conditions:
            return
        hits: list[Hit] = []
        for index in self._file.iterations(run.id):
            iteration = self._file.iteration(index, run.id)
            assert iteration is not None
            hits += hits_in(iteration, partial(self._file.find, branch=run.id), conditions)
        self._report(run, Hits(0, max(0, run.iterations - 1), sorted(conditions), hits))

    def _advance(self, run: BranchRun, to_the_end: bool) -> None:
        kept = self._file.iterations(run.id)
        later = [index for index in kept if index > self._shown.get(run.id, -1)] or kept[-1:]
        if later:
            self._show(run, later[-1 if to_the_end else 0])

    def _seek(self, run: BranchRun, target: int) -> None:
        """Shows that iteration, or else the nearest that is kept in its direction."""
        kept, shown = self._file.iterations(run.id), self._shown.get(run.id, -1)
        side = (target > shown) - (target < shown)
        onward = [index for index in kept if (index > shown) - (index < shown) == side]
        nearest = min(onward or kept, key=lambda index: abs(index - target), default=None)
        if nearest is None:
            self._report(run, _status(run))
            return
        self._show(run, nearest)
        if nearest != target and not self._told:
            self._told = True
            numbers = (str(target + 1), str(nearest + 1))  # people count from 1
            self._report(run, Problem("warning", "file", "", hint=NOT_KEPT, hint_arguments=numbers))

    def _show(self, run: BranchRun, index: int) -> None:
        iteration = self._file.iteration(index, run.id)
        assert iteration is not None
        self._shown[run.id] = index
        self._report(run, Recorded(iteration))
        self._report(run, _status(run))

    def _report(self, run: BranchRun, report: Report) -> None:
        self._on_report(run.id, report)


def _status(run: BranchRun) -> Status:
    """The program is over: what is not kept cannot be computed here."""
    state: State = "failed" if run.exit_code else "finished"
    return Status(state, run.iterations - 1, exit_code=run.exit_code or 0)
