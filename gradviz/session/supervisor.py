"""The supervisor: a process between the window and the program, in which no user code ever runs.

It kills the whole process group when the window is gone, even if the program never lets go of the
interpreter. And it keeps the program's checkpoints, sleeping copies of it (see checkpoints.py): each waits at
a pipe whose other end is here, because a copy cannot know of those that are made after it. To go back in
time the supervisor wakes one of them, which becomes the program in place of the one that runs now.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import select
import signal
import socket
import struct
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from gradviz.session.budget import Budget

LIFELINE = 0  # standard input: it ends with the window
MESSAGE = struct.Struct("<cqqd")  # kind, iteration; of a checkpoint its process and the program's seconds …
# … of a seek the present iteration, and 1 for a step
TARGET = struct.Struct("<q?")  # what a checkpoint is woken with: the iteration to go to, whether it is a step
CHECKPOINT, SEEK = b"c", b"s"
RUN_ON, END = b"r", b"e"  # answers to a seek
MAX_CHECKPOINTS = 160
MAX_SHARE = 0.875  # of the budget: they grow between two weighings
WEIGHED_AT_ONCE = 4  # checkpoints: to weigh one takes the system about a millisecond
_SET_CHILD_SUBREAPER = 36  # prctl: orphaned descendants become this process's children


@dataclass
class Checkpoint:
    iteration: int  # which it is about to begin
    process: int
    seconds: float  # how long the program had computed
    wake: int  # the pipe's end to write the target into; closing it ends the checkpoint
    weight: int = 0  # bytes that it shares with no other …
    weighed: float = 0.0  # … at that time


def end_group() -> NoReturn:
    """Kills every process of this group, this one included."""
    os.killpg(0, signal.SIGKILL)
    os._exit(1)


class Supervisor:
    """`control` is the socket to the program and its copies, `program` the first process that runs it.

    `budget` says how much memory the checkpoints may have, and is told how much they have.
    """

    def __init__(self, control: socket.socket, program: int, budget: Budget) -> None:
        self._control = control
        self._budget = budget
        self._program = program  # the process that runs the program now
        self._checkpoints: dict[int, Checkpoint] = {}

    def run(self) -> NoReturn:
        """Serves until the program ends, and then ends likewise; or until the window is gone."""
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(_SET_CHILD_SUBREAPER, 1)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        for descriptor in (1, 2):  # so that the window sees the program's output end
            os.close(descriptor)
        ended, note_end = os.pipe()
        os.set_blocking(note_end, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(note_end)
        poll = select.poll()
        for descriptor in (LIFELINE, self._control.fileno(), ended):
            poll.register(descriptor, select.POLLIN)
        while True:
            events = poll.poll(1000)
            for descriptor, _ in events:
                if descriptor == LIFELINE and not os.read(LIFELINE, 4096):
                    end_group()
                elif descriptor == self._control.fileno():
                    self._serve()
                elif descriptor == ended:
                    os.read(ended, 4096)
            if not events:
                self._keep_within_bounds()
            self._reap()

    def _reap(self) -> None:
        """Lets ended processes go. With the program's the supervisor ends, too."""
        while True:
            try:
                process, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                os._exit(1)
            if not process:
                return
            if process == self._program:
                code = os.waitstatus_to_exitcode(status)
                os._exit(code if code >= 0 else 128 - code)

    def _serve(self) -> None:
        """Answers one message. What is not one comes from user code that got hold of the socket."""
        message, descriptors, _, _ = socket.recv_fds(self._control, MESSAGE.size + 1, 4)
        if len(message) != MESSAGE.size:
            kind, iteration, number, seconds = b"", 0, 0, 0.0
        else:
            kind, iteration, number, seconds = MESSAGE.unpack(message)
        if kind == CHECKPOINT and len(descriptors) == 1:
            self._add(Checkpoint(iteration, number, seconds, descriptors[0]))
            return
        for descriptor in descriptors:
            os.close(descriptor)
        if kind == SEEK:
            self._seek(iteration, number, bool(seconds))

    # -- checkpoints -----------------------------------------------------------------------------

    def _add(self, checkpoint: Checkpoint) -> None:
        before = self._checkpoints.pop(checkpoint.iteration, None)
        if before is not None:
            os.close(before.wake)
        self._keep_within_bounds()  # before it comes in: it still shares everything with the program
        self._checkpoints[checkpoint.iteration] = checkpoint

    def _keep_within_bounds(self) -> None:
        self._weigh()
        while len(self._checkpoints) > MAX_CHECKPOINTS or (len(self._checkpoints) > 1 and self._too_heavy()):
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
        """Ends the checkpoint whose neighbours are closest; the first stays, and the last while it can."""
        order = sorted(self._checkpoints.values(), key=lambda checkpoint: checkpoint.iteration)
        inner = range(1, len(order) - 1) or range(1, 2)
        crowded = min(
            inner, key=lambda i: abs(order[min(i + 1, len(order) - 1)].seconds - order[i - 1].seconds)
        )
        for neighbour in order[crowded - 1 : crowded + 2]:
            neighbour.weighed = 0.0
        os.close(self._checkpoints.pop(order[crowded].iteration).wake)

    def _seek(self, target: int, present: int, stepping: bool) -> None:
        """Answers the program, which is in iteration `present` (-1: it cannot run on), and wakes the
        checkpoint before the target, unless the program itself is as near."""
        nearest = self._nearest(target)
        if nearest < 0 or nearest <= present < target:
            self._control.send(RUN_ON)
            return
        self._program = 0  # its end no longer matters
        self._control.send(END)
        while nearest >= 0:
            checkpoint = self._checkpoints.pop(nearest)
            with contextlib.suppress(OSError):  # it has died: take the one before
                os.write(checkpoint.wake, TARGET.pack(target, stepping))
                self._program = checkpoint.process
            os.close(checkpoint.wake)
            if self._program:
                return
            nearest = self._nearest(target)
        os._exit(1)

    def _nearest(self, target: int) -> int:
        """The iteration of the checkpoint from which it is least far to the target; -1 when there is none."""
        return max((i for i in self._checkpoints if i <= target), default=-1)


def private_bytes(process: int) -> int:
    """Memory that a process shares with no other, 0 where the system does not say."""
    with contextlib.suppress(OSError):
        report = Path(f"/proc/{process}/smaps_rollup").read_text("ascii")
        lines = [line.split() for line in report.splitlines()]
        return sum(int(words[1]) << 10 for words in lines if words[0].startswith("Private"))
    return 0
