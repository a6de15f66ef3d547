"""Ways for single edges around what is in their way: right angles, few corners. No Qt here."""

from __future__ import annotations

import heapq
from collections.abc import Collection
from itertools import pairwise

import numpy as np

from gradviz.ui.graph.task import Point, Rect

CLEAR = 5.0
"""How far a way keeps from rectangles, in pixels at 100 %."""
CORNER = 30.0
"""A way with a corner less may be this much longer."""
MAX_RECTS = 200
"""Rectangles up to which a way is searched for: that takes about 0.1 s."""

_Place = tuple[int, int, int]  # column, row, and 0 for having come sideways, 1 for up or down


def runs_free(line: list[Point], rects: np.ndarray) -> bool:
    """Whether a line with right angles enters none of the rectangles (left, top, right, bottom: [n, 4])."""
    inner = rects + np.array([0.5, 0.5, -0.5, -0.5])
    for (x0, y0), (x1, y1) in pairwise(line):
        across = (inner[:, 0] < max(x0, x1)) & (inner[:, 2] > min(x0, x1))
        if (across & (inner[:, 1] < max(y0, y1)) & (inner[:, 3] > min(y0, y1))).any():
            return False
    return True


def way_around(start: Point, end: Point, rects: Collection[Rect]) -> list[Point] | None:
    """A way that leaves `start` to the right and comes to `end` from the left; None if there is none, or too
    much is in between."""
    if len(rects) > MAX_RECTS:
        return None
    first, last = (start[0] + CLEAR, start[1]), (end[0] - CLEAR, end[1])
    xs = sorted({first[0], last[0], *(x for r in rects for x in (r.x - CLEAR, r.x + r.width + CLEAR))})
    ys = sorted({first[1], last[1], *(y for r in rects for y in (r.y - CLEAR, r.y + r.height + CLEAR))})
    sideways, upright = _open(np.array(xs), np.array(ys), rects)
    begin = (xs.index(first[0]), ys.index(first[1]), 0)
    goal = (xs.index(last[0]), ys.index(last[1]))

    def left(place: _Place) -> float:
        return abs(xs[place[0]] - last[0]) + abs(ys[place[1]] - last[1])

    best: dict[_Place, float] = {begin: 0.0}
    came: dict[_Place, _Place] = {}
    queue = [(left(begin), begin)]
    while queue:
        _, here = heapq.heappop(queue)
        x, y, before = here
        if (x, y) == goal:
            points = [end, last]
            while here in came:
                here = came[here]
                points.append((xs[here[0]], ys[here[1]]))
            return _corners([*points, start][::-1])
        for there, passable in (
            ((x + 1, y, 0), x + 1 < len(xs) and sideways[y][x]),
            ((x - 1, y, 0), x > 0 and sideways[y][x - 1]),
            ((x, y + 1, 1), y + 1 < len(ys) and upright[y][x]),
            ((x, y - 1, 1), y > 0 and upright[y - 1][x]),
        ):
            if not passable:
                continue
            length = abs(xs[there[0]] - xs[x]) + abs(ys[there[1]] - ys[y])
            cost = best[here] + length + CORNER * (there[2] != before)
            if cost < best.get(there, np.inf):
                best[there], came[there] = cost, here
                heapq.heappush(queue, (cost + left(there), there))
    return None


def _open(
    xs: np.ndarray, ys: np.ndarray, rects: Collection[Rect]
) -> tuple[list[list[bool]], list[list[bool]]]:
    """Whether one can go from column to column in a row, and from row to row in a column: [row][column]."""
    sideways = np.ones((len(ys), len(xs) - 1), bool)
    upright = np.ones((len(ys) - 1, len(xs)), bool)
    near = CLEAR - 0.25
    for rect in rects:
        left, right = np.searchsorted(xs, (rect.x - near, rect.x + rect.width + near))
        top, bottom = np.searchsorted(ys, (rect.y - near, rect.y + rect.height + near))
        sideways[top:bottom, max(left - 1, 0) : right] = False
        upright[max(top - 1, 0) : bottom, left:right] = False
    return sideways.tolist(), upright.tolist()


def _corners(points: list[Point]) -> list[Point]:
    """Without the points that lie on a straight line between others."""
    kept = points[:1]
    for before, point, after in zip(points, points[1:], points[2:], strict=False):
        level = before[1] == point[1] == after[1]
        upright = before[0] == point[0] == after[0]
        if not level and not upright:
            kept.append(point)
    return [*kept, points[-1]]
