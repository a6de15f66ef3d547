"""The terms of one element of an operation's output."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradviz.engine.backend import Array, asarray, to_numpy, xp
from gradviz.engine.explain.decomposition import Decomposition, elements
from gradviz.engine.explain.explanation import Explanation, Terms
from gradviz.engine.explain.factors import elements_of_inputs, factor, positions, products, settings_in
from gradviz.engine.explain.replay import Index, Replay, Use, wide
from gradviz.engine.tape import Op


@np.errstate(all="ignore")
def output(use: Use, index: Index, nr: int = 0) -> Explanation:
    """Why output `nr` of an operation is what it is at `index` (full, not negative)."""
    op, value = use.op, float(use.outputs[nr][index])
    inputs = [wide(x) for x in use.inputs]
    made = op.decompose(nr, index, *inputs) if op.decompose is not None else None
    if made is not None:
        return _decomposed(op, inputs, made, value)
    if not op.terms:
        term = _element_by_element(op, inputs, nr, index, use.outputs[nr].shape)
        return Explanation(value, (term,), op.formula)
    inputs = [asarray(x, xp.float64) if isinstance(x, Array) else x for x in inputs]  # also integers
    out = float(Replay(op, inputs).outputs[nr].array[index])
    groups = [group for product in op.terms for group in _sum(op, inputs, product.split(), nr, index)]
    summed = Explanation(out, tuple(group for group in groups if len(group)), op.formula)
    return Explanation(value, summed.groups, op.formula, rest=_rest(summed))


def _rest(summed: Explanation) -> float:
    """What of the number is no term; 0 where only the order of summing made a difference."""
    size = max([abs(summed.value), *(float(abs(g.values).max()) for g in summed.groups)])
    return 0.0 if abs(summed.rounding) <= 1e-12 * size else summed.rounding


def _sum(op: Op, inputs: list[Any], product: list[str], nr: int, index: Index) -> list[Terms]:
    """The terms of a sum of products: by Euler's identity, x · ∂out/∂x for every x of the first factor."""
    first, *others = product
    groups = []
    for position in positions(op, first, len(inputs)):
        if not isinstance(inputs[position], Array):
            continue

        def slopes(inputs: list[Any], position: int = position) -> Array | None:
            return Replay(op, inputs, position).slopes(nr, index)[position]

        at, coefficients, factors = products(op, inputs, others, slopes)
        groups.append(Terms.products(to_numpy(coefficients), [factor(op, inputs, position, at), *factors]))
    return groups


def _element_by_element(op: Op, inputs: list[Any], nr: int, index: Index, shape: Index) -> Terms:
    """The only term of an operation that makes every element of one element of each argument."""
    out = xp.broadcast_to(Replay(op, inputs).outputs[nr].array, shape)
    at = elements(out, index)
    factors = elements_of_inputs(op, inputs, shape, at)
    context = settings_in(op, op.formula, shape, at)
    value = to_numpy(out[index].astype(xp.float64).reshape(1))
    return Terms(value, tuple(factors), op.formula, None, tuple(context), op.symbols)


def _decomposed(op: Op, inputs: list[Any], made: Decomposition, value: float) -> Explanation:
    groups = []
    for part in made.parts:
        factors = [factor(op, inputs, op.args.index(name), at) for name, at in part.factors]
        values = to_numpy(xp.asarray(part.values, xp.float64).reshape(-1))
        context = []
        if factors:
            first = factors[0]
            context = settings_in(op, part.rule, first.shape, xp.asarray(first.elements))
        groups.append(Terms(values, tuple(factors), part.rule, None, tuple(context), op.symbols))
    symbols = {name: float(number) for name, number in made.symbols.items()}
    return Explanation(value, tuple(groups), op.formula, 0.0, made.outer, made.finish, symbols)
