"""Finds out for how long the window did not answer."""

from __future__ import annotations

import time
from types import TracebackType

from PySide6.QtCore import QObject, QTimer


class Watchdog(QObject):
    """Measures the longest time in which the event loop of this thread did not turn, while it is on guard.

    It is given in seconds of the processor: `longest` counts what this thread computed, `held_up` what all
    threads did, which is more where one of them keeps Python to itself. A busy machine adds to neither.
    """

    def __init__(self) -> None:
        super().__init__()
        self.longest = self.held_up = 0.0
        self._turned = (0.0, 0.0)
        self._timer = QTimer(self, interval=0)
        self._timer.timeout.connect(self._turn)

    def __enter__(self) -> Watchdog:
        self._turned = _now()
        self._timer.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _where: TracebackType | None
    ) -> None:
        self._timer.stop()
        self._turn()

    def _turn(self) -> None:
        """The event loop has come round."""
        now = _now()
        self.longest = max(self.longest, now[0] - self._turned[0])
        self.held_up = max(self.held_up, now[1] - self._turned[1])
        self._turned = now


def _now() -> tuple[float, float]:
    return time.thread_time(), time.process_time()
