"""How an operation says what an element of its output is made of, where that is no plain sum of products."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from gradviz.engine.backend import Array, xp


@dataclass(frozen=True)
class Part:
    """Terms of one kind. `factors` pairs an argument's name with the flat number of its element in each term.

    `rule` is LaTeX: how a term comes from its factors; "" for their product.
    """

    values: Array
    rule: str
    factors: tuple[tuple[str, Array], ...]


@dataclass(frozen=True)
class Decomposition:
    """A number as a function of a sum: `number = finish(S)`, with S the sum of all terms of all parts.

    `outer` is `finish` as LaTeX with the symbol S; `symbols` are the values of other symbols in it and in the
    parts' rules.
    """

    parts: tuple[Part, ...]
    outer: str = "S"
    finish: Callable[[float], float] = float
    symbols: dict[str, float] = field(default_factory=dict)


def elements(x: Array, at: Any = ...) -> Array:
    """The flat numbers of the elements `x[at]`."""
    return xp.arange(x.size).reshape(x.shape)[at].reshape(-1)


def product(name: str, x: Array, at: Array) -> Part:
    """One term: the product of the elements `at` of the argument `name`."""
    value = x.reshape(-1)[at].prod(keepdims=True)
    return Part(value, "", tuple((name, at[i : i + 1]) for i in range(len(at))))


def of_matrices(value: Array, index: tuple[int, ...], rule: str, **matrices: Array) -> Decomposition:
    """One term: a number that whole matrices take part in; of stacks of them those at the number's place."""
    factors = []
    for name, x in matrices.items():
        stack = x.shape[:-2]
        place = tuple(0 if n == 1 else i for i, n in zip(index, stack, strict=False))
        at = elements(x, place) if len(place) == len(stack) else elements(x)
        factors += [(name, at[i : i + 1]) for i in range(len(at))]
    return Decomposition((Part(xp.asarray(value).reshape(1), rule, tuple(factors)),))


def sum_of_powers(x: Array, at: Array) -> tuple[Part, float]:
    """The terms e^{x_i - m} of the elements `at` of the argument "x", and m, the largest if finite."""
    line = x.reshape(-1)[at]
    top = float(line.max(initial=-xp.inf))
    top = top if xp.isfinite(top) else 0.0
    return Part(xp.exp(line - top), "e^{x_{i} - m}", (("x", at),)), top
