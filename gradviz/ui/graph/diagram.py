"""What the graph shows of an iteration: which cards, which boxes, which edges between them. No Qt here.

A scope (module) is an open box with its members inside, or, closed, one card that stands for all of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from gradviz.trace import Iteration, Node, Scope
from gradviz.trace.backward_graph import (
    backward_key,
    backward_name,
    forward_key,
    gradient_edges,
    has_backward,
    is_backward,
)
from gradviz.trace.folding import Folding, ancestors, fold, parent_of
from gradviz.trace.wiring import wiring
from gradviz.ui.graph.layout import ROOT, Direction, Member, Request
from gradviz.ui.graph.mirror import pair

READABLE = 50
"""Scopes open by themselves while no more than this many cards are visible."""


@dataclass(frozen=True)
class Card:
    """One rectangle: a node, or a closed scope (then `node` is None and `key` is its path and "/")."""

    key: str
    role: str
    """ "parameter", "buffer", "input", "operation", "loss", "scope", or "backward" for a card of the backward
    graph."""
    scope: str
    """Path of the open scope around it, or ""."""
    output: Node
    """The node whose value the card shows: of a closed scope the operation that ran last."""
    module: Scope | None = None
    entering: tuple[int, ...] | None = None
    """Shape of the first thing that a closed scope takes in, if it takes in anything."""
    parameters: int = 0
    """How many numbers of a closed scope are learned."""
    functions: int = 0
    """How many backward nodes a card of the backward graph stands for."""

    @property
    def node(self) -> Node | None:
        return None if self.module else self.output

    @property
    def title(self) -> str:
        if self.role == "backward" and self.module is None:
            return backward_name(self.output)
        return self.module.title if self.module else self.output.name

    @property
    def quiet(self) -> bool:
        """Moves no numbers, or takes no part in differentiation: drawn smaller and calmer."""
        node = self.node if self.role != "backward" else None
        return node is not None and node.kind == "operation" and (node.is_view or not node.requires_grad)

    @property
    def size(self) -> tuple[float, float]:
        """Pixels at 100 %."""
        if self.role == "scope":
            return 180.0, 80.0
        if self.quiet:
            width = 34 + 8.5 * max(len(self.title), 0.72 * len(str(self.output.shape).replace(" ", "")))
            return min(max(width, 88.0), 140.0), 62.0 if self.output.requires_grad else 46.0
        return 140.0, 78.0 if self.role == "parameter" else 62.0


@dataclass(frozen=True, eq=False)
class Link:
    """An edge between two cards."""

    source: str
    target: str
    nodes: Sequence[Node]
    """Of the whole graph."""
    producers: np.ndarray
    """Ids of the nodes that the edges behind it come from …"""
    consumers: np.ndarray
    """… and lead to."""
    backward: bool = False
    """An edge of the backward graph: from the backward nodes of `consumers` to those of `producers`."""

    @cached_property
    def pairs(self) -> tuple[tuple[Node, Node], ...]:
        """The (producer, consumer) behind it. There may be thousands; few links are looked at so closely."""
        ids = zip(self.producers.tolist(), self.consumers.tolist(), strict=True)
        return tuple((self.nodes[producer], self.nodes[consumer]) for producer, consumer in ids)


class Diagram:
    """The visible graph of one iteration for a set of open scopes; with `backward` also the backward graph,
    whose cards and links come after the others."""

    def __init__(
        self,
        iteration: Iteration | None,
        opened: set[str] | None = None,
        folding: Folding | None = None,
        *,
        backward: bool = False,
    ) -> None:
        iteration = self.iteration = iteration or Iteration(0)
        self.backward = backward
        self.nodes = iteration.nodes
        self.folding = folding or fold(iteration)
        self.scopes = self.folding.scopes
        self.opened = readable_scopes(self.folding) if opened is None else opened
        self._closed_around: dict[str, str | None] = {}
        self._wiring = wiring(iteration)
        self.cards: dict[str, Card] = {}
        self._boxes: dict[str, Card] = {}
        self._add_cards()
        self.links = self._links(np.ones(len(self._wiring.sources), bool))
        if backward:
            self._add_backward(iteration)

    def card_of(self, node: int) -> Card | None:
        """The card that shows a node; None for one that is not in this graph."""
        return self._in_order[self._shown_by[node]] if node < len(self._shown_by) else None

    def cards_of(self, nodes: np.ndarray) -> list[Card]:
        """The cards that show these nodes."""
        return [self._in_order[place] for place in np.unique(self._shown_by[nodes]).tolist()]

    def partner(self, key: str) -> str:
        """What belongs to a card or box: to backward nodes their forward nodes and the reverse; to operations
        that a backward pass ran those whose backward it was. "" if there is none."""
        other = forward_key(key) if is_backward(key) else backward_key(key)
        if key in self.cards and other in self.cards:
            return other
        made_for = self._made_for(key)
        card = self.card_of(made_for) if made_for >= 0 else None
        if card is None or card.key == key:
            return ""
        return backward_key(card.key) if backward_key(card.key) in self.cards else card.key

    def _made_for(self, key: str) -> int:
        """The node whose backward ran all that a card or box shows; -1 if there is none."""
        card = self.cards.get(key)
        if card is not None and card.node is not None:
            nodes = [card.node.id]
        else:
            nodes = self.folding.nodes_in(key.removesuffix("/")) if key else []
        made = {self.nodes[number].in_backward for number in nodes if self.nodes[number].kind == "operation"}
        where = made.pop() if len(made) == 1 else None
        return where.of if where is not None else -1

    def sums(self, values: np.ndarray) -> dict[str, float]:
        """For every card the sum of a value that each node has."""
        sums = np.bincount(self._shown_by, values, len(self._in_order)).tolist()
        return {card.key: amount for card, amount in zip(self._in_order, sums, strict=True)}

    @cached_property
    def open_scopes(self) -> dict[str, str]:
        """Path of every box → the box around it."""
        return {
            path: parent_of(path, self.scopes)
            for path in self.scopes
            if path in self.opened and self._visible(path)
        }

    def boxes_around(self, key: str) -> list[str]:
        """Keys of the open boxes around a card, innermost first."""
        card, found = self.cards.get(key), []
        path = card.scope if card is not None else ""
        while path in self.open_scopes:
            found.append(box_key(path))
            path = self.open_scopes[path]
        return found

    def box(self, key: str) -> Card:
        """What an open box has to say: the card that it would be if it were closed."""
        if key not in self._boxes:
            path = key.removesuffix("/")
            paths, homes = self.folding.homes
            inside = np.array([f"{home}.".startswith(f"{path}.") for home in paths], bool)
            (self._boxes[key],) = self._closed_cards([path], np.where(inside[homes], 0, -1))
        return self._boxes[key]

    @cached_property
    def link_between(self) -> dict[tuple[str, str], Link]:
        """Every link by the keys of its source and its target."""
        return {(link.source, link.target): link for link in self.links}

    @cached_property
    def links_at(self) -> dict[str, list[Link]]:
        """The links from and to each card that has any."""
        found: dict[str, list[Link]] = {}
        for link in self.links:
            found.setdefault(link.source, []).append(link)
            found.setdefault(link.target, []).append(link)
        return found

    def request(self, aspect: float, direction: Direction = "right") -> Request:
        """What the layout has to place. Boxes go by the same key as their closed cards."""
        pairs = {
            forward_key(key): pair(*self.cards[forward_key(key)].size, direction, len(card.title))
            for key, card in self.cards.items()
            if card.role == "backward"
        }
        cards = {}
        for card in self._in_order:
            width, height = pairs[card.key].size if card.key in pairs else card.size
            cards[card.key] = Member(width, height, box_key(card.scope))
        mirrored = {key: found.across for key, found in pairs.items()}
        boxes = {box_key(path): box_key(parent) for path, parent in self.open_scopes.items()}
        edges = tuple((link.source, link.target) for link in self.links if not link.backward)
        gradients = tuple(
            (forward_key(link.target), forward_key(link.source)) for link in self.links if link.backward
        )
        return Request(cards, boxes, edges, aspect, direction, mirrored, gradients)

    # What follows works on all nodes and edges at once: there may be 100,000s, for every box that is opened.

    def _add_cards(self) -> None:
        """Cards in the order in which the first of their nodes appears."""
        paths, homes = self.folding.homes
        closed = [self._outermost_closed(path) for path in paths]
        boxes = list(dict.fromkeys(path for path in closed if path is not None))
        number = {path: place for place, path in enumerate(boxes)}
        box_of = np.array([-1 if path is None else number[path] for path in closed], np.int64)[homes]
        single = np.flatnonzero(box_of < 0)
        shown_by = box_of.copy()  # first boxes are counted, then single nodes
        shown_by[single] = len(boxes) + np.arange(len(single))
        cards = [*self._closed_cards(boxes, box_of), *(self._card(self.nodes[i]) for i in single.tolist())]
        _, first = np.unique(shown_by, return_index=True)
        order = np.argsort(first)
        self._in_order = [cards[place] for place in order.tolist()]
        self._shown_by = np.argsort(order)[shown_by]
        """Node id → the position of the card that shows it."""
        self.cards = {card.key: card for card in self._in_order}

    def _card(self, node: Node) -> Card:
        role = "loss" if node.id == self._wiring.loss else node.kind
        return Card(node.key, role, self.folding.of[node.id], node)

    def _closed_cards(self, boxes: list[str], box_of: np.ndarray) -> list[Card]:
        """`box_of[id]` is the position of the box that a node is hidden in, or -1."""
        wired = self._wiring
        output = _last(box_of, np.arange(len(box_of)), len(boxes))
        operations = _last(box_of[wired.operations], wired.operations, len(boxes))
        output = np.where(operations < 0, output, operations).tolist()
        crossing = np.flatnonzero(box_of[wired.sources] != box_of[wired.targets])[
            ::-1
        ]  # the first comes last
        entering = _last(box_of[wired.targets[crossing]], wired.sources[crossing], len(boxes)).tolist()
        learned = [0] * len(boxes)
        for node in wired.parameters:
            if box_of[node.id] >= 0:
                learned[box_of[node.id]] += node.outputs[0].size
        return [
            Card(
                box_key(path),
                "scope",
                parent_of(path, self.scopes),
                self.nodes[output[place]],
                self.scopes[path],
                self.nodes[entering[place]].shape if entering[place] >= 0 else None,
                learned[place],
            )
            for place, path in enumerate(boxes)
        ]

    def _add_backward(self, iteration: Iteration) -> None:
        """A card for the backward of every card, and links for the gradients between them."""
        functions = self.sums(has_backward(iteration))
        for card in self._in_order:
            if functions[card.key]:
                key, count = backward_key(card.key), int(functions[card.key])
                self.cards[key] = Card(key, "backward", card.scope, card.output, card.module, functions=count)
        for link in self._links(gradient_edges(iteration)):
            source, target = backward_key(link.target), backward_key(link.source)
            self.links.append(Link(source, target, link.nodes, link.producers, link.consumers, backward=True))

    def _links(self, wanted: np.ndarray) -> list[Link]:
        """Links of the wanted edges, in the order in which the first edge of each appears."""
        sources, targets = self._wiring.sources[wanted], self._wiring.targets[wanted]
        between = np.flatnonzero(self._shown_by[sources] != self._shown_by[targets])
        sources, targets = sources[between], targets[between]
        ends = self._shown_by[sources] * len(self._in_order) + self._shown_by[targets]
        links, first, counts = np.unique(ends, return_index=True, return_counts=True)
        by_link = np.argsort(ends, kind="stable")
        edges = np.split(by_link, np.cumsum(counts)[:-1])
        found = []
        for place in np.argsort(first).tolist():
            source, target = divmod(int(links[place]), len(self._in_order))
            behind = sources[edges[place]], targets[edges[place]]
            found.append(Link(self._in_order[source].key, self._in_order[target].key, self.nodes, *behind))
        return found

    def _outermost_closed(self, path: str) -> str | None:
        if path not in self._closed_around:
            closed = [scope for scope in ancestors(path, self.scopes) if scope not in self.opened]
            self._closed_around[path] = closed[-1] if closed else None
        return self._closed_around[path]

    def _visible(self, path: str) -> bool:
        return self._outermost_closed(path) is None


def box_key(path: str) -> str:
    """The key by which a scope is placed and selected; no node has such a key."""
    return f"{path}/" if path else ROOT


def readable_scopes(folding: Folding) -> set[str]:
    """The scopes to open at first: outer ones before inner ones, while the picture stays readable. Modules of
    one class at one depth open together or not at all, so that the layers of a stack look alike."""
    scopes, children = folding.scopes, Counter(folding.of)
    groups: dict[tuple[int, str], list[str]] = {}
    for path, scope in scopes.items():
        parent = parent_of(path, scopes)
        children[parent] += 1
        groups.setdefault((path.count("."), scope.module), []).append(path)
    opened: set[str] = set()
    visible = children.get(ROOT, 0)
    for key in sorted(groups):
        reachable = [path for path in groups[key] if parent_of(path, scopes) in (ROOT, *opened)]
        grows = sum(children.get(path, 0) - 1 for path in reachable)
        if visible + grows <= READABLE:
            opened.update(reachable)
            visible += grows
    return opened


def _last(places: np.ndarray, values: np.ndarray, count: int) -> np.ndarray:
    """The last value for each of `count` places, -1 where there is none. Place -1 is nobody's."""
    found = np.full(count + 1, -1, np.int64)
    found[places] = values
    return found[:-1]
