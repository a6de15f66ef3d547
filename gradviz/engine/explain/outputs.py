"""The terms of one element of an operation's output."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from gradviz.engine.backend import Array, to_numpy
from gradviz.engine.explain.decomposition import Decomposition, elements
from gradviz.engine.explain.explanation import Explanation, Terms
from gradviz.engine.explain.factors import elements_of_inputs, factor, positions, products, settings_in
from gradviz.engine.explain.replay import Index, Replay, Use


@np.errstate(all="ignore")
def output(use: Use, index: Index, nr: int = 0) -> Explanation:
    """Why output `nr` of an operation is what it is at `index` (full, not negative)."""
    value, use = float(use.outputs[nr][index]), use.wide()
    op = use.op
    made = op.decompose(nr, index, *use.inputs) if op.decompose is not None else None
    if made is not None:
        return _decomposed(use, made, value)
    if not op.terms:
        return Explanation(value, (_element_by_element(use, nr, index),), op.formula)
    out = float(Replay(op, use.inputs).outputs[nr].array[index])
    groups = [group for product in op.terms for group in _sum(use, product.split(), nr, index)]
    summed = Explanation(out, tuple(group for group in groups if len(group)), op.formula)
    return Explanation(value, summed.groups, op.formula, rest=_rest(summed))


def _rest(summed: Explanation) -> float:
    """What of the number is no term; 0 where only the order of summing made a difference."""
    size = max([abs(summed.value), *(float(abs(g.values).max()) for g in summed.groups)])
    return 0.0 if abs(summed.rounding) <= 1e-12 * size else summed.rounding


def _sum(use: Use, product: list[str], nr: int, index: Index) -> list[Terms]:
    """The terms of a sum of products: by Euler's identity, x · ∂out/∂x for every x of the first factor."""
    first, *others = product
    op, inputs, groups = use.op, use.inputs, []
    for position in positions(op, first, len(inputs)):
        if not isinstance(inputs[position], Array):
            continue

        def slopes(inputs: Sequence[Any], position: int = position) -> Array | None:
            return Replay(op, inputs, position).slopes(nr, index)

        at, coefficients, factors = products(op, inputs, others, slopes)
        groups.append(Terms.products(coefficients, [factor(op, inputs, position, at), *factors]))
    return groups


def _element_by_element(use: Use, nr: int, index: Index) -> Terms:
    """The only term of an operation that makes every element of one element of each argument."""
    op, shape = use.op, use.outputs[nr].shape
    out = np.broadcast_to(to_numpy(Replay(op, use.inputs).outputs[nr].array), shape)
    at = elements(out, index)
    factors = elements_of_inputs(op, use.inputs, shape, at)
    context = settings_in(op, op.formula, shape, at)
    value = out[index].astype(np.float64).reshape(1)
    return Terms(value, tuple(factors), op.formula, None, tuple(context), op.symbols)


def _decomposed(use: Use, made: Decomposition, value: float) -> Explanation:
    op, groups = use.op, []
    for part in made.parts:
        factors = [factor(op, use.inputs, op.args.index(name), at) for name, at in part.factors]
        values = np.asarray(part.values, np.float64).reshape(-1)
        context = settings_in(op, part.rule, factors[0].shape, factors[0].elements) if factors else []
        groups.append(Terms(values, tuple(factors), part.rule, None, tuple(context), op.symbols))
    symbols = {name: float(number) for name, number in made.symbols.items()}
    return Explanation(value, tuple(groups), op.formula, 0.0, made.outer, made.finish, symbols)
