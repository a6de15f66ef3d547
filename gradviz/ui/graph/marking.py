"""What is marked on cards because somebody asked for it: breakpoints, problems, and what is searched for."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from gradviz.session.protocol import Problem
from gradviz.ui.graph.canvas import Canvas
from gradviz.ui.graph.diagram import Diagram
from gradviz.ui.graph.finder import Finder
from gradviz.ui.model import SessionModel


class Marking(QObject):
    """Brings the canvas's marks to the model and the finder. What is in a closed box marks the box's card."""

    problems_changed = Signal()  # on the cards

    def __init__(self, model: SessionModel, canvas: Canvas, finder: Finder, parent: QObject) -> None:
        super().__init__(parent)
        self._model, self._canvas, self._finder = model, canvas, finder
        self._diagram = Diagram(None)
        self.problems: dict[str, Problem] = {}
        """By the cards that are marked with them."""
        finder.changed.connect(self._mark_hits)
        model.problems.changed.connect(self._mark_problems)
        model.breakpoints.changed.connect(self._mark_breakpoints)

    def show(self, diagram: Diagram) -> None:
        """Marks the cards of another diagram, which the canvas has just been given."""
        self._diagram = diagram
        self._mark_breakpoints()
        self._mark_problems()
        self._mark_hits()

    def _mark_breakpoints(self) -> None:
        marks: dict[str, bool] = {}
        for node, item in self._model.breakpoints.among(self._diagram.nodes):
            card = self._diagram.card_of(node.id)
            if card is not None:
                marks[card.key] = item.enabled or marks.get(card.key, False)
        if marks != self._canvas.drawing.breakpoints:
            self._canvas.drawing.breakpoints = marks
            self._canvas.redraw()

    def _mark_problems(self) -> None:
        marked: dict[str, Problem] = {}
        for node, problem in self._model.problems.among(self._diagram.nodes):
            card = self._diagram.card_of(node.id)
            if card is not None and (card.key not in marked or problem.severity == "error"):
                marked[card.key] = problem
        if marked != self.problems:
            self.problems = marked
            self._canvas.drawing.problems = {key: problem.severity for key, problem in marked.items()}
            self._canvas.redraw()
            self.problems_changed.emit()

    def _mark_hits(self) -> None:
        """The finder may be ahead of the picture."""
        cards = (self._diagram.card_of(node.id) for node in self._finder.hits)
        hits = {card.key for card in cards if card is not None}
        hits |= {partner for key in hits if (partner := self._diagram.partner(key))}
        if hits != self._canvas.drawing.hits:
            self._canvas.drawing.hits = hits
            self._canvas.redraw()
