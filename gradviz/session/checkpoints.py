"""Checkpoints: sleeping copies (forks) of the running program, from which it can run on a second time.

A copy is exact, whatever the program is made of: its variables, its place in a loop, its random streams. To
go back to an iteration the checkpoint before it is woken and runs forward to it; the way ocamldebug goes back
in time. The supervisor knows all checkpoints, see supervisor.py.
"""

from __future__ import annotations

import ctypes
import gc
import os
import random
import signal
import socket
import sys
import threading
import time
import warnings
from collections import deque
from typing import NamedTuple

from gradviz.engine.backend import gpu_in_use
from gradviz.session.supervisor import (
    CHECKPOINT,
    END,
    JOIN,
    MAIN,
    MAX_CHANNELS,
    MAX_EDITS,
    MESSAGE,
    SEEK,
    WAKE,
    WOKEN,
)

SPACING = 0.09  # seconds of computing between checkpoints, at least: what a seek has to repeat at most
FINE_SPACING = 0.02  # on the way to an iteration to which a person steps: the next step may lead in between
MAX_SHARE = 0.05  # of the program's time that checkpoints may cost
_exit = os._exit  # the program's own `os._exit` says where it was called
COSTS = 5  # checkpoints from which the cost of the next is foreseen


class Waking(NamedTuple):
    """What a checkpoint is woken for: to become a branch's program and go to iterations `target` to `last`.

    `stepping` as of `Checkpoints.seek`; `edits` are the branch's, encoded; `channels` what the branch's
    programs have joined it with, if this process does not have them: descriptors.
    """

    branch: int
    target: int
    last: int
    stepping: bool
    edits: bytes
    channels: list[int]


class Checkpoints:
    """The program's side. `control` is the socket to the supervisor, None where there is none."""

    def __init__(self, control: socket.socket | None) -> None:
        self.wanted = True
        self.branch = MAIN
        """Which branch of the run this process runs."""
        self._control = control
        self._seconds = 0.0  # that the program had computed at the last checkpoint
        self._since = self._asked = time.thread_time()
        self._usual = 0.0  # seconds that an iteration takes
        self._forking: float | None = None  # that a fork took, until the iteration after it has ended
        self._costs: deque[float] = deque(maxlen=COSTS)
        self._due_after = 0.0
        self._fine_until = -1  # iteration; before it FINE_SPACING holds
        self._children: list[int] = []  # checkpoints that this process has left

    @property
    def possible(self) -> bool:
        """Whether this program can be copied now: only Linux hands orphans on to the supervisor, a copy of a
        process has only one of its threads, and none of what it keeps on a GPU."""
        return (
            self.wanted
            and self._control is not None
            and sys.platform == "linux"
            and not gpu_in_use()
            and threading.current_thread() is threading.main_thread()
            and all(
                thread.name.startswith("gradviz-") or thread is threading.main_thread()
                for thread in threading.enumerate()
            )
        )

    def is_due(self, iteration: int) -> bool:
        """Whether the program has computed long enough since the last one. To be asked before each iteration.

        After a fork the system copies every page that is written to, most of them in the first iteration.
        That costs more than the fork itself, and shows in how much longer this iteration takes.
        """
        now = time.thread_time()
        took, self._asked = now - self._asked, now
        if self._forking is None:
            self._usual = took
        else:
            self._costs.append(self._forking + max(0.0, took - self._usual))
            least = min(self._costs)  # on a busy machine the others say more about the machine
            self._due_after = max(SPACING, least / MAX_SHARE)
            self._forking = None
        return now - self._since >= (FINE_SPACING if iteration < self._fine_until else self._due_after)

    def leave(self, iteration: int) -> Waking | None:
        """Leaves a copy that is about to begin `iteration`. Returns None in the program; and in a copy of the
        copy, which goes on as a program, what it was woken for."""
        if not iteration:
            gc.freeze()  # else looking for garbage would write to what is there already, and so copy it
        self._children = [process for process in self._children if not _has_ended(process)]
        _give_back_free_memory()
        stream = random.getstate()  # Python seeds its random module afresh in a forked process
        started = time.thread_time()
        self._seconds += started - self._since
        waiting, wake = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        process = _fork()
        if process:
            waiting.close()
            if process > 0:
                self._children.append(process)
                self._tell(CHECKPOINT, self.branch, iteration, process, wake.fileno(), seconds=self._seconds)
            wake.close()
            self._since = self._asked = time.thread_time()
            if iteration:
                self._forking = self._since - started
            else:  # the first iteration takes long because the program prepares in it
                self._due_after = SPACING
            return None
        wake.close()
        waking = _sleep(waiting)
        self._tell(WOKEN, waking.branch, iteration, os.getpid())
        random.setstate(stream)
        self._since = self._asked = time.thread_time()
        self._forking = None
        self._fine_until = waking.target if waking.stepping else -1
        return waking

    def seek(self, target: int, last: int, present: int, *, stepping: bool = False) -> bool:
        """Asks the supervisor to go to iteration `target`, and on to `last`. The program is in iteration
        `present`; -1: it is over.

        `stepping`: the target is beside what was shown, and what is beside the target may be next.

        True when the program is to run on to it by itself; else this process has to end, at once.
        """
        if self._control is None:
            return True
        reading, writing = os.pipe()
        self._tell(SEEK, self.branch, target, present, writing, last=last, seconds=float(stepping))
        os.close(writing)
        answer = os.read(reading, 1)
        os.close(reading)
        return answer != END

    def join(self, *channels: int) -> None:
        """Hands the supervisor what further processes of this branch need; the first is the connection to the
        window, which it closes when the branch ends."""
        if self._control is not None:
            self._tell(JOIN, self.branch, 0, 0, *channels)

    def _tell(
        self,
        kind: bytes,
        branch: int,
        iteration: int,
        detail: int,
        *descriptors: int,
        last: int = 0,
        seconds: float = 0.0,
    ) -> None:
        assert self._control is not None
        message = MESSAGE.pack(kind, branch, iteration, detail, last, seconds)
        socket.send_fds(self._control, [message], descriptors)


def _fork() -> int:
    """Like os.fork; -1 where the system refuses to copy the process, for want of memory."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the other thread holds no lock now
        try:
            return os.fork()
        except OSError:
            return -1


def _has_ended(process: int) -> bool:
    """Whether a child has ended; the system keeps its place in the list of processes until it is asked."""
    try:
        return os.waitpid(process, os.WNOHANG)[0] != 0
    except ChildProcessError:  # the program has waited for all its children, or this is itself a copy
        return True


def _give_back_free_memory() -> None:
    """Else the copy would keep what the program has freed, and the program copy it to use it again."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # of the GNU C library only
    if trim is not None:
        trim(0)


def _sleep(waiting: socket.socket) -> Waking:
    """Sleeps until the checkpoint is given up, and ends; each time it is woken, a copy of it returns.

    The copy is a child of the supervisor, which will notice its end, for the process between the two ends.
    """
    interrupt = signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        message, channels, _, _ = socket.recv_fds(waiting, WAKE.size + MAX_EDITS, MAX_CHANNELS)
        if len(message) < WAKE.size:
            os.kill(
                os.getpid(), signal.SIGKILL
            )  # nothing of the program is to run any more, not even its end
        process = _fork()
        if not process and (process := _fork()):
            _exit(process < 0)
        if process <= 0 or os.waitpid(process, 0)[1]:  # without memory for a copy, it goes on itself
            waiting.close()
            signal.signal(signal.SIGINT, interrupt)
            branch, target, last, stepping = WAKE.unpack_from(message)
            return Waking(branch, target, last, stepping, message[WAKE.size :], channels)
        for descriptor in channels:
            os.close(descriptor)
