"""The window's end of the language process: asks it, and replaces it when it hangs or dies."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, QTemporaryDir, QTimer
from PySide6.QtGui import QTextCursor

from gradviz.session.environment import child_environment
from gradviz.session.language.protocol import (
    LENGTH,
    MAX_MESSAGE,
    MAX_TEXT,
    Answer,
    Kind,
    Question,
    decode_answer,
    encode,
)
from gradviz.trace.packing import PackingError

DEADLINE_MS = 6000  # for an answer; large packages take seconds when they are read for the first time
START_MS = 30_000  # for the first one, with a process that has to come up
MAX_FAILURES = 3  # processes in a row that have ended without an answer: then there is none …
REST_MS = 60_000  # … for so long

Deliver = Callable[[Answer], None]


class AskLanguage(Protocol):
    """Asks about a place in one text; see `Language.ask`."""

    def __call__(self, kind: Kind, cursor: QTextCursor, deliver: Deliver, name: str = "") -> None: ...


class Language(QObject):
    """The process is started with the first question, and ends with this object or with `end`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process: QProcess | None = None
        self._folder: QTemporaryDir | None = None  # what the process writes for itself
        self._received = bytearray()
        self._asked = 0
        self._failures = 0
        self._answered = False  # whether the present process has come up
        self._waiting: dict[Kind, tuple[int, Deliver]] = {}
        self._deadline = QTimer(self, singleShot=True)
        self._deadline.timeout.connect(self._give_up)
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self._take_heart)

    def ask(
        self, kind: Kind, text: str, path: str, place: tuple[int, int], deliver: Deliver, name: str = ""
    ) -> None:
        """Asks about a place (line, column). Only the newest question of a kind is answered, if any is."""
        if len(text) > MAX_TEXT or self._failures >= MAX_FAILURES:
            return
        self._asked += 1
        self._waiting[kind] = (self._asked, deliver)
        if self._process is None:
            self._start()
        assert self._process is not None
        self._process.write(encode(Question(self._asked, kind, text, path[:4096], *place, name)))
        if not self._deadline.isActive():
            self._deadline.start(DEADLINE_MS if self._answered else START_MS)

    def end(self) -> None:
        """Ends the process, at once; the next question starts another."""
        self._waiting.clear()
        self._deadline.stop()
        process, self._process = self._process, None
        if process is not None:
            process.finished.disconnect(self._on_finished)
            process.errorOccurred.disconnect(self._on_error)
            process.kill()
            process.waitForFinished(1000)
            process.deleteLater()
        self._folder = None

    def _start(self) -> None:
        self._folder = QTemporaryDir()
        self._received.clear()
        self._answered = False
        process = self._process = QProcess(self)
        environment = QProcessEnvironment()
        for name, value in child_environment().items():
            environment.insert(name, value)
        process.setProcessEnvironment(environment)
        process.setStandardErrorFile(QProcess.nullDevice())
        process.readyReadStandardOutput.connect(self._read)
        process.finished.connect(self._on_finished)
        process.errorOccurred.connect(self._on_error)
        process.start(sys.executable, ["-P", "-m", "gradviz.session.language.process", self._folder.path()])

    def _read(self) -> None:
        assert self._process is not None
        self._received += self._process.readAllStandardOutput().data()
        while len(self._received) >= LENGTH.size:
            size = LENGTH.unpack_from(self._received)[0]
            end = LENGTH.size + size
            if size > MAX_MESSAGE:
                self._give_up()
                return
            if len(self._received) < end:
                return
            body = bytes(self._received[LENGTH.size : end])
            del self._received[:end]
            try:
                self._deliver(decode_answer(body))
            except PackingError:
                self._give_up()
                return

    def _deliver(self, answer: Answer) -> None:
        self._answered = True
        self._failures = 0
        for kind, (number, deliver) in [*self._waiting.items()]:
            if number == answer.number:
                del self._waiting[kind]
                deliver(answer)
        if self._waiting:
            self._deadline.start(DEADLINE_MS)
        else:
            self._deadline.stop()

    def _give_up(self) -> None:
        self._failures += 1
        if self._failures >= MAX_FAILURES:
            self._rest.start()
        self.end()

    def _take_heart(self) -> None:
        self._failures = 0

    def _on_finished(self) -> None:
        self._give_up()

    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self._give_up()
