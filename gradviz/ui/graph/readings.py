"""What the shown overlay says of a card: up to two lines with bars, in place of its numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection

import numpy as np
from msgspec.structs import replace
from PySide6.QtCore import QCoreApplication

from gradviz.trace import Iteration, Node, Summary
from gradviz.trace.overlays import Overlay, begins, nodes_with_units, sizes_of, times_of
from gradviz.trace.units import Units
from gradviz.ui.graph.diagram import Card, Diagram
from gradviz.ui.graph.marks import Mark
from gradviz.ui.model import SessionModel
from gradviz.ui.numbers import byte_size, compact, duration, percent

Marks = tuple[Mark, ...]
translate = QCoreApplication.translate

LEAST_CHANGE = 1e-4
"""Relative change up to which a bar is empty; at 1 it is full."""
LEAST_NORM, DECADES = 1e-6, 7
"""A gradient's norm up to which it is drawn as thin as can be, and how many powers of 10 there are above."""
NEAR_ZERO = 0.05
"""Share of its root mean square up to which a gradient's mean counts as zero."""


class Readings:
    """Readings of a diagram's cards at the model's moment. What has to be asked for is asked for card by
    card: only of those that are seen."""

    def __init__(self, model: SessionModel) -> None:
        self._model = model
        self._diagram = Diagram(None)
        self._sums: dict[str, tuple[float, float]] | None = None
        self._most: float | None = None
        self._with_units: dict[str, list[Node]] | None = None
        self._read: dict[Overlay, Callable[[Card], Marks | None]] = {
            "gradients": self._gradient,
            "memory": self._memory,
            "time": self._time,
            "units": self._units,
            "change": self._change,
        }

    def show(self, diagram: Diagram) -> None:
        """Takes another diagram."""
        self._diagram = diagram
        self.start_over()
        self._with_units = None

    def moved(self) -> None:
        """The moment is another one."""
        self._sums = None

    def start_over(self) -> None:
        """The diagram is another one, or the overlay."""
        self._sums = self._most = None

    @property
    def overlay(self) -> Overlay:
        return self._model.overlays.shown

    @property
    def from_afar(self) -> bool:
        """Whether they cost so little that cards which cannot be read have them, too."""
        return self.overlay in ("memory", "time", "units")

    def of(self, card: Card) -> Marks | None:
        """The lines of a card; none where the overlay has nothing to say, and None while it is to come."""
        read = self._read.get(self.overlay)
        return () if read is None else read(card)

    @property
    def most(self) -> float:
        """What a full bar stands for: the largest sum of any card once all has run, in bytes or in
        nanoseconds."""
        if self._most is None:
            self._most = max((max(pair) for pair in self._gathered(None).values()), default=0.0)
        return self._most

    # ── sums over what is in a card ───────────────────────────────────────────────────────────────────────

    def _gathered(self, event: int | None) -> dict[str, tuple[float, float]]:
        """Card → bytes of values and of what is saved, or nanoseconds there and back; empty if unknown."""
        iteration = self._diagram.iteration
        pair = _sizes(iteration, event) if self.overlay == "memory" else _times(iteration, event)
        if pair is None:
            return {}
        first, second = (self._diagram.sums(values) for values in pair)
        return {key: (first[key], second[key]) for key in first}

    def _sums_of(self, card: Card) -> tuple[float, float] | None:
        if self._sums is None:
            self._sums = self._gathered(self._model.moment.event)
        return self._sums.get(card.key)

    def _memory(self, card: Card) -> Marks:
        sums = self._sums_of(card)
        if sums is None or not (any(sums) or self._model.has_value(card.output)):
            return (_note(translate("Readings", "not yet")),)
        values, saved = sums
        out = Mark(translate("Readings", "out"), byte_size(int(values), 3), self._bar(values), "parameter")
        if not saved:
            return (out,)
        kept = Mark(translate("Readings", "saved"), byte_size(int(saved), 3), self._bar(saved), "saved")
        return (out, kept)

    def _time(self, card: Card) -> Marks:
        if card.role != "scope" and card.output.kind != "operation":
            return ()
        if not self._diagram.iteration.nanoseconds:
            return (_note(translate("Readings", "not measured")),)
        there, back = self._sums_of(card) or (0.0, 0.0)
        if not there and not back:
            return (_note(translate("Readings", "not yet")),)
        forward = Mark("▶", duration(there), self._bar(there), "forward")
        return (forward, Mark("◀", duration(back), self._bar(back), "backward")) if back else (forward,)

    def _bar(self, amount: float) -> float:
        return amount / self.most if self.most else 0.0

    # ── units ─────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def _activations(self) -> dict[str, list[Node]]:
        """Card → the nodes behind it that have units."""
        if self._with_units is None:
            self._with_units = {}
            for number in nodes_with_units(self._diagram.iteration).tolist():
                card = self._diagram.card_of(number)
                if card is not None:
                    self._with_units.setdefault(card.key, []).append(self._diagram.nodes[number])
        return self._with_units

    def _units(self, card: Card) -> Marks | None:
        nodes = self._activations.get(card.key, [])
        if not nodes:
            return ()
        done = [node for node in nodes if self._model.has_value(node)]
        if not done:
            return (_note(translate("Readings", "not yet")),)
        counts = self._model.shown.asked.units([self._model.ref(node, "value") for node in done])
        if counts is None:
            return None
        if not counts:
            return ()
        worst = max(counts, key=idleness)
        role = "warning" if idleness(worst) > 0 else "dim"
        words = {"dead": translate("Readings", "dead"), "saturated": translate("Readings", "saturated")}
        first = Mark(words[worst.kind], percent(idleness(worst)), idleness(worst), role)
        if card.module is not None:
            return (first, _note(translate("Readings", "worst of {0}").format(len(counts))))
        return (first, _note(_second_words(worst)))

    # ── numbers that are asked for ────────────────────────────────────────────────────────────────────────

    def _gradient(self, card: Card) -> Marks | None:
        model = self._model
        nodes = self._outgoing(card)
        known = [node for node in nodes if model.has_gradient(node)]
        if not known:
            differentiable = any(node.requires_grad for node in nodes)
            return (_note(translate("Readings", "not yet")),) if differentiable else ()
        summaries = self._summaries(known)
        if summaries is None:
            return None
        if any(summary.nans or summary.infs for summary in summaries):
            return (Mark("∇", "NaN" if any(s.nans for s in summaries) else "inf", 1.0, "nan"),)
        norm = math.hypot(*(summary.norm for summary in summaries))
        size = sum(summary.size for summary in summaries)
        mean = sum(summary.mean * summary.size for summary in summaries if summary.size) / max(size, 1)
        sign, role = SIGNS[sign_of(mean, norm, size)]
        first = Mark(f"∇ {sign}", compact(norm, 3), norm_share(norm), role)
        return (first, Mark(translate("Readings", "mean"), compact(mean, 2), 0.0, "dim"))

    def _outgoing(self, card: Card) -> list[Node]:
        """The node itself; of a closed box those whose values leave it."""
        if card.module is None:
            return [card.output]
        links = (link for link in self._diagram.links_at.get(card.key, ()) if link.source == card.key)
        leaving = {number for link in links for number in link.producers.tolist()}
        nodes = [self._diagram.nodes[number] for number in sorted(leaving)]
        return [node for node in nodes if node.requires_grad] or [card.output]

    def _summaries(self, nodes: Collection[Node]) -> list[Summary] | None:
        found = [self._model.summary(self._model.ref(node, "grad")) for node in nodes]
        there = [summary for summary in found if summary is not None]
        return there if len(there) == len(found) else None

    def _change(self, card: Card) -> Marks | None:
        model, node = self._model, card.output
        if not model.has_value(node):
            return (_note(translate("Readings", "not yet")),)
        ref = model.ref(node, "value")
        change, now = model.summary(replace(ref, change=True), 1, 1), model.summary(ref, 1, 1)
        if change is None or now is None:
            absent = model.shown.asked.is_absent(replace(ref, change=True))
            return (_note(translate("Readings", "none before")),) if absent else None
        if change.nans or change.infs:
            return (Mark("Δ", "NaN", 1.0, "nan"),)
        if not change.norm:
            return (Mark("Δ", translate("Readings", "same"), 0.0, "dim"),)
        relative = change.norm / now.norm if now.norm else math.inf
        words = f"{compact(100 * relative, 2)} %" if now.norm else "∞"
        first = Mark("Δ", words, _log_share(relative, LEAST_CHANGE, 4), "update")
        return (first, Mark("‖Δ‖", compact(change.norm, 3), 0.0, "dim"))


SIGNS = {1: ("+", "positive"), -1: ("−", "negative"), 0: ("±", "backward")}
"""How a gradient's sign is written, and its colour."""


def sign_of(mean: float, norm: float, size: int) -> int:
    """Of a gradient: 1 or -1 where its mean is clearly above or below zero, else 0."""
    if not norm or not math.isfinite(mean / norm):
        return 0
    share = mean * math.sqrt(size) / norm
    return 0 if abs(share) <= NEAR_ZERO else 1 if share > 0 else -1


def norm_share(norm: float) -> float:
    """Where between the thinnest and the widest edge a gradient's norm lies, by its logarithm."""
    return _log_share(norm, LEAST_NORM, DECADES)


def idleness(units: Units) -> float:
    """How bad it is: the share of dead units, and of saturated elements."""
    return units.idle / units.count if units.kind == "dead" else units.share


def _second_words(units: Units) -> str:
    if units.kind == "dead":
        return translate("Readings", "zeros {0}").format(percent(units.share))
    return translate("Readings", "always {0} of {1}").format(units.idle, units.count)


def _log_share(amount: float, least: float, decades: float) -> float:
    if not amount > 0:
        return 0.0
    return min(max(math.log10(amount / least) / decades, 0.0), 1.0) if math.isfinite(amount) else 1.0


def _sizes(iteration: Iteration, event: int | None) -> tuple[np.ndarray, np.ndarray]:
    sizes = sizes_of(iteration)
    if event is None:
        return sizes.values, sizes.saved
    there = begins(iteration) <= event
    return sizes.values * there, sizes.saved * there


def _times(iteration: Iteration, event: int | None) -> tuple[np.ndarray, np.ndarray] | None:
    times = times_of(iteration, event)
    return None if times is None else (times.forward, times.backward)


def _note(words: str) -> Mark:
    return Mark("", words, 0.0, "dim")
