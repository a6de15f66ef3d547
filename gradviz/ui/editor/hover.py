"""What the name under the mouse, or at the caret, is."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRect
from PySide6.QtGui import QMouseEvent, QTextCursor
from PySide6.QtWidgets import QVBoxLayout

from gradviz.session.language.protocol import Description
from gradviz.ui.editor.code_editor import CodeEditor
from gradviz.ui.editor.floating import Floating
from gradviz.ui.editor.language import Answer, AskLanguage
from gradviz.ui.editor.name_card import NameCard
from gradviz.ui.editor.place import is_code, word_rect


class HoverHelp(QObject):
    """Of one editor. The card goes when the mouse leaves the name, with the next key, when the text moves."""

    def __init__(self, editor: CodeEditor, ask: AskLanguage) -> None:
        super().__init__(editor)
        self._editor, self._ask = editor, ask
        self._sheet: _Sheet | None = None
        self._word = QRect()
        self._by_mouse = False
        editor.hovered.connect(self._on_hovered)
        editor.cursorPositionChanged.connect(self.close)
        editor.textChanged.connect(self.close)
        editor.focus_lost.connect(self.close)
        editor.scrolled.connect(self.close)
        editor.viewport().setMouseTracking(True)
        editor.viewport().installEventFilter(self)

    @property
    def open(self) -> bool:
        return self._sheet is not None and self._sheet.isVisible()

    def ask(self) -> None:
        """Says what stands at the caret."""
        self._by_mouse = False
        self._ask_about(self._editor.textCursor())

    def close(self) -> None:
        self._word = QRect()
        if self._sheet is not None:
            self._sheet.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if self._by_mouse and (
            event.type() in (QEvent.Type.Leave, QEvent.Type.MouseButtonPress)
            or (isinstance(event, QMouseEvent) and not self._word.contains(event.position().toPoint()))
        ):
            self.close()
        return False

    def _on_hovered(self, point: QPoint) -> None:
        cursor = self._editor.cursorForPosition(point)
        if word_rect(self._editor, cursor).contains(point):
            self._by_mouse = True
            self._ask_about(cursor)

    def _ask_about(self, cursor: QTextCursor) -> None:
        word = word_rect(self._editor, cursor)
        after = QTextCursor(cursor)
        after.movePosition(QTextCursor.MoveOperation.EndOfWord)
        if not word.isEmpty() and is_code(after):
            self._word = word
            self._ask("hover", cursor, self._show)

    def _show(self, answer: Answer) -> None:
        if self._word.isEmpty() or not isinstance(answer, Description):
            return
        if self._sheet is None:
            self._sheet = _Sheet()
            self._editor.destroyed.connect(self._sheet.deleteLater)
        if self._sheet.card.show_description(answer):
            self._sheet.show_beside(self._editor.viewport(), self._word)


class _Sheet(Floating):
    def __init__(self) -> None:
        super().__init__()
        self.card = NameCard()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.card)
