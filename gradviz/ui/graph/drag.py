"""A card or box that follows the mouse."""

from __future__ import annotations

from PySide6.QtCore import QPointF

from gradviz.ui.graph.drawing import Drawing
from gradviz.ui.graph.layout import Placement
from gradviz.ui.graph.places import carried, dragged


class Drag:
    """Shows a card or box, with all that is in it, elsewhere on a drawing."""

    def __init__(self, drawing: Drawing, key: str, start: QPointF) -> None:
        self.key = key
        self.before = drawing.placement
        """The placement without what this drag does."""
        self.moved = QPointF()
        """How far it has gone, in pixels at 100 %."""
        self._drawing = drawing
        self._start = start

    def move_to(self, point: QPointF) -> None:
        """The mouse is at another point of the drawing."""
        self.moved = point - self._start
        self._show()

    def take(self, placement: Placement) -> bool:
        """The layout has another placement, or the same for another moment; False if that ends the drag."""
        if self.key not in placement.cards and self.key not in placement.scopes:
            return False
        self.before = placement
        self._show()
        return True

    def cancel(self) -> None:
        """Everything is where it was."""
        self._drawing.show(self._drawing.diagram, self.before)

    def _show(self) -> None:
        diagram = self._drawing.diagram
        keys = carried(diagram.request(1.0), self.key)
        elsewhere = dragged(self.before, keys, self.moved.x(), self.moved.y())
        self._drawing.show(diagram, elsewhere)
