"""Unsaved text is on disk soon after it was typed, for the window that comes after a crash."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from gradviz.ui.editor.file_tab import FileTab
from gradviz.ui.editor.files import holds_text
from gradviz.ui.editor.recovery import RecoveryStore

SAVE_MS = 400  # unsaved text is on disk this long after the first key


class UnsavedTexts(QObject):
    message = Signal(str)

    def __init__(self, store: RecoveryStore, parent: QObject) -> None:
        super().__init__(parent)
        self._store = store
        self._unwritten: set[FileTab] = set()
        self._write_soon = QTimer(self, singleShot=True, interval=SAVE_MS)
        self._write_soon.timeout.connect(self.flush)
        parent.destroyed.connect(store.close)

    def changed(self, tab: FileTab) -> None:
        """The text, or whether it is saved, has changed."""
        self._unwritten.add(tab)
        if not self._write_soon.isActive():
            self._write_soon.start()

    def forget(self, tab: FileTab) -> None:
        """The text is not wanted any more."""
        self._unwritten.discard(tab)
        self._store.forget(tab.id)

    def flush(self) -> None:
        """Writes what was typed but is not yet in the recovery folder."""
        self._write_soon.stop()
        unwritten, self._unwritten = self._unwritten, set()
        for tab in unwritten:
            try:
                self._store.keep(tab.buffer()) if tab.modified else self._store.forget(tab.id)
            except OSError as problem:
                self.message.emit(self.tr("Unsaved text cannot be kept for recovery: {0}").format(problem))

    def left_behind(self) -> list[FileTab]:
        """What windows that crashed or were killed have left unsaved, each with the question what to do."""
        tabs = []
        for buffer in self._store.adopt():
            if buffer.path and holds_text(Path(buffer.path), buffer.text):
                self._store.forget(buffer.id)
            else:
                tabs.append(FileTab.from_buffer(buffer))
        return tabs
