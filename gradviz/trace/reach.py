"""What leads where in the graph of an iteration: what a node is made of, what it goes into, what is between.

Nodes are meant and given by their ids, ascending; a node counts as part of what it reaches. Inputs come
before what uses them: one pass over the edges, in their order or against it, finds everything.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

import numpy as np

from gradviz.trace.iteration import Iteration
from gradviz.trace.wiring import wiring


def ancestors(iteration: Iteration, nodes: Collection[int]) -> np.ndarray:
    """The nodes and everything that they are computed from."""
    wired = wiring(iteration)
    backwards = zip(wired.targets[::-1].tolist(), wired.sources[::-1].tolist(), strict=True)
    return _reached(iteration, nodes, backwards)


def descendants(iteration: Iteration, nodes: Collection[int]) -> np.ndarray:
    """The nodes and everything that is computed from them."""
    wired = wiring(iteration)
    return _reached(iteration, nodes, zip(wired.sources.tolist(), wired.targets.tolist(), strict=True))


def between(iteration: Iteration, some: Collection[int], others: Collection[int]) -> np.ndarray:
    """All nodes on all paths from some nodes to the others, and on those back; empty where there are none."""
    return np.union1d(_paths(iteration, some, others), _paths(iteration, others, some))


def _paths(iteration: Iteration, starts: Collection[int], ends: Collection[int]) -> np.ndarray:
    if not starts or not ends or min(starts) > max(ends):
        return np.zeros(0, np.int64)
    below, above = descendants(iteration, starts), ancestors(iteration, ends)
    return np.intersect1d(below, above, assume_unique=True)


def _reached(iteration: Iteration, nodes: Collection[int], edges: Iterable[tuple[int, int]]) -> np.ndarray:
    """What the nodes lead to along the edges (from, to), none of which leads back to where one has been."""
    marks = bytearray(len(iteration.nodes))
    for node in nodes:
        marks[node] = 1
    for start, end in edges:
        if marks[start]:
            marks[end] = 1
    return np.flatnonzero(np.frombuffer(marks, np.uint8))


def losses(iteration: Iteration) -> list[int]:
    """The nodes that backward passes started from, in order; before any has, the node where one would."""
    started = [iteration.events[loss.event].node for loss in iteration.losses]
    loss = wiring(iteration).loss
    return list(dict.fromkeys(started)) or ([] if loss is None else [loss])
