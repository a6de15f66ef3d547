"""Putting cards and boxes of the graph elsewhere, and letting them go back."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, QPointF, Signal

from gradviz.trace.backward_graph import forward_key
from gradviz.ui.graph.canvas import Canvas
from gradviz.ui.graph.kept_places import KeptPlaces
from gradviz.ui.graph.layout import Direction, Request
from gradviz.ui.graph.placer import Placer
from gradviz.ui.graph.places import place_in_box
from gradviz.ui.graph.task import Point
from gradviz.ui.model import SessionModel

NUDGE = 16.0
"""Pixels at 100 % that a key moves a card."""
WAYS = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}


class Pinning(QObject):
    """What is dragged or nudged is pinned where it comes to lie. Where that is, the model keeps."""

    changed = Signal()  # something is pinned elsewhere, or no longer
    moving = Signal()  # somebody moves something: the picture is theirs now

    def __init__(self, model: SessionModel, canvas: Canvas, placer: Placer, parent: QObject) -> None:
        super().__init__(parent)
        self.direction: Direction = "right"
        """Of the graph; each has places of its own."""
        self._model, self._canvas, self._placer = model, canvas, placer
        self._places = KeptPlaces(self)
        self._places.changed.connect(self.changed)
        canvas.dragged.connect(self.move_by)
        model.restarted.connect(self._take_up)
        self._take_up()

    def _take_up(self) -> None:
        self._places.use(self._model.program)

    @property
    def pins(self) -> dict[str, Point]:
        """Where cards and boxes are pinned, by their keys."""
        return self._places.pins(self.direction)

    def pinned(self, request: Request) -> Request:
        """The request, and what is pinned of it."""
        pins = {
            key: place for key, place in self.pins.items() if key in request.cards or key in request.scopes
        }
        return replace(request, pins=pins)

    @property
    def selected_is_pinned(self) -> bool:
        """Whether the selected card or box is; or the closed box that the selected node is in."""
        return forward_key(self._canvas.drawing.selected) in self.pins

    def move_by(self, key: str, way: QPointF) -> None:
        """Moves a card or box, so many pixels at 100 %, and pins it there."""
        request = self._placer.request
        if request is None or not key or key not in self._canvas.drawing:
            return
        known = self.pins.get(key)  # the picture may be behind
        x, y = known or place_in_box(self._placer.placement, request, key)
        self.moving.emit()
        self._model.select(key)
        self._places.pin(self.direction, key, (x + way.x(), y + way.y()))

    def nudge(self, way: str) -> None:
        """Moves the selected card or box a little "left", "right", "up" or "down"."""
        dx, dy = WAYS[way]
        self.move_by(forward_key(self._canvas.drawing.selected), QPointF(NUDGE * dx, NUDGE * dy))

    def unpin(self) -> None:
        """Lets the selected card or box go back to where the layout puts it."""
        self._places.unpin(self.direction, forward_key(self._canvas.drawing.selected))

    def unpin_all(self) -> None:
        self._places.unpin_all(self.direction)

    def anchor_near(self, key: str) -> str:
        """What stays put on screen while a box opens or closes: the nearest pin in sight, or itself."""
        drawing, camera = self._canvas.drawing, self._canvas.camera
        rects = {pin: drawing.rect_of(pin) for pin in drawing.pinned if pin in drawing}
        here = drawing.rect_of(key).topLeft()
        return min(
            (pin for pin, rect in rects.items() if camera.to_screen(rect).intersects(self._canvas.room)),
            key=lambda pin: (rects[pin].topLeft() - here).manhattanLength(),
            default=key,
        )
