"""The terms of one element of a gradient.

Every backward is linear in the gradient `g` of the output: grad[index] = Σ over the elements o of the output
of g[o] · ∂out[o]/∂argument[index]. These coefficients are the gradient of grad[index] with respect to g, so
one pass backward through the backward finds all of them. A custom Function's backward may not be written so
that this is possible; then its coefficients are found by trying: one element of g after the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from gradviz.engine.backend import Array, to_numpy, xp
from gradviz.engine.explain.explanation import Explanation, Source, Terms
from gradviz.engine.explain.factors import argument, factor_of, products
from gradviz.engine.explain.outputs import broadcast_numbers
from gradviz.engine.explain.replay import Index, Replay, Use, one_at, wide
from gradviz.engine.tape import Op

MAX_PROBES = 1000  # elements of g that are tried one by one


@np.errstate(all="ignore")
def gradient(use: Use, position: int, index: Index, value: float | None = None) -> Explanation:
    """Why the gradient of input `position` is what it is at `index` (full, not negative).

    It is the gradient that this use of the input contributes; `value` is the program's own number for it, if
    known. Needs `use.grads`; one that is None counts as zeros.
    """
    op, inputs = use.op, [wide(x) for x in use.inputs]
    grads = [_gradient_of(use, nr) for nr in range(len(use.outputs))]
    replay = Replay(op, inputs, position)
    formula = op.vjp[min(position, len(op.vjp) - 1)]
    computed = replay.gradient(position, grads)
    number = 0.0 if computed is None else float(computed[index])
    value = number if value is None else value
    try:
        groups = tuple(_summed(op, inputs, replay, position, index, grads))
        if _accounts_for(groups, number):
            return Explanation(value, groups, formula)
    except RuntimeError:  # torch's words for a backward that cannot be differentiated
        pass
    groups = tuple(_probed(replay, position, index, grads))
    rest = 0.0 if _accounts_for(groups, number) else number - Explanation(number, groups, formula).total
    return Explanation(value, groups, formula, rest, probed=True)


@np.errstate(all="ignore")
def accumulated(
    uses: Sequence[tuple[Use, int]], index: Index, value: float | None = None, before: float = 0.0
) -> Explanation:
    """Why the gradient of a tensor is what it is at `index`: a term for every use of it.

    `uses` are operations with the position of the tensor among their inputs; `before` is what the gradient
    was when the backward pass began.
    """
    groups = []
    for number, (use, position) in enumerate(uses):
        grads = [_gradient_of(use, nr) for nr in range(len(use.outputs))]
        inputs = [wide(x) for x in use.inputs]
        found = Replay(use.op, inputs, position).gradient(position, grads)
        if found is not None:
            source = Source("contribution", number, argument(use.op, position))
            flat = np.ravel_multi_index(index, found.shape) if index else 0
            part = factor_of(source, found, xp.asarray([flat]))
            groups.append(Terms(part.values, (part,), use.op.vjp[min(position, len(use.op.vjp) - 1)]))
    why = Explanation(0.0, tuple(groups), r"\textstyle\sum_{\mathrm{uses}}", before)
    return Explanation(why.total if value is None else value, why.groups, why.formula, before)


def _gradient_of(use: Use, nr: int) -> Array:
    g = use.grads[nr] if nr < len(use.grads) else None
    return xp.zeros(use.outputs[nr].shape) if g is None else xp.array(g, xp.float64)


def _summed(
    op: Op, inputs: list[Any], replay: Replay, position: int, index: Index, grads: list[Array]
) -> Iterator[Terms]:
    """g[o] · coefficient, with the coefficient taken apart where the operation is a sum of products."""
    name = argument(op, position)
    factors_of_name = [product.split() for product in op.terms]
    others = [other for product in factors_of_name if name in product for other in product if other != name]
    single = op.decompose is None and not op.terms  # made element by element
    for nr, g in enumerate(grads):

        def coefficients(given: list[Any], nr: int = nr) -> Array | None:
            again = replay if given is inputs else Replay(op, given, position)
            return again.coefficients(position, index, [g.shape for g in grads])[nr]

        if single:
            number = broadcast_numbers(inputs[position], inputs[position].shape)[index]
            at = xp.flatnonzero(broadcast_numbers(inputs[position], g.shape) == number)
            found = coefficients(inputs)
            slopes, factors = xp.zeros(len(at)) if found is None else found.reshape(-1)[at], []
        else:
            at, slopes, factors = products(op, inputs, others, coefficients)
        if len(at):
            yield _times_gradient(at, slopes, factors, nr, g)


def _probed(replay: Replay, position: int, index: Index, grads: list[Array]) -> Iterator[Terms]:
    """As `_summed`, but each coefficient is the gradient that a single 1 in g gives."""
    for nr, g in enumerate(grads):
        at = xp.flatnonzero(g)[:MAX_PROBES]
        slopes = []
        for o in at.tolist():
            unit = [xp.zeros(h.shape) for h in grads]
            unit[nr] = one_at(np.unravel_index(o, g.shape), g.shape)
            slopes.append(float(replay.gradient(position, unit)[index]))
        if slopes:
            yield _times_gradient(at, xp.asarray(slopes), [], nr, g)


def _times_gradient(at: Array, coefficients: Array, factors: list, nr: int, g: Array) -> Terms:
    return Terms.products(to_numpy(coefficients), [factor_of(Source("gradient", nr, "g"), g, at), *factors])


def _accounts_for(groups: tuple[Terms, ...], number: float) -> bool:
    why = Explanation(number, groups, "")
    size = max([abs(number), *(float(abs(g.values).max()) for g in groups if len(g))])
    return not abs(why.rounding) > 1e-9 * size  # also when they are NaN
