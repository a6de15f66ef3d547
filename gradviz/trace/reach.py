"""What leads where in the graph of an iteration: what a node is made of, what it goes into, what is between.

Nodes are meant by their ids. Inputs come before what uses them, so that one pass in the order of the ids, or
against it, finds everything; a node counts as part of what it reaches.
"""

from __future__ import annotations

from collections.abc import Collection

from gradviz.trace.iteration import Iteration


def ancestors(iteration: Iteration, nodes: Collection[int], since: int = 0) -> set[int]:
    """The nodes and everything that they are computed from. Nothing before `since` is looked at."""
    found = set(nodes)
    waiting = list(found)
    while waiting:
        for edge in iteration.nodes[waiting.pop()].inputs:
            if edge.node >= since and edge.node not in found:
                found.add(edge.node)
                waiting.append(edge.node)
    return found


def descendants(iteration: Iteration, nodes: Collection[int]) -> set[int]:
    """The nodes and everything that is computed from them."""
    found = set(nodes)
    for node in iteration.nodes[min(found, default=0) :]:
        if any(edge.node in found for edge in node.inputs):
            found.add(node.id)
    return found


def between(iteration: Iteration, some: Collection[int], others: Collection[int]) -> set[int]:
    """All nodes on all paths from some nodes to the others, and on those back; empty where there are none."""
    return _paths(iteration, some, others) | _paths(iteration, others, some)


def _paths(iteration: Iteration, starts: Collection[int], ends: Collection[int]) -> set[int]:
    if not starts or not ends or min(starts) > max(ends):
        return set()
    above = ancestors(iteration, ends, since=min(starts))
    on_the_way = above.intersection(starts)
    for number in sorted(above):
        if any(edge.node in on_the_way for edge in iteration.nodes[number].inputs):
            on_the_way.add(number)
    return on_the_way


def losses(iteration: Iteration) -> list[int]:
    """The nodes that backward passes started from, in order; before any has, the node where one would."""
    started = [iteration.events[loss.event].node for loss in iteration.losses]
    if started:
        return list(dict.fromkeys(started))
    loss = first_loss(iteration)
    return [] if loss is None else [loss]


def first_loss(iteration: Iteration) -> int | None:
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
