"""The supervisor: a process between the window and the programs, in which no user code ever runs.

It kills the whole process group when the window is gone, even if a program never lets go of the interpreter.
And it keeps the program's checkpoints, sleeping copies of it (see checkpoints.py): each waits at a socket
whose other end is here, because a copy cannot know of those that are made after it. To go back in time the
supervisor wakes one of them, and a copy of it becomes the program in place of the one that runs now; to begin
a branch of the run, a copy becomes another program beside it.
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
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from gradviz.session.budget import Budget
from gradviz.session.checkpoint_tree import Checkpoint, CheckpointTree

LIFELINE = 0  # standard input: the window's orders; it ends with the window
ORDER = struct.Struct("<cqqqI")  # kind, branch, parent, iteration, length of the edits that follow
FORK, EXPERIMENT, DROP = b"f", b"x", b"d"
MESSAGE = struct.Struct("<cqqqqd")  # kind, branch, iteration; of a checkpoint its process and the program's …
# … seconds, of a seek the present iteration, the last one to go to, and 1 for a step
CHECKPOINT, WOKEN, SEEK, JOIN = b"c", b"w", b"s", b"j"
RUN_ON, END = b"r", b"e"  # answers to a seek
WAKE = struct.Struct("<qqq?")  # what a checkpoint is woken with: branch, target, last, step; edits follow
MAX_EDITS = 1 << 16  # bytes, of one branch with all that it has inherited
MAX_CHANNELS = 4  # of a branch: its connection to the window, and what else its copies need; see worker.py
MAIN = 0
_SET_CHILD_SUBREAPER = 36  # prctl: orphaned descendants become this process's children


@dataclass
class _Branch:
    process: int = 0  # that runs it now
    edits: bytes = b""
    channels: list[int] = field(default_factory=list)


def end_group() -> NoReturn:
    """Kills every process of this group, this one included."""
    os.killpg(0, signal.SIGKILL)
    os._exit(1)


def _hang_up(descriptor: int) -> None:
    """Closes a channel; if it is a connection, for all processes that have it."""
    try:
        with socket.socket(fileno=descriptor) as channel:
            channel.shutdown(socket.SHUT_RDWR)
    except OSError:
        with contextlib.suppress(OSError):
            os.close(descriptor)


class Supervisor:
    """`control` is the socket to the programs and their copies, `program` the first process that runs one,
    `budget` is that of all checkpoints, `notes` where the window is told what becomes of branches.
    """

    def __init__(self, control: socket.socket, program: int, budget: Budget, notes: int) -> None:
        self._control = control
        self._notes = notes
        self._branches = {MAIN: _Branch(program)}
        self._tree = CheckpointTree(MAIN, budget)
        self._orders = b""

    def run(self) -> NoReturn:
        """Serves until all programs have ended, and then ends like the last; or until the window is gone."""
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(_SET_CHILD_SUBREAPER, 1)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGPIPE):
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
                if descriptor == LIFELINE:
                    self._take_orders()
                elif descriptor == self._control.fileno():
                    self._serve()
                elif descriptor == ended:
                    os.read(ended, 4096)
            if not events:
                self._tree.keep_within_bounds()
            self._reap()

    def _reap(self) -> None:
        """Lets ended processes go. With the last program's the supervisor ends, too."""
        while True:
            try:
                process, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                os._exit(1)
            if not process:
                return
            code = os.waitstatus_to_exitcode(status)
            for number, branch in list(self._branches.items()):
                if branch.process == process:
                    self._end(number, code if code >= 0 else 128 - code)

    def _end(self, number: int, code: int) -> None:
        """A branch's program is gone."""
        self._note(f"ended {number} {code}")
        self._forget(number)
        if not self._branches:
            os._exit(code)

    def _forget(self, number: int) -> None:
        for descriptor in self._branches.pop(number).channels:
            _hang_up(descriptor)
        self._tree.end(number)

    def _note(self, text: str) -> None:
        with contextlib.suppress(OSError):
            os.write(self._notes, text.encode() + b"\n")

    # ── the window's orders ───────────────────────────────────────────────────────────────────────────────

    def _take_orders(self) -> None:
        received = os.read(LIFELINE, 1 << 16)
        if not received:
            end_group()
        self._orders += received
        while len(self._orders) >= ORDER.size:
            kind, branch, parent, iteration, length = ORDER.unpack_from(self._orders)
            end = ORDER.size + length
            if len(self._orders) < end:
                return
            edits, self._orders = self._orders[ORDER.size : end], self._orders[end:]
            if kind in (FORK, EXPERIMENT):
                # An edit can come too late for a checkpoint at its iteration, but not a number that is set
                # while that runs.
                self._fork(branch, parent, iteration, iteration + (kind == EXPERIMENT), edits)
            elif kind == DROP:
                self._drop(branch)

    def _fork(self, number: int, parent: int, iteration: int, parting: int, edits: bytes) -> None:
        """Begins a branch, if a checkpoint of its parent from before `parting` can become it."""
        possible = parent in self._branches and number not in self._branches and len(edits) <= MAX_EDITS
        if possible:
            self._tree.part(number, parent, parting)
            if self._tree.nearest(number, iteration) is not None:
                self._branches[number] = _Branch(edits=edits)
                self._wake(number, iteration, iteration)
                return
            self._tree.end(number)
        self._note(f"unforked {number}")

    def _drop(self, number: int) -> None:
        """Ends a branch that nobody wants any more."""
        branch = self._branches.get(number)
        if branch is not None:
            _kill_family(branch.process, spared=self._tree.processes)
            self._note(f"ended {number} {128 + signal.SIGKILL}")
            self._forget(number)
            if not self._branches:
                os._exit(0)

    # ── the programs' messages ────────────────────────────────────────────────────────────────────────────

    def _serve(self) -> None:
        """Answers one message. What is not one comes from user code that got hold of the socket."""
        message, descriptors, _, _ = socket.recv_fds(self._control, MESSAGE.size + 1, MAX_CHANNELS)
        kind, number, iteration, detail, last, seconds = b"", 0, 0, 0, 0, 0.0
        if len(message) == MESSAGE.size:
            kind, number, iteration, detail, last, seconds = MESSAGE.unpack(message)
        branch = self._branches.get(number)
        if kind == CHECKPOINT and len(descriptors) == 1:
            self._tree.add(Checkpoint(number, iteration, detail, seconds, descriptors[0]))
        elif kind == SEEK and len(descriptors) == 1:
            self._seek(number, iteration, detail, last, bool(seconds), descriptors[0])
        elif kind == JOIN and branch is not None and not branch.channels:
            branch.channels = descriptors
        else:
            for descriptor in descriptors:
                os.close(descriptor)
            if kind == WOKEN:
                self._become(number, detail)

    def _become(self, number: int, process: int) -> None:
        """A process has been woken as a branch's program."""
        branch = self._branches.get(number)
        self._tree.woke(process)
        if branch is None:  # dropped meanwhile
            _kill(process)
        elif _lives(process):
            branch.process = process
        else:
            self._end(number, 1)

    def _seek(self, number: int, target: int, present: int, last: int, stepping: bool, answer: int) -> None:
        """Answers a branch's program, which is in iteration `present` (-1: it cannot run on), and wakes the
        checkpoint before the target, unless the program itself is as near."""
        nearest = self._tree.nearest(number, target) if number in self._branches else None
        runs_on = nearest is None or nearest.iteration <= present < target
        with contextlib.suppress(OSError):
            os.write(answer, RUN_ON if runs_on else END)
        os.close(answer)
        if not runs_on:
            self._wake(number, target, last, stepping)

    def _wake(self, number: int, target: int, last: int, stepping: bool = False) -> None:
        """Wakes the nearest checkpoint that lives: a copy of it becomes the branch's program."""
        branch = self._branches[number]
        branch.process = 0  # the end of the one before no longer matters
        while (checkpoint := self._tree.nearest(number, target)) is not None:
            channels = branch.channels if checkpoint.branch != number else []
            try:
                with socket.socket(fileno=os.dup(checkpoint.wake)) as wake:
                    socket.send_fds(
                        wake, [WAKE.pack(number, target, last, stepping) + branch.edits], channels
                    )
                return
            except OSError:  # it has died
                self._tree.give_up(checkpoint)
        self._end(number, 1)


def _kill(process: int) -> None:
    if process:
        with contextlib.suppress(OSError):
            os.kill(process, signal.SIGKILL)


def _kill_family(process: int, spared: set[int]) -> None:
    """Kills a process and those that it has started; not the checkpoints, which are children of programs."""
    if not process:
        return
    with contextlib.suppress(OSError):
        os.kill(process, signal.SIGSTOP)  # it starts no more of them meanwhile
    for child in _children(process) - spared:
        _kill_family(child, spared)
    _kill(process)


def _children(process: int) -> set[int]:
    """Looked up in every process: the list that the system keeps of them has gaps while some of them end."""
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with contextlib.suppress(OSError):
                fields = (entry / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()
                if int(fields[1]) == process:
                    found.add(int(entry.name))
    return found


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except OSError:
        return False
    return True
