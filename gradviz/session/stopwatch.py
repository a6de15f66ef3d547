"""How long operations compute while an iteration is recorded."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from gradviz.engine.tape import Op

MAX_RUNNING = 1000
"""Operations that have begun. Most of so many have failed, or are not recorded, and will never end."""


@dataclass
class _Running:
    operation: int  # its id: to keep the operation would keep what it has saved
    spent: int  # nanoseconds so far, without those of operations inside it
    since: int


class Stopwatch:
    """Tells for every operation the time of its own: without that of operations that it uses (a backward that
    is differentiated itself uses many), and without what recording those takes.

    On a GPU it is the time until the work is handed over, as the program sees it.
    """

    def __init__(self, now: Callable[[], int] = time.perf_counter_ns) -> None:
        self._now = now
        self._running: list[_Running] = []

    def start(self, op: Op) -> None:
        """The operation begins to compute."""
        now = self._now()
        if len(self._running) >= MAX_RUNNING:
            self._running.clear()
        if self._running:
            self._running[-1].spent += now - self._running[-1].since
        self._running.append(_Running(id(op), 0, now))

    def stop(self, op: Op) -> int:
        """The nanoseconds that it has computed; 0 if it was not seen to begin. Time stands still until
        `resume`."""
        now = self._now()
        for depth in range(len(self._running) - 1, -1, -1):
            ended = self._running[depth]
            if ended.operation == id(op):
                innermost = depth == len(self._running) - 1
                del self._running[depth:]
                return ended.spent + (now - ended.since if innermost else 0)
        return 0

    def resume(self) -> None:
        """What has ended is recorded; the operation around it goes on."""
        if self._running:
            self._running[-1].since = self._now()
