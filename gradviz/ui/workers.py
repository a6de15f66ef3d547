"""The worker processes of a window: those in use, a warm spare, and those that are on their way out."""

from __future__ import annotations

from dataclasses import dataclass

from msgspec.structs import replace
from PySide6.QtCore import QObject, QTimer, Signal

from gradviz.session.client import SessionClient
from gradviz.session.player import TracePlayer
from gradviz.session.protocol import (
    Advance,
    Branched,
    Break,
    Command,
    Fork,
    Recorded,
    Report,
    Seek,
    Start,
    Unforked,
)
from gradviz.trace.branches import MAIN
from gradviz.trace.file import TraceFile
from gradviz.trace.folding import fold
from gradviz.trace.iteration import Iteration, states_of
from gradviz.trace.memory import live_bytes_of
from gradviz.trace.steps import frames_of
from gradviz.trace.wiring import by_key, wiring
from gradviz.ui.branch_look import FIRST_EXPERIMENT

WARM_UP_AFTER = 1000  # milliseconds


def look_ahead(iteration: Iteration) -> None:
    """Finds what views will ask for; it is remembered."""
    for find in (fold, states_of, frames_of, wiring, by_key, live_bytes_of):
        find(iteration)


@dataclass(frozen=True)
class _Worker:
    """A worker. A branch that could not be forked has one of its own, whose main run it is: `runs`."""

    number: int  # tells its reports from those of older ones
    client: SessionClient | TracePlayer
    runs: int = MAIN

    def own(self, branch: int) -> int:
        """What the worker calls a branch."""
        return MAIN if branch == self.runs else branch


class Workers(QObject):
    """Every branch of the run has a worker that runs it; one worker may run many.

    Reports about branches in use, and only about those, arrive as signals in the window's thread.
    """

    reported = Signal(int, object)  # branch, protocol.Report
    ended = Signal(int, int)  # branch, exit code: its program is gone although nobody dropped it
    rehearsed = Signal(object)  # protocol.Report on the rehearsal, or None: its process is gone
    _reported = Signal(int, int, object)  # worker's number, branch, report: crosses from its threads to ours
    _ended = Signal(int, int, object)  # worker's number, branch, exit code

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.keeps_spare = False
        """Whether a worker is kept warm for the next start."""
        self.ending: list[SessionClient | TracePlayer] = []
        self._made = 0
        self._workers: dict[int, _Worker] = {}  # by branch
        self._starts: dict[int, Start] = {}  # how a branch is run from its beginning
        self._file: TraceFile | None = None  # that takes the place of a program
        self._breakpoints = Break()
        self._spare: tuple[int, SessionClient] | None = None
        self._rehearsal: _Worker | None = None
        self._rehearsal_start = Start("", "")
        self._warm_soon = QTimer(self, singleShot=True, interval=WARM_UP_AFTER)
        self._warm_soon.timeout.connect(self.warm_up)
        self._reported.connect(self._on_report)
        self._ended.connect(self._on_end)

    @property
    def in_use(self) -> bool:
        """Whether a program has been started and not been released."""
        return bool(self._workers)

    def start(self, start: Start, branch: int = MAIN) -> None:
        """Runs a program from its beginning in a worker of its own, the spare one if there is one."""
        number, client = self._spare or self._new_client()
        self._spare = None
        self._workers[branch] = _Worker(number, client, branch)
        self._starts[branch] = start
        self.send(start, branch)
        if self._breakpoints.breakpoints:
            self.send(self._breakpoints, branch)

    def rehearse(self, start: Start) -> None:
        """Runs a loss on one batch, beside whatever runs; `rehearsed` tells what comes of it. Ends the
        rehearsal before."""
        self.end_rehearsal()
        number, client = self._spare or self._new_client()
        self._spare = None
        self._rehearsal = _Worker(number, client)
        self._rehearsal_start = start
        client.send(start)
        client.send(Advance("iteration"))
        self.warm_up_soon()

    def adopt_rehearsal(self) -> None:
        """Makes the program that was rehearsed the one that is run, in place of all others."""
        assert self._rehearsal is not None
        self.release()
        self._workers[MAIN], self._rehearsal = self._rehearsal, None
        self._starts[MAIN] = self._rehearsal_start

    def end_rehearsal(self) -> None:
        if self._rehearsal is not None:
            self._close(self._rehearsal)
            self._rehearsal = None

    def open(self, file: TraceFile) -> None:
        """Puts a run that was recorded into a file in the place of a program."""
        program = file.manifest.program
        start = Start(
            program.text, program.path, seed=program.seed, batch_size=program.batch_size, data=program.data
        )
        self._made += 1
        number = self._made
        player = TracePlayer(
            lambda branch, report: self._hand_over(number, branch, report),
            lambda branch, code: self._ended.emit(number, branch, code),
            file,
        )
        self._file = file
        for run in file.manifest.branches:
            self._workers[run.id] = _Worker(number, player)
            self._starts[run.id] = start
            self.send(start, run.id)

    def start_of(self, branch: int) -> Start:
        """How a branch in use is run from its beginning."""
        return self._starts[branch]

    @property
    def runs_rehearsal(self) -> bool:
        """Whether the program in use is a loss on one batch, which nobody has started as a run."""
        return MAIN in self._workers and self._starts[MAIN].rehearsal > 0

    def break_at(self, breakpoints: Break) -> None:
        """Sets the breakpoints of all programs, also of those that are yet to come."""
        if breakpoints != self._breakpoints:
            self._breakpoints = breakpoints
            for branch in self._workers:
                self.send(breakpoints, branch)

    def fork(self, fork: Fork) -> None:
        """Begins a branch of the run, beside its parent; `Branched` is reported, then what it records."""
        branch = fork.branch
        start, worker = self._starts[branch.parent], self._workers.get(branch.parent)
        self._starts[branch.id] = replace(start, edits=fork.edits, furthest=branch.iteration - 1)
        if worker is None and fork.experiment:
            self.reported.emit(branch.id, Unforked(branch.id))
        elif worker is None:
            self._run_branch(branch.id)
        else:
            self._workers[branch.id] = worker
            worker.client.fork(replace(fork, branch=replace(branch, parent=worker.own(branch.parent))))

    def run_again(self, branch: int, furthest: int, then: Command) -> None:
        """Goes back the long way: the program of a branch runs again from its beginning, and does `then`.

        What it prints up to iteration `furthest` is known already.
        """
        start = self._starts[branch]
        self.drop(branch)
        self.start(replace(start, furthest=furthest), branch)
        self.send(then, branch)

    def send(self, command: Command, branch: int = MAIN) -> None:
        """Sends to the program of a branch, if there is one."""
        worker = self._workers.get(branch)
        if worker is not None:
            worker.client.send(command, worker.own(branch))

    def drop(self, branch: int) -> None:
        """Ends the program of one branch; the others go on."""
        worker = self._workers.pop(branch, None)
        if worker is None:
            return
        del self._starts[branch]
        if worker in self._workers.values():
            worker.client.drop(worker.own(branch))
        else:
            self._close(worker)

    def _close(self, worker: _Worker) -> None:
        worker.client.close()
        self.ending = [client for client in self.ending if not client.gone] + [worker.client]

    def release(self) -> None:
        """Ends all programs and their process groups."""
        for worker in set(self._workers.values()):
            self._close(worker)
        self._workers.clear()
        self._starts.clear()
        if self._file is not None:
            for client in self.ending:
                if isinstance(client, TracePlayer):
                    client.close(wait=True)
            self._file.close()
            self._file = None

    def warm_up(self) -> None:
        """Starts a spare worker, so that the next start need not wait for one to come up."""
        if self.keeps_spare and self._spare is None:
            self._spare = self._new_client()

    def warm_up_soon(self) -> None:
        """Does so when the worker in use has had time to get going."""
        if self.keeps_spare and self._spare is None:
            self._warm_soon.start()

    def close(self) -> None:
        """Ends every process and thread; returns when they are gone (about a second)."""
        self.release()
        self.end_rehearsal()
        self._warm_soon.stop()
        if self._spare is not None:
            self.ending.append(self._spare[1])
            self._spare = None
        for client in self.ending:
            client.close()
        for client in self.ending:
            client.close(wait=True)
        self.ending.clear()

    def _on_report(self, number: int, branch: int, report: Report) -> None:
        if self._rehearsal is not None and number == self._rehearsal.number:
            self.rehearsed.emit(report)
            return
        branch = self._branch_of(number, branch)
        if branch < 0:
            return
        if isinstance(report, Unforked) and branch < FIRST_EXPERIMENT:
            self._run_branch(branch)
            return
        if isinstance(report, Branched):  # it comes from a time when there may have been others
            self.send(self._breakpoints, branch)
        self.reported.emit(branch, report)

    def _run_branch(self, branch: int) -> None:
        """Runs a branch that could not be forked from the program's beginning."""
        start = self._starts[branch]
        self.start(start, branch)
        self.reported.emit(branch, Branched(branch))
        self.send(Seek(start.furthest + 1), branch)

    def _on_end(self, number: int, branch: int, code: int | None) -> None:
        if self._spare is not None and self._spare[0] == number:
            self._spare = None
        if self._rehearsal is not None and number == self._rehearsal.number:
            self.end_rehearsal()
            self.rehearsed.emit(None)
        branch = self._branch_of(number, branch)
        if branch >= 0:
            start = self._starts[branch]
            self.drop(branch)
            self._starts[branch] = start  # branches can still leave its past
            self.ended.emit(branch, code or 0)

    def _branch_of(self, number: int, branch: int) -> int:
        """The branch in use that a worker speaks of; -1 when that has been dropped meanwhile."""
        for outer, worker in self._workers.items():
            if worker.number == number and worker.own(outer) == branch:
                return outer
        return -1

    def _hand_over(self, number: int, branch: int, report: Report) -> None:
        """Called in the client's thread: what takes long for a large graph is found there, where the window
        does not wait for it."""
        if isinstance(report, Recorded):
            look_ahead(report.iteration)
        self._reported.emit(number, branch, report)

    def _new_client(self) -> tuple[int, SessionClient]:
        self._made += 1
        number = self._made
        client = SessionClient(
            on_report=lambda branch, report: self._hand_over(number, branch, report),
            on_end=lambda branch, code: self._ended.emit(number, branch, code),
        )
        return number, client
