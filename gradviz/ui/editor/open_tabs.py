"""The open files: a row of tabs, and the page of the current one under it."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from gradviz.ui.editor.file_tab import FileTab
from gradviz.ui.editor.files import is_same_file
from gradviz.ui.editor.tab_bar import FileTabBar


class OpenTabs(QWidget):
    """`notice` stands between the tabs and the page."""

    current_changed = Signal()  # another tab is shown
    new_wanted = Signal()
    close_wanted = Signal(object)  # FileTab

    def __init__(self, notice: QWidget) -> None:
        super().__init__()
        self._bar = FileTabBar()
        self._add = QToolButton()
        self._add.setText("+")
        self._add.setAutoRaise(True)
        self._add.setFixedSize(QSize(28, 28))
        self._pages = QStackedWidget()
        top = QHBoxLayout()
        top.setContentsMargins(0, 0, 0, 0)
        top.setSpacing(2)
        top.addWidget(self._bar)
        top.addWidget(self._add)
        top.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(top)
        layout.addWidget(notice)
        layout.addWidget(self._pages, 1)
        self._bar.currentChanged.connect(self._turn_to)
        self._bar.close_requested.connect(lambda index: self.close_wanted.emit(self._pages.widget(index)))
        self._add.clicked.connect(self.new_wanted)
        self._retranslate()

    def __iter__(self) -> Iterator[FileTab]:
        return iter([self._pages.widget(index) for index in range(len(self))])  # type: ignore[misc]

    def __len__(self) -> int:
        return self._pages.count()

    @property
    def current(self) -> FileTab:
        return self._pages.currentWidget()  # type: ignore[return-value]

    def tab_of(self, key: str) -> FileTab | None:
        """The tab that goes by that name in a run, or has that file."""
        return next((tab for tab in self if tab.key == key or is_same_file(tab.path, key)), None)

    def add(self, tab: FileTab) -> None:
        """Adds a tab at the end and shows it."""
        self._pages.addWidget(tab)
        index = self._bar.add(tab.name)
        self.describe(tab)
        self._bar.setCurrentIndex(index)
        self._turn_to(index)

    def remove(self, tab: FileTab) -> None:
        """Takes a tab off; another one has to be left."""
        index = self._pages.indexOf(tab)
        self._pages.removeWidget(tab)
        self._bar.removeTab(index)
        tab.hide()
        self._turn_to(self._bar.currentIndex())

    def turn_to(self, tab: FileTab) -> None:
        """Shows a tab."""
        self._bar.setCurrentIndex(self._pages.indexOf(tab))

    def describe(self, tab: FileTab) -> None:
        """Says on its tab what a file is called, and whether it is saved."""
        self._bar.describe(self._pages.indexOf(tab), tab.name, tab.key, tab.modified)

    def _turn_to(self, index: int) -> None:
        if 0 <= index < len(self):
            self._pages.setCurrentIndex(index)
            self.current_changed.emit()

    # ── keys and words ────────────────────────────────────────────────────────────────────────────────────

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and _turns(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not _turns(event):
            super().keyPressEvent(event)
            return
        step = 1 if event.key() == Qt.Key.Key_PageDown else -1
        self._bar.setCurrentIndex((self._bar.currentIndex() + step) % len(self))
        self.current.setFocus(Qt.FocusReason.OtherFocusReason)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)

    def _retranslate(self) -> None:
        self._bar.setAccessibleName(self.tr("Open files"))
        self._add.setAccessibleName(self.tr("New file"))
        self._add.setToolTip(self.tr("New file (Ctrl+N)"))
        for tab in self:
            self.describe(tab)


def _turns(event: QEvent) -> bool:
    """Whether a key is Ctrl+Page up or Ctrl+Page down."""
    return (
        isinstance(event, QKeyEvent)
        and event.key() in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)
        and event.modifiers() == Qt.KeyboardModifier.ControlModifier
    )
