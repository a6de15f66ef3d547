"""How the branches of a run are told apart everywhere: by a letter, a colour and a pattern of dashes."""

from __future__ import annotations

from dataclasses import dataclass

import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QPen

from gradviz.ui.theme import theme

ROLES = ("forward", "parameter", "saved", "update", "backward", "input", "nan")
DASHES: tuple[tuple[float, ...], ...] = ((), (5, 2.5), (1.5, 2), (7, 2.5, 1.5, 2.5), (10, 3))
FIRST_EXPERIMENT = 1 << 20
"""From this number on branches are experiments, which come and go: they all look alike."""


@dataclass(frozen=True)
class Look:
    """A letter, a colour of the theme and a pattern of dashes, in widths of the pen; () is a solid line."""

    letter: str
    role: str
    dashes: tuple[float, ...] = ()

    def pen(self, width: float, alpha: float = 1.0) -> QPen:
        return dashed_pen(self.role, self.dashes, width, alpha)


def look_of(number: int) -> Look:
    """Of the branch with that number, counted from 0: no two of the first 35 look alike."""
    if number >= FIRST_EXPERIMENT:
        return Look("X", "warning", DASHES[2])
    letter = chr(ord("A") + number % 26) + (str(number // 26) if number >= 26 else "")
    return Look(letter, ROLES[number % len(ROLES)], DASHES[number % len(DASHES)])


def dashed_pen(role: str, dashes: tuple[float, ...], width: float, alpha: float = 1.0) -> QPen:
    """A pen of `width` pixels, as pyqtgraph wants one, in a colour of the present theme."""
    pen = pg.mkPen(theme.color(role, alpha), width=width)
    if dashes:
        pen.setDashPattern(dashes)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    return pen
