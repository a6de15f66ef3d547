"""Ties the lines of the open files to the run: the running line, problems, the nodes made on a line."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from gradviz.session.protocol import Problem
from gradviz.trace import Node
from gradviz.ui.editor.file_tab import FileTab
from gradviz.ui.model import SessionModel
from gradviz.ui.problem_words import message_of


class RunMarks(QObject):
    """Keeps the marks of all open files as the model says. Lines edited since the start carry none."""

    def __init__(self, model: SessionModel, tabs: Callable[[], list[FileTab]], parent: QObject) -> None:
        super().__init__(parent)
        self._model = model
        self._tabs = tabs
        self._problems: list[Problem] = []
        self._draft: Problem | None = None  # of a text that is being written, and not the run's
        model.moment_changed.connect(self._on_moment)
        model.problem_found.connect(self._on_problem)
        model.restarted.connect(self._on_restart)

    def add(self, tab: FileTab) -> None:
        """Takes a newly opened file in."""
        tab.changed.connect(lambda: self._mark(tab))
        tab.renamed.connect(lambda: self._mark(tab))
        tab.editor.margin.line_clicked.connect(lambda line: self._select_node(tab, line))
        tab.editor.margin.tip_for = lambda line: self._tip(tab, line)
        self._mark(tab)

    def line_now(self, tab: FileTab, line: int) -> int:
        """Where a line of the run stands in the text, as nearly as can be said."""
        return tab.lines.now(line) or line

    def show_draft(self, problem: Problem | None) -> None:
        """Marks what is wrong with a text as it is now, until it is edited."""
        self._draft = problem
        for tab in self._tabs():
            self._mark_problems(tab)

    def _on_restart(self) -> None:
        self._problems.clear()
        for tab in self._tabs():
            tab.lines.restart()
            self._mark(tab)

    def _on_moment(self) -> None:
        for tab in self._tabs():
            self._mark_running(tab)
            line, _ = tab.editor.run_mark
            if line is not None and not self._model.live:
                tab.editor.reveal(line)

    def _on_problem(self, problem: Problem) -> None:
        if problem.source is None:
            return
        self._problems.append(problem)
        for tab in self._tabs():
            if tab.key == problem.source.file:
                self._mark_problems(tab)

    def _mark(self, tab: FileTab) -> None:
        self._mark_running(tab)
        self._mark_problems(tab)

    def _mark_running(self, tab: FileTab) -> None:
        event = self._model.current_event
        if event is not None and event.source is not None and event.source.file == tab.key:
            tab.editor.set_run_mark(tab.lines.now(event.source.line), event.phase)
        else:
            tab.editor.set_run_mark(None, "forward")

    def _mark_problems(self, tab: FileTab) -> None:
        marks: dict[int, tuple[str, str]] = {}
        for problem in self._problems:
            if problem.source is None or problem.source.file != tab.key:
                continue
            line = tab.lines.now(problem.source.line)
            if line is not None and (line not in marks or problem.severity == "error"):
                marks[line] = (problem.severity, message_of(problem))
        if self._draft is not None and self._draft.source and self._draft.source.file == tab.key:
            marks[self._draft.source.line] = ("error", message_of(self._draft))
        tab.editor.set_problems(marks)

    def _nodes_on(self, tab: FileTab, line: int) -> list[Node]:
        """The nodes that were made on a line of the text as it is now."""
        then = tab.lines.then(line)
        return [
            node
            for node in self._model.nodes
            if node.source is not None and node.source.file == tab.key and node.source.line == then
        ]

    def _select_node(self, tab: FileTab, line: int) -> None:
        if nodes := self._nodes_on(tab, line):
            self._model.select(nodes[0].key)

    def _tip(self, tab: FileTab, line: int) -> str:
        if line in tab.editor.problems:
            return tab.editor.problems[line][1]
        nodes = self._nodes_on(tab, line)
        return self.tr("Select {0}").format(nodes[0].qualified_name) if nodes else ""
