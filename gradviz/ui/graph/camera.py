"""Which part of the drawing is seen, and how large."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF

SMALLEST, LARGEST = 0.02, 4.0
LARGEST_FIT = 1.25
"""A small graph is not blown up beyond this when it is fitted."""


@dataclass
class Camera:
    """Drawing to screen: `screen = drawing * scale + offset`."""

    scale: float = 1.0
    x: float = 0.0
    y: float = 0.0

    def to_screen(self, rect: QRectF) -> QRectF:
        return QRectF(
            rect.x() * self.scale + self.x,
            rect.y() * self.scale + self.y,
            rect.width() * self.scale,
            rect.height() * self.scale,
        )

    def to_drawing(self, point: QPointF) -> QPointF:
        return QPointF((point.x() - self.x) / self.scale, (point.y() - self.y) / self.scale)

    def area(self, rect: QRectF) -> QRectF:
        """The part of the drawing that a rectangle on screen shows."""
        corner = self.to_drawing(rect.topLeft())
        return QRectF(corner.x(), corner.y(), rect.width() / self.scale, rect.height() / self.scale)

    def zoom(self, factor: float, at: QPointF) -> None:
        """Zooms so that the point of the drawing under `at` (on screen) stays there."""
        scale = min(max(self.scale * factor, SMALLEST), LARGEST)
        still = self.to_drawing(at)
        self.scale = scale
        self.x, self.y = at.x() - still.x() * scale, at.y() - still.y() * scale

    def pan(self, dx: float, dy: float) -> None:
        self.x += dx
        self.y += dy

    def fit(self, drawing: QRectF, room: QRectF) -> None:
        """Shows the whole drawing in the middle of `room` on screen."""
        if drawing.isEmpty() or room.isEmpty():
            return
        scale = min(room.width() / drawing.width(), room.height() / drawing.height(), LARGEST_FIT)
        self.scale = max(scale, SMALLEST)
        self.center_on(drawing.center(), room)

    def center_on(self, point: QPointF, room: QRectF) -> None:
        self.x = room.center().x() - point.x() * self.scale
        self.y = room.center().y() - point.y() * self.scale

    def reveal(self, rect: QRectF, room: QRectF) -> bool:
        """Pans as little as possible to bring the drawing's `rect` into `room`; False if it was there."""
        seen = self.to_screen(rect)
        if room.contains(seen):
            return False
        dx = max(room.left() - seen.left(), 0.0) or min(room.right() - seen.right(), 0.0)
        dy = max(room.top() - seen.top(), 0.0) or min(room.bottom() - seen.bottom(), 0.0)
        self.pan(dx, dy)
        return True
