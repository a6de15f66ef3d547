"""What an explanation says: terms with their factors, how their sum becomes the number, what is left over."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np


def exact_sum(numbers: list[float]) -> float:
    """The sum, rounded once."""
    try:
        return math.fsum(numbers)
    except (OverflowError, ValueError):  # too large, or infinities of both signs
        return float(np.sum(numbers))


@dataclass(frozen=True)
class Source:
    """The array that a factor is an element of: input or output gradient `number` of the operation.

    A "number" is an input that was a plain number, a "setting" what the operation was made with. A
    "contribution" is the gradient that came from use `number` of a tensor that was used several times;
    "remembered" what an optimizer knew by that name: "value", "gradient", or something of its state.
    """

    kind: Literal["input", "number", "setting", "output", "gradient", "contribution", "remembered"]
    number: int
    name: str


@dataclass(frozen=True)
class Element:
    """One element of an array: where a term came from."""

    source: Source
    index: tuple[int, ...]
    value: float


@dataclass(frozen=True)
class Term:
    """One term: `coefficient` times its factors, where it is a product; else made by the rule of its kind.

    `context` are the elements that a slope, as coefficient, depends on.
    """

    value: float
    coefficient: float | None
    factors: tuple[Element, ...]
    context: tuple[Element, ...] = ()


@dataclass(frozen=True, eq=False)
class Factor:
    """For each of n terms one element of one array: their flat numbers and their values."""

    source: Source
    shape: tuple[int, ...]
    elements: np.ndarray
    values: np.ndarray

    def element(self, i: int) -> Element:
        index = np.unravel_index(int(self.elements[i]), self.shape)
        return Element(self.source, tuple(int(n) for n in index), float(self.values[i]))


@dataclass(frozen=True, eq=False)
class Terms:
    """n terms of one kind, as arrays (float64).

    `rule` is LaTeX: how a term comes from its factors and context; "" for their product with the
    coefficient. `symbols` are the names in it that differ from those of their sources.
    `coefficients` is None for terms that are no products.
    """

    values: np.ndarray
    factors: tuple[Factor, ...]
    rule: str
    coefficients: np.ndarray | None = None
    context: tuple[Factor, ...] = ()
    symbols: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def products(cls, coefficients: np.ndarray, factors: Sequence[Factor], rule: str = "") -> Terms:
        """Terms that are coefficient times factors."""
        values = math.prod((f.values for f in factors), start=coefficients)
        return cls(values, tuple(factors), rule, coefficients)

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, i: int) -> Term:
        coefficient = None if self.coefficients is None else float(self.coefficients[i])
        factors, context = (tuple(f.element(i) for f in part) for part in (self.factors, self.context))
        return Term(float(self.values[i]), coefficient, factors, context)


@dataclass(frozen=True, eq=False)
class Explanation:
    """`value = finish(sum of all terms + rest) + rounding`, exactly.

    `rest` is what belongs to the sum but to no element: the 3 of x + 3, the border of a padding.
    `formula` and `outer` (`finish` with the symbol S) are LaTeX; `symbols` are values of other symbols.
    `probed` says that the gradient's coefficients had to be found by trying, see `gradients`.
    """

    value: float
    groups: tuple[Terms, ...]
    formula: str
    rest: float = 0.0
    outer: str = "S"
    finish: Callable[[float], float] = float
    symbols: dict[str, float] = field(default_factory=dict)
    probed: bool = False

    @property
    def total(self) -> float:
        """The sum of all terms and the rest, rounded once."""
        return exact_sum([self.rest, *(v for group in self.groups for v in group.values.tolist())])

    @property
    def rounding(self) -> float:
        """What the program's own arithmetic made of the number: `value` less what the terms give."""
        with np.errstate(all="ignore"):
            explained = float(self.finish(self.total))
        same = explained == self.value or (explained != explained and self.value != self.value)
        return 0.0 if same else self.value - explained

    def __len__(self) -> int:
        return sum(len(group) for group in self.groups)

    def __iter__(self) -> Iterator[Term]:
        for group in self.groups:
            for i in range(len(group)):
                yield group[i]

    def largest(self, count: int) -> list[Term]:
        """The terms that weigh most, largest first."""
        return [group[i] for group, i in self.ranked(count)]

    def ranked(self, count: int) -> Iterator[tuple[Terms, int]]:
        """Where the `count` largest terms are: in which group and at which place."""
        sizes = np.abs(np.concatenate([group.values for group in self.groups] or [np.zeros(0)]))
        ends = np.cumsum([len(group) for group in self.groups])
        for n in np.argsort(-sizes, kind="stable")[:count].tolist():
            group = int(np.searchsorted(ends, n, side="right"))
            yield self.groups[group], n - int(ends[group]) + len(self.groups[group])
