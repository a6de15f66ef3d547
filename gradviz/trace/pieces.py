"""An iteration that is decoded piece by piece: as a whole a large one would keep other threads waiting."""

from __future__ import annotations

import msgspec
from msgspec import Raw, field
from msgspec.structs import asdict

from gradviz.trace.graph import Node
from gradviz.trace.iteration import Event, Iteration
from gradviz.trace.memory import Kept, Memory, Storage, Write
from gradviz.trace.packing import PackingError, unpack

_nodes = msgspec.msgpack.Decoder(Node)
_events = msgspec.msgpack.Decoder(Event)
_storages = msgspec.msgpack.Decoder(Storage)
_kept = msgspec.msgpack.Decoder(Kept)
_writes = msgspec.msgpack.Decoder(Write)


class MemoryInPieces(Memory):
    """What was received of an iteration's memory."""

    storages: list[Raw] = field(default_factory=list)  # type: ignore[assignment]
    kept: list[Raw] = field(default_factory=list)  # type: ignore[assignment]
    writes: list[Raw] = field(default_factory=list)  # type: ignore[assignment]

    def whole(self) -> Memory:
        """Decodes it. Raises PackingError."""
        return Memory(
            [unpack(_storages, piece) for piece in self.storages],
            [unpack(_kept, piece) for piece in self.kept],
            [unpack(_writes, piece) for piece in self.writes],
        )


class IterationInPieces(Iteration):
    """What was received of an iteration; nodes and events are not looked into yet."""

    nodes: list[Raw] = field(default_factory=list)  # type: ignore[assignment]
    events: list[Raw] = field(default_factory=list)  # type: ignore[assignment]
    memory: MemoryInPieces | None = None

    def __post_init__(self) -> None:
        """Nothing can be said of pieces."""

    def whole(self) -> Iteration:
        """Decodes them. Raises PackingError."""
        nodes = [unpack(_nodes, piece) for piece in self.nodes]
        events = [unpack(_events, piece) for piece in self.events]
        memory = None if self.memory is None else self.memory.whole()
        try:
            return Iteration(**asdict(self) | {"nodes": nodes, "events": events, "memory": memory})
        except ValueError as error:
            raise PackingError(str(error)) from error
