"""Ways for edges that have to be found anew: right angles, around everything in between. No Qt here.

All is seen along the flow: an edge leaves its source to the right and comes to its target from the left.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable
from itertools import count, pairwise

import numpy as np

from gradviz.ui.graph.task import Point, Rect

CLEAR = 5.0, 1.0
"""How near edges may come to cards, in pixels at 100 %; the other where there is less room."""
LANE = 3.0
"""So much farther off they run beside them, if there is room."""
BEND = 24.0
"""A bend counts as so many pixels of way."""
MAX_OBSTACLES = 60
"""Only the nearest ones are looked at."""


def elbow(start: Point, end: Point) -> list[Point]:
    """The simplest way, whatever is in between."""
    (x0, y0), (x1, y1) = start, end
    stub = 2 * CLEAR[0]
    if x1 >= x0 + 2 * stub or (abs(y1 - y0) < 1 and x1 > x0):
        middle = (x0 + x1) / 2
        return [(x0, y0), (middle, y0), (middle, y1), (x1, y1)]
    out, back, between = x0 + stub, x1 - stub, (y0 + y1) / 2
    return [(x0, y0), (out, y0), (out, between), (back, between), (back, y1), (x1, y1)]


def route(start: Point, end: Point, obstacles: Iterable[Rect]) -> list[Point]:
    """A short way with few bends that keeps clear of the obstacles; where there is none, an elbow."""
    near = heapq.nsmallest(MAX_OBSTACLES, obstacles, key=lambda rect: _distance(rect, start, end))
    gap = end[0] - start[0]
    for clear in CLEAR:
        stub = min(2 * clear, gap / 2) if gap > 0 else 2 * clear  # straight on before and after all bends
        first, last = (start[0] + stub, start[1]), (end[0] - stub, end[1])
        if way := _Grid(first, last, near, clear).way(first, last):
            return [start, *way, end]
    return elbow(start, end)


def crosses(line: list[Point], rect: Rect, clear: float) -> bool:
    """Whether a line comes nearer to a rectangle than `clear`."""
    left, right = rect.x - clear, rect.x + rect.width + clear
    top, bottom = rect.y - clear, rect.y + rect.height + clear
    return any(
        min(x0, x1) < right and max(x0, x1) > left and min(y0, y1) < bottom and max(y0, y1) > top
        for (x0, y0), (x1, y1) in pairwise(line)
    )


def runs_free(line: list[Point], rects: np.ndarray) -> bool:
    """Whether a line with right angles enters none of the rectangles (left, top, right, bottom: [n, 4])."""
    inner = rects + np.array([0.5, 0.5, -0.5, -0.5])
    for (x0, y0), (x1, y1) in pairwise(line):
        across = (inner[:, 0] < max(x0, x1)) & (inner[:, 2] > min(x0, x1))
        if (across & (inner[:, 1] < max(y0, y1)) & (inner[:, 3] > min(y0, y1))).any():
            return False
    return True


def _distance(rect: Rect, start: Point, end: Point) -> float:
    """Of a rectangle from the box that two points span, roughly."""
    (x0, x1), (y0, y1) = sorted((start[0], end[0])), sorted((start[1], end[1]))
    across = max(rect.x - x1, x0 - rect.x - rect.width, 0.0)
    return across + max(rect.y - y1, y0 - rect.y - rect.height, 0.0)


class _Grid:
    """The lines along which a way may run: beside obstacles, and through both of its ends."""

    def __init__(self, first: Point, last: Point, obstacles: list[Rect], clear: float) -> None:
        xs = {first[0], last[0], (first[0] + last[0]) / 2}
        ys = {first[1], last[1]}
        lane = clear + LANE
        for x, y, width, height in obstacles:
            xs |= {x - lane, x + width + lane}
            ys |= {y - lane, y + height + lane}
        self.xs, self.ys = sorted(xs), sorted(ys)
        lines, rows = np.array(self.xs), np.array(self.ys)
        across = np.full((len(lines) - 1, len(rows)), True)
        along = np.full((len(lines), len(rows) - 1), True)
        for rect in obstacles:
            left, right = rect.x - clear, rect.x + rect.width + clear
            top, bottom = rect.y - clear, rect.y + rect.height + clear
            wide = (lines[:-1] < right) & (lines[1:] > left)
            high = (rows[:-1] < bottom) & (rows[1:] > top)
            across = across & ~np.outer(wide, (rows > top) & (rows < bottom))
            along = along & ~np.outer((lines > left) & (lines < right), high)
        self.across, self.along = across.tolist(), along.tolist()
        """Whether one can go on from [i][j] to the next line, to the right and down."""

    def way(self, first: Point, last: Point) -> list[Point]:
        """The cheapest way between two crossings of the grid, with its corners only; [] if there is none. It
        begins and ends to the right."""
        here = (self.xs.index(first[0]), self.ys.index(first[1]), True)
        goal = (self.xs.index(last[0]), self.ys.index(last[1]), True)
        order = count()
        open_ = [(0.0, next(order), here)]
        costs, came = {here: 0.0}, {here: here}
        done = set()
        while open_:
            _, _, here = heapq.heappop(open_)
            if here == goal:
                return self._corners(here, came)
            if here in done:
                continue
            done.add(here)
            for there, length in self._steps(*here):
                cost = costs[here] + length + (BEND if there[2] != here[2] else 0.0)
                if cost < costs.get(there, math.inf):
                    costs[there], came[there] = cost, here
                    rest = abs(self.xs[there[0]] - last[0]) + abs(self.ys[there[1]] - last[1])
                    heapq.heappush(open_, (cost + rest, next(order), there))
        return []

    def _steps(self, i: int, j: int, level: bool) -> Iterable[tuple[tuple[int, int, bool], float]]:
        """Where one gets from a crossing, and how far that is. `level`: one came there sideways."""
        xs, ys = self.xs, self.ys
        if i + 1 < len(xs) and self.across[i][j]:
            yield (i + 1, j, True), xs[i + 1] - xs[i]
        if i and self.across[i - 1][j]:
            yield (i - 1, j, True), xs[i] - xs[i - 1]
        if j + 1 < len(ys) and self.along[i][j]:
            yield (i, j + 1, False), ys[j + 1] - ys[j]
        if j and self.along[i][j - 1]:
            yield (i, j - 1, False), ys[j] - ys[j - 1]

    def _corners(
        self, here: tuple[int, int, bool], came: dict[tuple[int, int, bool], tuple[int, int, bool]]
    ) -> list[Point]:
        points = [(self.xs[here[0]], self.ys[here[1]])]
        while came[here] != here:
            before = came[here]
            if before[2] != here[2] or came[before] == before:
                points.append((self.xs[before[0]], self.ys[before[1]]))
            here = before
        return points[::-1]
