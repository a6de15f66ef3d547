"""Where everything of a placement is, as tables: what lies in an area is one comparison. No Qt here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

import numpy as np

Area = tuple[float, float, float, float]
"""Left, top, right, bottom."""
REACH = 12.0
"""How far from its line an edge, its gradient and its arrowheads are drawn."""


class Rectangles:
    """Rectangles by their keys."""

    def __init__(self, rects: Mapping[str, Sequence[float]]) -> None:
        self.keys = tuple(rects)
        corners = np.array(list(rects.values()), dtype=float).reshape(-1, 4)
        corners[:, 2:] += corners[:, :2]
        self.corners = corners
        """float [n, 4]: left, top, right, bottom."""

    def touching(self, areas: Iterable[Area]) -> np.ndarray:
        """Positions of those that touch one of the areas."""
        return _touching(self.corners, areas)

    def keys_touching(self, areas: Iterable[Area]) -> list[str]:
        """Keys of those that touch one of the areas, in their order."""
        return [self.keys[index] for index in self.touching(areas).tolist()]


class Lines:
    """The edges' lines, and the straight pieces that they are made of."""

    def __init__(self, lines: Iterable[Sequence[tuple[float, float]]]) -> None:
        lines = list(lines)
        counts = np.array([len(line) for line in lines], np.int64)
        coordinates = chain.from_iterable(chain.from_iterable(lines))
        points = np.fromiter(coordinates, float).reshape(-1, 2)
        owners = np.repeat(np.arange(len(lines)), counts)
        within = owners[1:] == owners[:-1]
        self.pieces = np.hstack([points[:-1], points[1:]])[within]
        """float [n, 4]: from (x, y) to (x, y)."""
        self.owners = owners[:-1][within]
        """Position of the line that a piece belongs to."""
        low, high = np.minimum(*_ends(self.pieces)), np.maximum(*_ends(self.pieces))
        self._reach = np.hstack([low - REACH, high + REACH])

    def pieces_touching(self, areas: Iterable[Area]) -> np.ndarray:
        """Positions of the pieces of which something is drawn in one of the areas."""
        return _touching(self._reach, areas)

    def touching(self, areas: Iterable[Area]) -> np.ndarray:
        """Positions of the lines of which something is drawn in one of the areas."""
        return np.unique(self.owners[self.pieces_touching(areas)])


def _ends(pieces: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return pieces[:, :2], pieces[:, 2:]


def _touching(corners: np.ndarray, areas: Iterable[Area]) -> np.ndarray:
    left, top, right, bottom = corners.T
    hit = np.zeros(len(corners), dtype=bool)
    for area in areas:
        hit |= (left <= area[2]) & (right >= area[0]) & (top <= area[3]) & (bottom >= area[1])
    return np.flatnonzero(hit)
