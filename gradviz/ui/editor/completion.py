"""Completion: names that can stand at the caret, offered while one types."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QKeyEvent, QTextCursor

from gradviz.session.language.protocol import Completion, Completions, Description
from gradviz.ui.editor.code_editor import CodeEditor
from gradviz.ui.editor.completion_list import MAX_ROWS, CompletionList
from gradviz.ui.editor.language import Answer, AskLanguage
from gradviz.ui.editor.place import is_code, units_before, word_before

CALM_MS = 60  # after the last key
MIN_LETTERS = 2  # of a name, before names are offered unasked
MOVES = {
    Qt.Key.Key_Down: 1,
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_PageDown: MAX_ROWS,
    Qt.Key.Key_PageUp: -MAX_ROWS,
}


class CompletionHelp(QObject):
    """Of one editor. The list never has the keyboard: only the keys that move and choose are taken."""

    def __init__(self, editor: CodeEditor, ask: AskLanguage) -> None:
        super().__init__(editor)
        self._editor, self._ask = editor, ask
        self._list: CompletionList | None = None  # made when it is first needed
        self._items: list[Completion] = []
        self._start = QTextCursor()  # before the word that is completed
        self._wanted = False  # a person has asked: one letter, or none, is enough
        self._soon = QTimer(self, singleShot=True, interval=CALM_MS)
        self._soon.timeout.connect(self._ask_now)
        self._describe_soon = QTimer(self, singleShot=True, interval=CALM_MS)
        self._describe_soon.timeout.connect(self._ask_what)
        editor.typed.connect(self._on_typed)
        editor.cursorPositionChanged.connect(self._follow)
        editor.focus_lost.connect(self.close)
        editor.scrolled.connect(self._move)

    @property
    def open(self) -> bool:
        return self._list is not None and self._list.isVisible()

    def ask(self) -> None:
        """Offers what can stand at the caret, because a person wants it."""
        self._wanted = True
        self._ask_now()

    def close(self) -> None:
        self._soon.stop()
        self._wanted = False
        if self._list is not None:
            self._list.hide()

    def takes(self, event: QKeyEvent) -> bool:
        """Whether a key is for the list."""
        if not self.open or event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            return False
        choosing = (Qt.Key.Key_Tab, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape)
        return event.key() in choosing or event.key() in MOVES

    def press(self, event: QKeyEvent) -> None:
        """Does what a key means that the list takes."""
        assert self._list is not None
        key = Qt.Key(event.key())
        if key in MOVES:
            self._list.move_choice(MOVES[key])
        elif key == Qt.Key.Key_Escape:
            self.close()
        else:
            self._accept(self._list.current)

    def _on_typed(self, text: str) -> None:
        cursor = self._editor.textCursor()
        begins = text == "." or len(word_before(cursor)) >= MIN_LETTERS or _imports(cursor)
        if not self.open and begins and is_code(cursor) and not word_before(cursor)[:1].isdigit():
            self._soon.start()

    def _ask_now(self) -> None:
        cursor = self._editor.textCursor()
        if not self._editor.isReadOnly() and (self._wanted or self._editor.hasFocus()) and is_code(cursor):
            self._ask("complete", cursor, self._offer)

    def _offer(self, answer: Answer) -> None:
        cursor = self._editor.textCursor()
        if not isinstance(answer, Completions) or not answer.items or not self._editor.hasFocus():
            self.close()
            return
        start = QTextCursor(cursor)
        start.setPosition(cursor.block().position() + units_before(cursor, answer.start))
        start.setKeepPositionOnInsert(True)
        if start.position() == cursor.position() - len(word_before(cursor)):
            self._start, self._items = start, answer.items
            self._show()

    def _follow(self) -> None:
        """The caret has moved: the word has grown, or it is another one."""
        if self.open:
            cursor = self._editor.textCursor()
            if cursor.position() - len(word_before(cursor)) == self._start.position():
                self._show()
            else:
                self.close()

    def _show(self) -> None:
        word = word_before(self._editor.textCursor())
        fitting = [item for item in self._items if item.name.lower().startswith(word.lower())]
        if not fitting or [item.name for item in fitting] == [word] or (not word and self._was_erased):
            self.close()
            return
        if self._list is None:
            self._list = CompletionList()
            self._list.chosen.connect(self._on_chosen)
            self._list.accepted.connect(self._accept)
            self._editor.destroyed.connect(self._list.deleteLater)
        fitting.sort(key=lambda item: (not item.name.startswith(word), item.name.endswith("_")))
        self._list.set_items(fitting)
        self._list.show_beside(self._editor.viewport(), self._editor.cursorRect(self._start))

    def _move(self) -> None:
        """Goes with the text, as long as the caret is in sight."""
        if self.open and self._list is not None:
            if self._editor.shows_caret():
                self._list.show_beside(self._editor.viewport(), self._editor.cursorRect(self._start))
            else:
                self.close()

    @property
    def _was_erased(self) -> bool:
        """Whether nothing is left of the word, and no dot or wish asks for names."""
        before = self._start.block().text()[: self._start.positionInBlock()].rstrip()
        return not self._wanted and not before.endswith((".", "import", "from"))

    def _on_chosen(self, name: str) -> None:
        self._describe_soon.start()
        if self._list is not None:
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self._editor, name))

    def _ask_what(self) -> None:
        if self.open and self._list is not None:
            name = self._list.current
            self._ask("describe", self._start, self._tell, name)

    def _tell(self, answer: Answer) -> None:
        if self.open and self._list is not None and isinstance(answer, Description):
            self._list.describe(answer)

    def _accept(self, name: str) -> None:
        cursor = self._editor.textCursor()
        cursor.setPosition(self._start.position(), QTextCursor.MoveMode.KeepAnchor)
        self.close()
        cursor.insertText(name)
        self._editor.setTextCursor(cursor)


def _imports(cursor: QTextCursor) -> bool:
    """Whether names to import are to follow: "from torch import |"."""
    before = cursor.block().text()[: cursor.positionInBlock()]
    return before.lstrip().startswith(("import ", "from ")) and before.endswith(
        (" import ", "from ", "import ")
    )
