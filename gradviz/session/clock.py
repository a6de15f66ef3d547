"""When to record, show and report, and how many iterations a second there were."""

from __future__ import annotations

import time
from collections import deque

PARTIAL_EVERY = 0.25  # seconds between reports of an iteration that takes long
REPORT_EVERY = 0.1  # seconds between reports of speed and curves


class Clock:
    """Tells the controller what is due; all times are in seconds."""

    def __init__(self) -> None:
        self._recorded_at = self._computed = 0.0
        self._shown_at = 0.0
        self._reported_at = 0.0
        self._partial_at = 0.0
        self.hash_seconds = 0.0
        """What it last took to hash the program's state for a recording."""
        self._ends: deque[tuple[float, int]] = deque(maxlen=20)

    def tick(self, iteration: int) -> bool:
        """An iteration has ended; True when it is time for a report."""
        now = time.monotonic()
        if now - self._reported_at < REPORT_EVERY:
            return False
        self._reported_at = now
        self._ends.append((now, iteration))
        return True

    def rate(self) -> float:
        """Iterations a second over the last reports."""
        if len(self._ends) < 2:
            return 0.0
        (start, first), (end, last) = self._ends[0], self._ends[-1]
        return (last - first) / (end - start) if end > start else 0.0

    def resume(self) -> None:
        """The program ran on after a hold: the time it was held does not count."""
        self._ends.clear()

    def recorded(self) -> None:
        self._recorded_at = now = time.monotonic()
        self._computed = time.thread_time()
        self._partial_at = now + PARTIAL_EVERY

    def record_is_due(self, pause: float) -> bool:
        """Whether that time has passed since one was recorded, and the program has computed for half of it.

        On a busy machine recording would else take much of what little time the program gets. One that sleeps
        or waits does not compute at all: then it is due somewhat later.
        """
        passed = time.monotonic() - self._recorded_at
        return passed > pause and (time.thread_time() - self._computed > pause / 2 or passed > 4 * pause)

    def shown(self) -> None:
        self._shown_at = time.monotonic()

    def since_show(self) -> float:
        return time.monotonic() - self._shown_at

    def partial_is_due(self) -> bool:
        return time.monotonic() > self._partial_at

    def partial_took(self, seconds: float) -> None:
        self._partial_at = time.monotonic() + max(PARTIAL_EVERY, 10 * seconds)
