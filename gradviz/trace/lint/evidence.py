"""What the rules are given: a recorded iteration, and what else a session saw, as plain data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from gradviz.trace.graph import Node, Source
from gradviz.trace.iteration import Iteration
from gradviz.trace.lint.graph import Graph
from gradviz.trace.values import ArrayRef

Find = Callable[[ArrayRef], np.ndarray | None]


@dataclass(frozen=True)
class Step:
    """One step of an optimizer, or an update by hand (`optimizer` is then "").

    Names of parameters are qualified: "net.fc1.weight".
    """

    optimizer: str
    number: int
    """Of the optimizer's steps, from 1."""
    source: Source | None
    stale: tuple[str, ...] = ()
    """Parameters whose gradient still held what an earlier update had used."""
    backward: Source | None = None
    """Where a gradient was added to such an old one."""
    without: tuple[str, ...] = ()
    """Parameters that need a gradient and have never got one."""
    idle: int = 0
    """So many steps in a row, this one included, came without any new gradient …"""
    cleared: bool = False
    """… because what had come was cleared before the step."""
    rates: tuple[float, ...] = ()
    """Learning rates of the optimizer's groups."""
    parameters: tuple[str, ...] = ()
    """The first of the optimizer's parameters, of an idle step."""
    blocked: bool = False
    """The backward pass failed: the loss depends on no parameter."""


@dataclass(frozen=True)
class Unused:
    """An optimizer that never stepped, although its parameters got gradients."""

    optimizer: str
    passes: int
    """Backward passes that brought gradients."""
    thrown: int
    """How often these were cleared without having been used."""
    source: Source | None
    """The line of a backward pass."""
    parameters: tuple[str, ...] = ()
    """The first of those with gradients."""


@dataclass(frozen=True)
class Forgotten:
    """A leaf that gets gradients, but that no optimizer has, while others are trained."""

    name: str
    holder: str
    """The module that holds it without its being registered there; "" if none does."""
    node: Node | None = None
    """It, where the iteration is recorded and computed with it."""


@dataclass(frozen=True)
class ModeCall:
    """A call of a module that behaves in training otherwise than in evaluation, or `F.dropout`."""

    scope: str
    kind: str
    """ "Dropout", "BatchNorm2d", …; "dropout" of the function."""
    training: bool
    root: str
    """The outermost module that was running."""
    root_training: bool
    functional: bool
    source: Source | None
    with_graph: bool = True
    """Gradients can come back to it: it was not called under no_grad."""
    repeated: bool = False
    """The same input goes through the root once more: the program wants several random answers."""


@dataclass(frozen=True)
class Carried:
    """A tensor with a graph that reaches back through the last iterations, one after the other.

    `container`: a list, dict or the like that collects one in every iteration.
    """

    name: str
    iterations: int
    source: Source | None
    node: str = ""
    """Key of the node that it is, or that made what was added last."""
    container: bool = False


@dataclass(frozen=True)
class Evidence:
    """What is known of one iteration. Without a recording its graph is empty."""

    iteration: Iteration
    find: Find
    steps: tuple[Step, ...] = ()
    unused: tuple[Unused, ...] = ()
    forgotten: tuple[Forgotten, ...] = ()
    calls: tuple[ModeCall, ...] = ()
    carried: tuple[Carried, ...] = ()
    updated: frozenset[str] = field(default_factory=frozenset)
    """Scopes of modules with a parameter that this iteration updated."""
    refused: tuple[int, str] | None = None
    """The node whose backward failed, and the name of what it had saved and found changed."""
    used: frozenset[str] = field(default_factory=frozenset)
    """Names of leaves that some iteration has computed with."""
    went_back: bool = False
    """It began a backward pass."""
    trained: bool = False
    """The program has updated a parameter, in this iteration or before."""
    first_loss: float | None = None
    """What the first backward pass of the run began at."""
    over: bool = False
    """The program has come to its end."""

    @cached_property
    def graph(self) -> Graph:
        return Graph(self.iteration, self.find)
