"""Which part of a batch an input of the graph is: what goes into the net, or what should come out."""

from __future__ import annotations

from typing import Literal

from gradviz.trace.graph import Node


def part_of_batch(nodes: list[Node], node: Node) -> Literal["input", "label"]:
    """An input first meets what is learned where a parameter comes in; a label where the net's output does,
    which depends on another input.

    What is computed from it before that, without anything learned (one_hot, a view), counts as itself.
    """
    own = {node.id}
    fed = {other.id for other in nodes if other.kind == "input" and other.shape and other is not node}
    label = False
    for consumer in nodes:
        others = [nodes[edge.node] for edge in consumer.inputs if edge.node not in own]
        if any(other.id in fed for other in others):
            fed.add(consumer.id)
        if len(others) == len(consumer.inputs):
            continue  # it does not take the node
        learned = [other for other in others if other.requires_grad]
        if not learned:
            own.add(consumer.id)
        elif not any(other.id in fed for other in learned):
            return "input"
        else:
            label = True
    return "label" if label else "input"
