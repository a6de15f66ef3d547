"""One open file: its text, where it is stored, and what is asked about it."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gradviz.ui.editor.code_editor import CodeEditor
from gradviz.ui.editor.files import FileError, TextFile, fingerprint, holds_text, read_text, write_text
from gradviz.ui.editor.find_bar import FindBar
from gradviz.ui.editor.inline_bar import InlineBar
from gradviz.ui.editor.line_tracker import LineTracker
from gradviz.ui.editor.provenance import came_from, has_run
from gradviz.ui.editor.recovery import Buffer


class FileTab(QWidget):
    """A page of the panel. `key` is the name that the program goes by in a run."""

    changed = Signal()  # the text
    renamed = Signal()  # name, path, or whether there are unsaved changes
    discarded = Signal()  # a recovered text without a file is not wanted
    run_allowed = Signal()  # by a person who was asked because the text is from elsewhere
    message = Signal(str)

    def __init__(self, name: str, file: TextFile, path: Path | None = None, read_only: bool = False) -> None:
        super().__init__()
        self.id = uuid4().hex
        self.name = name
        self.path = path
        self.read_only = read_only
        self.came_from: str | None = None
        """A host, or "", for a text that is not from here; see `came_from`."""
        self.encoding, self.newline = file.encoding, file.newline
        self._fingerprint = fingerprint(path) if path else None
        self._asked = ""  # "changed", "recovered" or "elsewhere", while the bar asks about it
        self.editor = CodeEditor(file.text)
        self.editor.setReadOnly(read_only)
        self.lines = LineTracker(self.editor.document())
        self._bar = InlineBar()
        self.find_bar = FindBar(self.editor)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._bar)
        layout.addWidget(self.editor, 1)
        layout.addWidget(self.find_bar)
        self.setFocusProxy(self.editor)
        self.editor.textChanged.connect(self.changed)
        self.editor.modificationChanged.connect(self.renamed)
        self.find_bar.field.installEventFilter(self)
        self.editor.installEventFilter(self)

    @classmethod
    def from_buffer(cls, buffer: Buffer) -> FileTab:
        """A tab with a text that was never saved, with the question whether to keep it."""
        path = Path(buffer.path) if buffer.path else None
        tab = cls(buffer.name, TextFile(buffer.text, buffer.encoding, buffer.newline), path)
        tab.id = buffer.id
        tab._fingerprint = buffer.fingerprint
        tab.came_from = came_from(path) if path else None
        tab.editor.document().setModified(True)
        cursor = tab.editor.textCursor()
        cursor.setPosition(min(max(buffer.position, 0), tab.editor.document().characterCount() - 1))
        tab.editor.setTextCursor(cursor)
        tab.ask_recovered()
        return tab

    def buffer(self) -> Buffer:
        """All that is needed to open the text again as it is."""
        return Buffer(
            self.id,
            self.name,
            self.text,
            str(self.path) if self.path else None,
            self.encoding,
            self.newline,
            self.editor.textCursor().position(),
            self._fingerprint,
        )

    @property
    def key(self) -> str:
        return str(self.path) if self.path else self.name

    @property
    def text(self) -> str:
        """The text with "\\n" between lines. (`toPlainText` would turn no-break spaces into spaces.)"""
        return self.editor.document().toRawText().replace("\u2029", "\n")

    @property
    def modified(self) -> bool:
        return self.editor.document().isModified()

    # ── the file on disk ──────────────────────────────────────────────────────────────────────────────────

    def save(self, path: Path) -> bool:
        """Writes the text to `path`, which becomes the tab's file. Asks first if somebody else changed it."""
        if path == self.path and self._changed_on_disk():
            self._ask("changed")
            self.message.emit(self.tr("{0} was changed on disk: reload it or keep yours").format(self.name))
            return False
        try:
            try:
                write_text(path, self.text, self.encoding, self.newline)
            except UnicodeEncodeError:
                words = self.tr("{0} has characters that {1} lacks: saved as UTF-8")
                self.message.emit(words.format(path.name, self.encoding))
                self.encoding = "utf-8"
                write_text(path, self.text, self.encoding, self.newline)
        except (FileError, UnicodeEncodeError) as problem:
            self.message.emit(str(problem))
            return False
        self.path, self.name, self.read_only = path, path.name, False
        self._fingerprint = fingerprint(path)
        self.editor.setReadOnly(False)
        self.editor.document().setModified(False)
        self._dismiss()
        self.renamed.emit()
        return True

    def look_at_disk(self) -> None:
        """Asks what to do when the file was written by someone else; text whose file is gone is unsaved."""
        if self.path is not None and not self.path.exists():
            self.editor.document().setModified(True)
            self.changed.emit()
        elif self._asked != "recovered" and self._changed_on_disk():
            self._ask("changed")

    def reload(self) -> None:
        """Takes the text on disk; undo brings back the one before."""
        if self.path is None:
            return
        try:
            file = read_text(self.path)
        except FileError as problem:
            self.message.emit(str(problem))
            return
        self._fingerprint = fingerprint(self.path)
        self.encoding, self.newline = file.encoding, file.newline
        caret = self.editor.textCursor()
        line = caret.blockNumber() + 1
        caret.beginEditBlock()
        caret.select(caret.SelectionType.Document)
        caret.insertText(file.text)
        caret.endEditBlock()
        self.editor.go_to(line)
        self.editor.document().setModified(False)
        self._dismiss()
        self.changed.emit()

    def _changed_on_disk(self) -> bool:
        if self.path is None:
            return False
        now = fingerprint(self.path)
        if now in (self._fingerprint, None):
            return False  # a file that is gone is simply written again by the next save
        if not holds_text(self.path, self.text):
            return True
        self._fingerprint = now
        self.editor.document().setModified(False)
        return False

    # ── questions ─────────────────────────────────────────────────────────────────────────────────────────

    def ask_recovered(self) -> None:
        self._ask("recovered")

    def may_run(self) -> bool:
        """Whether the text may run at once. One from elsewhere asks before its first run: `run_allowed`."""
        if self.came_from is None or has_run(self.text):
            return True
        self._ask("elsewhere")
        return False

    def _allow_run(self) -> None:
        self.came_from = None
        self._dismiss()
        self.run_allowed.emit()

    def _ask(self, about: str) -> None:
        self._asked = about
        if about == "recovered":
            self._bar.ask(
                self.tr("{0}: unsaved text, recovered").format(self.name),
                [(self.tr("Keep"), self._dismiss), (self.tr("Discard"), self._discard)],
            )
        elif about == "changed":
            self._bar.ask(
                self.tr("{0} was changed on disk").format(self.name),
                [(self.tr("Reload"), self.reload), (self.tr("Keep mine"), self._keep_mine)],
            )
        elif about == "elsewhere":
            where = self.tr("{0} came from {1}").format(self.name, self.came_from or self.tr("elsewhere"))
            warning = self.tr("it has not run here before. A program can do what you can do: read it first.")
            self._bar.ask(
                f"{where}; {warning}",
                [(self.tr("Run it"), self._allow_run), (self.tr("Not now"), self._dismiss)],
            )

    def _dismiss(self) -> None:
        self._asked = ""
        self._bar.dismiss()

    def _keep_mine(self) -> None:
        """From now on the file as it is there counts as known; the next save replaces it."""
        self._fingerprint = fingerprint(self.path) if self.path else None
        self.editor.document().setModified(True)
        self._dismiss()
        self.changed.emit()

    def _discard(self) -> None:
        if self.path is not None and self.path.exists():
            self.reload()
        else:
            self.discarded.emit()

    # ── keys that belong to the text while it has the focus, although the window may use them too ─────────

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusIn and watched is self.editor:
            self.look_at_disk()
        if not isinstance(event, QKeyEvent) or not self._is_find_key(event):
            return False
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        if event.type() == QEvent.Type.KeyPress:
            self._find(event)
            return True
        return False

    def _is_find_key(self, event: QKeyEvent) -> bool:
        if event.key() == Qt.Key.Key_F:
            return event.modifiers() == Qt.KeyboardModifier.ControlModifier
        return event.key() in (Qt.Key.Key_F3, Qt.Key.Key_Escape) and self.find_bar.isVisible()

    def _find(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_F:
            self.find_bar.open_bar()
        elif event.key() == Qt.Key.Key_Escape:
            self.find_bar.close_bar()
        else:
            self.find_bar.step(back=bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._ask(self._asked)
        super().changeEvent(event)
