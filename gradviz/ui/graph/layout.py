"""Where cards, boxes and edges go. Plain data in and out, no Qt.

Every open scope is laid out on its own, innermost first, and is one large card for the scope around it. An
edge that crosses a scope's border gets a small anchor inside, at the border, and continues outside from that
height. So a level is never larger than what one person opened there, and edges keep clear of cards on all of
them. What happens within one level is `level.py`.

All of it is done as if data flowed from left to right. For a graph from top to bottom widths and heights are
exchanged before, and the picture is mirrored along its diagonal afterwards.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from typing import Any, Literal, NamedTuple

import numpy as np

from gradviz.trace.backward_graph import forward_key
from gradviz.ui.graph.alike import lay_out_alike
from gradviz.ui.graph.growth import changed_level
from gradviz.ui.graph.tables import Lines, Rectangles
from gradviz.ui.graph.task import ANCHOR, PADDING, Level, Point, Rect, Task

Edge = tuple[str, str]
ROOT = ""

HEADER = 26.0
"""Height of a box's title, in pixels at 100 %."""
TITLE_ROOM, CLEAR = 130.0, 6.0
"""Most titles of boxes fit into the one; the other is how far a title keeps from edges and frames."""

Direction = Literal["right", "down"]
"""Where data flows to."""


class Margins(NamedTuple):
    """Around the content of a box, seen along the flow."""

    start: float
    left: float
    end: float
    right: float


MARGINS: dict[Direction, Margins] = {
    "right": Margins(PADDING, HEADER, PADDING, PADDING),
    "down": Margins(HEADER, PADDING, PADDING, PADDING),
}


class Member(NamedTuple):
    """A card to be placed: its size, and the open scope around it (ROOT for none)."""

    width: float
    height: float
    scope: str = ROOT


@dataclass(frozen=True)
class Request:
    """What is to be laid out. `scopes` maps each open scope to the one around it."""

    cards: dict[str, Member]
    scopes: dict[str, str] = field(default_factory=dict)
    edges: tuple[Edge, ...] = ()
    aspect: float = 1.5
    """Width / height of the place where it is shown."""
    direction: Direction = "right"
    mirrored: dict[str, float] = field(default_factory=dict)
    """Cards that are pairs with a backward card, see mirror.py, and the backward card's size across the flow;
    they are as large as both."""
    gradients: tuple[Edge, ...] = ()
    """Edges that a gradient flows back through, where that is drawn as an edge of its own."""
    pins: dict[str, Point] = field(default_factory=dict)
    """Cards and scopes that somebody has put somewhere: where, see `places.py`."""

    def around(self, key: str) -> str:
        """The scope around a card or scope; around a backward card that of its pair."""
        if key in self.scopes:
            return self.scopes[key]
        return self.cards[key if key in self.cards else forward_key(key)].scope

    def same_structure(self, other: Request | None) -> bool:
        """Whether the other's picture would do: the same but for the aspect."""
        return other is not None and self == replace(other, aspect=self.aspect)


@dataclass(frozen=True)
class Placement:
    """The answer: a rectangle for every card and open scope, a line from source to target for every edge."""

    cards: dict[str, Rect] = field(default_factory=dict)
    scopes: dict[str, Rect] = field(default_factory=dict)
    edges: dict[Edge, list[Point]] = field(default_factory=dict)
    levels: dict[str, tuple[Task, Level]] = field(default_factory=dict)
    """How each scope was laid out: what did not change is not laid out again."""
    titles: dict[str, tuple[float, float]] = field(default_factory=dict)
    """Where in its uppermost stripe an open scope has room for its title: (from, to), counted from its left
    side. No edge comes in there."""
    origin: Point = (0.0, 0.0)
    direction: Direction = "right"
    corners: dict[str, Point] = field(default_factory=dict)
    """What places of pins in a scope are counted from, where that is not its upper left corner."""

    # Found when first asked for, best where nobody waits: this takes a while for ten thousands of cards.

    @cached_property
    def card_table(self) -> Rectangles:
        return Rectangles(self.cards)

    @cached_property
    def scope_table(self) -> Rectangles:
        """Outer ones come before inner ones."""
        return Rectangles(self.scopes)

    @cached_property
    def lines(self) -> Lines:
        """Of the edges, in their order."""
        return Lines(self.edges.values())

    @cached_property
    def bounds(self) -> Rect:
        """Around everything."""
        if not self.cards and not self.scopes:
            return Rect(0, 0, 0, 0)
        corners = [self.card_table.corners, self.scope_table.corners]
        points = np.vstack([*(table.reshape(-1, 2) for table in corners), self.lines.pieces.reshape(-1, 2)])
        (left, top), (right, bottom) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
        return Rect(left, top, right - left, bottom - top)


def lay_out(
    request: Request, kept: Placement | None = None, check: Callable[[], None] = lambda: None
) -> Placement:
    """Places everything. What `kept` shows stays; only what is around a box that grew gives way. `check` is
    called now and then: what it raises ends the work."""
    if kept is None or kept.direction != request.direction:
        kept = Placement(direction=request.direction)
    return _Layout(request, kept, check).run()


class _Layout:
    def __init__(self, request: Request, kept: Placement, check: Callable[[], None]) -> None:
        self.request, self.kept, self.check = request, kept, check
        self.down = request.direction == "down"
        self.margins = MARGINS[request.direction]
        self.children: dict[str, list[str]] = {ROOT: [], **{scope: [] for scope in request.scopes}}
        for scope, parent in request.scopes.items():
            self.children[parent].append(scope)
        for key, card in request.cards.items():
            self.children[card.scope].append(key)
        self.chains = {key: self._chain(card.scope) for key, card in request.cards.items()}
        """card → the scopes around it, outermost (ROOT) first."""
        self.edges_of: dict[str, list[Edge]] = {scope: [] for scope in self.children}
        for edge in request.edges:
            for scope in dict.fromkeys((*self.chains[edge[0]], *self.chains[edge[1]])):
                self.edges_of[scope].append(edge)
        self.levels: dict[str, Level] = {}
        self.tasks: dict[str, Task] = {}

    def run(self) -> Placement:
        for scope in self._innermost_first(ROOT):
            self.check()
            self.levels[scope] = self._level(scope)
        shift = self.levels[ROOT].shift
        origin = (self.kept.origin[0] + shift[0], self.kept.origin[1] + shift[1])
        levels = {scope: (self.tasks[scope], level) for scope, level in self.levels.items()}
        placement = Placement(levels=levels, origin=origin, direction=self.request.direction)
        self._collect(ROOT, origin, placement)
        offsets = {scope: self._inside(rect) for scope, rect in placement.scopes.items()}
        offsets[ROOT] = origin
        for edge in self.request.edges:
            self.check()
            placement.edges[edge] = self._line(edge, offsets)
        return _turned(placement) if self.down else placement

    # ── one level ─────────────────────────────────────────────────────────────────────────────────────────

    def _level(self, scope: str) -> Level:
        sizes = {key: self._size(key) for key in self.children[scope]}
        incoming: dict[str, None] = {}
        outgoing: dict[str, None] = {}
        links: dict[tuple[str, str], tuple[str, str]] = {}
        for source, target in self.edges_of[scope]:
            here, there = self._member(source, scope), self._member(target, scope)
            if here == there:
                continue
            start = here or f"in:{source}"
            end = there or f"out:{source}"
            if here is None:
                incoming[source] = None
            if there is None:
                outgoing[source] = None
            links[source, end] = (start, end)
        anchors = {f"in:{key}": "first" for key in incoming} | {f"out:{key}": "last" for key in outgoing}
        ports = {link: self._ports(link[0], *ends) for link, ends in links.items()}
        task = self.tasks[scope] = Task(sizes, links, anchors, ports)
        earlier_task, earlier = self.kept.levels.get(scope, (None, None))
        if earlier is not None and task == earlier_task:
            return replace(earlier, shift=(0.0, 0.0))
        if earlier is not None:
            shifts = {key: self.levels[key].shift for key in sizes if key in self.levels}
            changed = changed_level(task, earlier, shifts)
            if changed is not None:
                return changed
        return lay_out_alike(task, 1 / self.request.aspect if self.down else self.request.aspect)

    def _ports(self, source: str, start: str, end: str) -> dict[str, Any]:
        """Edges leave and enter open scopes at the height of their anchors inside."""
        ports: dict[str, Any] = {}
        for name, side, key, anchor in (
            ("source_port", "right", start, f"out:{source}"),
            ("target_port", "left", end, f"in:{source}"),
        ):
            level = self.levels.get(key)
            if level is not None:
                full = level.height + self.margins.left + self.margins.right
                y = level.members[anchor].y + ANCHOR / 2 + self.margins.left
                ports[name] = {"offset": {"side": side, "t": (y - full / 2) / (full / 2)}}
        return ports

    # ── putting levels together ───────────────────────────────────────────────────────────────────────────

    def _collect(self, scope: str, origin: Point, placement: Placement) -> None:
        """Rectangles of a level and of those inside it, in coordinates of the whole."""
        for key in self.children[scope]:
            rect = self.levels[scope].members[key].moved(*origin)
            if key in self.levels:
                placement.scopes[key] = rect
                placement.titles[key] = self._title_room(key, rect)
                self._collect(key, self._inside(rect), placement)
            else:
                placement.cards[key] = rect

    def _line(self, edge: Edge, offsets: dict[str, Point]) -> list[Point]:
        """The edge's way: up through the scopes around its source, across, down to its target."""
        source, target = edge
        common = [scope for scope in self.chains[source] if scope in self.chains[target]]
        up = self.chains[source][len(common) :]
        down = self.chains[target][len(common) :]
        legs = [(scope, f"out:{source}") for scope in reversed(up)]
        legs += [(scope, str(self._member(target, scope))) for scope in (common[-1], *down)]
        points: list[Point] = []
        for scope, end in legs:
            leg = self._segment(source, scope, end, offsets)
            points = _joined(points, leg, entering=scope in down)
        return simplified(points)

    def _segment(self, source: str, scope: str, end: str, offsets: dict[str, Point]) -> list[Point]:
        dx, dy = offsets[scope]
        return [(x + dx, y + dy) for x, y in self.levels[scope].lines[source, end]]

    def _title_room(self, scope: str, box: Rect) -> tuple[float, float]:
        """The first gap between the edges that come in from above that takes most titles, else the widest."""
        if not self.down:
            return CLEAR, box.width - CLEAR
        level, anchors = self.levels[scope], self.tasks[scope].anchors
        entries = sorted(
            level.members[key].y + self.margins.left for key in anchors if anchors[key] == "first"
        )
        gaps = [(left + CLEAR, right - CLEAR) for left, right in pairwise([0.0, *entries, box.height])]
        wide = (gap for gap in gaps if gap[1] - gap[0] >= TITLE_ROOM)
        return next(wide, max(gaps, key=lambda gap: gap[1] - gap[0]))

    def _inside(self, box: Rect) -> Point:
        """Where the content of a box begins."""
        return box.x + self.margins.start, box.y + self.margins.left

    # ── small questions ───────────────────────────────────────────────────────────────────────────────────

    def _chain(self, scope: str) -> list[str]:
        chain = []
        while scope:
            chain.append(scope)
            scope = self.request.scopes[scope]
        return [ROOT, *reversed(chain)]

    def _innermost_first(self, scope: str) -> list[str]:
        order = [scope]
        for known in order:
            order += [child for child in self.children[known] if child in self.children]
        return order[::-1]

    def _member(self, card: str, scope: str) -> str | None:
        """The member of `scope` that holds the card, or None when it is outside."""
        chain = self.chains[card]
        if scope not in chain:
            return None
        below = chain.index(scope) + 1
        return chain[below] if below < len(chain) else card

    def _size(self, key: str) -> tuple[float, float]:
        level = self.levels.get(key)
        if level is not None:
            start, left, end, right = self.margins
            return start + level.width + end, left + level.height + right
        card = self.request.cards[key]
        return (card.height, card.width) if self.down else (card.width, card.height)


def mirrored(rect: Rect) -> Rect:
    """x for y and y for x."""
    return Rect(rect.y, rect.x, rect.height, rect.width)


def mirrored_line(line: list[Point]) -> list[Point]:
    return [(y, x) for x, y in line]


def _turned(placement: Placement) -> Placement:
    """From top to bottom what was from left to right; the levels stay as they were made."""
    return replace(
        placement,
        cards={key: mirrored(rect) for key, rect in placement.cards.items()},
        scopes={key: mirrored(rect) for key, rect in placement.scopes.items()},
        edges={edge: mirrored_line(line) for edge, line in placement.edges.items()},
    )


def _joined(before: list[Point], after: list[Point], *, entering: bool) -> list[Point]:
    """Two legs that meet at a scope's border; where they do so at different heights, a step just inside."""
    if not before or abs(before[-1][1] - after[0][1]) < 0.5:
        return before + after
    if entering:
        x = after[0][0] + PADDING / 2
        return [*before, (x, before[-1][1]), (x, after[0][1]), *after[1:]]
    x = before[-1][0] - PADDING / 2
    return [*before[:-1], (x, before[-1][1]), (x, after[0][1]), *after]


def simplified(points: list[Point]) -> list[Point]:
    """Without repeated points and without corners that are none."""
    kept = points[:1]
    for point in points[1:]:
        x, y = point
        last_x, last_y = kept[-1]
        if (last_x - x) ** 2 + (last_y - y) ** 2 < 0.25:
            continue
        while len(kept) > 1 and _straight(kept[-2], kept[-1], point):
            kept.pop()
        kept.append(point)
    return kept if len(kept) > 1 else points[:2]


def _straight(a: Point, b: Point, c: Point) -> bool:
    x, y = c[0] - a[0], c[1] - a[1]
    cross = (b[0] - a[0]) * y - (b[1] - a[1]) * x
    return 4 * cross * cross <= x * x + y * y and (b[0] - a[0]) * (c[0] - b[0]) >= 0
