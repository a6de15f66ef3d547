"""The worker processes of a window: the one in use, a warm spare, and those that are on their way out."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from gradviz.session.client import SessionClient
from gradviz.session.protocol import Command, Report

WARM_UP_AFTER = 1000  # milliseconds


class Workers(QObject):
    """Reports of the worker in use, and only of that one, arrive as signals in the window's thread."""

    reported = Signal(object)  # protocol.Report
    ended = Signal(int)  # exit code: the worker in use is gone although nobody released it
    _reported = Signal(int, object)  # client's number, report: crosses from the client's threads to this one
    _ended = Signal(int, object)  # client's number, exit code

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.keeps_spare = False
        """Whether a worker is kept warm for the next start."""
        self.ending: list[SessionClient] = []
        self._made = 0  # a client's number tells its reports from older ones
        self._client: SessionClient | None = None
        self._number = 0  # of the client in use
        self._spare: tuple[int, SessionClient] | None = None
        self._warm_soon = QTimer(self, singleShot=True, interval=WARM_UP_AFTER)
        self._warm_soon.timeout.connect(self.warm_up)
        self._reported.connect(self._on_report)
        self._ended.connect(self._on_end)

    @property
    def in_use(self) -> bool:
        return self._client is not None

    def take(self) -> None:
        """Puts a fresh worker to use, the spare one if there is one; the one before must be released."""
        self._number, self._client = self._spare or self._new_client()
        self._spare = None

    def release(self) -> None:
        """Ends the worker in use and its process group."""
        if self._client is None:
            return
        self._client.close()
        self.ending = [client for client in self.ending if not client.gone] + [self._client]
        self._client, self._number = None, 0

    def send(self, command: Command) -> None:
        """Sends to the worker in use, if there is one."""
        if self._client is not None:
            self._client.send(command)

    def warm_up(self) -> None:
        """Starts a spare worker, so that the next start need not wait for one to come up."""
        if self.keeps_spare and self._spare is None:
            self._spare = self._new_client()

    def warm_up_soon(self) -> None:
        """Does so when the worker in use has had time to get going."""
        if self.keeps_spare and self._spare is None:
            self._warm_soon.start()

    def close(self) -> None:
        """Ends every process and thread; returns when they are gone (about a second)."""
        self.release()
        self._warm_soon.stop()
        if self._spare is not None:
            self.ending.append(self._spare[1])
            self._spare = None
        for client in self.ending:
            client.close()
        for client in self.ending:
            client.close(wait=True)
        self.ending.clear()

    def _on_report(self, number: int, report: Report) -> None:
        if number == self._number:  # else it is from a worker that was released meanwhile
            self.reported.emit(report)

    def _on_end(self, number: int, code: int | None) -> None:
        if self._spare is not None and self._spare[0] == number:
            self._spare = None
        elif number == self._number:
            self.release()
            self.ended.emit(code or 0)

    def _new_client(self) -> tuple[int, SessionClient]:
        self._made += 1
        number = self._made
        client = SessionClient(
            on_report=lambda report: self._reported.emit(number, report),
            on_end=lambda code: self._ended.emit(number, code),
        )
        return number, client
