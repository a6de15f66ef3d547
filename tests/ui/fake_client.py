"""A stand-in for the worker process."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from gradviz.session.answers import units_counted
from gradviz.session.protocol import (
    Advance,
    Branched,
    Command,
    CountUnits,
    Fetch,
    Fetched,
    Fork,
    Look,
    Match,
    Matched,
    Recorded,
    Report,
    Seek,
    Seen,
    Status,
)
from gradviz.trace import ArrayRef, Iteration, RawArray, summarize
from gradviz.trace.branches import MAIN, SetLearningRate
from gradviz.trace.change import change_of
from gradviz.trace.conditions import parse
from gradviz.trace.hits import nodes_where
from tests.ui.recordings import Recording, simple_net, updated_weights


class FakeClient:
    """A session without a worker: records commands, and answers with recordings as a worker would.

    Answers come at once. The `recordings` of a branch grow by one SGD step of SimpleNet for every Advance; a
    Seek forgets the later ones, as a worker does. A branch begins with those that its parent has.
    """

    instances: list[FakeClient] = []

    def __init__(
        self, on_report: Callable[[int, Report], None], on_end: Callable[[int, int | None], None]
    ) -> None:
        self._on_report, self._on_end = on_report, on_end
        self.commands: list[Command] = []
        self.forks: list[Fork] = []
        self.recordings: list[Recording] = []  # of the main run
        self.branches: dict[int, list[Recording]] = {MAIN: self.recordings}
        self.rates: dict[int, float] = {}  # of branches that have one of their own
        self.answers_looks = True
        self.matches: list[int] | None = None  # what is said of any condition, in place of the truth
        self.closed = False
        FakeClient.instances.append(self)

    def report(self, report: Report, branch: int = MAIN) -> None:
        self._on_report(branch, report)

    def end(self, code: int | None, branch: int = MAIN) -> None:
        self._on_end(branch, code)

    def keep(self, command: Command, _branch: int = MAIN) -> None:
        """In place of `send`: a worker that takes its time."""
        self.commands.append(command)

    def send(self, command: Command, branch: int = MAIN) -> None:
        self.keep(command)
        if isinstance(command, Look) and self.answers_looks:
            self.answer(command, branch)
        elif isinstance(command, Fetch):
            array = self.find(command.array, branch)
            part = array if array is None or command.part is None else command.part.of(array)
            raw = None if part is None else RawArray.of(part)
            self.report(Fetched(command.request, raw, 0 if array is None else array.nbytes), branch)
        elif isinstance(command, Match):
            self.report(Matched(command.iteration, command.condition, self.matching(command, branch)), branch)
        elif isinstance(command, CountUnits):
            iteration = self.iteration(branch, command.iteration)
            self.report(units_counted(iteration, partial(self.find, branch=branch), command), branch)
        elif isinstance(command, Advance) and command.until != "end":
            self.record(self.next(branch), branch)
        elif isinstance(command, Seek):
            self.go_to(command.iteration, branch)

    def fork(self, fork: Fork) -> None:
        """A branch with another learning rate, if its edits say so; other edits change nothing."""
        self.forks.append(fork)
        branch = fork.branch
        self.branches[branch.id] = list(self.branches[branch.parent])[: branch.iteration]
        for edit in branch.edits:
            if isinstance(edit, SetLearningRate):
                self.rates[branch.id] = edit.value
        self.report(Branched(branch.id), branch.id)
        self.go_to(branch.iteration, branch.id)

    def drop(self, branch: int) -> None:
        del self.branches[branch]

    def go_to(self, iteration: int, branch: int) -> None:
        recordings = self.branches[branch]
        del recordings[iteration + 1 :]
        while len(recordings) <= iteration:
            recordings.append(self.next(branch))
        self.record(recordings.pop(), branch)

    def next(self, branch: int = MAIN) -> Recording:
        """What the program records next."""
        recordings = self.branches[branch]
        weights = updated_weights(recordings[-1]) if recordings else None
        return simple_net(len(recordings), weights, lr=self.rates.get(branch, 0.01))

    def record(self, recording: Recording, branch: int = MAIN) -> None:
        """Reports an iteration, as if the program had just run it."""
        self.branches[branch].append(recording)
        self.report(Recorded(recording.iteration), branch)
        shown = recording.iteration
        self.report(Status("holding", shown.index, shown.epoch, shown.batch, shown.batches), branch)

    def answer(self, look: Look, branch: int = MAIN) -> None:
        summaries = []
        for ref in look.arrays:
            array = self.find(ref, branch)
            summaries.append(
                None if array is None else summarize(array, look.rows, look.cols, look.bins, look.index)
            )
        self.report(Seen(look.request, summaries), branch)

    def matching(self, match: Match, branch: int) -> list[int]:
        if self.matches is not None:
            return self.matches
        shown = self.branches[branch][-1].iteration
        return nodes_where(shown, lambda ref: self.find(ref, branch), parse(match.condition))

    def find(self, ref: ArrayRef, branch: int) -> np.ndarray | None:
        if ref.change:
            return change_of(ref, partial(self.iteration, branch), partial(self.find, branch=branch))
        found = (recording.find(ref) for recording in reversed(self.branches[branch]))
        array = next((array for array in found if array is not None), None)
        return array if array is None or ref.tiles is None else ref.tiles.of(array)

    def iteration(self, branch: int, index: int) -> Iteration | None:
        kept = (recording.iteration for recording in self.branches[branch])
        return next((iteration for iteration in kept if iteration.index == index), None)

    @property
    def gone(self) -> bool:
        return self.closed

    def close(self, *, wait: bool = False) -> None:
        """There is nothing to end."""
        self.closed = True
