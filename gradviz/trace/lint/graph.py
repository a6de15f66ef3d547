"""Looks around in the graph of a recorded iteration for the linter."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property

import numpy as np

from gradviz.trace.graph import Node
from gradviz.trace.iteration import Iteration
from gradviz.trace.values import ArrayRef

# fmt: off
PASSING = {
    "alias", "as_strided", "clone", "contiguous", "detach", "dropout", "expand", "expand_as", "flatten",
    "identity", "movedim", "permute", "reshape", "slice", "squeeze", "t", "to", "transpose", "unsqueeze",
    "view", "index", "select", "narrow",
}
# fmt: on
"""Operations that hand on the very numbers of their first argument, or some of them."""

SUM = r"\textstyle\sum"
"""What the formula of a loss begins with that is summed, and not averaged."""

Find = Callable[[ArrayRef], np.ndarray | None]


class Graph:
    """Nodes by what they are made from and made into, and their numbers."""

    def __init__(self, iteration: Iteration, find: Find) -> None:
        self.iteration, self.nodes = iteration, iteration.nodes
        self._find = find

    @cached_property
    def users(self) -> list[list[Node]]:
        """For every node the operations that take it."""
        users: list[list[Node]] = [[] for _ in self.nodes]
        for node in self.nodes:
            for number in dict.fromkeys(edge.node for edge in node.inputs):
                users[number].append(node)
        return users

    @cached_property
    def losses(self) -> list[Node]:
        """The nodes that backward passes started from."""
        events = self.iteration.events
        return [self.nodes[events[loss.event].node] for loss in self.iteration.losses]

    @cached_property
    def by_name(self) -> dict[str, Node]:
        """Leaves by their qualified names."""
        return {node.qualified_name: node for node in self.nodes if node.kind != "operation"}

    def operations(self, *names: str) -> Iterator[Node]:
        """The operations of that name, in order; in place or not."""
        return (n for n in self.nodes if n.kind == "operation" and n.name.rstrip("_") in names)

    def argument(self, node: Node, name: str) -> Node | None:
        """What an operation got as that argument."""
        return next((self.nodes[edge.node] for edge in node.inputs if edge.argument == name), None)

    def first(self, node: Node) -> Node | None:
        return self.nodes[node.inputs[0].node] if node.inputs else None

    def origin(self, node: Node) -> Node:
        """The node whose numbers arrive at `node` through nothing but reshaping, copying and the like."""
        while node.kind == "operation" and node.name.rstrip("_") in PASSING and node.inputs:
            node = self.nodes[node.inputs[0].node]
        return node

    def behind(self, starts: list[Node]) -> set[int]:
        """Ids of all nodes that these are computed from, and of themselves."""
        seen = {node.id for node in starts}
        todo = list(seen)
        while todo:
            for edge in self.nodes[todo.pop()].inputs:
                if edge.node not in seen:
                    seen.add(edge.node)
                    todo.append(edge.node)
        return seen

    def after(self, start: Node) -> set[int]:
        """Ids of all nodes that are computed from this one, and its own."""
        seen = {start.id}
        for node in self.nodes[start.id + 1 :]:
            if any(edge.node in seen for edge in node.inputs):
                seen.add(node.id)
        return seen

    def summing(self, loss: Node) -> Node | None:
        """The operation that adds up the samples of a loss, if nothing divides the sum afterwards."""
        todo = [loss]
        while todo:
            node = todo.pop()
            if node.kind != "operation" or not node.inputs:
                continue
            summed = self.nodes[node.inputs[0].node]
            is_sum = node.name == "sum" or node.formula.startswith(SUM)
            if is_sum and not node.shape and summed.shape and self._are_samples(summed):
                return node
            if node.name.rstrip("_") in ("add", "sub", "neg", "view", "squeeze"):
                todo += [self.nodes[edge.node] for edge in node.inputs]
        return None

    def _are_samples(self, node: Node) -> bool:
        """Whether it has as many rows as some data that it is computed from."""
        count = node.shape[0]
        inputs = (self.nodes[number] for number in self.behind([node]))
        return count > 1 and any(each.kind == "input" and each.shape[:1] == (count,) for each in inputs)

    def value(self, node: Node, output: int = 0, event: int | None = None) -> np.ndarray | None:
        """An output's numbers, as of the iteration's end or of an event."""
        at = len(self.iteration.events) - 1 if event is None else event
        return self._find(ArrayRef(self.iteration.index, at, node.id, "value", output))

    def input_value(self, node: Node, argument: str) -> np.ndarray | None:
        """The numbers that an operation got as that argument."""
        event = self.forward_event.get(node.id, -1)
        edge = next((edge for edge in node.inputs if edge.argument == argument), None)
        return None if edge is None else self.value(self.nodes[edge.node], edge.output, event)

    def gradient(self, node: Node) -> np.ndarray | None:
        """The last gradient that came to a node's first output."""
        at = len(self.iteration.events) - 1
        return self._find(ArrayRef(self.iteration.index, at, node.id, "grad", 0))

    @cached_property
    def forward_event(self) -> dict[int, int]:
        """By node: the event at which it was computed."""
        events = enumerate(self.iteration.events)
        return {event.node: number for number, event in events if event.kind == "forward"}

    @cached_property
    def updated(self) -> list[Node]:
        """The parameters that were updated."""
        found = dict.fromkeys(e.node for e in self.iteration.events if e.kind == "update")
        return [self.nodes[number] for number in found]
