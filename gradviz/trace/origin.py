"""Where a NaN or an infinite number first came from.

`origin` goes back from an array through the recorded iteration: from a value to the values it was computed
from, from a gradient to the operation that sent it and to what that computed with, from an update to the
gradient. It ends at the first event that made such a number out of finite ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated, Literal, NamedTuple

import numpy as np
from msgspec import Meta, Struct
from msgspec.structs import replace

from gradviz.trace import origin_words as words
from gradviz.trace.graph import Input, Node, Shape, Text
from gradviz.trace.iteration import Iteration, States
from gradviz.trace.origin_words import Sighting, operand, sighting, times
from gradviz.trace.values import ArrayRef, Role

MAX_STEPS = 200

Outcome = Literal["made", "given", "earlier", "finite", "unknown"]
"""made: the last step's event made it of finite numbers. given: the last step's leaf holds it from the start,
as data or by its initialisation. earlier: that leaf came with it from the iteration before. finite: there is
none in the array. unknown: what is needed was not recorded."""

Find = Callable[[ArrayRef], np.ndarray | None]


class OriginStep(Struct, frozen=True):
    """An array with a NaN or an infinite number in it, and what is behind that, in words.

    `event` and `node` say what made the array; event -1: it was there before the first. `what` is "NaN",
    "inf" or "-inf"; `count` of the elements are that, the first (or the one that is followed) at `index`.
    `template` is English and takes `arguments`; `hint`, English too, says what to do, if that is known.
    """

    event: Annotated[int, Meta(ge=-1)]
    node: Annotated[int, Meta(ge=0)]
    role: Role
    output: Annotated[int, Meta(ge=0)]
    what: Text
    count: Annotated[int, Meta(ge=0)]
    shape: Shape
    index: Shape
    template: Text
    arguments: Annotated[tuple[Text, ...], Meta(max_length=20)] = ()
    hint: Text = ""

    @property
    def sentences(self) -> list[tuple[str, tuple[str, ...]]]:
        """All that is to be said: English templates, which the window translates, each with its arguments."""
        found = [(self.template, self.arguments)]
        if self.shape:
            found.append(
                (words.WHERE, (self.what, str(self.count), times(self.shape), str(list(self.index))))
            )
        return found + ([(self.hint, ())] if self.hint else [])


class Trail(Struct, frozen=True):
    """The way back from the array that was asked about (first step) to where it first happened (last)."""

    outcome: Outcome
    steps: Annotated[list[OriginStep], Meta(max_length=MAX_STEPS)] = []


def origin(iteration: Iteration, find: Find, array: ArrayRef) -> Trail:
    """Where the NaN and infinite numbers of a recorded array came from."""
    with np.errstate(all="ignore"):
        return _Search(iteration, find).trail(replace(array, iteration=iteration.index))


class _Found(NamedTuple):
    """What is behind an array: the next one to look at, with what is seen in it, or the outcome."""

    step: OriginStep
    next: _Seen | Outcome


class _Seen(NamedTuple):
    """An array that is not finite."""

    ref: ArrayRef
    sight: Sighting

    def step(self, template: str, *arguments: str, hint: str = "") -> OriginStep:
        ref, sight = self.ref, self.sight
        told = tuple(argument[:4000] for argument in arguments)
        place = (ref.event, ref.node, ref.role, ref.output)
        return OriginStep(*place, sight.what, sight.count, sight.shape, sight.index, template, told, hint)


class _Search:
    """`find` is asked for arrays as of the event that uses them."""

    def __init__(self, iteration: Iteration, find: Find) -> None:
        self.iteration = iteration
        self.find = find
        self.nodes = iteration.nodes
        self.states = States(iteration)
        self.senders: dict[tuple[int, int], list[int]] = {}  # events that spoiled that output's gradient
        for spoiled in iteration.spoiled:
            self.senders.setdefault((spoiled.node, spoiled.output), []).append(spoiled.event)

    def trail(self, array: ArrayRef) -> Trail:
        seen = self._seen(array)
        if seen is None:
            return Trail("unknown" if self.find(array) is None else "finite")
        trail = self._trail_of(seen)
        if len(trail.steps) > MAX_STEPS:  # through a long recurrence: both ends of it tell the story
            return Trail(trail.outcome, [*trail.steps[: MAX_STEPS // 2], *trail.steps[-MAX_STEPS // 2 :]])
        return trail

    def _trail_of(self, seen: _Seen) -> Trail:
        steps: list[OriginStep] = []
        while True:
            found = self._behind(seen)
            steps.append(found.step)
            if isinstance(found.next, str):
                return Trail(found.next, steps)
            if not seen.sight.is_infinite and found.next.sight.is_infinite:
                return self._of_infinite(steps, seen, found.next)
            seen = found.next

    def _of_infinite(self, steps: list[OriginStep], made: _Seen, infinite: _Seen) -> Trail:
        """NaN was made of infinite numbers. Those may have been put there on purpose, as a mask does: then
        what made NaN of them is to blame, else what made them."""
        rest = self._trail_of(infinite)
        last = self.nodes[rest.steps[-1].node]
        maker = self.nodes[made.ref.node].name
        filled = rest.outcome == "made" and last.name.rstrip("_") in words.FILLING
        masked = rest.outcome == "given" and maker in words.SOFTMAX and infinite.sight.what == "-inf"
        if not (filled or masked):
            return Trail(rest.outcome, steps + rest.steps)
        told = (maker, infinite.sight.what, last.qualified_name)
        blamed = made.step(words.MADE_OF_MASK, *told, hint=words.FORWARD_HINTS.get(maker, ""))
        return Trail("made", [*steps[:-1], replace(blamed, event=steps[-1].event)])

    def _behind(self, seen: _Seen) -> _Found:
        ref, node = seen.ref, self.nodes[seen.ref.node]
        if ref.role == "grad":
            return self._behind_gradient(seen, node)
        state = self.states.at(node.id, ref.event)
        event = state.forward if node.kind == "operation" else state.update
        if event is None:
            return self._behind_leaf(seen._replace(ref=replace(ref, event=-1)), node)
        made = seen._replace(ref=replace(ref, event=event))
        return self._behind_value(made, node) if node.kind == "operation" else self._behind_update(made, node)

    # ── values ────────────────────────────────────────────────────────────────────────────────────────────

    def _behind_value(self, seen: _Seen, node: Node) -> _Found:
        event = seen.ref.event
        spoiled = self._first_spoiled([self._input(edge, event) for edge in node.inputs], node, seen)
        if spoiled is not None:
            told = (node.name, self._name(spoiled), spoiled.sight.what)
            return _Found(seen.step(words.COMPUTED_WITH, *told), spoiled)
        operands = self._operands(
            [(edge.argument, self._input(edge, event)) for edge in node.inputs], node, seen
        )
        template = words.MADE if operands else words.MADE_OF_NOTHING
        hint = words.FORWARD_HINTS.get(node.name.rstrip("_"), "")
        return _Found(seen.step(template, node.name, seen.sight.what, operands, hint=hint), "made")

    def _behind_leaf(self, seen: _Seen, node: Node) -> _Found:
        earlier = self.iteration.index > 0 and node.kind != "input"
        template = words.CAME_IN if earlier else words.GIVEN
        step = seen.step(template, node.qualified_name, seen.sight.what)
        return _Found(step, "earlier" if earlier else "given")

    def _behind_update(self, seen: _Seen, node: Node) -> _Found:
        old = replace(seen.ref, event=seen.ref.event - 1)
        gradient = replace(seen.ref, role="grad")
        for ref, template in ((old, words.UPDATED_FROM_OLD), (gradient, words.UPDATED_BY_GRADIENT)):
            spoiled = self._seen(ref)
            if spoiled is not None:
                return _Found(seen.step(template, node.qualified_name, spoiled.sight.what), spoiled)
        operands = self._operands([("grad", gradient), ("old", old)], node, seen)
        told = (node.qualified_name, seen.sight.what, operands)
        return _Found(seen.step(words.UPDATED, *told, hint=words.UPDATE_HINT), "made")

    # ── gradients ─────────────────────────────────────────────────────────────────────────────────────────

    def _behind_gradient(self, seen: _Seen, node: Node) -> _Found:
        event = self.states.at(node.id, seen.ref.event).backward
        told = (node.qualified_name, seen.sight.what)
        if event is not None:
            seen = seen._replace(ref=replace(seen.ref, event=event))
            since = self.states.at(node.id, event - 1).backward
            since = -1 if since is None else since
            sender = self._sender(seen.ref, since)
            if sender is not None:
                return self._behind_sent(seen, sender)
            if node.kind == "operation":
                sent = (self.states.at(user.id, event).backward for user in self._users(seen.ref))
                hooked = any(at is not None and at > since for at in sent)
                return _Found(seen.step(words.HOOKED if hooked else words.SEED, *told), "given")
        return _Found(seen.step(words.HELD, *told), "earlier" if self.iteration.index else "given")

    def _sender(self, ref: ArrayRef, since: int) -> int | None:
        """The first backward event after `since` that sent such a number to the array."""
        senders = self.senders.get((ref.node, ref.output), ())
        return next((event for event in senders if since < event < ref.event), None)

    def _behind_sent(self, seen: _Seen, event: int) -> _Found:
        """What is behind a gradient that a backward event sent."""
        sender = self.nodes[self.iteration.events[event].node]
        forward = self.states.at(sender.id, event).forward
        at = event if forward is None else forward
        name, index = sender.qualified_name, self.iteration.index
        gradients = [ArrayRef(index, event, sender.id, "grad", nr) for nr in range(len(sender.outputs))]
        outputs = [ArrayRef(index, at, sender.id, "value", nr) for nr in range(len(sender.outputs))]
        spoiled = next(filter(None, map(self._seen, gradients)), None)
        if spoiled is not None:
            return _Found(seen.step(words.SENT_ON, name, spoiled.sight.what), spoiled)
        saved = self._saved(sender, at, seen.ref, outputs)
        spoiled = self._first_spoiled(saved, sender, seen) or self._used_result(outputs, gradients)
        if spoiled is not None and spoiled.ref.node == sender.id:
            return _Found(seen.step(words.SENT_BY_RESULT, name, spoiled.sight.what), spoiled)
        if spoiled is not None:
            return _Found(seen.step(words.SENT_WITH, name, self._name(spoiled), spoiled.sight.what), spoiled)
        inputs = [(edge.argument, self._input(edge, at)) for edge in sender.inputs]
        operands = self._operands([(words.GRADIENT, gradients[0]), *inputs], sender, seen)
        hint = words.BACKWARD_HINTS.get(sender.name.rstrip("_"), "")
        step = seen.step(words.SENT, name, seen.sight.what, operands, hint=hint)
        return _Found(replace(step, event=event, node=sender.id), "made")

    def _saved(self, node: Node, event: int, target: ArrayRef, outputs: list[ArrayRef]) -> list[ArrayRef]:
        """The values that the backward of an operation computes with: of other inputs, of the one that the
        gradient is for, and of its result."""
        names = {entry.name for entry in node.saved}
        used = [self._input(edge, event) for edge in node.inputs if edge.argument in names]
        used.sort(key=lambda ref: (ref.node, ref.output) == (target.node, target.output))
        return used + (outputs if names - {edge.argument for edge in node.inputs} else [])

    def _used_result(self, outputs: list[ArrayRef], gradients: list[ArrayRef]) -> _Seen | None:
        """A result that is not finite, and that is not discarded: by torch.where, for example, it is."""
        for output, gradient in zip(outputs, gradients, strict=True):
            seen = self._seen(output)
            if seen is not None and (self._has_slope(seen, gradient) or self._spoils_others(output)):
                return seen
        return None

    def _has_slope(self, result: _Seen, gradient: ArrayRef) -> bool:
        """Whether the loss changes with those elements of a result that are not finite."""
        slopes, values = self.find(gradient), self.find(result.ref)
        if slopes is None or values is None or slopes.shape != values.shape:
            return False
        return bool(np.any(slopes[~np.isfinite(values)]))

    def _spoils_others(self, result: ArrayRef) -> bool:
        """Whether something that is computed from a result is not finite, either."""
        last = len(self.iteration.events) - 1
        values = (ArrayRef(result.iteration, last, user.id, "value") for user in self._users(result))
        return any(map(self._seen, values))

    def _users(self, ref: ArrayRef) -> Iterator[Node]:
        """The operations that take the array's tensor."""
        for node in self.nodes:
            if any((edge.node, edge.output) == (ref.node, ref.output) for edge in node.inputs):
                yield node

    # ── arrays ────────────────────────────────────────────────────────────────────────────────────────────

    def _first_spoiled(self, refs: list[ArrayRef], node: Node, seen: _Seen) -> _Seen | None:
        """The array to follow: one with NaN before one that is only infinite.

        Of an operation that works element by element only the element counts that is followed.
        """
        found = [self._seen(ref, self._element(node, seen, ref)) for ref in refs]
        spoiled = [each for each in found if each is not None]
        return min(spoiled, key=lambda each: each.sight.is_infinite, default=None)

    def _seen(self, ref: ArrayRef, at: tuple[int, ...] | None = None) -> _Seen | None:
        array = self.find(ref)
        sight = None if array is None else sighting(array, at)
        return None if sight is None else _Seen(ref, sight)

    def _element(self, node: Node, seen: _Seen, ref: ArrayRef) -> tuple[int, ...] | None:
        """The element of an argument that the one that is followed depends on; None where on several."""
        array = self.find(ref) if node.name.rstrip("_") in words.BY_ELEMENT else None
        return None if array is None else seen.sight.index_in(array.shape)

    def _input(self, edge: Input, event: int) -> ArrayRef:
        return ArrayRef(self.iteration.index, event, edge.node, "value", edge.output)

    def _operands(self, refs: list[tuple[str, ArrayRef]], node: Node, seen: _Seen) -> str:
        """The numbers that an event computed with: those at the element, or how large they are."""
        arrays = [(name, self.find(ref), self._element(node, seen, ref)) for name, ref in refs]
        return ", ".join(operand(name, array, at) for name, array, at in arrays if array is not None)

    def _name(self, seen: _Seen) -> str:
        return self.nodes[seen.ref.node].qualified_name
