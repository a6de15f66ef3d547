"""What can be laid over a graph in place of its values, and what of it an iteration says of itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from gradviz.trace.graph import TensorInfo
from gradviz.trace.iteration import PHASE_OF, Iteration
from gradviz.trace.lately import lately
from gradviz.trace.units import has_units

Overlay = Literal["values", "gradients", "memory", "time", "units", "change"]
OVERLAYS: tuple[Overlay, ...] = ("values", "gradients", "memory", "time", "units", "change")
"""In the order in which one follows the other; "values" is the picture without an overlay."""


@dataclass(frozen=True, eq=False)
class Sizes:
    """Bytes by node, int64: of what it computed, 0 for a view, which has no numbers of its own; and of what
    it saved for backward, most of which are arrays that others computed."""

    values: np.ndarray
    saved: np.ndarray


@lately
def sizes_of(iteration: Iteration) -> Sizes:
    """As they will be when all of the iteration has run."""
    nodes = iteration.nodes
    values = [0 if node.is_view else sum(map(nbytes, node.outputs)) for node in nodes]
    saved = [sum(saved.nbytes for saved in node.saved) for node in nodes]
    return Sizes(np.array(values, np.int64), np.array(saved, np.int64))


def nbytes(info: TensorInfo) -> int:
    """Bytes of a tensor's numbers; 0 for a dtype that NumPy does not know."""
    try:
        return info.size * np.dtype(info.dtype).itemsize
    except TypeError:
        return 0


@dataclass(frozen=True, eq=False)
class Times:
    """Nanoseconds by node, int64: of its own forward and of its backward."""

    forward: np.ndarray
    backward: np.ndarray


def times_of(iteration: Iteration, event: int | None = None) -> Times | None:
    """What has been spent once `event` has happened, or all of it; None where it was not measured."""
    if not iteration.nanoseconds:
        return None
    nodes, spent, forward = _timed_events(iteration)
    until = len(nodes) if event is None else event + 1
    nodes, spent, forward = nodes[:until], spent[:until], forward[:until]
    there, back = (
        np.bincount(nodes[phase], spent[phase], len(iteration.nodes)) for phase in (forward, ~forward)
    )
    return Times(there.astype(np.int64), back.astype(np.int64))


@lately
def _timed_events(iteration: Iteration) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For every event its node, its nanoseconds, and whether it belongs to the forward phase."""
    events = iteration.events
    nodes = np.array([event.node for event in events], np.int64)
    forward = np.array([PHASE_OF[event.kind] == "forward" for event in events], bool)
    return nodes, np.array(iteration.nanoseconds, np.int64), forward


@lately
def begins(iteration: Iteration) -> np.ndarray:
    """For every node the event from which it has a value: -1, before the first, for leaves."""
    found = np.array([-1 if node.kind != "operation" else len(iteration.events) for node in iteration.nodes])
    for index in range(len(iteration.events) - 1, -1, -1):
        event = iteration.events[index]
        if event.kind == "forward":
            found[event.node] = index
    return found.astype(np.int64)


@lately
def nodes_with_units(iteration: Iteration) -> np.ndarray:
    """Ids of the activations whose dead or saturated units can be counted."""
    nodes = iteration.nodes
    return np.array(
        [node.id for node in nodes if node.kind == "operation" and has_units(node.name)], np.int64
    )
