"""Why a recorded number is what it is: the engine's explanation of it, with its terms led back to what was
recorded, so that each of them can be asked the same question."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from msgspec.structs import replace

from gradviz.engine import explain
from gradviz.engine.explain import Element, Explanation, Terms
from gradviz.engine.explain.equations import latex_number
from gradviz.engine.explain.explanation import exact_sum
from gradviz.engine.explain.updates import Step, update, update_equation
from gradviz.session.arithmetic import Origin, Placed
from gradviz.session.hints import (
    WHY_LEAF,
    WHY_NO_NUMBER,
    WHY_NO_SOURCE,
    WHY_NOT_REAL,
    WHY_OUTSIDE,
    WHY_SEED,
)
from gradviz.session.protocol import Why
from gradviz.session.recording import Recording
from gradviz.session.used import UnexplainedError, Used, edges_by_position
from gradviz.trace import ArrayRef, Input, Node
from gradviz.trace.reasons import MAX_SPREAD, Path, Place, Reasons, Spread, Term

EQUATION_TERMS = 2
MAX_PLACES = 64  # that one term names: a number that whole matrices make has very many
CLIPPED = "grad as the step got it"
ROUNDING = 1e-5  # of float32 arithmetic, relative


def why(recording: Recording | None, question: Why) -> Reasons:
    """The terms of one element of a recorded array. Raises UnexplainedError where nothing can be said.

    A view moves numbers and makes none: it is passed over, and the places on the way are told.
    """
    if recording is None:
        raise UnexplainedError(WHY_NO_NUMBER)
    reasons = _reasons(recording, question)
    through: list[Place] = []
    while (same := _through_view(recording, reasons)) is not None and same.ref is not None:
        try:
            reasons = _reasons(recording, replace(question, array=same.ref, index=same.index, path=None))
        except UnexplainedError:
            break
        through.append(same)
    return replace(reasons, ref=question.array, index=question.index, through=tuple(through))


def _reasons(recording: Recording, question: Why) -> Reasons:
    ref, index = question.array, question.index
    array = recording.find(ref)
    if array is None:
        raise UnexplainedError(WHY_NO_NUMBER)
    if len(index) != array.ndim or not all(0 <= i < n for i, n in zip(index, array.shape, strict=True)):
        raise UnexplainedError(WHY_OUTSIDE)
    if array.dtype.kind not in "fiub":
        raise UnexplainedError(WHY_NOT_REAL)
    asked = _Asked(recording, ref, index, float(array[index]), question.terms)
    if question.path is not None:
        return asked.part(question.path)
    if ref.role == "grad":
        return asked.gradient()
    if ref.role == "saved":
        raise UnexplainedError(WHY_LEAF)
    return asked.output()


def _through_view(recording: Recording, reasons: Reasons) -> Place | None:
    """The one element that a number only is a copy of, made by a view."""
    if reasons.count != 1 or not reasons.terms or reasons.rest or reasons.rounding:
        return None
    (term,) = reasons.terms
    (place,) = term.factors if len(term.factors) == 1 else (None,)
    if place is None or place.ref is None or place.path is not None or place.value != term.value:
        return None
    made_by = place.ref.node if reasons.ref.role == "grad" else reasons.ref.node
    return place if recording.iteration.nodes[made_by].is_view else None


@dataclass(frozen=True)
class _Asked:
    """One question about one element."""

    recording: Recording
    ref: ArrayRef
    index: tuple[int, ...]
    value: float
    count: int

    @property
    def _node(self) -> Node:
        return self.recording.iteration.nodes[self.ref.node]

    def output(self) -> Reasons:
        event = self._latest(self._node, ("forward", "update"), self.ref.event)
        if event is None:
            raise UnexplainedError(WHY_LEAF)
        if self.recording.iteration.events[event].kind == "update":
            return self._update(event)
        used = Used.in_recording(self.recording, self._node, event)
        return self._reasons(explain.output(used.use, self.index, self.ref.output), used.place)

    def _update(self, event: int) -> Reasons:
        """A leaf's new number is the old one and what the optimizer, or the program, added."""
        old_ref = replace(self.ref, event=event - 1)
        old = self._number(old_ref)
        if old is None:
            raise UnexplainedError(WHY_NO_NUMBER)
        gradient = replace(self.ref, role="grad", event=event)
        if (step := self.recording.step(event)) is not None:
            return self._step(step, old_ref, gradient)
        by_hand = self.recording.arithmetic.terms(event, self.index, self._place_in_update(event))
        if by_hand:
            return self._by_hand(by_hand)
        slope = self._number(gradient)
        context = () if slope is None else (Place("grad", slope, gradient, self.index),)
        change = Term(self.value - old, context=context, rule=r"\Delta")
        terms = (Term(old, 1.0, (Place("old", old, old_ref, self.index),)), change)
        rounding = self.value - (old + change.value)
        return Reasons(
            ref=self.ref,
            index=self.index,
            value=self.value,
            count=2,
            terms=terms,
            rounding=rounding,
            formula=r"\mathrm{old} + \Delta",
            equation=f"{latex_number(old)} + {latex_number(change.value)} = {latex_number(self.value)}",
        )

    def _place_in_update(self, event: int) -> Placed:
        """Where the numbers of an update by hand are recorded."""

        def place(origin: Origin, index: tuple[int, ...], value: float) -> Place:
            if origin.node < 0:
                return Place(origin.name or "?", value)
            own = origin.role == "value" and origin.node == self.ref.node
            at = event - 1 if own else event
            ref = ArrayRef(self.ref.iteration, at, origin.node, origin.role)
            array = self.recording.find(ref)
            known = array is not None and len(index) == array.ndim and float(array[index]) == value
            name = "old" if own else "grad" if origin.role == "grad" else self._name_of(origin.node)
            return Place(name, value, ref, index) if known else Place(name, value)

        return place

    def _name_of(self, node: int) -> str:
        return self.recording.iteration.nodes[node].qualified_name

    def _by_hand(self, terms: list[Term]) -> Reasons:
        """By the operations that the program ran."""
        total = exact_sum([term.value for term in terms])
        ranked = sorted(terms, key=lambda term: -abs(term.value))
        shown = [latex_number(term.value) for term in ranked[:EQUATION_TERMS]]
        more = total - sum(term.value for term in ranked[:EQUATION_TERMS])
        left = [latex_number(more)] if len(ranked) > EQUATION_TERMS else []
        return Reasons(
            ref=self.ref,
            index=self.index,
            value=self.value,
            count=len(terms),
            terms=tuple(ranked[: self.count]),
            others=exact_sum([term.value for term in ranked[self.count :]]),
            rounding=self.value - total,
            formula=r"\mathrm{old} + \Delta",
            equation=" + ".join([*shown, *left]) + f" = {latex_number(self.value)}",
        )

    def _step(self, step: Step, old_ref: ArrayRef, gradient_ref: ArrayRef) -> Reasons:
        """By the optimizer's own terms. A gradient that was changed before the step, as by clipping, has no
        place of its own."""
        old = self.recording.find(old_ref)
        assert old is not None
        why = update(step, old, self.value, self.index)
        recorded = self._number(gradient_ref)

        def place(element: Element) -> Place:
            name = element.source.name
            if name == "value":
                return Place("old", element.value, old_ref, self.index)
            if name == "gradient" and element.value == recorded:
                return Place("grad", element.value, gradient_ref, self.index)
            return Place(CLIPPED if name == "gradient" else name, element.value)

        return replace(self._reasons(why, place), equation=update_equation(why))

    def gradient(self) -> Reasons:
        """Through one use of the tensor the terms there; through several a term for each of them."""
        kinds = ("backward", "accumulate")
        event = self._latest(self._node, kinds, self.ref.event)
        if event is None:
            raise UnexplainedError(WHY_NO_NUMBER)
        before = self._latest(self._node, kinds, event - 1)
        paths = list(self._paths(-1 if before is None else before, event))
        if not paths:
            raise UnexplainedError(WHY_SEED if self._node.kind == "operation" else WHY_NO_SOURCE)
        parts = [(self._used(path).use, path.position) for path in paths]
        held = self.value - explain.accumulated(parts, self.index).total
        if abs(held) <= ROUNDING * max(abs(self.value), abs(self.value - held)):
            held = 0.0  # else `.grad` held something before this backward pass
        if len(paths) == 1 and not held:
            return self.part(paths[0], self.value)
        why = explain.accumulated(parts, self.index, self.value, held)

        def place(element: Element) -> Place:
            path = paths[element.source.number]
            name = self.recording.iteration.nodes[path.node].qualified_name
            return Place(name, element.value, self.ref, self.index, path)

        return self._reasons(why, place)

    def part(self, path: Path, value: float | None = None) -> Reasons:
        """The part of a gradient that came on one path; `value`: the program's own number for it."""
        if path not in set(self._paths(-1, self.ref.event)):
            raise UnexplainedError(WHY_NO_SOURCE)
        used = self._used(path)
        return self._reasons(explain.gradient(used.use, path.position, self.index, value), used.place)

    # ── where gradients come from ─────────────────────────────────────────────────────────────────────────

    def _paths(self, after: int, event: int) -> Iterator[Path]:
        """The uses of the tensor whose backward ran after one event and until another."""
        for at, heard in enumerate(self.recording.iteration.events[: event + 1]):
            if at > after and heard.kind == "backward":
                user = self.recording.iteration.nodes[heard.node]
                for position, edge in enumerate(self._edges(user)):
                    if edge is not None and (edge.node, edge.output) == (self.ref.node, self.ref.output):
                        yield Path(user.id, position, at)

    def _edges(self, node: Node) -> list[Input | None]:
        op = self.recording.operation(node.id)
        return [] if op is None else edges_by_position(op, node.inputs)

    def _used(self, path: Path) -> Used:
        return Used.in_recording(self.recording, self.recording.iteration.nodes[path.node], path.event)

    def _latest(self, node: Node, kinds: tuple[str, ...], until: int) -> int | None:
        events = self.recording.iteration.events
        found = (i for i in range(min(until, len(events) - 1), -1, -1) if events[i].node == node.id)
        return next((i for i in found if events[i].kind in kinds), None)

    def _number(self, ref: ArrayRef) -> float | None:
        array = self.recording.find(ref)
        return None if array is None or array.shape != self._node.shape else float(array[self.index])

    # ── the answer ────────────────────────────────────────────────────────────────────────────────────────

    def _reasons(self, why: Explanation, place: Callable[[Element], Place]) -> Reasons:
        terms = tuple(_term(group, i, place) for group, i in why.ranked(self.count))
        others = 0.0
        if len(why) > len(terms):
            others = exact_sum([why.total, -why.rest, *(-term.value for term in terms)])
        return Reasons(
            ref=self.ref,
            index=self.index,
            value=why.value,
            count=len(why),
            terms=terms,
            others=others,
            rest=why.rest,
            rounding=why.rounding,
            formula=why.formula,
            outer=why.outer,
            equation=explain.equation(why, EQUATION_TERMS),
            spreads=tuple(_spreads(why, place)),
            probed=why.probed,
        )


def _term(group: Terms, i: int, place: Callable[[Element], Place]) -> Term:
    term = group[i]
    factors, context = (
        tuple(place(element) for element in elements[:MAX_PLACES])
        for elements in (term.factors, term.context)
    )
    return Term(term.value, term.coefficient, factors, context, group.rule)


def _spreads(why: Explanation, place: Callable[[Element], Place]) -> Iterator[Spread]:
    """The terms of the largest kind, over each recorded array of which they use different elements."""
    group = max(why.groups, key=len, default=None)
    if group is None or not 1 < len(group) <= MAX_SPREAD:
        return
    for factor in (*group.factors, *group.context):
        where = place(factor.element(0))
        if where.ref is not None and where.path is None and len(np.unique(factor.elements)) > 1:
            elements = np.ascontiguousarray(factor.elements, np.int64).tobytes()
            values = np.ascontiguousarray(group.values, np.float64).tobytes()
            yield Spread(where.name, where.ref, factor.shape, elements, values)
