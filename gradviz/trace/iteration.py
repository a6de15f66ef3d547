"""What happened during one iteration, in order, and what of it is true at a given moment."""

from __future__ import annotations

from bisect import bisect_right
from typing import Annotated, Literal, NamedTuple

import numpy as np
from msgspec import Meta, Struct, field

from gradviz.trace.graph import Call, Node, Scope, Source
from gradviz.trace.lately import lately
from gradviz.trace.memory import Memory

Nanoseconds = Annotated[int, Meta(ge=0, lt=1 << 62)]
EventKind = Literal["forward", "backward", "accumulate", "update"]
Phase = Literal["forward", "backward", "update"]

PHASE_OF: dict[EventKind, Phase] = {
    "forward": "forward",
    "backward": "backward",
    "accumulate": "backward",
    "update": "update",
}


class Moment(NamedTuple):
    """A point in time: `event` events of iteration `iteration`, counted from 0, have happened up to and
    including the one with that index; -1 is before the first."""

    iteration: int
    event: int


class Event(Struct, frozen=True, gc=False, array_like=True):
    """One thing that happened to one node.

    forward: the operation ran. backward: its vector-Jacobian product ran; its incoming gradient is known.
    accumulate: a gradient was added to a leaf's `.grad`. update: a leaf's numbers were changed in place, by
    an optimizer or by hand.
    """

    kind: EventKind
    node: Annotated[int, Meta(ge=0)]
    source: Source | None = None

    @property
    def phase(self) -> Phase:
        return PHASE_OF[self.kind]


class Loss(Struct, frozen=True, gc=False, array_like=True):
    """What a backward pass started from: the operation that made it is that of event `event`.

    `previous` and `lowest` are what the same line of the program came to the time before, and at its lowest;
    None the first time.
    """

    event: Annotated[int, Meta(ge=0)]
    value: float
    previous: float | None = None
    lowest: float | None = None


class Spoiled(Struct, frozen=True, gc=False, array_like=True):
    """The backward event `event` sent a NaN or an infinite number to output `output` of node `node`."""

    event: Annotated[int, Meta(ge=0)]
    node: Annotated[int, Meta(ge=0)]
    output: Annotated[int, Meta(ge=0)] = 0


class Iteration(Struct):
    """From the first operation after an update to the end of the next update, or as much of it as has run.

    `epoch` and `batch` count from 0 and come from the DataLoader in use; `batches` is its length, 0 unknown.
    """

    index: Annotated[int, Meta(ge=0)]
    epoch: int = 0
    batch: int = 0
    batches: int = 0
    nodes: list[Node] = field(default_factory=list)
    scopes: list[Scope] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    complete: bool = False
    loss: float | None = None
    """What its last backward pass from a single number started from."""
    losses: list[Loss] = field(default_factory=list)
    """What all such passes started from, in order: a program may have several networks."""
    spoiled: list[Spoiled] = field(default_factory=list)
    """Where gradients stopped being numbers, in order; of several uses of a tensor it tells which it was."""
    began: Annotated[bytes, Meta(max_length=64)] = b""
    """A hash of the program's complete state at the beginning; empty where that was not seen."""
    digests: Annotated[list[Annotated[int, Meta(ge=0)]], Meta(max_length=1 << 20)] = field(
        default_factory=list
    )
    """A 64-bit hash of every event and the numbers it made, once the iteration is complete."""
    nanoseconds: Annotated[list[Nanoseconds], Meta(max_length=1 << 20)] = field(default_factory=list)
    """How long every event's operation computed, on the machine that recorded it; none where that was not
    measured, as in old files. No two runs agree on it, so nothing that is compared contains it."""
    memory: Memory | None = None
    """What arrays the program held; None where the recording does not know it from the beginning."""

    def __post_init__(self) -> None:
        """Readers rely on ids being positions, and on data only flowing forward."""
        for position, node in enumerate(self.nodes):
            if node.id != position or any(edge.node >= position for edge in node.inputs):
                raise ValueError(f"node {position} has id {node.id} and inputs {node.inputs}")
            if node.in_backward is not None and node.in_backward.of >= position:
                raise ValueError(f"node {position} ran in the backward of node {node.in_backward.of}")
            if node.call >= len(self.calls):
                raise ValueError(f"node {position} ran in call {node.call} of {len(self.calls)}")
        if any(call.parent >= position for position, call in enumerate(self.calls)):
            raise ValueError("a call was made in one that came later")
        if any(event.node >= len(self.nodes) for event in self.events):
            raise ValueError("an event of a node that does not exist")
        if self.nanoseconds and len(self.nanoseconds) != len(self.events):
            raise ValueError(f"{len(self.nanoseconds)} times of {len(self.events)} events")
        noted = [loss.event for loss in self.losses] + [spoiled.event for spoiled in self.spoiled]
        if any(event >= len(self.events) for event in noted):
            raise ValueError("a note on an event that does not exist")
        if any(spoiled.node >= len(self.nodes) for spoiled in self.spoiled):
            raise ValueError("a gradient of a node that does not exist")
        if self.memory is not None:
            self.memory.check(len(self.nodes), len(self.events))

    def phase_ends(self) -> list[int]:
        """The index of the last event of every phase, ascending."""
        last = len(self.events) - 1
        return [
            index
            for index, event in enumerate(self.events)
            if index == last or self.events[index + 1].phase != event.phase
        ]


class NodeState(NamedTuple):
    """What has happened to a node by a moment: indices of the latest such events, or None."""

    forward: int | None = None
    backward: int | None = None
    """Latest event that gave the node its gradient (backward for operations, accumulate for leaves)."""
    update: int | None = None


_WHAT: dict[EventKind, int] = {"forward": 0, "backward": 1, "accumulate": 1, "update": 2}
_WHATS = 3  # things that can happen to a node


class States:
    """Answers "what had happened to node n by event e" for one iteration in O(log events).

    Leaves have their value from the start, so `has_value` is true for them at any moment.
    """

    def __init__(self, iteration: Iteration) -> None:
        self._leaves = {node.id for node in iteration.nodes if node.kind != "operation"}
        events = iteration.events
        self._count = len(events)
        whats = np.array([_WHATS * event.node + _WHAT[event.kind] for event in events], np.int64)
        # one sorted list for all: first by node and by what happened to it, then by when
        self._order = np.sort(whats * self._count + np.arange(self._count)).tolist()

    def at(self, node: int, event: int) -> NodeState:
        """The node's state once `event` has happened."""
        return NodeState(
            self._latest(node, "forward", event),
            self._latest(node, "backward", event),
            self._latest(node, "update", event),
        )

    def has_value(self, node: int, event: int) -> bool:
        return node in self._leaves or self._latest(node, "forward", event) is not None

    def has_gradient(self, node: int, event: int) -> bool:
        return self._latest(node, "backward", event) is not None

    def _latest(self, node: int, kind: EventKind, event: int) -> int | None:
        first = (_WHATS * node + _WHAT[kind]) * self._count
        position = bisect_right(self._order, first + min(event, self._count - 1))
        found = self._order[position - 1] - first if position else -1
        return found if found >= 0 else None


@lately
def states_of(iteration: Iteration) -> States:
    return States(iteration)
