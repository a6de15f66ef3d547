"""Branches of a run: a run that goes on from a moment of another one with something changed.

A branch shares its parent's past up to the beginning of one iteration, where its edits take effect; from
there on it is a run of its own. The run that a program begins with is the branch `MAIN`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from msgspec import Meta, Struct

from gradviz.trace.graph import Key, Text

MAIN = 0
MAX_EDITS = 64  # of one branch
MAX_LOSS = 1 << 15  # characters of a loss snippet
Number = Annotated[int, Meta(ge=0, lt=1 << 31)]
Index = Annotated[tuple[Number, ...], Meta(max_length=64)]


class SetLearningRate(Struct, frozen=True, tag="learning rate"):
    """Sets the learning rate of the optimizer in variable `optimizer` ("": of all), in all its parameter
    groups or in one. A scheduler that sets the rate anew goes on doing so."""

    value: float
    group: Number | None = None
    optimizer: Text = ""


class SetElement(Struct, frozen=True, tag="element"):
    """Sets one element of a parameter or buffer, by its qualified name ("net.fc1.weight")."""

    name: Text
    index: Index
    value: float


class SetLoss(Struct, frozen=True, tag="loss"):
    """Puts another loss in the place of the program's: `text` is a loss snippet (see README), `path` the name
    it goes by in messages."""

    text: Annotated[str, Meta(max_length=MAX_LOSS)]
    path: Text


class SetSample(Struct, frozen=True, tag="sample"):
    """Changes a sample of the batch that the iteration gets from its DataLoader: the label of sample
    `position`, or the element `index` of its input, or both.

    The data set stays as it is: when the sample comes again, in another epoch, it is the old one.
    """

    position: Number
    label: float | None = None
    index: Index = ()
    value: float | None = None


class SetNumber(Struct, frozen=True, tag="number"):
    """Sets one element of what the node `key` makes in the iteration, at the moment when it is made: all that
    is computed from it afterwards takes the new number.

    `nth` counts from 0 what the node has of that role in the iteration: a parameter's value before an update
    and after it, a gradient in one backward pass and in the next.
    """

    key: Key
    role: Literal["value", "grad"]
    index: Index
    value: float
    output: Number = 0
    nth: Number = 0


Edit = SetLearningRate | SetElement | SetLoss | SetSample | SetNumber


class DatedEdit(Struct, frozen=True, array_like=True):
    """An edit and the iteration at whose beginning it takes effect."""

    iteration: Number
    edit: Edit


class Branch(Struct, frozen=True):
    """A branch of the run: it leaves `parent` at the beginning of `iteration`, with `edits`."""

    id: Number
    name: Text = ""
    parent: Number = MAIN
    iteration: Number = 0
    edits: Annotated[tuple[Edit, ...], Meta(max_length=MAX_EDITS)] = ()

    def __post_init__(self) -> None:
        """Parents come first, so that no branch descends from itself."""
        if self.id <= self.parent:
            raise ValueError(f"branch {self.id} cannot have the parent {self.parent}")


def edits_of(branch: Branch, branches: Mapping[int, Branch]) -> tuple[DatedEdit, ...]:
    """All edits that a branch has seen, its ancestors' first; `branches` has its ancestors but for MAIN.

    What an ancestor changed after the branch had left is not among them.
    """
    seen: list[DatedEdit] = []
    until, ancestor = branch.iteration, branch
    while True:
        if ancestor.iteration <= until:
            seen[:0] = [DatedEdit(ancestor.iteration, edit) for edit in ancestor.edits]
        until = min(until, ancestor.iteration)
        if ancestor.parent == MAIN:
            return tuple(seen)
        ancestor = branches[ancestor.parent]
