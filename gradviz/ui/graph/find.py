"""The field at the graph's upper left in which one types what is to be found."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPalette
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QToolTip,
    QVBoxLayout,
    QWidget,
)

from gradviz.ui.graph.text import scene_font
from gradviz.ui.icons import icon
from gradviz.ui.theme import theme

HEIGHT = 28
NARROW, WIDE = 208, 420
"""Pixels that it is wide while it is empty, and at most."""
BESIDE = 100
"""Pixels beside the text: icon, button, count."""


class FindField(QFrame):
    """A line to type in, and how many nodes match. It grows with the text, and below it stands what is wrong
    with that."""

    resized = Signal()  # it wants another size
    searched = Signal(str)
    stepped = Signal(int)  # +1: to the next hit, -1: to the one before
    left = Signal()  # Escape: back to the graph

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAutoFillBackground(True)
        self.setFrameShape(QFrame.Shape.Box)
        self.line = QLineEdit(frame=False)
        self.line.setClearButtonEnabled(True)
        self.line.textChanged.connect(self._on_text)
        self.line.installEventFilter(self)
        self._icon = self.line.addAction(icon("find", "dim"), QLineEdit.ActionPosition.LeadingPosition)
        self._count = QLabel()
        self._count.setFont(scene_font(11))
        self._wrong = QLabel()
        self._wrong.setFont(scene_font(11))
        self._wrong.setTextFormat(Qt.TextFormat.PlainText)
        self._wrong.setWordWrap(True)
        self._wrong.setContentsMargins(8, 0, 4, 6)
        self._wrong.hide()
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(self.line, 1)
        row.addWidget(self._count)
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 0, 8, 0)
        column.setSpacing(0)
        column.addLayout(row, 1)
        column.addWidget(self._wrong)
        self.setFocusProxy(self.line)
        self.theme_changed()
        self._retranslate()

    def wanted(self, available: int) -> QSize:
        """The size that text and words need, in a width in pixels."""
        text = self.line.fontMetrics().horizontalAdvance(self.line.text()) + BESIDE
        width = min(max(text, NARROW), WIDE, available)
        words = self._wrong.heightForWidth(width - 12) if self._wrong.text() else 0
        return QSize(width, HEIGHT + words)

    def start(self) -> None:
        """Puts the cursor into the field, ready to type over what is there."""
        self.line.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.line.selectAll()

    def show_count(self, position: int, count: int) -> None:
        """`position` counts from 1; 0 when no hit was gone to yet."""
        text = ""
        if self.line.text().strip():
            text = f"{position}/{count}" if position else f"{count}"
        self._say(text, "dim" if count else "error")

    def show_progress(self) -> None:
        """It is not known yet what is found."""
        self._say("…", "dim")

    def show_problem(self, words: str) -> None:
        """Nothing can be found, and why."""
        self._say("?", "error", words)

    def _say(self, text: str, role: str, problem: str = "") -> None:
        self._count.setText(text)
        self._count.setStyleSheet(f"color: {theme.color(role).name()}")
        if problem != self._wrong.text():
            self._wrong.setText(problem)
            self._wrong.setVisible(bool(problem))
            self.line.setAccessibleDescription(problem)
            self.resized.emit()

    def _on_text(self, text: str) -> None:
        self._explain()
        self.searched.emit(text)
        self.resized.emit()

    def _explain(self) -> None:
        """What can be typed stands in the tip of an empty field: it would only be in the way of what is."""
        self.line.setToolTip("" if self.line.text() else self._manual())
        QToolTip.hideText()

    def _manual(self) -> str:
        """What can be typed."""
        ways = (
            ("fc1 relu", self.tr("parts of names: node, module, operation, dtype")),
            ("[64, 128]   64x128   64x*", self.tr("shape; * is any length")),
            (":14   simplenet.py:14", self.tr("line of the program")),
            ('grad.norm > 10 and op == "relu"', self.tr("condition, as for breakpoints")),
        )
        cell = "<td style='white-space: pre'>{}  </td>"
        rows = "".join(f"<tr>{''.join(cell.format(escape(words)) for words in way)}</tr>" for way in ways)
        keys = self.tr("Enter goes to the next hit, Shift+Enter to the last.")
        return f"<table>{rows}</table>{escape(keys)}"

    def theme_changed(self) -> None:
        self._icon.setIcon(icon("find", "dim"))
        self._wrong.setStyleSheet(f"color: {theme.color('error').name()}")
        palette = QPalette(QApplication.palette())
        palette.setColor(QPalette.ColorRole.Base, theme.color("panel"))
        palette.setColor(QPalette.ColorRole.WindowText, theme.color("line"))  # the frame
        self.setPalette(palette)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                back = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
                self.stepped.emit(-1 if back else 1)
                return True
            if event.key() == Qt.Key.Key_Escape:
                self.line.clear()
                self.left.emit()
                return True
        return super().eventFilter(watched, event)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)

    def _retranslate(self) -> None:
        self.line.setPlaceholderText(self.tr("Find node…  Ctrl+F"))
        self.line.setAccessibleName(self.tr("Find node"))
        self._explain()
