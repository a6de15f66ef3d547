"""What cards and edges have to say at the shown moment. Asks the model only for what is being drawn."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from PySide6.QtGui import QImage

from gradviz.trace import Event, Node, Summary
from gradviz.trace.backward_graph import backward_key, forward_key
from gradviz.trace.values import Role
from gradviz.ui.graph.diagram import Card, Diagram, Link
from gradviz.ui.graph.marks import Mark
from gradviz.ui.graph.readings import SIGNS, Readings, sign_of
from gradviz.ui.heatmap import heatmap_image, looks_like_images
from gradviz.ui.model import SessionModel
from gradviz.ui.numbers import compact

Key = str | tuple[str, str]
"""Of a card, or of an edge by its ends."""
CELLS = (10, 16)
IMAGE_CELLS = (28, 28)


@dataclass
class Face:
    """The changing part of a card."""

    ready: bool = False
    """Its value exists."""
    picture: QImage | None = None
    is_image: bool = False
    scalar: str = ""
    gradient: str = ""
    """ "" when none can be, "pending" while it is not computed, "known"."""
    gradient_norm: str = ""
    norm: str = ""
    """Of a parameter: the norm of its value, or "old → new" once it was updated."""
    updated: bool = False
    alarming: bool = False
    """Its value or its gradient has elements that are not finite."""
    marks: tuple[Mark, ...] = ()
    """What is shown in place of the numbers: an overlay's, or how far compared branches differ."""
    running: str = ""
    """The phase that the node is in at this very moment, or ""."""


@dataclass
class Flow:
    """The changing part of an edge."""

    forward: bool = False
    """Data has flowed."""
    backward: bool = False
    """A gradient has flowed back."""
    norm: float = 0.0
    role: str = "backward"
    """The gradient's colour: with the overlay of gradients that of its sign."""
    returning: bool = False
    """It is an edge of the backward graph."""


class Faces:
    """Faces and flows of a diagram, brought up to date when they are asked for."""

    def __init__(self, model: SessionModel) -> None:
        self._model = model
        self._diagram = Diagram(None)
        self.readings = Readings(model)
        self._faces: dict[str, Face] = {}
        self._flows: dict[tuple[str, str], Flow] = {}
        self.version = 0
        """Grows whenever some face or flow may have changed."""
        self._fresh: set[Key] = set()
        """What is up to date but for its numbers …"""
        self._read_up: set[Key] = set()
        """… and whose numbers have been read. They are read when somebody wants to see them."""
        self._waiting: set[Key] = set()

    def show(self, diagram: Diagram) -> None:
        """Takes another diagram. What cards showed stays until it is known anew, so that nothing flickers."""
        self._diagram = diagram
        self.readings.show(diagram)
        self._faces = {key: face for key, face in self._faces.items() if key in diagram.cards}
        self._flows = {key: flow for key, flow in self._flows.items() if key in diagram.link_between}
        self._waiting.clear()
        self.touch_all()

    def forget(self) -> None:
        """Another program: nothing of the last one may be seen on cards that have the same keys."""
        self.show(Diagram(None))

    def touch(self, keys: Iterable[str]) -> list[Link]:
        """These cards have changed, and with them their edges, which are returned."""
        links = []
        changed: set[Key] = set()
        for key in keys:
            changed |= {key, *self._diagram.boxes_around(key)}
            for link in self._diagram.links_at.get(key, ()):
                changed.add((link.source, link.target))
                links.append(link)
        self.readings.moved()
        self._fresh -= changed
        self._read_up -= changed
        self.version += 1
        return links

    def touch_all(self) -> None:
        self.readings.start_over()
        self._fresh.clear()
        self._read_up.clear()
        self.version += 1

    def answered(self) -> list[Key]:
        """Summaries have come: cards and edges that were waiting for some, to be drawn again."""
        waiting = [key for key in self._waiting if key in self._faces or key in self._flows]
        self._read_up.difference_update(waiting)
        self._waiting.clear()
        self.version += 1
        return waiting

    def face(self, card: Card, *, detailed: bool = True) -> Face:
        """The card's face; its numbers only if `detailed`, when they can be read at all."""
        face = self._faces.setdefault(card.key, Face())
        if card.key not in self._fresh:
            self._fresh.add(card.key)
            self._refresh(card, face)
        if card.key in self._read_up:
            return face
        if detailed:
            self._read_up.add(card.key)
            self._read(card, face)
        else:
            shows = self.readings.from_afar and card.role != "backward"
            face.marks = self._marks(card, face) if shows else ()
        return face

    def flow(self, link: Link, *, detailed: bool = True) -> Flow:
        key = (link.source, link.target)
        flow = self._flows.setdefault(key, Flow(returning=link.backward))
        if key not in self._fresh:
            self._fresh.add(key)
            flow.forward = any(self._model.has_value(consumer) for _, consumer in link.pairs)
            # where gradients have edges of their own, they are not drawn beside the others
            flow.backward = link.backward == self._diagram.backward and bool(self._producers(link))
        if detailed and key not in self._read_up:
            self._read_up.add(key)
            self._read_flow(link, flow)
        return flow

    # ── inside ────────────────────────────────────────────────────────────────────────────────────────────

    def _refresh(self, card: Card, face: Face) -> None:
        """What has happened to the node, without its numbers."""
        model, node = self._model, card.output
        event = model.current_event
        face.running = self._phase_at(card, event) if event is not None else ""
        face.ready = model.has_value(node)
        known = model.has_gradient(node)
        face.gradient = "known" if known else "pending" if _differentiable(node) else ""
        if not known:
            face.gradient_norm = ""
        if not face.ready:
            face.picture, face.scalar, face.norm = None, "", ""

    def _phase_at(self, card: Card, event: Event) -> str:
        """The phase of an event that runs on the card: where backward nodes have cards, it is theirs."""
        here = self._diagram.card_of(event.node)
        if here is not None and card.role == "scope" and card.key in self._diagram.boxes_around(here.key):
            return event.phase
        if here is None or here.key != forward_key(card.key):
            return ""
        on_backward = event.phase == "backward" and backward_key(here.key) in self._diagram.cards
        return event.phase if on_backward == (card.role == "backward") else ""

    def _read(self, card: Card, face: Face) -> None:
        """The numbers. What is not here yet stays as it was, so that nothing flickers."""
        node = card.output
        face.alarming = False
        if face.ready and not card.quiet and card.role != "backward":
            self._show_value(card, face, node)
        if face.gradient == "known":
            gradient = self._summary(card.key, node, "grad")
            if gradient is not None:
                face.gradient_norm = _norm(gradient)
                face.alarming |= bool(gradient.nans or gradient.infs)
        if card.role == "parameter":
            self._show_norm(card, face, node)
        face.marks = self._marks(card, face) if card.role != "backward" else ()

    def _marks(self, card: Card, face: Face) -> tuple[Mark, ...]:
        if self._model.differences.shown:
            return self._differences(card, face)
        marks = self.readings.of(card)
        if marks is None:
            self._waiting.add(card.key)
            return face.marks or (Mark("", "…", 0.0, "dim"),)
        return marks

    def _differences(self, card: Card, face: Face) -> tuple[Mark, ...]:
        """How the value differs, and the gradient where there can be one."""
        value = self._model.differences.of(card.output, "value")
        answers = [("Δ", value)]
        if face.gradient:
            answers.append(("∇Δ", self._model.differences.of(card.output, "grad")))
        if any(answer is None for _, answer in answers):
            self._waiting.add(card.key)
            if face.marks:
                return face.marks
        marks = tuple(Mark.of(sign, answer) for sign, answer in answers)
        if face.scalar and self._model.shown.is_experiment:
            true = self._model.experiment.true_value(card.output)
            words = f"{compact(_only(true))} → {face.scalar}" if true is not None else marks[0].words
            marks = (replace(marks[0], sign="", words=words, share=0.0), *marks[1:])
        return marks

    def _show_value(self, card: Card, face: Face, node: Node) -> None:
        face.is_image = looks_like_images(node.kind, node.shape)
        value = self._summary(card.key, node, "value", cells=IMAGE_CELLS if face.is_image else CELLS)
        if value is None:
            return
        face.alarming |= bool(value.nans or value.infs)
        if value.size == 1:
            face.scalar, face.picture = compact(_only(value), 5), None
        else:
            face.scalar = ""
            face.picture = heatmap_image(value, image=face.is_image, signed=node.kind == "parameter")

    def _show_norm(self, card: Card, face: Face, node: Node) -> None:
        model = self._model
        state = model.states.at(node.id, model.moment.event) if model.states else None
        now = self._summary(card.key, node, "value")
        face.updated = state is not None and state.update is not None
        if now is None:
            return
        face.norm = _norm(now)
        if face.updated and state is not None and state.update is not None:
            before = self._summary(card.key, node, "value", event=state.update - 1)
            if before is not None:
                face.norm = _change(before.norm, now.norm)

    def _producers(self, link: Link) -> list[Node]:
        """The nodes that have got their gradient along the link."""
        model = self._model
        return [
            producer
            for producer, consumer in link.pairs
            if consumer.grad_fn and model.has_gradient(producer) and model.has_gradient(consumer)
        ]

    def _read_flow(self, link: Link, flow: Flow) -> None:
        key = (link.source, link.target)
        producers = self._producers(link)
        norms = [self._summary(key, producer, "grad") for producer in producers]
        known = [summary for summary in norms if summary is not None]
        if known or not producers:
            flow.norm = max((summary.norm for summary in known), default=0.0)
        flow.role = "backward"
        if known and self.readings.overlay == "gradients":
            largest = max(known, key=lambda summary: summary.norm)
            flow.role = SIGNS[sign_of(largest.mean, largest.norm, largest.size)][1]

    def _summary(
        self,
        key: Key,
        node: Node,
        role: Role,
        *,
        cells: tuple[int, int] = CELLS,
        event: int | None = None,
    ) -> Summary | None:
        found = self._model.summary(self._model.ref(node, role, event=event), *cells)
        if found is None:
            self._waiting.add(key)
        return found


def _differentiable(node: Node) -> bool:
    return node.requires_grad and (node.kind != "operation" or bool(node.grad_fn))


def _only(value: Summary) -> float:
    """The one element of a scalar, also when it is not finite."""
    cells = value.cells()
    return float(cells.flat[0]) if cells.size else math.nan


def _norm(summary: Summary) -> str:
    """The norm as text; what is not finite goes first, because the norm is over finite elements."""
    if summary.nans:
        return "NaN"
    return "inf" if summary.infs else compact(summary.norm, 3)


def _change(before: float, after: float) -> str:
    """ "1.852 → 1.849", or "6.527 +1.2e-5" where four digits cannot tell them apart."""
    if compact(before) != compact(after) or before == after:
        return f"{compact(before)} → {compact(after)}"
    sign = "+" if after > before else "-"
    return f"{compact(before)} {sign}{compact(abs(after - before), 2)}"
