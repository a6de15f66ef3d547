"""Thousands of cards and edges seen from afar: blocks and lines of whole pixels.

Which pixels they cover is found with NumPy, for all that look alike at once: the cost is that of the pixels.
No object is made for any of them: collecting a hundred thousand objects stops Python for a tenth of a second.
The painter is expected to draw pixels of the screen, from the drawing's origin.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterator
from typing import Generic, TypeVar

import numpy as np
from PySide6.QtCore import QLine, QPoint, QRect
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from gradviz.ui.graph.cards import ROLE_COLORS
from gradviz.ui.graph.diagram import Card
from gradviz.ui.graph.edges import gradient_width
from gradviz.ui.graph.faces import Face, Flow
from gradviz.ui.graph.tables import Area
from gradviz.ui.theme import theme

FAINT = 0.25
"""Opacity of what steps back."""
LARGEST = 1024
"""Width and height of what is filled at once, in pixels."""
FEW = 50
"""Blocks that are rather filled one by one."""
STRIPE = 16
"""Width of the stripe that says a card's role, in pixels at 100 %."""
EDGES = ("line", "forward", "backward", "negative", "positive")
"""Colours of edges; later ones are drawn on top."""
SHADES = 12
"""How many depths of a colour are told apart."""

EdgeLook = tuple[float, int, int]
"""Opacity, position of the colour in `EDGES`, width in pixels at 100 %."""
CardLook = tuple[float, str, float, str]
"""Opacity, colour of the block, its own opacity, colour of the stripe."""
L = TypeVar("L", EdgeLook, CardLook)


class Looks(Generic[L]):
    """The looks of many things by their position, found when they are first seen."""

    def __init__(self) -> None:
        self.kinds: list[L] = []
        """What there is; `of` speaks of them by their position."""
        self._numbers: dict[L, int] = {}
        self._state: Hashable = None
        self._known = np.zeros(0, np.int64)

    def of(self, places: np.ndarray, count: int, state: Hashable, find: Callable[[int], L]) -> np.ndarray:
        """Of the things at these places of `count`. With another state they may look different."""
        if state != self._state or count != len(self._known):
            self._state, self._known = state, np.full(count, -1, np.int64)
        for place in np.unique(places[self._known[places] < 0]).tolist():
            look = find(place)
            if look not in self._numbers:
                self._numbers[look] = len(self.kinds)
                self.kinds.append(look)
            self._known[place] = self._numbers[look]
        return self._known[places]


def _in_order(looks: np.ndarray, kinds: list[L]) -> Iterator[tuple[np.ndarray, L]]:
    """Each look that occurs, and where: what steps back comes first."""
    for number in sorted(np.unique(looks).tolist(), key=kinds.__getitem__):
        yield looks == number, kinds[number]


# ── edges ─────────────────────────────────────────────────────────────────────────────────────────────────


def edge_look(flow: Flow, opacity: float) -> EdgeLook:
    """An edge among very many: its gradient is drawn in place of its data, not beside it."""
    if flow.backward:
        return opacity, EDGES.index(flow.role), round(gradient_width(flow.norm))
    return opacity, int(flow.forward), 1


def paint_far_edges(
    painter: QPainter, pieces: np.ndarray, looks: np.ndarray, kinds: list[EdgeLook], scale: float, area: Area
) -> None:
    """`pieces` are straight lines, float [n, 4]."""
    ends = np.round(pieces * scale).astype(np.int64)
    room = _on_pixels(area, scale)
    slanting = (ends[:, :2] != ends[:, 2:]).all(axis=1) & _passes(ends, room)
    straight = (ends[:, :2] == ends[:, 2:]).sum(axis=1) == 1
    low, high = np.minimum(ends[:, :2], ends[:, 2:]), np.maximum(ends[:, :2], ends[:, 2:])
    for alike, (opacity, role, width) in _in_order(looks, kinds):
        color, pixels = theme.color(EDGES[role], 0.8 * opacity), max(round(width * scale), 1)
        blocks = np.hstack([low, high + pixels])[alike & straight] - pixels // 2
        fill(painter, blocks, color, room)
        painter.setPen(QPen(color, pixels))
        painter.drawLines([QLine(*line) for line in ends[alike & slanting].tolist()])


def _passes(ends: np.ndarray, room: QRect) -> np.ndarray:
    """Whether corners of the room lie on both sides of the line, or on it."""
    x, y = ends[:, :2].T
    dx, dy = (ends[:, 2:] - ends[:, :2]).T
    corners = [(u, v) for u in (room.left(), room.right()) for v in (room.top(), room.bottom())]
    sides = [dx * (v - y) - dy * (u - x) for u, v in corners]
    return (np.min(sides, axis=0) <= 0) & (np.max(sides, axis=0) >= 0)


# ── cards ─────────────────────────────────────────────────────────────────────────────────────────────────


def card_look(card: Card, face: Face, opacity: float) -> CardLook:
    """A block in the colour of what has happened to the card, or of what its marks say, with its role's
    stripe."""
    if face.running:
        color, depth = face.running, 1.0
    elif face.marks:
        mark = max(face.marks, key=lambda mark: mark.share)
        color, depth = (mark.role, 0.15 + 0.85 * mark.share) if mark.share else ("line", 1.0)
    elif face.gradient == "known":
        color, depth = "backward", 0.55
    else:
        color, depth = ("forward", 0.4) if face.ready else ("line", 1.0)
    return opacity, color, round(depth * SHADES) / SHADES, ROLE_COLORS[card.role]


def paint_far_cards(
    painter: QPainter, corners: np.ndarray, looks: np.ndarray, kinds: list[CardLook], scale: float, area: Area
) -> None:
    """`corners` are left, top, right, bottom: float [n, 4]."""
    pixels = np.round(corners * scale).astype(np.int64)
    pixels[:, 2:] = np.maximum(pixels[:, 2:], pixels[:, :2] + 1)
    room = _on_pixels(area, scale)
    for alike, (opacity, color, depth, stripe) in _in_order(looks, kinds):
        blocks = pixels[alike]
        fill(painter, blocks, theme.color(color, depth * opacity), room)
        blocks[:, 2] = blocks[:, 0] + max(round(STRIPE * scale), 1)
        fill(painter, blocks, theme.color(stripe, opacity), room)


# ── pixels ────────────────────────────────────────────────────────────────────────────────────────────────


def _on_pixels(area: Area, scale: float) -> QRect:
    left, top, right, bottom = (side * scale for side in area)
    return QRect(QPoint(math.floor(left), math.floor(top)), QPoint(math.ceil(right), math.ceil(bottom)))


def fill(painter: QPainter, blocks: np.ndarray, color: QColor, room: QRect) -> None:
    """Fills blocks of pixels (left, top, right, bottom: int [n, 4]) where they lie in the room."""
    if len(blocks) < FEW:
        sizes = blocks[:, 2:] - blocks[:, :2]
        for block in np.hstack([blocks[:, :2], sizes]).tolist():
            painter.fillRect(QRect(*block).intersected(room), color)
        return
    left, top = room.left(), room.top()
    for x in range(left, room.right() + 1, LARGEST):
        for y in range(top, room.bottom() + 1, LARGEST):
            size = min(LARGEST, room.right() + 1 - x), min(LARGEST, room.bottom() + 1 - y)
            inside = np.clip(blocks - np.array([x, y, x, y]), 0, np.array([*size, *size]))
            inside = inside[(inside[:, :2] < inside[:, 2:]).all(axis=1)]
            if len(inside):
                painter.drawImage(x, y, _image(inside, *size, color))


def _image(blocks: np.ndarray, width: int, height: int, color: QColor) -> QImage:
    """The pixels that blocks cover. Their corners say where sums along both axes change."""
    left, top, right, bottom = blocks.T
    stride = width + 1
    places = np.concatenate([top * stride + left, bottom * stride + right])
    negative = np.concatenate([top * stride + right, bottom * stride + left])
    changes = np.bincount(places, minlength=stride * (height + 1))
    changes -= np.bincount(negative, minlength=stride * (height + 1))
    covering = changes.reshape(height + 1, stride).cumsum(axis=0).cumsum(axis=1)[:height, :width]
    covered = np.ascontiguousarray(covering > 0).view(np.uint8)
    image = QImage(covered.data, width, height, width, QImage.Format.Format_Indexed8)
    image.setColorTable([0, color.rgba()])
    return image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)  # and no longer numpy's
