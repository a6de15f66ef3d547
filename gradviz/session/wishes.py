"""What the window wants of the program, and how much more it can take in."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from gradviz.session.protocol import Until

MAX_UNACKNOWLEDGED = 2
PATIENCE = 0.4  # seconds to wait for an iteration to begin before recording starts in the middle of one


class Wishes:
    """Set by the thread that listens to the window; the program's thread waits on them.

    `lock` guards them. A copy of the process in which another thread holds it would never get it.
    """

    def __init__(self) -> None:
        self.lock = threading.Condition()
        self.until: Until | None = None
        """None: the program is to hold at the end of its iteration."""
        self.target: int | None = None
        """The iteration to run to before anything is recorded."""
        self.scan_to: int | None = None
        """The iteration to hold at, while those before are recorded and examined without a hold."""
        self._since = 0.0
        self._unacknowledged = 0

    def advance(self, until: Until, target: int | None = None, scan_to: int | None = None) -> None:
        with self.lock:
            self.until, self.target, self.scan_to = until, target, scan_to
            self._since = time.monotonic()
            self.lock.notify_all()

    def go_back(self, target: int, scan_to: int) -> None:
        """The process is a copy that was woken for these iterations; the window waits for nothing else."""
        with self.lock:
            self.advance("iteration", target, scan_to)
            self._unacknowledged = 0

    def wait(self) -> None:
        """Returns once something is wanted. Ctrl+C (a signal) ends the wait."""
        with self.lock:
            self.lock.wait_for(lambda: self.until is not None)

    def wants(self, iteration: int, new_epoch: bool, sample_is_due: Callable[[], bool]) -> bool:
        """Whether the iteration that begins is to be recorded for the window."""
        match self.until:
            case "iteration":
                return self.scan_to is None or iteration >= self.scan_to
            case "epoch":
                return new_epoch
            case "end":
                return sample_is_due()
        return False

    @property
    def impatient(self) -> bool:
        """Whether the next iteration has been waited for so long that the present one has to do."""
        runs_on = self.target is not None or self.scan_to is not None
        return self.until == "iteration" and not runs_on and self.seconds() > PATIENCE

    def fulfil(self, iteration: int, new_epoch: bool, hit: bool) -> bool:
        """A recorded iteration has ended: if it is the wanted one, the program is to hold.

        At full speed, and on the way to an epoch, that is one with a hit.
        """
        with self.lock:
            on_the_way = self.target is not None or (self.scan_to is not None and iteration < self.scan_to)
            wanted = hit or self.until == "iteration" or (self.until == "epoch" and new_epoch)
            if on_the_way or not wanted:
                return False
            self.until = self.scan_to = None
            return True

    def on_the_way(self, iteration: int) -> bool:
        """Whether the iteration is only run through, to come to a later one."""
        with self.lock:
            if self.target is not None and iteration >= self.target:
                self.target = None
            return self.target is not None

    def is_near_end_of_scan(self, iteration: int, distance: int) -> bool:
        """Whether the program will hold at most so many iterations later, at the end of a scan."""
        return self.scan_to is not None and iteration >= self.scan_to - distance

    def seconds(self) -> float:
        """How long ago the present wish was made."""
        return time.monotonic() - self._since

    # ── the window draws more slowly than a program runs ──────────────────────────────────────────────────

    @property
    def busy(self) -> bool:
        """Whether the window has not drawn yet what it was sent."""
        return self._unacknowledged >= MAX_UNACKNOWLEDGED

    def sent(self) -> None:
        with self.lock:
            self._unacknowledged += 1

    def acknowledge(self) -> None:
        with self.lock:
            self._unacknowledged = max(0, self._unacknowledged - 1)
