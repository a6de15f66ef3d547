"""The graph that a backward pass walks, node by node tied to the forward one; its names are torch's.

Every operation through which a gradient flows has a node there ("AddmmBackward0"), and so has every leaf that
gets one ("AccumulateGrad"). Its edges are the forward ones turned round, torch's `next_functions`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from gradviz.trace.graph import Node
from gradviz.trace.iteration import Iteration
from gradviz.trace.lately import lately
from gradviz.trace.wiring import wiring

SIGN = "∇"
"""At the end of a key it names the backward node of the node with the rest of the key."""
ACCUMULATE = "AccumulateGrad"


class NextFunction(NamedTuple):
    """Where a backward node sends the gradient of its argument `argument`: to output `output` of the node
    with the id `node`, whose own backward is called `name`."""

    argument: str
    node: int
    output: int
    name: str


def backward_name(node: Node) -> str:
    """ "AddmmBackward0", "AccumulateGrad" of a leaf; "" where no gradient comes."""
    if node.kind == "operation":
        return node.grad_fn
    return ACCUMULATE if node.requires_grad else ""


def next_functions(nodes: Sequence[Node], node: Node) -> list[NextFunction]:
    """Of a node's backward, argument by argument; those that need no gradient are left out."""
    found = []
    for edge in node.inputs if node.grad_fn else ():
        producer = nodes[edge.node]
        if _needs(producer, edge.output):
            found.append(NextFunction(edge.argument, producer.id, edge.output, backward_name(producer)))
    return found


def previous_functions(iteration: Iteration, node: Node) -> list[NextFunction]:
    """The backward nodes that send a gradient to that of a node, latest first, as they run; `argument` and
    `output` are empty."""
    wired = wiring(iteration)
    users = np.unique(wired.targets[(wired.sources == node.id) & gradient_edges(iteration)])
    return [NextFunction("", user, 0, iteration.nodes[user].grad_fn) for user in users[::-1].tolist()]


@lately
def has_backward(iteration: Iteration) -> np.ndarray:
    """For every node whether the backward graph has one for it; bool. That of a leaf comes to be with the
    first operation that sends a gradient there."""
    reached = np.zeros(len(iteration.nodes), bool)
    reached[wiring(iteration).sources[gradient_edges(iteration)]] = True
    operations = np.array([bool(node.grad_fn) for node in iteration.nodes], bool)
    return reached | operations


@lately
def gradient_edges(iteration: Iteration) -> np.ndarray:
    """For every edge, in the order of `Wiring`, whether a gradient flows back through it; bool."""
    nodes = iteration.nodes
    return np.array(
        [
            bool(node.grad_fn) and _needs(nodes[edge.node], edge.output)
            for node in nodes
            for edge in node.inputs
        ],
        bool,
    )


def backward_key(key: str) -> str:
    """The key of a node's backward node, or of the backward nodes in a box."""
    return key + SIGN


def forward_key(key: str) -> str:
    """The key of the forward node that a key stands for, whichever of the two it names."""
    return key.removesuffix(SIGN)


def is_backward(key: str) -> bool:
    return key.endswith(SIGN)


def _needs(producer: Node, output: int) -> bool:
    return (
        output < len(producer.outputs)
        and producer.outputs[output].requires_grad
        and bool(backward_name(producer))
    )
