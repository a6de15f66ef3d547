"""What the graph shows of an iteration: which cards, which boxes, which edges between them. No Qt here.

A scope (module) is an open box with its members inside, or, closed, one card that stands for all of them.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property

from gradviz.trace import Iteration, Node, Scope
from gradviz.trace.folding import Folding, fold
from gradviz.trace.reach import first_loss
from gradviz.ui.graph.layout import ROOT, Member, Request

READABLE = 50
"""Scopes open by themselves while no more than this many cards are visible."""


@dataclass(frozen=True)
class Card:
    """One rectangle: a node, or a closed scope (then `node` is None and `key` is its path and "/")."""

    key: str
    role: str
    """ "parameter", "buffer", "input", "operation", "loss" or "scope"."""
    scope: str
    """Path of the open scope around it, or ""."""
    nodes: tuple[Node, ...]
    """What it stands for; a single one unless it is a closed scope."""
    module: Scope | None = None
    entering: tuple[int, ...] | None = None
    """Shape of the first thing that a closed scope takes in, if it takes in anything."""

    @property
    def node(self) -> Node | None:
        return None if self.module else self.nodes[0]

    @property
    def output(self) -> Node:
        """The node whose value the card shows: of a closed scope the operation that ran last."""
        operations = [node for node in self.nodes if node.kind == "operation"]
        return (operations or self.nodes)[-1]

    @property
    def title(self) -> str:
        return self.module.title if self.module else self.nodes[0].name

    @property
    def quiet(self) -> bool:
        """Moves no numbers, or takes no part in differentiation: drawn smaller and calmer."""
        node = self.node
        return node is not None and node.kind == "operation" and (node.is_view or not node.requires_grad)

    @property
    def parameters(self) -> int:
        """How many numbers of it are learned."""
        return sum(node.outputs[0].size for node in self.nodes if node.kind == "parameter")

    @property
    def size(self) -> tuple[float, float]:
        """Pixels at 100 %."""
        if self.role == "scope":
            return 180.0, 80.0
        if self.quiet:
            width = 34 + 8.5 * max(len(self.title), 0.72 * len(str(self.output.shape).replace(" ", "")))
            return min(max(width, 88.0), 140.0), 62.0 if self.nodes[0].requires_grad else 46.0
        return 140.0, 78.0 if self.role == "parameter" else 62.0


@dataclass(frozen=True)
class Link:
    """An edge between two cards: the pairs (producer, consumer) of nodes behind it."""

    source: str
    target: str
    pairs: tuple[tuple[Node, Node], ...]


class Diagram:
    """The visible graph of one iteration for a set of open scopes."""

    def __init__(
        self, iteration: Iteration | None, opened: set[str] | None = None, folding: Folding | None = None
    ) -> None:
        self.nodes = iteration.nodes if iteration else []
        self._by_id = {node.id: node for node in self.nodes}
        self.folding = folding or (fold(iteration) if iteration else Folding())
        self.scopes = self.folding.scopes
        self.opened = readable_scopes(self.folding) if opened is None else opened
        self._closed_around: dict[str, str | None] = {}
        self.loss = first_loss(iteration) if iteration else None
        self.cards: dict[str, Card] = {}
        self.card_of: dict[int, Card] = {}
        """Node id → the card that shows it."""
        self._add_cards()
        self.links = self._links()

    @cached_property
    def open_scopes(self) -> dict[str, str]:
        """Path of every box → the box around it."""
        return {
            path: parent_of(path, self.scopes)
            for path in self.scopes
            if path in self.opened and self._visible(path)
        }

    def request(self, aspect: float) -> Request:
        """What the layout has to place. Boxes go by the same key as their closed cards."""
        cards = {key: Member(*card.size, box_key(card.scope)) for key, card in self.cards.items()}
        boxes = {box_key(path): box_key(parent) for path, parent in self.open_scopes.items()}
        edges = tuple((link.source, link.target) for link in self.links)
        return Request(cards, boxes, edges, aspect)

    def _add_cards(self) -> None:
        closed: dict[str, list[Node]] = {}
        for node in self.nodes:
            scope = self.folding.of[node.id]
            outermost = self._outermost_closed(scope)
            if outermost is not None:
                closed.setdefault(outermost, []).append(node)
                if len(closed[outermost]) == 1:
                    self.cards[box_key(outermost)] = Card("", "", "", ())  # keeps the order of appearance
                continue
            role = "loss" if node.id == self.loss else node.kind
            self.cards[node.key] = self.card_of[node.id] = Card(node.key, role, scope, (node,))
        for path, nodes in closed.items():
            entering, around = self._entering(nodes), parent_of(path, self.scopes)
            card = Card(box_key(path), "scope", around, tuple(nodes), self.scopes[path], entering)
            self.cards[card.key] = card
            self.card_of.update((node.id, card) for node in nodes)

    def _entering(self, nodes: list[Node]) -> tuple[int, ...] | None:
        inside = {node.id for node in nodes}
        sources = (edge for node in nodes for edge in node.inputs if edge.node not in inside)
        first = next((self._by_id[edge.node] for edge in sources if edge.node in self._by_id), None)
        return first.shape if first else None

    def _links(self) -> list[Link]:
        pairs: dict[tuple[str, str], list[tuple[Node, Node]]] = {}
        for node in self.nodes:
            for edge in node.inputs:
                source, target = self.card_of.get(edge.node), self.card_of[node.id]
                if source is not None and source is not target:
                    pairs.setdefault((source.key, target.key), []).append((self._by_id[edge.node], node))
        return [Link(source, target, tuple(found)) for (source, target), found in pairs.items()]

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


def parent_of(path: str, scopes: dict[str, Scope]) -> str:
    """The nearest scope around `path` that is known (containers that are never called leave no scope)."""
    return next((prefix for prefix in _prefixes(path) if prefix in scopes), ROOT)


def ancestors(path: str, scopes: dict[str, Scope]) -> list[str]:
    """The scope itself and those around it, innermost first."""
    return [prefix for prefix in (path, *_prefixes(path)) if prefix in scopes]


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


def _prefixes(path: str) -> list[str]:
    """ "net.blocks", "net" for "net.blocks.0"."""
    parts = path.split(".")
    return [".".join(parts[:length]) for length in range(len(parts) - 1, 0, -1)]
