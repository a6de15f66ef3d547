"""What arrays a program holds during an iteration: from which event, until which, and why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple

import numpy as np
from msgspec import Meta, Struct, field

from gradviz.trace.graph import Source, Text
from gradviz.trace.lately import lately

if TYPE_CHECKING:
    from gradviz.trace.iteration import Iteration

StorageKind = Literal[
    "parameter", "buffer", "optimizer", "input", "earlier", "activation", "saved", "gradient", "temporary"
]
KINDS: tuple[StorageKind, ...] = (
    "input",
    "parameter",
    "buffer",
    "optimizer",
    "earlier",
    "activation",
    "saved",
    "gradient",
    "temporary",
)
"""From what stays to what comes and goes.

input: data. optimizer: an optimizer's state. earlier: computed in an earlier iteration. activation: computed
in this one, and held by the program. saved: held by the graph alone, for the backward pass. gradient: in
`.grad`, or on its way through a backward pass. temporary: computed without any need for a gradient.
"""

HELD_BY_VARIABLES = ("input", "activation", "temporary")  # kinds that are "saved" once no tensor has them

Position = Annotated[int, Meta(ge=0)]
EventOrBefore = Annotated[int, Meta(ge=-1)]
Bytes = Annotated[int, Meta(ge=0, lt=1 << 48)]  # so that a million of them can be added up


class Storage(Struct, frozen=True, gc=False, array_like=True):
    """The memory of an array and of all its views.

    It is there from event `since` (-1: before the first) to event `until`, both included; None: to the
    iteration's end and on. From event `graph_only` on nothing but the graph holds it, for the backward pass.
    """

    nbytes: Bytes
    kind: StorageKind
    since: EventOrBefore = -1
    until: EventOrBefore | None = None
    graph_only: EventOrBefore | None = None
    node: EventOrBefore = -1
    """The node whose value or gradient it was first; -1: none of this iteration."""
    holder: Text = ""
    """The program's variable through which it can be reached at the iteration's end."""


class Kept(Struct, frozen=True, gc=False, array_like=True):
    """What `node` keeps for its backward pass under `name`, from event `since` to event `until`, both
    included; None: to the iteration's end and on."""

    node: Position
    name: Text
    storage: Position
    since: EventOrBefore
    until: EventOrBefore | None = None


class Write(Struct, frozen=True, gc=False, array_like=True):
    """A storage was overwritten in place: at event `event`, or after it where no event tells of it (`node` is
    -1 then)."""

    storage: Position
    event: EventOrBefore
    node: EventOrBefore = -1
    source: Source | None = None


class Memory(Struct):
    """All storages that are known of during an iteration: those that its events use, and those that could be
    reached from the program's variables before the first."""

    storages: list[Storage] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)
    writes: list[Write] = field(default_factory=list)

    def check(self, nodes: int, events: int) -> None:
        """Raises ValueError where it speaks of other nodes, events or storages than there are."""
        count = len(self.storages)
        things: list[Storage | Kept] = [*self.storages, *self.kept]
        for thing in things:
            until = thing.since if thing.until is None else thing.until
            if not thing.since <= until < max(events, 1) or thing.node >= nodes:
                raise ValueError("a storage of a node or an event that does not exist")
        if any((storage.graph_only or 0) > events for storage in self.storages):
            raise ValueError("a storage of an event that does not exist")
        if any(write.event >= events or write.node >= nodes for write in self.writes):
            raise ValueError("a write of a node or an event that does not exist")
        notes: list[Kept | Write] = [*self.kept, *self.writes]
        if any(note.storage >= count for note in notes):
            raise ValueError("a note on a storage that does not exist")


class Peak(NamedTuple):
    """The first event at which most bytes were there."""

    event: int
    nbytes: int


class LiveBytes:
    """How many bytes were there at every event of an iteration, by kind."""

    def __init__(self, memory: Memory, events: int) -> None:
        self._storages = memory.storages
        self._sizes = np.array([storage.nbytes for storage in memory.storages], np.int64)
        self._since = np.array([storage.since for storage in memory.storages], np.int64)
        ends = [events if storage.until is None else storage.until for storage in memory.storages]
        self._until = np.array(ends, np.int64)
        self.by_kind = np.zeros((len(KINDS), events + 1), np.int64)
        """[kind, 1 + event]: column 0 is before the first event."""
        row = {kind: number for number, kind in enumerate(KINDS)}
        # one more column, for what ends with the last event
        changes = np.zeros((len(KINDS), events + 2), np.int64)
        for storage in memory.storages:
            for kind, since, until in phases(storage):
                changes[row[kind], since + 1] += storage.nbytes
                changes[row[kind], (events if until is None else until + 1) + 1] -= storage.nbytes
        np.cumsum(changes[:, :-1], axis=1, out=self.by_kind)
        self.total = self.by_kind.sum(axis=0)
        """[1 + event]"""

    def at(self, event: int) -> dict[StorageKind, int]:
        """The bytes of every kind of which there are any."""
        return {kind: n for kind, n in zip(KINDS, self.by_kind[:, event + 1].tolist(), strict=True) if n}

    def largest(self, event: int, count: int) -> list[Storage]:
        """The storages that are there at an event, largest first."""
        there = np.flatnonzero((self._since <= event) & (event <= self._until))
        order = np.argsort(-self._sizes[there], kind="stable")[:count]
        return [self._storages[place] for place in there[order].tolist()]

    @property
    def peak(self) -> Peak:
        place = int(self.total.argmax())
        return Peak(place - 1, int(self.total[place]))


def phases(storage: Storage) -> Iterator[tuple[StorageKind, int, int | None]]:
    """The kinds that a storage is of, one after the other, each with its first and last event."""
    kind, since, until, saved = storage.kind, storage.since, storage.until, storage.graph_only
    if saved is None or kind not in HELD_BY_VARIABLES or (until is not None and until < saved):
        yield kind, since, until
        return
    if saved > since:
        yield kind, since, saved - 1
    yield "saved", max(saved, since), until


def is_live(storage: Storage, event: int) -> bool:
    """Whether it is there at an event."""
    return storage.since <= event and (storage.until is None or event <= storage.until)


def kind_at(storage: Storage, event: int) -> StorageKind:
    """What kind a live storage is of at an event."""
    *_, last = (kind for kind, since, _ in phases(storage) if since <= event)
    return last


@lately
def live_bytes_of(iteration: Iteration) -> LiveBytes | None:
    """None where nothing is known of its memory."""
    return None if iteration.memory is None else LiveBytes(iteration.memory, len(iteration.events))
