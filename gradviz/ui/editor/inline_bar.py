"""A quiet question above the text, in place of a dialog."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from gradviz.ui.theme import theme


class InlineBar(QWidget):
    """Words and one or two answers; hidden until `ask` is called, hidden again by `dismiss`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = QLabel()
        self._words.setWordWrap(True)
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._answers = QHBoxLayout()
        self._answers.setSpacing(8)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 8, 12, 8)
        layout.setSpacing(8)
        layout.addWidget(self._words)
        layout.addLayout(self._answers)
        theme.changed.connect(self.update)
        self.hide()

    def ask(self, words: str, answers: list[tuple[str, Callable[[], None]]]) -> None:
        """Shows the words with a button for each answer; replaces what was asked before."""
        self._clear()
        self._words.setText(words)
        self.setAccessibleName(words)
        for text, action in answers:
            button = QPushButton(text)
            button.setAccessibleName(text)
            button.setMinimumHeight(24)
            button.setAutoDefault(True)  # Enter presses it too
            button.clicked.connect(action)
            self._answers.addWidget(button)
        self._answers.addStretch(1)
        self.show()

    def dismiss(self) -> None:
        self._clear()
        self.hide()

    def _clear(self) -> None:
        while (item := self._answers.takeAt(0)) is not None:
            if button := item.widget():
                button.hide()
                button.deleteLater()  # it may be the one whose click is being handled

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(event.rect(), theme.color("card"))
        painter.fillRect(QRect(0, 0, 3, self.height()), theme.color("warning"))
        painter.fillRect(QRect(0, self.height() - 1, self.width(), 1), theme.color("line"))
