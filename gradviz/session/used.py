"""A recorded operation as the engine can explain it: its arrays as they were, and where they are recorded."""

from __future__ import annotations

from dataclasses import dataclass

from gradviz.engine.backend import Array
from gradviz.engine.explain import Element, Use
from gradviz.engine.tape import Op
from gradviz.session.hints import WHY_NO_NUMBER
from gradviz.session.recording import Recording
from gradviz.trace import ArrayRef, Input, Node
from gradviz.trace.reasons import Place
from gradviz.trace.values import Role


class UnexplainedError(Exception):
    """There is no explanation; the text says why, in English words for a person."""


@dataclass(frozen=True)
class Used:
    """An operation with its arrays as they were, and where each of them is recorded."""

    use: Use
    node: Node
    edges: list[Input | None]
    iteration: int
    event: int  # the one that is explained
    forward: int

    @classmethod
    def in_recording(cls, recording: Recording, node: Node, event: int) -> Used:
        """As of its forward or backward event. Raises UnexplainedError where arrays are missing."""
        op = recording.operation(node.id)
        events = recording.iteration.events[: event + 1]
        forward = next((i for i, e in enumerate(events) if (e.kind, e.node) == ("forward", node.id)), None)
        if op is None or forward is None:
            raise UnexplainedError(WHY_NO_NUMBER)
        index = recording.iteration.index

        def array(node: int, role: Role, output: int, at: int) -> Array | None:
            return recording.find(ArrayRef(index, at, node, role, output))

        tensors = [(edge.argument, array(edge.node, "value", edge.output, forward)) for edge in node.inputs]
        outputs = [array(node.id, "value", nr, forward) for nr in range(len(node.outputs))]
        if any(given is None for _, given in tensors) or any(out is None for out in outputs):
            raise UnexplainedError(WHY_NO_NUMBER)
        grads = [array(node.id, "grad", nr, event) for nr in range(len(node.outputs))]
        use = Use.heard(op, tensors, outputs, grads)  # type: ignore[arg-type]
        return cls(use, node, edges_by_position(op, node.inputs), index, event, forward)

    def place(self, element: Element) -> Place:
        """Where an element of one of the operation's arrays is recorded."""
        source, ref = element.source, None
        if source.kind == "input" and (edge := self.edges[source.number]) is not None:
            ref = ArrayRef(self.iteration, self.forward, edge.node, "value", edge.output)
        elif source.kind == "output":
            ref = ArrayRef(self.iteration, self.forward, self.node.id, "value", source.number)
        elif source.kind == "gradient":
            ref = ArrayRef(self.iteration, self.event, self.node.id, "grad", source.number)
        return Place(source.name, element.value, ref, element.index if ref else ())


def edges_by_position(op: Op, edges: tuple[Input, ...]) -> list[Input | None]:
    """The edge into each position of the operation's call; None where it was given no tensor."""
    own = edges[: len(edges) - len(op.companions)]
    found: list[Input | None] = []
    for name in op.args:
        found += [edge for edge in own if edge.argument == name] or [None]
    return found
