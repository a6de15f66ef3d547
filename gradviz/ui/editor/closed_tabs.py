"""Tabs that were closed. Their texts are kept, and the last one is offered back while it is unsaved."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QObject, Signal

from gradviz.ui.editor.file_tab import FileTab
from gradviz.ui.editor.files import is_same_file
from gradviz.ui.editor.inline_bar import InlineBar

MAX_CLOSED = 10


class ClosedTabs(QObject):
    """The latest last."""

    any_changed = Signal(bool)  # whether there is one
    reopening = Signal(object)  # FileTab, no longer among these
    discarding = Signal(object)  # FileTab, whose text is not wanted

    def __init__(self, bar: InlineBar, parent: QObject) -> None:
        super().__init__(parent)
        self._bar = bar
        self._tabs: list[FileTab] = []

    def __iter__(self) -> Iterator[FileTab]:
        return iter(self._tabs)

    def find(self, path: str) -> FileTab | None:
        """The one with that file."""
        return next((tab for tab in self._tabs if is_same_file(tab.path, path)), None)

    def add(self, tab: FileTab) -> None:
        self._tabs.append(tab)
        for old in self._tabs[:-MAX_CLOSED]:
            self._tabs.remove(old)
            old.deleteLater()
        self.tell()

    def take(self, tab: FileTab) -> None:
        """Takes it out: it is open again, or gone."""
        self._tabs.remove(tab)
        self.tell()

    def reopen_last(self) -> None:
        if self._tabs:
            self.reopening.emit(self._tabs[-1])

    def tell(self) -> None:
        """Offers the tab that was closed last back, if it holds unsaved text."""
        tab = self._tabs[-1] if self._tabs else None
        self.any_changed.emit(tab is not None)
        if tab is None or not tab.modified:
            self._bar.dismiss()
            return
        self._bar.ask(
            self.tr("{0} closed; its unsaved text is kept").format(tab.name),
            [
                (self.tr("Undo close"), lambda: self.reopening.emit(tab)),
                (self.tr("Discard"), lambda: self.discarding.emit(tab)),
            ],
        )
