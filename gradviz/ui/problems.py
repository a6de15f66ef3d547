"""The problems of the run: which of them are about a node, and the way to it on the graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from gradviz.session.protocol import Problem
from gradviz.trace import Node

if TYPE_CHECKING:
    from gradviz.ui.model import SessionModel

MAX_MARKED = 10_000  # nodes that carry a sign


class Problems(QObject):
    """Those since the program was started."""

    changed = Signal()
    node_wanted = Signal(object)  # trace.Node: it is to be brought into view, its boxes opened

    def __init__(self, model: SessionModel) -> None:
        super().__init__(model)
        self._model = model
        self._by_key: dict[str, list[Problem]] = {}
        self._wanted: Problem | None = None  # that is to be shown on the graph
        model.problem_found.connect(self._add)
        model.restarted.connect(self._clear)
        model.iteration_changed.connect(self._show_wanted)

    def among(self, nodes: list[Node]) -> list[tuple[Node, Problem]]:
        """The nodes that a problem names, each with the worst of them."""
        found = [(node, self._by_key[node.key]) for node in nodes if node.key in self._by_key]
        return [(node, min(named, key=lambda problem: problem.severity)) for node, named in found]

    def show_on_graph(self, problem: Problem) -> None:
        """Goes to the iteration of a problem, selects its first node there and brings it into view."""
        self._wanted = problem
        if problem.iteration >= 0 and self._model.iteration is not None:
            self._model.go_to(problem.iteration)
        self._show_wanted()

    def _show_wanted(self) -> None:
        """Shows the node of the problem that somebody wants to see, once its iteration is there."""
        problem = self._wanted
        if problem is None or (self._model.shown.awaiting and problem.iteration >= 0):
            return
        self._wanted = None
        node = self._node_of(problem)
        if node is not None:
            self._model.select(node.key)
            self.node_wanted.emit(node)

    def _node_of(self, problem: Problem) -> Node | None:
        """The node that a problem is about: one that it names, else one that its line made."""
        named = (self._model.node(key) for key in problem.nodes)
        made = (node for node in self._model.nodes if problem.source and node.source == problem.source)
        return next((node for node in named if node is not None), None) or next(made, None)

    def _add(self, problem: Problem) -> None:
        for key in problem.nodes:
            if len(self._by_key) < MAX_MARKED:
                self._by_key.setdefault(key, []).append(problem)
        if problem.nodes:
            self.changed.emit()

    def _clear(self) -> None:
        self._by_key.clear()
        self._wanted = None
        self.changed.emit()
