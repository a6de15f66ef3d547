"""Cards and boxes that somebody has put elsewhere: the rest stays where the layout has put it. No Qt here.

A pinned card or box keeps its distance from the corner of the box around it, outside of all boxes its place.
Boxes grow with what was dragged out of them, what would be covered gives way to the nearest free place, and
edges that lead to something that moved, or would run through it, go around.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import product

from gradviz.trace.backward_graph import backward_key
from gradviz.ui.graph.layout import (
    CLEAR,
    HEADER,
    ROOT,
    Edge,
    Placement,
    Request,
    mirrored,
    mirrored_line,
    simplified,
)
from gradviz.ui.graph.routing import crosses, elbow, route
from gradviz.ui.graph.task import GAP_Y, PADDING, Point, Rect

NEAR = 6.0
"""Pixels at 100 % that two cards keep from each other."""


def arranged(placement: Placement, request: Request) -> Placement:
    """The placement with `request.pins` where they were put."""
    return _Arrangement(placement, request).run() if request.pins else placement


def _in_flow(
    placement: Placement, way: Callable[[Point, Point], list[Point]], start: Point, end: Point
) -> list[Point]:
    """A way that is found along the flow, as it is drawn."""
    if placement.direction == "right":
        return way(start, end)
    return mirrored_line(way(*mirrored_line([start, end])))


def place_in_box(placement: Placement, request: Request, key: str) -> Point:
    """Where a card or box is, as a pin of it would say."""
    x, y = _corner(placement, key)
    left, top = _corner(placement, request.around(key))
    return x - left, y - top


def _corner(placement: Placement, key: str) -> Point:
    rect = placement.cards.get(key) or placement.scopes.get(key) or Rect(0, 0, 0, 0)
    return placement.corners.get(key, (rect.x, rect.y))


def carried(request: Request, key: str) -> set[str]:
    """A card or box, and all that moves along with it."""
    keys = {key}
    for box in request.scopes:
        around = box
        while around and around != key:
            around = request.scopes[around]
        if around:
            keys.add(box)
    keys |= {card for card, member in request.cards.items() if member.scope in keys}
    return keys | {backward_key(card) for card in keys & request.mirrored.keys()}


def dragged(placement: Placement, keys: set[str], dx: float, dy: float) -> Placement:
    """The placement while somebody moves these cards and boxes; their edges take the simplest way."""

    def moved(rects: dict[str, Rect]) -> dict[str, Rect]:
        return rects | {key: rects[key].moved(dx, dy) for key in keys & rects.keys()}

    edges = dict(placement.edges)
    for (source, target), line in placement.edges.items():
        ends = (source in keys, target in keys)
        if all(ends):
            edges[source, target] = _shifted(line, dx, dy)
        elif any(ends):
            moved_end = _shifted(line[:1] if ends[0] else line[-1:], dx, dy)[0]
            way = (moved_end, line[-1]) if ends[0] else (line[0], moved_end)
            edges[source, target] = _in_flow(placement, elbow, *way)
    return replace(placement, cards=moved(placement.cards), scopes=moved(placement.scopes), edges=edges)


class _Arrangement:
    def __init__(self, automatic: Placement, request: Request) -> None:
        self.automatic, self.request = automatic, request
        self.children: dict[str, list[str]] = {ROOT: [], **{scope: [] for scope in request.scopes}}
        for key in (*request.scopes, *request.cards):
            self.children[request.around(key)].append(key)
        self.members: dict[str, dict[str, Rect]] = {}
        """Box → its members, seen from its corner."""
        self.shapes: dict[str, Rect] = {}
        """Box → itself, seen from its corner: it may have grown to the left of it."""
        self.corners: dict[str, Point] = {ROOT: (0.0, 0.0)}
        self.cards: dict[str, Rect] = {}
        self.scopes: dict[str, Rect] = {}

    def run(self) -> Placement:
        order = [ROOT]
        for scope in order:
            order += [key for key in self.children[scope] if key in self.children]
        for scope in reversed(order):
            self._settle(scope)
        for scope in order:
            self._put(scope)
        grown = {box: (CLEAR, self.scopes[box].width - CLEAR) for box in self.scopes if self._has_grown(box)}
        return replace(
            self.automatic,
            cards=self.cards,
            scopes=self.scopes,
            edges=self._edges(),
            titles=self.automatic.titles | grown,
            corners=self.corners,
        )

    # ── cards and boxes ───────────────────────────────────────────────────────────────────────────────────

    def _settle(self, scope: str) -> None:
        """Puts the members of a box where they belong, and lets it grow around them."""
        pins, auto = self.request.pins, self._automatic(scope)
        members = self.members[scope] = {}
        for key in self.children[scope]:
            rect = self._automatic(key)
            shape = self.shapes.get(key, Rect(0, 0, rect.width, rect.height))
            members[key] = shape.moved(*pins.get(key, (rect.x - auto.x, rect.y - auto.y)))
        grown = [key for key in members if key in self.shapes and key not in pins and self._has_grown(key)]
        fixed = [key for key in members if key in pins]
        for key in grown:
            _give_way(members, key, fixed)
            fixed.append(key)
        for key in members.keys() - fixed:
            _give_way(members, key, fixed)
        if scope != ROOT:
            self.shapes[scope] = _around(Rect(0, 0, auto.width, auto.height), members)

    def _put(self, scope: str) -> None:
        """Gives the members of a box their places in the whole."""
        for key, rect in self.members[scope].items():
            rect = rect.moved(*self.corners[scope])
            if key in self.children:
                self.scopes[key] = rect
                self.corners[key] = (rect.x - self.shapes[key].x, rect.y - self.shapes[key].y)
            else:
                self.cards[key] = rect

    def _automatic(self, key: str) -> Rect:
        if key == ROOT:
            return Rect(0, 0, 0, 0)
        return self.automatic.cards.get(key) or self.automatic.scopes[key]

    def _has_grown(self, box: str) -> bool:
        rect = self._automatic(box)
        return self.shapes[box] != Rect(0, 0, rect.width, rect.height)

    # ── edges ─────────────────────────────────────────────────────────────────────────────────────────────

    def _edges(self) -> dict[Edge, list[Point]]:
        now = {**self.cards, **self.scopes}
        intruders = {key: rect for key, rect in now.items() if self._is_elsewhere(key)}
        chains = {key: self._chain(key) for key in self.cards}
        edges = {}
        for (source, target), line in self.automatic.edges.items():
            around = {*chains[source], *chains[target]}
            start, end = (self._moved_by(key) for key in (source, target))
            if start == end:
                line = _shifted(line, *start)
                if not any(key not in around and crosses(line, rect, 2.0) for key, rect in intruders.items()):
                    edges[source, target] = line
                    continue
                start = end = (0.0, 0.0)
            first, last = _shifted(line[:1], *start)[0], _shifted(line[-1:], *end)[0]
            edges[source, target] = self._route(first, last, around)
        return edges

    def _route(self, start: Point, end: Point, around: set[str]) -> list[Point]:
        """Around everything that stands in the boxes that the edge passes."""
        now = {**self.cards, **self.scopes}
        beside = [
            key for box in around & self.children.keys() for key in self.children[box] if key not in around
        ]
        obstacles = [now[key] for key in beside]
        obstacles += [now[key] for key in around if key in self.cards]
        if self.automatic.direction == "down":
            obstacles = [mirrored(rect) for rect in obstacles]
        line = _in_flow(self.automatic, lambda a, b: route(a, b, obstacles), start, end)
        return simplified(line)

    def _is_elsewhere(self, key: str) -> bool:
        """Whether a member moved within the box around it, or grew."""
        box = self.request.around(key)
        auto, around = self._automatic(key), self._automatic(box)
        return self.members[box][key] != auto.moved(-around.x, -around.y)

    def _moved_by(self, card: str) -> Point:
        before, now = self.automatic.cards[card], self.cards[card]
        return now.x - before.x, now.y - before.y

    def _chain(self, key: str) -> list[str]:
        """A card and the boxes around it, ROOT last."""
        chain = [key]
        while chain[-1] != ROOT:
            chain.append(self.request.around(chain[-1]))
        return chain


def _give_way(members: dict[str, Rect], key: str, fixed: list[str]) -> None:
    """Moves a member that something fixed lies on to the nearest free place."""
    own = members[key]
    if not any(_touch(own, members[other]) for other in fixed):
        return
    others = [rect for other, rect in members.items() if other != key]
    near = sorted(others, key=lambda rect: abs(rect.x - own.x) + abs(rect.y - own.y))[:40]
    xs = [own.x, *(x for r in near for x in (r.x - own.width - GAP_Y, r.x + r.width + GAP_Y))]
    ys = [own.y, *(y for r in near for y in (r.y - own.height - GAP_Y, r.y + r.height + GAP_Y))]
    places = [*((x, own.y) for x in xs), *((own.x, y) for y in ys)]
    places.sort(key=lambda place: abs(place[0] - own.x) + abs(place[1] - own.y))
    below = max(rect.y + rect.height for rect in others) + GAP_Y
    for x, y in (*places, *product(xs[:9], ys[:9]), (own.x, below)):
        there = Rect(x, y, own.width, own.height)
        if not any(_touch(there, other) for other in others):
            members[key] = there
            return


def _around(box: Rect, members: dict[str, Rect]) -> Rect:
    """A box with room for its members."""
    left = min([box.x, *(rect.x - PADDING for rect in members.values())])
    top = min([box.y, *(rect.y - HEADER for rect in members.values())])
    right = max([box.x + box.width, *(rect.x + rect.width + PADDING for rect in members.values())])
    bottom = max([box.y + box.height, *(rect.y + rect.height + PADDING for rect in members.values())])
    return Rect(left, top, right - left, bottom - top)


def _touch(a: Rect, b: Rect) -> bool:
    across = a.x < b.x + b.width + NEAR and b.x < a.x + a.width + NEAR
    return across and a.y < b.y + b.height + NEAR and b.y < a.y + a.height + NEAR


def _shifted(line: list[Point], dx: float, dy: float) -> list[Point]:
    return [(x + dx, y + dy) for x, y in line]
