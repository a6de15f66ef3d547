"""Finds where in an iteration conditions are true."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import PurePath

import numpy as np

from gradviz.trace.breakpoints import Hit
from gradviz.trace.conditions import Condition
from gradviz.trace.conditions.facts import STATISTICS, Value
from gradviz.trace.graph import Node, Scope, Source
from gradviz.trace.iteration import Iteration, Loss
from gradviz.trace.statistics import Statistics, square_sum
from gradviz.trace.units import RELUS, count_units
from gradviz.trace.values import ArrayRef, Role

MAX_HITS = 10_000  # in one iteration

Find = Callable[[ArrayRef], np.ndarray | None]
"""Gives a recorded array, or None."""


def hits_in(iteration: Iteration, find: Find, conditions: Mapping[int, Condition]) -> list[Hit]:
    """Where in a recorded iteration the conditions, by their breakpoints' ids, are true; ascending.

    Only what the conditions ask for is computed, and of an event once. Nothing that an array holds raises.
    """
    hits: list[Hit] = []
    recorded = _Recorded(iteration, find)
    with np.errstate(all="ignore"):
        for event in range(len(iteration.events)):
            facts = EventFacts(recorded, event)
            for number, condition in conditions.items():
                if condition.holds(facts):
                    hits.append(facts.hit(number, condition.reason(facts)[:1000]))
            if len(hits) >= MAX_HITS:
                break
    return sorted(hits)[:MAX_HITS]


def nodes_where(iteration: Iteration, find: Find, condition: Condition) -> list[int]:
    """Ids of the nodes of a recorded iteration with an event of which the condition is true; ascending."""
    found: set[int] = set()
    recorded = _Recorded(iteration, find)
    with np.errstate(all="ignore"):
        for index, event in enumerate(iteration.events):
            if event.node not in found and condition.holds(EventFacts(recorded, index)):
                found.add(event.node)
    return sorted(found)


class _Recorded:
    """A recorded iteration, and what all of its events look up."""

    def __init__(self, iteration: Iteration, find: Find) -> None:
        self.iteration = iteration
        self.scopes: dict[str, Scope] = {scope.path: scope for scope in iteration.scopes}
        self.losses: dict[int, Loss] = {loss.event: loss for loss in iteration.losses}
        self._find = find

    def array(self, event: int, node: Node, role: Role) -> np.ndarray | None:
        """All outputs of a node that are of the kind of its first, in one."""
        kind = node.outputs[0].dtype
        outputs = [number for number, info in enumerate(node.outputs) if info.dtype == kind]
        found = [
            self._find(ArrayRef(self.iteration.index, event, node.id, role, number)) for number in outputs
        ]
        arrays = [array for array in found if array is not None]
        if len(arrays) < 2:
            return arrays[0] if arrays else None
        return np.concatenate([array.reshape(-1) for array in arrays])


class EventFacts:
    """The facts of one event: called with a fact's name it gives its value, None where there is none."""

    def __init__(self, recorded: _Recorded, index: int) -> None:
        self.recorded = recorded
        self.index = index
        self.event = recorded.iteration.events[index]
        self.node = recorded.iteration.nodes[self.event.node]
        self._known: dict[str, Value] = {}
        self._statistics: dict[str, Statistics | None] = {}

    def __call__(self, name: str) -> Value:
        try:
            return self._known[name]
        except KeyError:
            value = self._known[name] = _GETTERS[name](self)
            return value

    def array(self, name: str) -> np.ndarray | None:
        """`value`, `grad` or `before`, if the event has one."""
        kinds, role, earlier = _ARRAYS[name]
        if self.event.kind not in kinds:
            return None
        return self.recorded.array(self.index - earlier, self.node, role)

    def hit(self, breakpoint_id: int, reason: str) -> Hit:
        line = self.source.line if self.source is not None else 0
        return Hit(
            self.recorded.iteration.index, self.index, breakpoint_id, reason, self.node.qualified_name, line
        )

    @property
    def source(self) -> Source | None:
        return self.event.source

    @property
    def loss(self) -> Loss | None:
        """If the operation of this event made the loss."""
        return self.recorded.losses.get(self.index)

    def statistics(self, name: str) -> Statistics | None:
        """Of `value`, `grad` or `before`, if the event has one."""
        if name not in self._statistics:
            array = self.array(name)
            self._statistics[name] = None if array is None else Statistics(array)
        return self._statistics[name]


_ARRAYS: dict[str, tuple[tuple[str, ...], Role, int]] = {
    "value": (("forward", "update"), "value", 0),
    "grad": (("backward", "accumulate"), "grad", 0),
    "before": (("update",), "value", 1),
}
"""The kinds of event that have it, its role, and how many events ago it was so."""


def _operation(facts: EventFacts) -> Value:
    """relu_, which works in place, is also a relu."""
    name = facts.node.name
    return (name, name.rstrip("_")) if facts.node.kind == "operation" else None


def _node(facts: EventFacts) -> Value:
    """Also by its key, and without the variable that holds the model, as `named_parameters` calls it."""
    name = facts.node.qualified_name
    return name, facts.node.key, name.partition(".")[2] or name


def _module(facts: EventFacts) -> Value:
    scope = facts.recorded.scopes.get(facts.node.scope)
    return (scope.module if scope is not None else "",)


def _file(facts: EventFacts) -> Value:
    return None if facts.source is None else (PurePath(facts.source.file).name,)


def _dead(facts: EventFacts) -> Value:
    if facts.event.kind != "forward" or facts.node.name.rstrip("_") not in RELUS:
        return None
    array = facts.array("value")
    units = None if array is None else count_units(facts.node.name, array)
    return None if units is None else units.idle / units.count


def _update_ratio(facts: EventFacts) -> Value:
    before, after = facts.array("before"), facts.array("value")
    if before is None or after is None or before.shape != after.shape or after.dtype.kind not in "fc":
        return None
    size = square_sum(before.reshape(-1))
    return math.sqrt(square_sum((after - before).reshape(-1)) / size) if size else None


def _line(facts: EventFacts) -> Value:
    return None if facts.source is None else facts.source.line


def _statistic_getter(array: str, statistic: str) -> Callable[[EventFacts], Value]:
    def get(facts: EventFacts) -> Value:
        statistics = facts.statistics(array)
        return None if statistics is None else getattr(statistics, statistic)

    return get


_GETTERS: dict[str, Callable[[EventFacts], Value]] = {
    "kind": lambda facts: (facts.event.kind,),
    "phase": lambda facts: (facts.event.phase,),
    "op": _operation,
    "grad_fn": lambda facts: (facts.node.grad_fn,) if facts.node.grad_fn else None,
    "node": _node,
    "scope": lambda facts: (facts.node.scope,),
    "module": _module,
    "file": _file,
    "line": _line,
    "iteration": lambda facts: facts.recorded.iteration.index + 1,
    "epoch": lambda facts: facts.recorded.iteration.epoch + 1,
    "batch": lambda facts: facts.recorded.iteration.batch + 1,
    "event": lambda facts: facts.index + 1,
    "dead": _dead,
    "update.ratio": _update_ratio,
    "loss": lambda facts: facts.loss.value if facts.loss is not None else None,
    "loss.previous": lambda facts: facts.loss.previous if facts.loss is not None else None,
    "loss.lowest": lambda facts: facts.loss.lowest if facts.loss is not None else None,
    **{f"{array}.{name}": _statistic_getter(array, name) for array in _ARRAYS for name in STATISTICS},
}
