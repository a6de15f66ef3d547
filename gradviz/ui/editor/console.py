"""What the program prints."""

from __future__ import annotations

import re
from collections import deque

from PySide6.QtCore import QEvent, QTimer
from PySide6.QtGui import QPalette, QTextCharFormat, QTextCursor, QTextFormat
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from gradviz.ui.model import SessionModel
from gradviz.ui.scroll_bar import use_slim_scroll_bars
from gradviz.ui.theme import font, set_color, theme

MAX_LINES = 10_000
MAX_CHARACTERS = 2 << 20
MAX_LINE = 4000  # a longer line is broken: laying it out would take seconds
TURN_CHARACTERS = 64 << 10  # how much is shown in one turn of the event loop
TURN_MS = 15
STREAM = QTextFormat.Property.UserProperty + 1

_ESCAPE = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor movement
    r"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"  # OSC: window titles, links
    r"|\x1b[ -/]*[0-Z\\^-~]"  # two characters and the like
)
_UNFINISHED_ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*|\][^\x07\x1b]*\x1b?|[ -/]*)\Z")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u2028\u2029]")
MAX_ESCAPE = 4096


class ConsoleView(QPlainTextEdit):
    """Standard output plain, standard error tinted; keeps the latest MAX_LINES lines of MAX_CHARACTERS.

    What arrives is shown in small portions, so that a flood of it leaves the window free. A carriage return
    begins the last line anew, as progress bars expect.
    """

    def __init__(self, model: SessionModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._waiting: deque[tuple[str, str]] = deque()
        self._waiting_characters = 0
        self._unfinished: dict[str, str] = {}
        self._restarts_line = False
        self._formats: dict[str, QTextCharFormat] = {}
        self._turn = QTimer(self, singleShot=True, interval=TURN_MS)
        self._turn.timeout.connect(self._show_some)
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setMaximumBlockCount(MAX_LINES)
        self.setFrameShape(QPlainTextEdit.Shape.NoFrame)
        use_slim_scroll_bars(self)
        self.setFont(font(9.5, mono=True))
        self.setTabChangesFocus(True)
        self.document().setDocumentMargin(8)
        model.output_received.connect(self._receive)
        model.restarted.connect(self._restart)
        theme.changed.connect(self._on_theme)
        self._on_theme()
        self._retranslate()

    @property
    def busy(self) -> bool:
        """Whether output has arrived that is not on view yet."""
        return self._turn.isActive()

    def _receive(self, stream: str, text: str) -> None:
        text = self._unfinished.pop(stream, "") + text
        if (unfinished := _UNFINISHED_ESCAPE.search(text)) and len(unfinished[0]) < MAX_ESCAPE:
            self._unfinished[stream] = unfinished[0]
            text = text[: unfinished.start()]
        text = _CONTROL.sub("", _ESCAPE.sub("", text))
        for start in range(0, len(text), TURN_CHARACTERS):
            self._waiting.append((stream, text[start : start + TURN_CHARACTERS]))
        self._waiting_characters += len(text)
        while self._waiting_characters - len(self._waiting[0][1] if self._waiting else "") > MAX_CHARACTERS:
            self._waiting_characters -= len(self._waiting.popleft()[1])
        if not self._turn.isActive():
            self._turn.start()

    def _show_some(self) -> None:
        bar = self.verticalScrollBar()
        follows = bar.value() >= bar.maximum() - 1
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.beginEditBlock()
        shown = 0
        while self._waiting and shown < TURN_CHARACTERS:
            stream, text = self._waiting.popleft()
            self._write(cursor, stream, text)
            shown += len(text)
        cursor.endEditBlock()
        self._waiting_characters -= shown
        self._forget_oldest()
        if follows:
            bar.setValue(bar.maximum())
        if self._waiting:
            self._turn.start()

    def _write(self, cursor: QTextCursor, stream: str, text: str) -> None:
        """Appends text, line by line because of carriage returns and of lines that are too long."""
        style = self._formats.get(stream, self._formats["stdout"])
        lines = text.replace("\r\n", "\n").split("\n")
        finished: list[str] = []
        for number, line in enumerate(lines):
            line = self._continue_line(cursor, finished, line)
            finished.append(line if number == len(lines) - 1 else line + "\n")
        cursor.insertText("".join(finished), style)

    def _continue_line(self, cursor: QTextCursor, finished: list[str], line: str) -> str:
        """The part of a line that remains visible, broken where it is too long."""
        at_line_start = bool(finished)
        restarts, self._restarts_line = self._restarts_line, line.endswith("\r")
        visible = line.rstrip("\r")
        if "\r" in visible or (restarts and visible):
            visible = visible.rpartition("\r")[2]
            if not at_line_start:
                cursor.movePosition(QTextCursor.MoveOperation.StartOfBlock, QTextCursor.MoveMode.KeepAnchor)
                cursor.removeSelectedText()
        column = 0 if at_line_start else cursor.positionInBlock()
        if column + len(visible) <= MAX_LINE:
            return visible
        first = max(MAX_LINE - column, 0)
        rest = [visible[i : i + MAX_LINE] for i in range(first, len(visible), MAX_LINE)]
        return "\n".join([visible[:first], *rest])

    def _forget_oldest(self) -> None:
        excess = self.document().characterCount() - MAX_CHARACTERS
        if excess <= 0:
            return
        cursor = QTextCursor(self.document())
        cursor.setPosition(
            self.document().findBlock(excess).next().position(), QTextCursor.MoveMode.KeepAnchor
        )
        cursor.removeSelectedText()

    def _restart(self) -> None:
        self._waiting.clear()
        self._waiting_characters = 0
        self._unfinished.clear()
        self._restarts_line = False
        self.clear()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)

    def _on_theme(self) -> None:
        set_color(self, "panel", QPalette.ColorRole.Base)
        for stream, role in (("stdout", "text"), ("stderr", "warning")):
            self._formats[stream] = QTextCharFormat()
            self._formats[stream].setForeground(theme.color(role))
            self._formats[stream].setProperty(STREAM, stream)
        self._recolor()

    def _recolor(self) -> None:
        """Gives what is already shown the colours of the theme."""
        cursor = QTextCursor(self.document())
        block = self.document().begin()
        while block.isValid():
            for part in block.textFormats():
                cursor.setPosition(block.position() + part.start)
                cursor.setPosition(
                    block.position() + part.start + part.length, QTextCursor.MoveMode.KeepAnchor
                )
                cursor.setCharFormat(self._formats.get(part.format.property(STREAM), self._formats["stdout"]))
            block = block.next()

    def _retranslate(self) -> None:
        self.setPlaceholderText(self.tr("print() output appears here"))
        self.setAccessibleName(self.tr("Console"))
