"""Breakpoints at lines: shown in the margins of the open files, set there, and kept at their lines."""

from __future__ import annotations

from pathlib import PurePath

from PySide6.QtCore import QObject

from gradviz.ui.editor.file_tab import FileTab
from gradviz.ui.editor.line_tracker import LineTracker
from gradviz.ui.model import SessionModel


class BreakpointMarks(QObject):
    """Moves breakpoints along with the text while it is edited."""

    def __init__(self, model: SessionModel, parent: QObject) -> None:
        super().__init__(parent)
        self._breakpoints = model.breakpoints
        self._lines: dict[FileTab, LineTracker] = {}  # since the last change of the text
        self._breakpoints.changed.connect(self._mark_all)

    def add(self, tab: FileTab) -> None:
        """Takes a newly opened file in."""
        self._lines[tab] = LineTracker(tab.editor.document())
        tab.changed.connect(lambda: self._on_text(tab))
        tab.renamed.connect(lambda: self._mark(tab))
        tab.destroyed.connect(lambda: self._lines.pop(tab))
        tab.editor.margin.breakpoint_clicked.connect(lambda line: self.toggle(tab, line))
        self._mark(tab)

    def toggle(self, tab: FileTab, line: int) -> None:
        """Sets a breakpoint at a line, or removes the one that is there."""
        self._breakpoints.toggle_line(_file(tab), line, tab.lines.then(line))

    def _mark(self, tab: FileTab) -> None:
        here = self._breakpoints.in_file(_file(tab))
        tab.editor.set_breakpoints({line: item.enabled for line, item in here.items()})

    def _mark_all(self) -> None:
        for tab in self._lines:
            self._mark(tab)

    def _on_text(self, tab: FileTab) -> None:
        here, lines = self._breakpoints.in_file(_file(tab)), self._lines[tab]
        now = {line: lines.nearest(line) for line in here}
        lines.restart()
        self._breakpoints.move_lines(_file(tab), now)


def _file(tab: FileTab) -> str:
    """What the file is called in a condition."""
    return PurePath(tab.key).name
