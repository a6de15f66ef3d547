"""Lines beside lines. No Qt here."""

from __future__ import annotations

import math
from itertools import pairwise

from gradviz.ui.graph.task import Point


def beside(points: list[Point], distance: float) -> list[Point]:
    """The line moved to its left (seen along it) by `distance`; corners stay corners."""
    normals = []
    for (x0, y0), (x1, y1) in pairwise(points):
        length = math.dist((x0, y0), (x1, y1)) or 1.0
        normals.append(((y1 - y0) / length, (x0 - x1) / length))
    moved = []
    for index, (x, y) in enumerate(points):
        first = normals[max(index - 1, 0)]
        second = normals[min(index, len(normals) - 1)]
        dot = 1 + first[0] * second[0] + first[1] * second[1]
        scale = distance / dot if dot > 0.2 else distance / 2
        moved.append((x + (first[0] + second[0]) * scale, y + (first[1] + second[1]) * scale))
    return moved
