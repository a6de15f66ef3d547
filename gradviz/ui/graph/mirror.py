"""Room for the backward graph: its cards under (in a graph from top to bottom: beside) those of the forward
graph, and its edges beside the forward ones. Plain data in and out, no Qt.

The layout knows nothing of it. It places pairs, each as one card; here a pair is divided, and a line that ran
between two pairs becomes one between forward cards, and one back between backward cards.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from gradviz.trace.backward_graph import backward_key
from gradviz.ui.graph.beside import beside
from gradviz.ui.graph.layout import Direction, Edge, Placement, Request, mirrored, mirrored_line
from gradviz.ui.graph.task import Point, Rect

GAP = 3.0
"""Between the two cards of a pair."""
INSET = 9.0
"""By which a backward card is shorter at both ends: so much room has the arrow that leads to it."""
BESIDE = 5.0
"""Distance of the way back from the way there."""
REACH = 4.0
"""How far from the pair its edges run along it, from the height of a line to that of the backward card."""
HEIGHT = 34.0
LETTER = 6.7
"""Width of a letter of a backward card's name."""
WIDEST = 176.0
NARROWEST, WIDEST_BESIDE = 84.0, 125.0
"""Beside a card. Wider, the middle of a pair would not lie on the forward card, where edges lead to."""

Line = list[Point]


class Pair(NamedTuple):
    """`size` of both cards together, and the backward card's size across the flow."""

    size: tuple[float, float]
    across: float


def pair(width: float, height: float, direction: Direction, letters: int) -> Pair:
    """What a card takes with its backward card, in whose name there are so many letters."""
    text = 16 + LETTER * letters
    if direction == "right":
        return Pair((max(width, min(text + 2 * INSET, WIDEST)), height + GAP + HEIGHT), HEIGHT)
    across = min(max(text, NARROWEST), WIDEST_BESIDE)
    return Pair((width + GAP + across, height), across)


def divide(placement: Placement, request: Request) -> Placement:
    """The placement with every pair divided, and with the lines of the backward graph after the others."""
    if not request.mirrored:
        return placement
    down = request.direction == "down"
    cards = dict(placement.cards)
    for key, across in request.mirrored.items():
        cards[key], cards[backward_key(key)] = _divided(placement.cards[key], request.direction, across)
    along = {key: mirrored(rect) if down else rect for key, rect in cards.items()}  # seen along the flow
    forward: dict[Edge, Line] = {}
    back: dict[Edge, Line] = {}
    returning = set(request.gradients)
    for (source, target), line in placement.edges.items():
        way = mirrored_line(line) if down else line
        ends = (along[key] if key in request.mirrored else None for key in (source, target))
        forward[source, target] = _between_forward_cards(way, *ends)
        if (source, target) in returning:
            edge = backward_key(target), backward_key(source)
            back[edge] = _between_backward_cards(way, along[edge[1]], along[edge[0]])
    order = [(backward_key(target), backward_key(source)) for source, target in request.gradients]
    edges = forward | {edge: back[edge] for edge in order}
    if down:
        edges = {edge: mirrored_line(line) for edge, line in edges.items()}
    return replace(placement, cards=cards, edges=edges)


def _divided(rect: Rect, direction: Direction, across: float) -> tuple[Rect, Rect]:
    """Forward and backward card."""
    x, y, width, height = rect
    if direction == "right":
        top = height - GAP - across
        return Rect(x, y, width, top), Rect(x + INSET, y + top + GAP, width - 2 * INSET, across)
    left = width - GAP - across
    return Rect(x, y, left, height), Rect(x + left + GAP, y + INSET, across, height - 2 * INSET)


def _between_forward_cards(line: Line, source: Rect | None, target: Rect | None) -> Line:
    """The line with ends that lie on the forward cards. A pair's middle does; what is further off moves."""
    line = _moved_end(line[::-1], source)[::-1] if source else line
    return _moved_end(line, target) if target else line


def _moved_end(line: Line, card: Rect) -> Line:
    (x, y), (before_x, before_y) = line[-1], line[-2]
    lowest = card.y + card.height - 6
    if y <= lowest:
        return line
    if len(line) > 2 and abs(before_y - y) < 0.5:  # a corner comes before it, which moves along
        return [*line[:-2], (before_x, lowest), (x, lowest)]
    side = REACH + 2 if before_x > x else -REACH - 2
    return [*line[:-1], (x + side, y), (x + side, lowest), (x, lowest)]


def _between_backward_cards(line: Line, source: Rect, target: Rect) -> Line:
    """The way back beside a line: out of the target's backward card, along the pair, beside the line, and
    along the other pair into the source's backward card."""
    way = beside(line, -BESIDE)
    start_y, end_y = way[0][1], way[-1][1]
    leaves = (target.x, target.y + target.height / 2)
    arrives = (source.x + source.width, source.y + source.height / 2)
    first = line[-1][0] - REACH
    last = line[0][0] + REACH
    return [
        leaves,
        (first, leaves[1]),
        (first, end_y),
        *way[1:-1][::-1],
        (last, start_y),
        (last, arrives[1]),
        arrives,
    ]
