"""What finite differences say of an operation's backward, as data."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from gradviz.trace.graph import Source, Text
from gradviz.trace.reasons import Index

MAX_DIFFERENCES = 64
Count = Annotated[int, Meta(ge=0)]


class Difference(Struct, frozen=True, array_like=True):
    """An element whose slope is `expected` by finite differences and `found` in the gradient."""

    index: Index
    expected: float
    found: float


class GradientCheck(Struct, frozen=True):
    """On the gradient that an operation's backward gives to one argument.

    "surrogate": it is not the derivative, and not meant to be. Of `checked` elements that were moved, `kinks`
    are at a kink, where several slopes are right. `error` is the largest difference of those that are right,
    relative to the largest slope. `words` say, in English, what no numbers say; `given` fills their {0}.
    """

    argument: Text
    state: Literal["right", "wrong", "surrogate", "unchecked"]
    checked: Count = 0
    kinks: Count = 0
    worst: Annotated[tuple[Difference, ...], Meta(max_length=MAX_DIFFERENCES)] = ()
    words: Text = ""
    error: float = 0.0
    given: Text = ""


OperationState = Literal["right", "kink", "wrong", "surrogate", "unchecked"]


class OperationCheck(Struct, frozen=True):
    """On an operation with the gradients of all its inputs.

    `source` is the line that ran it, `backward` where a custom Function's backward is written. `case` says in
    English for which inputs of the loss it was found, where it is not those that the loss is trained with.
    """

    name: Text
    node: Text
    """The key of its node in the graph."""
    source: Source | None
    inputs: Annotated[tuple[GradientCheck, ...], Meta(max_length=4096)]
    backward: Source | None = None
    case: Text = ""

    @property
    def place(self) -> Source | None:
        """The line to look at."""
        return self.backward or self.source

    @property
    def state(self) -> OperationState:
        """What is to be said first of its inputs; "kink": right, and some elements are at one."""
        states = {check.state for check in self.inputs}
        for state in ("wrong", "surrogate", "right"):
            if state in states:
                kinks = state == "right" and any(check.kinks for check in self.inputs)
                return "kink" if kinks else state
        return "unchecked"

    @property
    def error(self) -> float:
        """The largest error of an input that is right."""
        return max((check.error for check in self.inputs if check.state == "right"), default=0.0)


class Cut(Struct, frozen=True):
    """At a line numbers go on that depend on the loss's inputs, but no gradient comes back.

    `meant`: the program says so itself, with detach() or no_grad().
    """

    source: Source | None
    name: Text
    meant: bool


class CodeCheck(Struct, frozen=True, tag="checked"):
    """On a whole loss, or on one iteration of a program: its operations, the one nearest to the loss first.

    `loss` is on the gradient of the whole loss with respect to its inputs; None where that was not checked.
    `inputs` says what the loss was given; `alike` how many operations were left out since others of the same
    line and shapes were checked.
    """

    kind: Literal["loss", "program"]
    operations: Annotated[tuple[OperationCheck, ...], Meta(max_length=1 << 20)]
    loss: GradientCheck | None = None
    cuts: Annotated[tuple[Cut, ...], Meta(max_length=1 << 10)] = ()
    inputs: Text = ""
    iteration: Count = 0
    alike: Count = 0

    @property
    def wrong(self) -> tuple[OperationCheck, ...]:
        return tuple(operation for operation in self.operations if operation.state == "wrong")

    @property
    def verdict(self) -> Literal["right", "wrong", "unchecked"]:
        """ "unchecked": nothing could be judged."""
        if self.wrong or (self.loss is not None and self.loss.state == "wrong"):
            return "wrong"
        judged = any(operation.state != "unchecked" for operation in self.operations)
        return "right" if judged or (self.loss is not None and self.loss.state == "right") else "unchecked"

    @property
    def error(self) -> float:
        """The largest of all, relative to the largest slope of its array."""
        checks = (self.loss,) if self.loss is not None and self.loss.state == "right" else ()
        return max(
            [operation.error for operation in self.operations] + [c.error for c in checks], default=0.0
        )
