"""Which elements are multiplied in a term of a sum of products."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from gradviz.engine.backend import Array
from gradviz.engine.explain.equations import names_in, plain
from gradviz.engine.explain.explanation import Factor, Source
from gradviz.engine.explain.replay import argument
from gradviz.engine.tape import Op

# The coefficients of a sum, given the operation's inputs (some of them may be replaced); None: all are 0.
Coefficients = Callable[[Sequence[Any]], Array | None]


def positions(op: Op, name: str, count: int) -> range:
    """The inputs, of `count`, that are the argument `name`: several for the last one if it repeats."""
    first = op.args.index(name)
    return range(first, count if name == op.args[-1] else first + 1)


def factor(op: Op, inputs: Sequence[Any], position: int, elements: Array) -> Factor:
    """Elements of an input, by flat number, as factors of as many terms."""
    x = inputs[position]
    array = np.asarray(x)
    source = Source("input" if isinstance(x, Array) else "number", position, argument(op, position))
    return factor_of(source, array, elements)


def factor_of(source: Source, array: Array, elements: Array) -> Factor:
    return Factor(source, array.shape, elements, array.reshape(-1)[elements].astype(np.float64))


def broadcast_numbers(x: Any, shape: tuple[int, ...]) -> Array:
    """For every element of an output of `shape` the flat number of the element of `x` that it is made of."""
    x = np.asarray(x)
    return np.broadcast_to(np.arange(x.size).reshape(x.shape), shape)


def elements_of_inputs(op: Op, inputs: Sequence[Any], shape: tuple[int, ...], at: Array) -> list[Factor]:
    """What the elements `at` of an output of `shape` are made of, element by element."""
    return [
        factor(op, inputs, position, broadcast_numbers(x, shape).flat[at])
        for position, x in enumerate(inputs)
        if x is not None
    ]


def settings_in(op: Op, latex: str, shape: tuple[int, ...], at: Array) -> list[Factor]:
    """The settings that LaTeX mentions, for the elements `at` of an output of `shape`."""
    found = []
    for name in names_in(latex):
        name = op.symbols.get(name, plain(name))
        setting = getattr(op, name, None)
        if isinstance(setting, (int, float, np.generic, Array)):
            array = np.asarray(setting)
            elements = broadcast_numbers(array, shape).flat[at]
            found.append(factor_of(Source("setting", 0, name), array, elements))
    return found


def products(
    op: Op, inputs: Sequence[Any], others: Sequence[str], coefficients: Coefficients
) -> tuple[Array, Array, list[Factor]]:
    """The terms whose coefficients are multilinear in the arguments `others`: the flat numbers of those that
    take part, what their coefficients are beside the elements of `others`, and these elements.

    With ones in place of the others a coefficient shows what stands beside them; with the elements' own
    numbers in place of one of them it shows which element takes part. A coefficient that is itself a sum of
    products is left whole.
    """
    real = _flat(coefficients(inputs))
    partners = [(i, inputs[i]) for name in others for i in positions(op, name, len(inputs))]
    partners = [(i, x) for i, x in partners if isinstance(x, Array)]
    ones = {i: np.ones(x.shape) for i, x in partners}
    plain = _flat(coefficients(_replaced(inputs, ones))) if partners else real
    at = np.flatnonzero((plain != 0) | (real != 0))
    plain, product, factors = plain[at], plain[at], []
    for i, x in partners:
        numbers = np.arange(1.0, x.size + 1).reshape(x.shape)
        numbered = _flat(coefficients(_replaced(inputs, {**ones, i: numbers})))[at]
        elements = np.clip(np.rint(np.nan_to_num(numbered / plain)), 1, x.size).astype(np.int64) - 1
        factors.append(factor(op, inputs, i, elements))
        product = product * x.reshape(-1)[elements]
    if np.allclose(product, real[at], rtol=1e-9, atol=0, equal_nan=True):
        return at, plain, factors
    at = np.flatnonzero(real)
    return at, real[at], []


def _flat(coefficients: Array | None) -> Array:
    return np.zeros(0) if coefficients is None else coefficients.reshape(-1)


def _replaced(inputs: Sequence[Any], new: dict[int, Array]) -> list[Any]:
    return [new.get(i, x) for i, x in enumerate(inputs)]
