"""Which checkpoints there are, of which branches of the run, and which is given up first.

A branch can go back to its own checkpoints and to those that its ancestors left before it parted from them.
"""

from __future__ import annotations

import contextlib
import math
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from gradviz.session.budget import Budget

MAX_CHECKPOINTS = 160
MAX_SHARE = 0.875  # of the budget: they grow between two weighings
WEIGHED_AT_ONCE = 4  # checkpoints: to weigh one takes the system about a millisecond


@dataclass
class Checkpoint:
    branch: int
    iteration: int  # which it is about to begin
    process: int
    seconds: float  # how long the program had computed
    wake: int  # the socket's end that wakes it; closing it ends the checkpoint
    weight: int = 0  # bytes that it shares with no other …
    weighed: float = 0.0  # … at that time


class Parting(NamedTuple):
    parent: int
    iteration: int


class CheckpointTree:
    """The checkpoints of all branches. What is given up is closed, and so ended.

    `budget` says how much memory they may have together, and is told how much they have.
    """

    def __init__(self, main: int, budget: Budget) -> None:
        self._budget = budget
        self._partings: dict[int, Parting | None] = {main: None}
        self._living = {main}
        self._checkpoints: dict[tuple[int, int], Checkpoint] = {}

    def __len__(self) -> int:
        return len(self._checkpoints)

    @property
    def processes(self) -> set[int]:
        return {checkpoint.process for checkpoint in self._checkpoints.values()}

    # ── branches ──────────────────────────────────────────────────────────────────────────────────────────

    def part(self, branch: int, parent: int, iteration: int) -> None:
        """A branch leaves its parent at the beginning of an iteration."""
        self._partings[branch] = Parting(parent, iteration)
        self._living.add(branch)

    def end(self, branch: int) -> None:
        """A branch is over: only those of its checkpoints stay that others can go back to."""
        self._living.discard(branch)
        for checkpoint in list(self._checkpoints.values()):
            if not any(self._serves(checkpoint, living) for living in self._living):
                self.give_up(checkpoint)

    def _serves(self, checkpoint: Checkpoint, branch: int) -> bool:
        return any(
            checkpoint.branch == ancestor and _is_before(checkpoint.iteration, before)
            for ancestor, before in self._lineage(branch)
        )

    def _lineage(self, branch: int) -> Iterator[tuple[int, float]]:
        """The branch and its ancestors, with the iteration before which their checkpoints are its past."""
        before = math.inf
        yield branch, before
        while (parting := self._partings[branch]) is not None:
            branch, before = parting.parent, min(before, parting.iteration)
            yield branch, before

    # ── checkpoints ───────────────────────────────────────────────────────────────────────────────────────

    def nearest(self, branch: int, target: int) -> Checkpoint | None:
        """The checkpoint from which it is least far to an iteration of a branch."""
        past = [
            checkpoint
            for checkpoint in self._checkpoints.values()
            if checkpoint.iteration <= target and self._serves(checkpoint, branch)
        ]
        return max(past, key=lambda checkpoint: (checkpoint.iteration, checkpoint.branch), default=None)

    def woke(self, process: int) -> None:
        """A process runs a program now: it is no checkpoint any more, if it was one."""
        for checkpoint in list(self._checkpoints.values()):
            if checkpoint.process == process:
                self.give_up(checkpoint)

    def add(self, checkpoint: Checkpoint) -> None:
        """Adds one, in the place of one before the same iteration of the same branch."""
        if checkpoint.branch not in self._living and not any(
            self._serves(checkpoint, branch) for branch in self._living
        ):
            os.close(checkpoint.wake)
            return
        before = self._checkpoints.get((checkpoint.branch, checkpoint.iteration))
        if before is not None:
            self.give_up(before)
        self.keep_within_bounds()  # before it comes in: it still shares everything with the program
        self._checkpoints[checkpoint.branch, checkpoint.iteration] = checkpoint

    def give_up(self, checkpoint: Checkpoint) -> None:
        os.close(self._checkpoints.pop((checkpoint.branch, checkpoint.iteration)).wake)

    # ── bounds ────────────────────────────────────────────────────────────────────────────────────────────

    def keep_within_bounds(self) -> None:
        """Weighs some, and gives up what is too much: of all branches together, there is one bound."""
        self._weigh()
        while len(self) > MAX_CHECKPOINTS or (len(self) > 1 and self._too_heavy()):
            self._thin()
        self._budget.used = self._weight()

    def _too_heavy(self) -> bool:
        return self._weight() > MAX_SHARE * self._budget.bound

    def _weight(self) -> int:
        return sum(checkpoint.weight for checkpoint in self._checkpoints.values())

    def _weigh(self) -> None:
        """Weighs those of which it is least known: a weight changes when what runs writes to its memory, and
        when another checkpoint that shared some of it ends."""
        longest_ago = sorted(self._checkpoints.values(), key=lambda checkpoint: checkpoint.weighed)
        for checkpoint in longest_ago[:WEIGHED_AT_ONCE]:
            checkpoint.weight, checkpoint.weighed = private_bytes(checkpoint.process), time.monotonic()

    def _thin(self) -> None:
        """Gives up the checkpoint whose neighbours in its branch are closest, whichever branch that is. The
        very first stays, and the last of every branch while they can."""
        lines = [self._line(branch) for branch in self._partings]
        inner = [
            (after.seconds - before.seconds, before, checkpoint, after)
            for line in lines
            for before, checkpoint, after in zip(line, line[1:], line[2:], strict=False)
            if checkpoint.branch == line[-1].branch
        ]
        if inner:
            _, before, crowded, after = min(inner, key=lambda found: found[0])
            before.weighed = after.weighed = 0.0
        else:
            crowded = max(self._checkpoints.values(), key=lambda checkpoint: checkpoint.iteration)
        self.give_up(crowded)

    def _line(self, branch: int) -> list[Checkpoint]:
        """The checkpoints of a branch in order, after the one of its ancestors from which it parted."""
        own = [checkpoint for checkpoint in self._checkpoints.values() if checkpoint.branch == branch]
        own.sort(key=lambda checkpoint: checkpoint.iteration)
        parting = self._partings[branch]
        origin = self.nearest(parting.parent, max(parting.iteration - 1, 0)) if own and parting else None
        return own if origin is None else [origin, *own]


def _is_before(iteration: int, parting: float) -> bool:
    """Whether a checkpoint is before a parting. One at the parting itself can be too late for a change: the
    program may have looked up what is to be replaced. But nothing is before the first iteration."""
    return iteration < parting or iteration == 0


def private_bytes(process: int) -> int:
    """Memory that a process shares with no other, 0 where the system does not say."""
    with contextlib.suppress(OSError):
        report = Path(f"/proc/{process}/smaps_rollup").read_text("ascii")
        lines = [line.split() for line in report.splitlines()]
        return sum(int(words[1]) << 10 for words in lines if words[0].startswith("Private"))
    return 0
