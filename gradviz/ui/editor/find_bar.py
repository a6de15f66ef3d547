"""Finding words in the text."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QTextCursor, QTextDocument
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QToolButton, QWidget

from gradviz.ui.editor.code_editor import CodeEditor
from gradviz.ui.theme import font, theme

MAX_FOUND = 1000


class FindBar(QWidget):
    """A field under the text: Enter goes on, Shift+Enter back, Esc closes. Case does not matter."""

    def __init__(self, editor: CodeEditor, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._editor = editor
        self._found: list[QTextCursor] = []
        self.field = QLineEdit(clearButtonEnabled=True)
        self.field.textChanged.connect(self._on_words)
        self._count = QLabel()
        self._count.setFont(font(9))
        self._previous = self._button("↑", lambda: self.step(back=True))
        self._next = self._button("↓", self.step)
        self._close = self._button("×", self.close_bar)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 4, 4, 4)
        layout.setSpacing(4)
        layout.addWidget(self.field, 1)
        for widget in (self._count, self._previous, self._next, self._close):
            layout.addWidget(widget)
        editor.textChanged.connect(self._on_text)
        self.hide()
        self._retranslate()

    def open_bar(self) -> None:
        """Shows the bar, filled with the selected word if there is one."""
        if words := self._editor.textCursor().selectedText():
            self.field.setText(words.split("\u2029")[0])
        self.show()
        self._search()
        self.field.selectAll()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def close_bar(self) -> None:
        self.hide()
        self._editor.set_found([])
        self._editor.setFocus(Qt.FocusReason.OtherFocusReason)

    def step(self, *, back: bool = False) -> None:
        """Selects the next place after the caret, or the one before it; goes round at the ends."""
        if not self._found:
            return
        caret = self._editor.textCursor()
        if back:
            before = [cursor for cursor in self._found if cursor.selectionEnd() <= caret.selectionStart()]
            chosen = (before or self._found)[-1]
        else:
            after = (cursor for cursor in self._found if cursor.selectionStart() >= caret.selectionEnd())
            chosen = next(after, self._found[0])
        self._show(chosen)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close_bar()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.step(back=bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(event.rect(), theme.color("panel"))
        painter.fillRect(0, 0, self.width(), 1, theme.color("line"))

    def _on_words(self) -> None:
        self._search()
        if self._found:  # stay on the place that still fits while the word grows
            start = self._editor.textCursor().selectionStart()
            self._show(next((c for c in self._found if c.selectionStart() >= start), self._found[0]))

    def _on_text(self) -> None:
        if self.isVisible():
            self._search()

    def _search(self) -> None:
        self._found = []
        document = self._editor.document()
        words = self.field.text()
        cursor = document.find(words, 0, QTextDocument.FindFlag(0)) if words else QTextCursor()
        while not cursor.isNull() and len(self._found) < MAX_FOUND:
            self._found.append(QTextCursor(cursor))
            cursor = document.find(words, cursor)
        self._editor.set_found(self._found)
        self._count_places()

    def _show(self, chosen: QTextCursor) -> None:
        self._editor.setTextCursor(chosen)
        self._editor.reveal(chosen.blockNumber() + 1)
        self._count_places()

    def _count_places(self) -> None:
        caret = self._editor.textCursor()
        places = [(c.selectionStart(), c.selectionEnd()) for c in self._found]
        here = (caret.selectionStart(), caret.selectionEnd())
        if not self.field.text():
            self._count.clear()
        elif not places:
            self._count.setText(self.tr("none"))
        elif here in places:
            self._count.setText(self.tr("{0} of {1}").format(places.index(here) + 1, len(places)))
        else:
            self._count.setText(self.tr("{0} found").format(len(places)))

    def _button(self, glyph: str, action: Callable[[], None]) -> QToolButton:
        button = QToolButton()
        button.setText(glyph)
        button.setAutoRaise(True)
        button.setFixedSize(QSize(24, 24))
        button.clicked.connect(lambda: action())
        return button

    def _retranslate(self) -> None:
        self.field.setPlaceholderText(self.tr("Find in the program"))
        self.field.setAccessibleName(self.tr("Find in the program"))
        for button, words in (
            (self._previous, self.tr("Previous (Shift+Enter)")),
            (self._next, self.tr("Next (Enter)")),
            (self._close, self.tr("Close (Esc)")),
        ):
            button.setToolTip(words)
            button.setAccessibleName(words)
        self._count_places()
