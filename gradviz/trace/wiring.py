"""An iteration's graph as arrays, for questions about all of it at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gradviz.trace.graph import Node
from gradviz.trace.iteration import Iteration
from gradviz.trace.lately import lately


@dataclass(frozen=True, eq=False)
class Wiring:
    """All edges, in the order of what they lead to: from node `sources[i]` to node `targets[i]`."""

    sources: np.ndarray
    targets: np.ndarray
    operations: np.ndarray
    """Ids of the nodes that are operations."""
    parameters: tuple[Node, ...]
    loss: int | None
    """Where backward begins, see `_loss`."""


@lately
def wiring(iteration: Iteration) -> Wiring:
    nodes = iteration.nodes
    sources = np.array([edge.node for node in nodes for edge in node.inputs], np.int64)
    targets = np.array([node.id for node in nodes for _ in node.inputs], np.int64)
    operations = np.array([node.id for node in nodes if node.kind == "operation"], np.int64)
    parameters = tuple(node for node in nodes if node.kind == "parameter")
    return Wiring(sources, targets, operations, parameters, _loss(iteration))


def _loss(iteration: Iteration) -> int | None:
    """Where backward begins: the first node to get a gradient, else the last differentiable scalar."""
    for event in iteration.events:
        if event.kind == "backward":
            return event.node
    used = {edge.node for node in iteration.nodes for edge in node.inputs}
    for node in reversed(iteration.nodes):
        if (
            node.kind == "operation"
            and node.requires_grad
            and node.id not in used
            and node.outputs[0].size == 1
        ):
            return node.id
    return None


@lately
def by_key(iteration: Iteration) -> dict[str, Node]:
    """Every node by its key."""
    return {node.key: node for node in iteration.nodes}
