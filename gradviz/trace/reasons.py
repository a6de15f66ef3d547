"""Why a number is what it is, as data: the terms that add up to it, each with the elements that made it."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from msgspec import Meta, Struct

from gradviz.trace.graph import Shape, Text
from gradviz.trace.values import ArrayRef

MAX_TERMS = 4096
MAX_SPREAD = 1 << 18  # terms that are laid over an array: 4 MiB

Latex = Annotated[str, Meta(max_length=1 << 16)]
Index = Annotated[tuple[Annotated[int, Meta(ge=0)], ...], Meta(max_length=64)]
Numbers = Annotated[bytes, Meta(max_length=8 * MAX_SPREAD)]


class Path(Struct, frozen=True, array_like=True):
    """One way on which a gradient arrived: through argument number `position` of the operation `node`, in the
    backward pass that reached it at `event`."""

    node: Annotated[int, Meta(ge=0)]
    position: Annotated[int, Meta(ge=0)]
    event: Annotated[int, Meta(ge=0)]


class Place(Struct, frozen=True):
    """An element of a recorded array, or a plain number where `ref` is None. `name` is the rule's for it.

    With `path` it is that part of the gradient `ref` which arrived on the path.
    """

    name: Text
    value: float
    ref: ArrayRef | None = None
    index: Index = ()
    path: Path | None = None


class Term(Struct, frozen=True):
    """A term: the product of `coefficient` (None: not a product) and `factors`; or made by `rule` (LaTeX).

    `context` are elements that it depends on without being a factor's, as the x that decides a ReLU's slope.
    """

    value: float
    coefficient: float | None = None
    factors: Annotated[tuple[Place, ...], Meta(max_length=64)] = ()
    context: Annotated[tuple[Place, ...], Meta(max_length=64)] = ()
    rule: Latex = ""


class Spread(Struct, frozen=True):
    """All terms laid over one array that takes part in them: term i belongs to its element `elements[i]`."""

    name: Text
    ref: ArrayRef
    shape: Shape
    elements_: Numbers  # int64, flat
    values_: Numbers  # float64

    def __post_init__(self) -> None:
        if len(self.elements_) != len(self.values_) or len(self.values_) % 8:
            raise ValueError("a spread needs as many elements as values")
        size = int(np.prod(self.shape, dtype=np.float64))
        if len(self.elements) and not 0 <= self.elements.min() <= self.elements.max() < max(size, 1):
            raise ValueError(f"an element that an array of shape {self.shape} does not have")

    @property
    def elements(self) -> np.ndarray:
        """The flat number of every term's element, int64 [n]."""
        return np.frombuffer(self.elements_, np.int64)

    @property
    def values(self) -> np.ndarray:
        """The terms, float64 [n]."""
        return np.frombuffer(self.values_, np.float64)

    def by_first_axis(self) -> np.ndarray:
        """What each entry of the first axis contributes, float64 [shape[0]]: of a batch, each sample."""
        if not self.shape:
            return np.array([self.values.sum()])
        inner = max(int(np.prod(self.shape[1:], dtype=np.int64)), 1)
        return np.bincount(self.elements // inner, self.values, minlength=self.shape[0])


class Reasons(Struct, frozen=True, kw_only=True):
    """Why `ref[index]` is `value`: `terms` are the largest of `count`, `others` is the sum of those left out.

    `rest` belongs to the sum and to no element, as the 3 of x + 3; for a gradient it is what `.grad` held
    before. `outer` is LaTeX for what is done with the sum S ("S": nothing). `rounding` is by how much
    the program's own arithmetic differs from these terms, which are float64.
    """

    ref: ArrayRef
    index: Index
    value: float
    count: Annotated[int, Meta(ge=0)]
    terms: Annotated[tuple[Term, ...], Meta(max_length=MAX_TERMS)]
    others: float = 0.0
    rest: float = 0.0
    rounding: float = 0.0
    formula: Latex = ""
    outer: Latex = "S"
    equation: Latex = ""
    """The rule with this element's numbers put in."""
    spreads: Annotated[tuple[Spread, ...], Meta(max_length=8)] = ()
    through: Annotated[tuple[Place, ...], Meta(max_length=1024)] = ()
    """The same number at other places, which views have moved here; the terms are those of the last one."""
    probed: bool = False
    """Whether the terms were found by trying, because the operation's backward cannot be differentiated."""

    @property
    def error(self) -> float:
        """The rounding relative to the largest number that takes part; 0 when everything is 0."""
        largest = max([abs(self.value), abs(self.rest), *(abs(term.value) for term in self.terms)])
        return abs(self.rounding) / largest if largest else 0.0
