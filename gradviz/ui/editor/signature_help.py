"""The parameters of the call around the caret, the one that stands there in bold."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QLabel, QVBoxLayout

from gradviz.session.language.protocol import Signature
from gradviz.ui.editor.code_editor import CodeEditor
from gradviz.ui.editor.floating import Floating
from gradviz.ui.editor.language import Answer, AskLanguage
from gradviz.ui.editor.place import is_code
from gradviz.ui.theme import font

CALM_MS = 60
MAX_WIDTH = 560


class SignatureHelp(QObject):
    """Of one editor. Begins with "(" or ",", ends with the call or with Esc."""

    def __init__(self, editor: CodeEditor, ask: AskLanguage) -> None:
        super().__init__(editor)
        self._editor, self._ask = editor, ask
        self._sheet: SignatureSheet | None = None
        self._soon = QTimer(self, singleShot=True, interval=CALM_MS)
        self._soon.timeout.connect(self.ask)
        editor.typed.connect(self._on_typed)
        editor.cursorPositionChanged.connect(self._follow)
        editor.focus_lost.connect(self.close)
        editor.scrolled.connect(self._move)

    @property
    def open(self) -> bool:
        return self._sheet is not None and self._sheet.isVisible()

    def ask(self) -> None:
        """Shows the call around the caret, if there is one."""
        self._ask("signature", self._editor.textCursor(), self._show)

    def close(self) -> None:
        self._soon.stop()
        if self._sheet is not None:
            self._sheet.hide()

    def _on_typed(self, text: str) -> None:
        if text in ("(", ",") and is_code(self._editor.textCursor()):
            self._soon.start()

    def _follow(self) -> None:
        if self.open:
            self._soon.start()

    def _show(self, answer: Answer) -> None:
        if not isinstance(answer, Signature) or not answer.name or not self._editor.hasFocus():
            self.close()
            return
        if self._sheet is None:
            self._sheet = SignatureSheet()
            self._editor.destroyed.connect(self._sheet.deleteLater)
        self._sheet.set_signature(answer)
        self._sheet.show_beside(self._editor.viewport(), self._editor.cursorRect(), above=True)

    def _move(self) -> None:
        """Goes with the text, as long as the caret is in sight."""
        if self.open and self._sheet is not None:
            if self._editor.shows_caret():
                self._sheet.show_beside(self._editor.viewport(), self._editor.cursorRect(), above=True)
            else:
                self.close()


class SignatureSheet(Floating):
    def __init__(self) -> None:
        super().__init__()
        self._label = QLabel()
        self._label.setTextFormat(Qt.TextFormat.RichText)
        self._label.setWordWrap(True)
        self._label.setFont(font(9, mono=True))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 6, 10, 6)
        layout.addWidget(self._label)

    def set_signature(self, signature: Signature) -> None:
        shown = [
            f"<b>{escape(text)}</b>" if number == signature.current else escape(text)
            for number, text in enumerate(signature.parameters)
        ]
        returns = f" → {escape(signature.returns)}" if signature.returns else ""
        self._label.setText(f"{escape(signature.name)}({', '.join(shown)}){returns}")
        plain = f"{signature.name}({', '.join(signature.parameters)})"
        self._label.setFixedWidth(
            min(MAX_WIDTH, self._label.fontMetrics().horizontalAdvance(plain + returns) + 24)
        )
        self.setAccessibleName(plain)
