"""The open files in tabs, and everything that opens, saves, closes and recovers them."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from PySide6.QtCore import QEvent, QSettings, Qt, Signal
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFileDialog, QVBoxLayout, QWidget

from gradviz.resources import is_own_module
from gradviz.session.protocol import Problem
from gradviz.trace import Source
from gradviz.trace.file import SUFFIX
from gradviz.ui.editor import recent
from gradviz.ui.editor.assistance import Assistance
from gradviz.ui.editor.breakpoint_marks import BreakpointMarks
from gradviz.ui.editor.closed_tabs import ClosedTabs
from gradviz.ui.editor.code_editor import DEFAULT_POINTS
from gradviz.ui.editor.disk_watch import DiskWatch
from gradviz.ui.editor.file_tab import FileTab
from gradviz.ui.editor.files import NEWLINES, FileError, TextFile, read_text
from gradviz.ui.editor.inline_bar import InlineBar
from gradviz.ui.editor.language import Language
from gradviz.ui.editor.open_tabs import OpenTabs
from gradviz.ui.editor.provenance import came_from
from gradviz.ui.editor.recovery import RecoveryStore
from gradviz.ui.editor.run_marks import RunMarks
from gradviz.ui.editor.unsaved import UnsavedTexts
from gradviz.ui.file_dialog import FileDialog
from gradviz.ui.model import SessionModel
from gradviz.ui.theme import theme

POINTS_KEY = "editor/points"


class EditorPanel(QWidget):
    """Opening a file never runs it. There is always a current tab; nothing here is ever asked modally."""

    current_changed = Signal()  # another tab, or another name of the current one
    modified_changed = Signal(bool)  # whether the current tab has unsaved changes
    text_changed = Signal()  # of the current tab
    text_edited = Signal()  # … by a person
    run_allowed = Signal()  # the current text, which is from elsewhere, may run after all
    run_wanted = Signal(Path)  # a recorded run is to be opened, which is no text
    message = Signal(str)
    recent_changed = Signal()
    reopenable_changed = Signal(bool)  # whether there is a closed tab to bring back

    def __init__(
        self, model: SessionModel, store: RecoveryStore | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        notice = InlineBar()
        self._tabs = OpenTabs(notice)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._tabs, 1)
        self._closed = ClosedTabs(notice, self)
        self._marks = RunMarks(model, lambda: [*self._tabs], self)
        self._breakpoints = BreakpointMarks(model, self)
        self._points = float(QSettings().value(POINTS_KEY, DEFAULT_POINTS))  # type: ignore[arg-type]
        self._unsaved = UnsavedTexts(store or RecoveryStore(), self)
        self._language = Language(self)
        self._disk = DiskWatch(self)
        self._disk.changed.connect(self._look_at_disk)
        self._tabs.current_changed.connect(self._on_current)
        self._tabs.close_wanted.connect(self._close)
        self._tabs.new_wanted.connect(self.new_to_type_in)
        theme.changed.connect(self.update)
        self._closed.any_changed.connect(self.reopenable_changed)
        self._closed.reopening.connect(self._reopen)
        self._closed.discarding.connect(self._drop)
        self._unsaved.message.connect(self.message)
        self.new()

    # ── opening ───────────────────────────────────────────────────────────────────────────────────────────

    def new(self) -> None:
        """Opens an empty tab."""
        self._insert(FileTab(self._free_name("untitled.py"), TextFile("")))

    def new_to_type_in(self) -> None:
        """Opens an empty tab and moves the keyboard there."""
        self.new()
        self.focus_text()

    def open_path(self, path: Path) -> bool:
        """Opens a file, or shows its tab; False, and a message, when it cannot be read.

        A module of gradviz itself, such as the built-in SimpleNet session, opens read-only.
        """
        path = path.expanduser().absolute()
        if path.suffix.lower() == SUFFIX:
            self.run_wanted.emit(path)
            return True
        if tab := self._tabs.tab_of(str(path)):
            self._tabs.turn_to(tab)
            return True
        closed = self._closed.find(str(path))
        if closed is not None and closed.modified:
            self._reopen(closed)
            closed.ask_recovered()
            return True
        if closed is not None:
            self._drop(closed)
        try:
            file = read_text(path)
        except FileError as problem:
            self.message.emit(str(problem))
            return False
        own = is_own_module(path)
        tab = FileTab(path.name, file, path, read_only=own)
        tab.came_from = None if own else came_from(path)
        self._insert(tab, self._only_blank())
        if not own:
            self._remember(path)
        if file.mixed:
            words = self.tr("{0} mixes line endings: it will be saved with {1}")
            self.message.emit(words.format(path.name, NEWLINES[file.newline]))
        if file.guessed:
            words = self.tr("{0} is not UTF-8: read, and will be saved, as {1}")
            self.message.emit(words.format(path.name, file.encoding))
        return True

    def open_text(self, name: str, text: str, *, foreign: bool = False) -> None:
        """Opens a text that has no file, such as an example, in place of one that nobody has touched. A
        `foreign` one is from elsewhere."""
        known = self._tabs.tab_of(name)
        if known and known.text == text:
            self._tabs.turn_to(known)
        else:
            untouched = self._current if self._is_untouched(self._current) else None
            tab = FileTab(self._free_name(name), TextFile(text))
            tab.came_from = "" if foreign else None
            self._insert(tab, untouched)

    def open_dialog(self) -> None:
        """Lets a person choose files; returns at once."""
        dialog = self._dialog(self.tr("Open"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.filesSelected.connect(lambda names: [self.open_path(Path(name)) for name in names])
        dialog.open()

    def show_source(self, source: Source, phase: str | None) -> None:
        """Opens the file of a line, goes there and tints it for a moment in the colour of the phase."""
        tab = self._tabs.tab_of(source.file)
        if tab is None and not (Path(source.file).is_file() and self.open_path(Path(source.file))):
            self.message.emit(self.tr("{0} is not open, and there is no such file").format(source.file))
            return
        tab = tab or self._current
        self._tabs.turn_to(tab)
        line = self._marks.line_now(tab, source.line)
        tab.editor.go_to(line)
        tab.editor.flash_line(line, phase or "selection")

    def recover(self) -> int:
        """Opens what windows that crashed or were killed have left unsaved; returns how many texts."""
        recovered = self._unsaved.left_behind()
        for tab in recovered:
            there = self._tabs.tab_of(tab.key)
            if there is not None and there.modified:  # two windows had changed the same file
                tab.path, tab.name = None, self._free_name(tab.name)
            self._insert(tab, self._only_blank())
            self._changed(tab)
            if there is not None and not there.modified:
                self._drop(there)
        if recovered:
            self._tabs.turn_to(recovered[0])
            self.message.emit(self.tr("Unsaved texts recovered: {0}").format(len(recovered)))
        return len(recovered)

    # ── saving and closing ────────────────────────────────────────────────────────────────────────────────

    def save(self) -> None:
        """Saves the current tab; asks for a name first when it has none."""
        if self._current.path is None or self._current.read_only:
            self.save_as()
        else:
            self._save(self._current, self._current.path)

    def save_as(self) -> None:
        """Lets a person choose a name for the current tab; returns at once."""
        tab = self._current
        dialog = self._dialog(self.tr("Save as"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("py")
        dialog.selectFile(tab.name)
        dialog.fileSelected.connect(lambda name: self._save(tab, Path(name)))
        dialog.open()

    def save_in(self, folder: Path) -> None:
        """Saves the current tab in a folder, under its name or, where that is taken, one with a number."""
        tab = self._current
        self._save(tab, folder / _not_taken(Path(tab.name).name, {path.name for path in folder.iterdir()}))

    def close_current(self) -> None:
        """Closes the current tab. Unsaved text is kept, and `reopen_closed` brings it back."""
        self._close(self._current)

    def reopen_closed(self) -> None:
        """Undoes the latest closing."""
        self._closed.reopen_last()

    def flush(self) -> None:
        """Writes what was typed but is not yet in the recovery folder."""
        self._unsaved.flush()

    def end(self) -> None:
        """The window closes: what is unsaved is written, and no process is left."""
        self.flush()
        self._language.end()

    # ── what the window asks ──────────────────────────────────────────────────────────────────────────────

    def current_text(self) -> str:
        return self._current.text

    def current_path(self) -> str:
        """The path of the current file, or the name of a text that has none."""
        return self._current.key

    @property
    def holds_program(self) -> bool:
        """Whether the current tab can be run: a module of gradviz itself is there to be read."""
        return not self._current.read_only

    @property
    def is_foreign(self) -> bool:
        """Whether the current text is from elsewhere and nobody has said yet that it may run."""
        return self._current.came_from is not None

    def may_run(self) -> bool:
        """Whether the current text may run at once; if not it asks, and `run_allowed` tells of a Yes."""
        return self._current.may_run()

    def text_of(self, path: str) -> str | None:
        """The text of an open tab by what `current_path` calls it."""
        tab = self._tabs.tab_of(path)
        return tab.text if tab else None

    @property
    def modified(self) -> bool:
        """Whether the current tab has unsaved changes."""
        return self._current.modified

    def show_draft_problem(self, problem: Problem | None) -> None:
        """Underlines what is wrong with the text as it is now; None: nothing."""
        self._marks.show_draft(problem)

    def add_footer(self, footer: QWidget) -> None:
        """Puts a row under the text."""
        self.layout().addWidget(footer)

    def toggle_breakpoint(self) -> None:
        """Sets a breakpoint at the caret's line, or removes the one that is there."""
        tab = self._current
        self._breakpoints.toggle(tab, tab.editor.textCursor().blockNumber() + 1)

    @property
    def assistance(self) -> Assistance:
        """Help with the names in the current text."""
        assistance = self._current.findChild(Assistance)
        assert assistance is not None
        return assistance

    def focus_text(self) -> None:
        """Moves the keyboard into the current text."""
        self._current.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def recent_files(self) -> list[Path]:
        """The latest first."""
        return recent.recent_files()

    # ── inside ────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def _current(self) -> FileTab:
        return self._tabs.current

    def _free_name(self, name: str) -> str:
        return _not_taken(name, {tab.key for tab in (*self._tabs, *self._closed)})

    def _insert(self, tab: FileTab, replaced: FileTab | None = None) -> None:
        """Adds a new tab at the end and shows it, in place of another one if given."""
        tab.changed.connect(lambda: self._changed(tab))
        tab.renamed.connect(lambda: self._describe(tab))
        tab.discarded.connect(lambda: self._drop(tab))
        tab.message.connect(self.message)
        tab.run_allowed.connect(self.run_allowed)
        tab.editor.focus_lost.connect(self.flush)
        tab.editor.zoom_requested.connect(self._zoom)
        tab.editor.set_points(self._points)
        Assistance(tab, self._language)
        self._attach(tab, replaced)
        self._marks.add(tab)
        self._breakpoints.add(tab)

    def _attach(self, tab: FileTab, replaced: FileTab | None = None) -> None:
        self._tabs.add(tab)
        self._disk.watch(tab.path for tab in self._tabs)
        if replaced is not None:
            self._drop(replaced)

    def _detach(self, tab: FileTab) -> None:
        """Takes a tab off; there is always another one."""
        if len(self._tabs) == 1:
            self.new()
        self._tabs.remove(tab)

    def _close(self, tab: FileTab) -> None:
        if self._is_blank(tab):
            if len(self._tabs) > 1:
                self._drop(tab)
            return
        self.flush()
        self._detach(tab)
        self._closed.add(tab)

    def _reopen(self, tab: FileTab) -> None:
        self._closed.take(tab)
        self._attach(tab, self._only_blank())
        tab.look_at_disk()

    def _drop(self, tab: FileTab) -> None:
        """Removes a tab, open or closed, and its text for good."""
        if tab in self._closed:
            self._closed.take(tab)
        else:
            self._detach(tab)
        self._unsaved.forget(tab)
        tab.deleteLater()

    def _save(self, tab: FileTab, path: Path) -> None:
        if tab.save(path):
            self._changed(tab)
            self.flush()
            self._remember(path)
            self.message.emit(self.tr("{0} saved").format(tab.name))

    def _changed(self, tab: FileTab) -> None:
        if tab is self._current:
            self.text_changed.emit()
            if tab.editor.hasFocus():
                self.text_edited.emit()
        self._unsaved.changed(tab)

    def _describe(self, tab: FileTab) -> None:
        if tab not in self._tabs:  # closed
            return
        self._tabs.describe(tab)
        self._disk.watch(tab.path for tab in self._tabs)
        if tab is self._current:
            self._on_current()

    def _on_current(self) -> None:
        self.current_changed.emit()
        self.modified_changed.emit(self._current.modified)

    def _look_at_disk(self) -> None:
        for tab in self._tabs:
            tab.look_at_disk()
        self._disk.watch(tab.path for tab in self._tabs)

    def _remember(self, path: Path) -> None:
        recent.remember_file(path)
        self.recent_changed.emit()

    def _zoom(self, points: float) -> None:
        for tab in (*self._tabs, *self._closed):
            tab.editor.set_points(points)
        self._points = self._current.editor.points
        QSettings().setValue(POINTS_KEY, self._points)

    def _dialog(self, title: str) -> QFileDialog:
        folder = self._current.path.parent if self._current.path else Path.home()
        return FileDialog(
            self, title, str(folder), self.tr("Programs and runs (*.py *.gvtrace);;All files (*)")
        )

    def _only_blank(self) -> FileTab | None:
        """The empty tab that a window without any file has: the first one to be opened takes its place."""
        return self._current if len(self._tabs) == 1 and self._is_blank(self._current) else None

    @staticmethod
    def _is_untouched(tab: FileTab) -> bool:
        """Whether a text that has no file is as it was opened."""
        return tab.path is None and not tab.modified

    def _is_blank(self, tab: FileTab) -> bool:
        return self._is_untouched(tab) and tab.editor.document().isEmpty()

    # ── keys and looks ────────────────────────────────────────────────────────────────────────────────────

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.flush()  # the window may be closing

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._closed.tell()
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(event.rect(), theme.color("panel"))


def _not_taken(name: str, taken: Collection[str]) -> str:
    stem, number = Path(name), 1
    while name in taken:
        number += 1
        name = f"{stem.stem}-{number}{stem.suffix}"
    return name
