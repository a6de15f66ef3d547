"""Help with names while one writes: completion, signatures, descriptions."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QTextCursor

from gradviz.ui.editor.completion import CompletionHelp
from gradviz.ui.editor.file_tab import FileTab
from gradviz.ui.editor.hover import HoverHelp
from gradviz.ui.editor.language import Deliver, Kind, Language
from gradviz.ui.editor.place import place_of
from gradviz.ui.editor.signature_help import SignatureHelp


class Assistance(QObject):
    """Of one open file. Its parts get the keys that are theirs before the editor does."""

    def __init__(self, tab: FileTab, language: Language) -> None:
        super().__init__(tab)
        self._tab, self._language = tab, language
        self.completion = CompletionHelp(tab.editor, self._ask)
        self.signature = SignatureHelp(tab.editor, self._ask)
        self.hover = HoverHelp(tab.editor, self._ask)
        tab.editor.installEventFilter(self)

    def _ask(self, kind: Kind, cursor: QTextCursor, deliver: Deliver, name: str = "") -> None:
        self._language.ask(kind, self._tab.text, self._tab.key, place_of(cursor), deliver, name)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(event, QKeyEvent) or event.type() == QEvent.Type.KeyRelease:
            return False
        closes = event.key() == Qt.Key.Key_Escape and (self.signature.open or self.hover.open)
        if event.type() == QEvent.Type.ShortcutOverride:
            if closes or self.completion.takes(event):
                event.accept()
                return True
            return False
        if self.completion.takes(event):
            self.completion.press(event)
            return True
        self.hover.close()
        if closes:
            self.signature.close()
        return closes
