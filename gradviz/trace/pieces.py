"""An iteration that is decoded piece by piece: as a whole a large one would keep other threads waiting."""

from __future__ import annotations

import msgspec
from msgspec import Raw, field
from msgspec.structs import asdict

from gradviz.trace.graph import Node
from gradviz.trace.iteration import Event, Iteration
from gradviz.trace.packing import PackingError, unpack

_nodes = msgspec.msgpack.Decoder(Node)
_events = msgspec.msgpack.Decoder(Event)


class IterationInPieces(Iteration):
    """What was received of an iteration; nodes and events are not looked into yet."""

    nodes: list[Raw] = field(default_factory=list)  # type: ignore[assignment]
    events: list[Raw] = field(default_factory=list)  # type: ignore[assignment]

    def __post_init__(self) -> None:
        """Nothing can be said of pieces."""

    def whole(self) -> Iteration:
        """Decodes them. Raises PackingError."""
        nodes = [unpack(_nodes, piece) for piece in self.nodes]
        events = [unpack(_events, piece) for piece in self.events]
        try:
            return Iteration(**asdict(self) | {"nodes": nodes, "events": events})
        except ValueError as error:
            raise PackingError(str(error)) from error
