"""Focus: a part of the graph stands out and the rest steps back, until Esc."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np
from PySide6.QtCore import QObject, Signal

from gradviz.trace import Iteration
from gradviz.trace.backward_graph import backward_key, forward_key
from gradviz.trace.folding import Folding
from gradviz.trace.reach import ancestors, between, descendants, losses
from gradviz.ui.graph.diagram import Diagram, box_key
from gradviz.ui.graph.diagram import ancestors as boxes_around
from gradviz.ui.model import SessionModel
from gradviz.ui.numbers import grouped

Kind = Literal["loss", "ancestors", "descendants", "paths"]
NOTHING = np.zeros(0, np.int64)
FOCUS_KINDS: tuple[Kind, ...] = ("loss", "ancestors", "descendants", "paths")


@dataclass(frozen=True)
class Focus:
    """What stands out, whatever the iteration: `keys` are those of the nodes or boxes that it is about."""

    kind: Kind
    keys: tuple[str, ...] = ()

    def nodes(self, iteration: Iteration, folding: Folding) -> np.ndarray:
        """Ids of the nodes that stand out, those it is about among them; empty where there are none."""
        about = [members(iteration, folding, key) for key in self.keys]
        match self.kind:
            case "loss":
                return ancestors(iteration, losses(iteration))
            case "ancestors":
                return ancestors(iteration, about[0])
            case "descendants":
                return descendants(iteration, about[0])
            case "paths":
                return between(iteration, *about)


def members(iteration: Iteration, folding: Folding, key: str) -> list[int]:
    """The node with that key, or the nodes in the box with that key."""
    if not key.endswith("/"):
        return [node.id for node in iteration.nodes if node.key == key]
    path = key.removesuffix("/")
    return [number for number, of in enumerate(folding.of) if of == path or of.startswith(f"{path}.")]


@dataclass(frozen=True)
class Spotlight:
    """What of a diagram stands out: cards and boxes by their keys, edges by (source, target)."""

    cards: frozenset[str]
    edges: frozenset[tuple[str, str]]

    @classmethod
    def on(cls, diagram: Diagram, nodes: np.ndarray) -> Spotlight:
        """On these nodes, the edges between them, and the boxes around them."""
        among = np.zeros(len(diagram.nodes), bool)
        among[nodes] = True
        cards = {card.key: card for card in diagram.cards_of(nodes)}
        cards |= {key: diagram.cards[key] for key in map(backward_key, cards) if key in diagram.cards}
        scopes = {card.scope for card in cards.values()}
        boxes = {box_key(path) for scope in scopes for path in boxes_around(scope, diagram.scopes)}
        edges = (
            (link.source, link.target)
            for link in diagram.links
            if (among[link.producers] & among[link.consumers]).any()
        )
        return cls(frozenset(cards) | boxes, frozenset(edges))


class Focusing(QObject):
    """The focus of the graph on view. It is kept by keys from iteration to iteration."""

    changed = Signal()
    refused = Signal(str)  # words: why there is no focus, and what to do

    def __init__(self, model: SessionModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._focus: Focus | None = None
        self._start = ""  # where paths begin, while the node where they end is being chosen
        self._before = ""  # what was selected when a context menu was opened at another node
        self._nodes = NOTHING
        self._found: tuple[Focus | None, Iteration | None] = (None, None)  # what `_nodes` are of
        self.spotlight: Spotlight | None = None
        """What stands out; None while nothing does."""
        model.selection_changed.connect(partial(self.come_from, ""))

    @property
    def active(self) -> bool:
        """Whether there is anything for Esc to end."""
        return self._focus is not None or bool(self._start)

    def come_from(self, key: str) -> None:
        """A menu was opened at the selected node while the one with that key was selected; "" forgets it."""
        self._before = key

    def toggle(self, kind: Kind) -> None:
        """Focuses on that; ends the focus if it is on just that."""
        selected = forward_key(self._model.selected_key or "")
        if kind != "loss" and not selected:
            self.refused.emit(self.tr("Select a node first: with a click, or with Alt and an arrow key"))
            return
        if kind == "paths":
            start = self._start or self._before
            self._start = "" if start else selected
            focus = Focus(kind, (start, selected)) if start and start != selected else None
        else:
            self._start = ""
            focus = Focus(kind, () if kind == "loss" else (selected,))
        self._focus = None if focus == self._focus else focus
        self.changed.emit()

    def end(self) -> None:
        """Everything is shown alike again."""
        self._focus, self._start = None, ""
        self.changed.emit()

    def show(self, diagram: Diagram) -> None:
        """Finds what stands out in a diagram of the shown iteration."""
        focus, iteration = self._focus, self._model.iteration
        if focus is not self._found[0] or iteration is not self._found[1]:
            self._found = (focus, iteration)
            self._nodes = focus.nodes(iteration, diagram.folding) if focus and iteration else NOTHING
        self.spotlight = Spotlight.on(diagram, self._nodes) if len(self._nodes) else None

    def words(self) -> str:
        """What is shown, and how much of the graph that is."""
        if self._start:
            return self.tr("Paths from {0}: select the other node, and press P").format(
                self._name(self._start)
            )
        focus = self._focus
        if focus is None:
            return ""
        templates, alternatives = {
            "loss": (self.tr("What reaches the loss"), self.tr("This iteration has no loss")),
            "ancestors": (self.tr("{0} and its ancestors"), self.tr("{0} is not in this iteration")),
            "descendants": (self.tr("{0} and its descendants"), self.tr("{0} is not in this iteration")),
            "paths": (self.tr("Paths between {0} and {1}"), self.tr("No path between {0} and {1}")),
        }[focus.kind]
        names = [self._name(key) for key in focus.keys]
        if not len(self._nodes):
            return alternatives.format(*names)
        count = self.tr("{0} of {1} nodes").format(grouped(len(self._nodes)), grouped(len(self._model.nodes)))
        return f"{templates.format(*names)} · {count}"

    def _name(self, key: str) -> str:
        node = self._model.node(key)
        return node.qualified_name if node else key.removesuffix("/")
