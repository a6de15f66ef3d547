"""The window's end of a session: one worker process, its messages, and its certain end."""

from __future__ import annotations

from collections.abc import Callable

from gradviz.session.protocol import Command, Report


class SessionClient:
    """Starts a worker and talks to it.

    `on_report` and `on_end` are called from a reader thread; `on_end` gets the exit code when the worker is
    gone without `close` having been called.
    """

    def __init__(self, on_report: Callable[[Report], None], on_end: Callable[[int | None], None]) -> None:
        self._on_report, self._on_end = on_report, on_end

    def send(self, command: Command) -> None:
        """Sends without waiting for an answer. Does nothing once the worker is gone."""

    def close(self) -> None:
        """Ends the worker and its whole process group. Returns at once; the end itself takes milliseconds."""
