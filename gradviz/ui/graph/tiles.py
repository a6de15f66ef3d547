"""Pictures of parts of the drawing, kept from frame to frame: looking around costs the same for any graph.

While a tile is not ready, what was there before is shown in its place: an older picture of it, or the one at
the last scale, enlarged. A frame takes no longer than it may; the rest is painted in the next ones.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import product

from PySide6.QtCore import QElapsedTimer, QPointF, QRect, QRectF, QSize
from PySide6.QtGui import QPainter, QPixmap

from gradviz.ui.graph.camera import Camera

SIDE = 256
"""Of a tile, in pixels on screen."""
BUDGET = 7
"""Milliseconds of a frame for painting tiles anew; one is always painted."""
KEPT = 160
"""Tiles of one scale that are kept; the rest is far away."""

Place = tuple[int, int]
"""Column and row."""


class _Layer:
    """The tiles of one scale. Tile (0, 0) begins where the drawing does."""

    def __init__(self, scale: float) -> None:
        self.scale = scale
        self.pictures: dict[Place, QPixmap] = {}
        self.stale: set[Place] = set()

    def wants(self, place: Place) -> bool:
        return place in self.stale or place not in self.pictures


class Tiles:
    """Paints by means of `paint(painter, camera, area)`, that draws an area (in pixels on screen) as a camera
    sees it, ground and all."""

    def __init__(self, paint: Callable[[QPainter, Camera, QRect], None]) -> None:
        self._paint = paint
        self._layer = _Layer(1.0)
        self._below = _Layer(1.0)  # what is seen until the layer is complete
        self._ratio = 1.0

    def forget(self) -> None:
        """Another drawing: nothing of the last one may be seen."""
        self._layer, self._below = _Layer(self._layer.scale), _Layer(1.0)

    def touch_all(self) -> None:
        """Everything has to be painted again, in its own time."""
        self._layer.stale |= self._layer.pictures.keys()

    def touch(self, rect: QRectF) -> None:
        """A part of the drawing has to be painted again."""
        scale = self._layer.scale
        columns = range(math.floor(rect.left() * scale / SIDE), math.floor(rect.right() * scale / SIDE) + 1)
        rows = range(math.floor(rect.top() * scale / SIDE), math.floor(rect.bottom() * scale / SIDE) + 1)
        self._layer.stale |= {
            place for place in self._layer.pictures if place[0] in columns and place[1] in rows
        }

    def paint(self, painter: QPainter, view: QRect, camera: Camera, ratio: float) -> bool:
        """Paints what the camera sees of the drawing into `view`; False if some of that is still to come."""
        self._follow(camera.scale, ratio)
        corner = QPointF(round(camera.x), round(camera.y))
        seen = QRectF(view).translated(-corner)
        places = _places(seen)
        wanted = sorted(filter(self._layer.wants, places), key=lambda place: _far(place, seen))
        clock = QElapsedTimer()
        clock.start()
        done = 0
        while done < len(wanted) and (not done or clock.elapsed() < BUDGET):
            self._layer.pictures[wanted[done]] = self._painted(wanted[done])
            self._layer.stale.discard(wanted[done])
            done += 1
        if any(place not in self._layer.pictures for place in places):
            self._paint_below(painter, corner)
        for place in places:
            picture = self._layer.pictures.get(place)
            if picture is not None:
                painter.drawPixmap(corner + QPointF(place[0] * SIDE, place[1] * SIDE), picture)
        if done == len(wanted):
            self._below = self._layer
        return done == len(wanted)

    def _follow(self, scale: float, ratio: float) -> None:
        """Begins a new layer when the scale is another one. The last complete one stays below."""
        if ratio != self._ratio:
            self._ratio = ratio
            self.forget()
        if scale != self._layer.scale:
            self._layer = _Layer(scale)
        elif len(self._layer.pictures) > KEPT:
            for place in list(self._layer.pictures)[: -KEPT // 2]:  # the oldest
                del self._layer.pictures[place]
                self._layer.stale.discard(place)

    def _painted(self, place: Place) -> QPixmap:
        picture = QPixmap(QSize(SIDE, SIDE) * self._ratio)
        picture.setDevicePixelRatio(self._ratio)
        painter = QPainter(picture)
        camera = Camera(self._layer.scale, -place[0] * SIDE, -place[1] * SIDE)
        self._paint(painter, camera, QRect(0, 0, SIDE, SIDE))
        painter.end()
        return picture

    def _paint_below(self, painter: QPainter, corner: QPointF) -> None:
        grown = self._layer.scale / self._below.scale
        side = SIDE * grown
        for (column, row), picture in self._below.pictures.items():
            target = QRectF(corner.x() + column * side, corner.y() + row * side, side, side)
            painter.drawPixmap(target, picture, QRectF(picture.rect()))


def _places(seen: QRectF) -> list[Place]:
    columns = range(math.floor(seen.left() / SIDE), math.ceil(seen.right() / SIDE))
    rows = range(math.floor(seen.top() / SIDE), math.ceil(seen.bottom() / SIDE))
    return list(product(columns, rows))


def _far(place: Place, seen: QRectF) -> float:
    middle = QPointF((place[0] + 0.5) * SIDE, (place[1] + 0.5) * SIDE) - seen.center()
    return middle.manhattanLength()
