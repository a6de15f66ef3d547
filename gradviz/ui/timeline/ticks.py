"""Where breakpoints hit, as small lozenges on the run and on the strip of events."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainter, QPen, QPolygonF

from gradviz.ui.theme import theme

WIDTH, HEIGHT = 8, 12
REACH = 5
"""Pixels beside a tick's middle that still count as on it."""


class Ticks:
    """Ticks at given places, ascending, in pixels. Those that would cover each other are drawn as one."""

    def __init__(self, places: np.ndarray) -> None:
        self._places = places
        cells = np.floor(places / WIDTH)
        self._starts = np.flatnonzero(np.diff(cells, prepend=-np.inf))
        self._ends = np.append(self._starts[1:], len(places))

    def __len__(self) -> int:
        return len(self._starts)

    def members(self, tick: int) -> range:
        """Positions in `places` of those that the tick stands for."""
        return range(int(self._starts[tick]), int(self._ends[tick]))

    def at(self, x: float) -> int | None:
        """The tick under the mouse, if there is one."""
        if not len(self):
            return None
        distances = np.abs(self._middles() - x)
        nearest = int(distances.argmin())
        return nearest if distances[nearest] <= REACH else None

    def paint(self, painter: QPainter, y: float) -> None:
        painter.setPen(QPen(theme.color("panel"), 1))
        painter.setBrush(theme.color("breakpoint"))
        for x in self._middles():
            painter.drawPolygon(_lozenge(x, y))

    def _middles(self) -> np.ndarray:
        """Where the ticks are drawn: at the first of their places."""
        return self._places[self._starts]


def _lozenge(x: float, y: float) -> QPolygonF:
    across, down = WIDTH / 2, HEIGHT / 2
    return QPolygonF(
        [QPointF(x, y - down), QPointF(x + across, y), QPointF(x, y + down), QPointF(x - across, y)]
    )
