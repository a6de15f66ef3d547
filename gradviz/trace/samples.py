"""Which part of a batch an input of the graph is: what goes into the net, or what should come out."""

from __future__ import annotations

from typing import Literal

from gradviz.trace.graph import Node


def part_of_batch(nodes: list[Node], node: Node) -> Literal["input", "label"]:
    """A label first meets something learned where the net's output comes in; an input where a parameter does.

    What is computed from it before that, without anything learned (one_hot, a view), counts as itself.
    """
    own = {node.id}
    label = False
    for consumer in nodes:
        if not any(edge.node in own for edge in consumer.inputs):
            continue
        others = [nodes[edge.node] for edge in consumer.inputs if edge.node not in own]
        learned = [other for other in others if other.requires_grad]
        if not learned:
            own.add(consumer.id)
        elif all(other.kind != "operation" or other.is_view for other in learned):
            return "input"
        else:
            label = True
    return "label" if label else "input"
