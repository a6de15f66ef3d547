"""Levels that are too large for better: columns of members in rows, lines in channels between. No Qt here.

Takes about as long as looking at every member and link once.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

from gradviz.ui.graph.task import GAP_Y, PADDING, Level, Link, Point, Rect, Size, Task

CHANNEL = 28.0
"""Width of what is free for lines between columns, between rows and around everything."""
LANES, LANE = 7, 3.0
"""Side by side in a channel; every source has one of them, so that its lines are seen to belong together."""


@dataclass(frozen=True)
class _Column:
    """Where a column is; the channels of its row are above and below."""

    row: int
    left: float
    right: float


def in_columns(task: Task, generations: list[list[str]], aspect: float) -> Level:
    """A column for each generation, or several; columns folded into rows as the aspect asks for."""
    columns = _columns(generations, len(task.sizes))
    width, rows = _rows(columns, task.sizes, aspect)
    members: dict[str, Rect] = {}
    column_of: dict[str, _Column] = {}
    above: list[float] = []
    y = CHANNEL
    for number, row in enumerate(rows):
        above.append(y - CHANNEL / 2)
        x = CHANNEL
        for keys in row:
            wide = max(task.sizes[key][0] for key in keys)
            below = y
            for key in keys:
                members[key] = Rect(x, below, *task.sizes[key])
                column_of[key] = _Column(number, x, x + wide)
                below += task.sizes[key][1] + GAP_Y
            x += wide + CHANNEL
        y += max(_height(keys, task.sizes) for keys in row) + CHANNEL
    for side, x in (("first", -PADDING), ("last", width + PADDING)):
        anchors = [key for key, rank in task.anchors.items() if rank == side]
        for number, key in enumerate(anchors, 1):
            members[key] = Rect(x, y * number / (len(anchors) + 1), 0, 0)
    channels = _Channels(task, members, column_of, above, width)
    numbers = {source: number for number, source in enumerate(dict.fromkeys(s for s, _ in task.links))}
    lines = {link: channels.line(link, (numbers[link[0]] % LANES - LANES // 2) * LANE) for link in task.links}
    return Level(width, y, members, lines)


@dataclass(frozen=True)
class _Channels:
    """Finds lines between columns."""

    task: Task
    members: dict[str, Rect]
    column_of: dict[str, _Column]
    above: list[float]
    """Middle of the channel above each row."""
    width: float

    def line(self, link: Link, shift: float) -> list[Point]:
        """Out of the start, through channels (`shift` off their middles), into the end."""
        start, end = (self.members[key] for key in self.task.links[link])
        here, there = (self.column_of.get(key) for key in self.task.links[link])
        y0, y1 = self.task.heights(link, start, end)
        left, right = CHANNEL / 2 + shift, self.width - CHANNEL / 2 + shift
        out = left if here is None else here.right + CHANNEL / 2 + shift
        into = right if there is None else there.left - CHANNEL / 2 + shift
        line = [(start.x + start.width, y0), (out, y0)]
        if abs(out - into) > 1 or (here and there and here.row != there.row):
            heights = [height + shift for height in self._crossed(here, there)]
            ways = [out, into] if len(heights) == 1 else [out, left, into]
            for height, (x0, x1) in zip(heights, pairwise(ways), strict=True):
                line += [(x0, height), (x1, height)]
        return [*line, (into, y1), (end.x, y1)]

    def _crossed(self, here: _Column | None, there: _Column | None) -> list[float]:
        """Heights of the channels between rows that a line goes along: two, where another row is between."""
        if here is None or there is None:
            row = there.row if there else here.row if here else 0
            return [self.above[row]]
        if abs(here.row - there.row) <= 1:
            return [self.above[max(here.row, there.row)]]
        return [self.above[here.row + (there.row > here.row)], self.above[there.row]]


def _columns(generations: list[list[str]], count: int) -> list[list[str]]:
    tallest = max(8, math.isqrt(count))
    return [
        generation[start : start + tallest]
        for generation in generations
        for start in range(0, len(generation), tallest)
    ]


def _rows(
    columns: list[list[str]], sizes: dict[str, Size], aspect: float
) -> tuple[float, list[list[list[str]]]]:
    """The whole width, and the columns of each row: as many rows as come closest to the aspect."""
    widths = [max(sizes[key][0] for key in column) + CHANNEL for column in columns]
    area = sum(wide * (_height(keys, sizes) + CHANNEL) for wide, keys in zip(widths, columns, strict=True))
    limit = max(math.sqrt(area * aspect), *widths)
    rows: list[list[list[str]]] = [[]]
    x = widest = 0.0
    for column, wide in zip(columns, widths, strict=True):
        if x and x + wide > limit:
            rows.append([])
            x = 0.0
        rows[-1].append(column)
        x += wide
        widest = max(widest, x)
    return widest + CHANNEL, rows


def _height(column: list[str], sizes: dict[str, Size]) -> float:
    return sum(sizes[key][1] + GAP_Y for key in column) - GAP_Y
