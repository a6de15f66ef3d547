"""Where a step leads within an iteration: to the next or the last event, or over or out of a module.

A module's operations come as a run of neighbouring events, in the backward pass as well; every call of it
makes a run of its own, and none goes on from one phase into another. What else is folded into a box, a round
of a loop or a piece of a long row, is stepped over and out of like a module.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Sequence
from functools import cached_property
from typing import Literal, NamedTuple

from gradviz.trace.folding import ancestors, fold
from gradviz.trace.graph import Node
from gradviz.trace.iteration import Iteration
from gradviz.trace.lately import lately

Stride = Literal["op", "over", "out", "phase"]
"""How far a step goes. "op": one event. "over": one event, or all of a box that holds no other boxes, or of
one that is closed. "out": to the end of the box that the moment is in, outside of all boxes to the end of the
phase. "phase": to the end of forward, backward or update."""


class Frame(NamedTuple):
    """A box that an event belongs to, in one call of its module."""

    scope: str
    call: int
    """Position in `Iteration.calls`; of a box that is never called itself that of the call around it."""


class Steps:
    """The steps of one iteration. `closed` are the paths of boxes that are to be taken as one thing.

    Moments are given by the event that has just happened, -1 is before the first.
    """

    def __init__(self, iteration: Iteration, closed: Collection[str] = ()) -> None:
        self.iteration, self.closed = iteration, frozenset(closed)
        self._phases = [event.phase for event in iteration.events]
        self._last = len(self._phases) - 1

    @cached_property
    def _frames(self) -> list[tuple[Frame, ...]]:
        """The frames that every event belongs to, outermost first."""
        return frames_of(self.iteration)

    @cached_property
    def _units(self) -> list[int]:
        """The last event of all that a step over takes as one thing."""
        places = {id(frames): frames for frames in self._frames}  # neighbouring events share theirs
        holders = {frame for frames in places.values() for frame in frames[:-1]}
        unit_of = {place: self._unit(frames, holders) for place, frames in places.items()}
        units, phases, last = [unit_of[id(frames)] for frames in self._frames], self._phases, self._last
        return [
            event
            for event, unit in enumerate(units)
            if event == last or unit is None or unit != units[event + 1] or phases[event] != phases[event + 1]
        ]

    @cached_property
    def _phase_ends(self) -> list[int]:
        return self.iteration.phase_ends()

    def _stops(self, stride: Stride) -> Sequence[int]:
        if stride == "over":
            return self._units
        return self._phase_ends if stride == "phase" else range(self._last + 1)

    def after(self, event: int, stride: Stride) -> int | None:
        """The moment that a step forward leads to; None past the end of the iteration."""
        if event >= self._last:
            return None
        if stride == "out":
            inside = self._inside(event)
            later = range(event + 1, self._last + 1)
            return next((e - 1 for e in later if not self._holds(inside, event + 1, e)), self._last)
        stops = self._stops(stride)
        return stops[bisect_right(stops, event)]

    def before(self, event: int, stride: Stride) -> int | None:
        """The moment that a step back leads to; None past the beginning of the iteration."""
        if event < 0:
            return None
        if stride == "out":
            inside = self._inside(event)
            earlier = range(event, -1, -1)
            return next((e for e in earlier if not self._holds(inside, event, e)), -1)
        stops = self._stops(stride)
        place = bisect_left(stops, event)
        return stops[place - 1] if place else -1

    def _unit(self, frames: tuple[Frame, ...], holders: set[Frame]) -> Frame | None:
        """A closed box, or one that holds no others; None: events there stand alone."""
        closed = next((frame for frame in frames if frame.scope in self.closed), None)
        if closed is not None:
            return closed
        return frames[-1] if frames and frames[-1] not in holders else None

    def _inside(self, event: int) -> Frame | None:
        """The innermost frame that has begun by that moment and goes on after it."""
        if not 0 <= event < self._last or self._phases[event] != self._phases[event + 1]:
            return None
        after = self._frames[event + 1]
        return next((frame for frame in reversed(self._frames[event]) if frame in after), None)

    def _holds(self, frame: Frame | None, here: int, event: int) -> bool:
        """Whether an event is in the same phase as `here`, and in the frame if there is one."""
        return self._phases[event] == self._phases[here] and (frame is None or frame in self._frames[event])


@lately
def frames_of(iteration: Iteration) -> list[tuple[Frame, ...]]:
    """The frames that every event belongs to, outermost first."""
    return _Frames(iteration).of_events()


class _Frames:
    """Finds the frames that an iteration's events belong to, outermost first."""

    def __init__(self, iteration: Iteration) -> None:
        self._iteration = iteration
        self._folding = fold(iteration)
        self._boxed: dict[tuple[tuple[Frame, ...], str], tuple[Frame, ...]] = {}
        self._scopes = {scope.path for scope in iteration.scopes}
        self._scopes |= {node.scope for node in iteration.nodes} - {""}
        self._of_calls: list[tuple[Frame, ...]] = []
        for number, call in enumerate(iteration.calls):
            around = self._of_calls[call.parent] if call.parent >= 0 else ()
            self._of_calls.append((*self._entered(around, call.scope), Frame(call.scope, number)))

    def of_events(self) -> list[tuple[Frame, ...]]:
        found: list[tuple[Frame, ...]] = []
        modules: tuple[Frame, ...] = ()
        boxes: tuple[Frame, ...] = ()
        phase = ""
        for event in self._iteration.events:
            if event.phase != phase:
                modules, boxes, phase = (), (), event.phase
            node = self._iteration.nodes[event.node]
            modules = self._of_node(node, modules)
            here = self._boxes(modules, self._folding.of[node.id])
            if node.kind == "operation" or not self._goes_along(here, boxes):
                boxes = here
            found.append(boxes)
        return found

    def _boxes(self, modules: tuple[Frame, ...], path: str) -> tuple[Frame, ...]:
        """The boxes around a place, in the calls of these modules. Neighbouring events share them."""
        if (modules, path) not in self._boxed:
            calls, call, boxes = {frame.scope: frame.call for frame in modules}, -1, []
            for box in reversed(ancestors(path, self._folding.scopes)):
                call = calls.get(box, call)
                boxes.append(Frame(box, call))
            self._boxed[modules, path] = tuple(boxes)
        return self._boxed[modules, path]

    def _goes_along(self, leaf: tuple[Frame, ...], before: tuple[Frame, ...]) -> bool:
        """Whether a leaf whose gradient comes in the middle of a round belongs to the round."""
        inner = before[len(leaf) :]
        return before[: len(leaf)] == leaf and not any(frame.scope in self._scopes for frame in inner)

    def _of_node(self, node: Node, before: tuple[Frame, ...]) -> tuple[Frame, ...]:
        """A leaf belongs to its module, in the call that the event before it was in."""
        if node.call >= 0:
            return self._of_calls[node.call]
        shared = len(before)
        while shared and not _is_within(node.scope, before[shared - 1].scope):
            shared -= 1
        around = before[:shared]
        if not node.scope or (around and around[-1].scope == node.scope):
            return around
        around = self._entered(around, node.scope)
        return (*around, Frame(node.scope, around[-1].call if around else -1))

    def _entered(self, around: tuple[Frame, ...], scope: str) -> tuple[Frame, ...]:
        """`around`, and the containers between it and `scope`: they are boxes, too, although never called."""
        innermost = around[-1] if around else Frame("", -1)
        parts = scope.split(".")
        paths = (".".join(parts[:length]) for length in range(1, len(parts)))
        between = [path for path in paths if path in self._scopes and not _is_within(innermost.scope, path)]
        return (*around, *(Frame(path, innermost.call) for path in between))


def _is_within(scope: str, around: str) -> bool:
    return scope == around or scope.startswith(f"{around}.")
