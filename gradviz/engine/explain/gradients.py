"""The terms of one element of a gradient.

Every backward is linear in the gradient `g` of the output: grad[index] = Σ over the elements o of the output
of g[o] · ∂out[o]/∂argument[index]. These coefficients are the gradient of grad[index] with respect to g, so
one pass backward through the backward finds all of them. A custom Function's backward may not be written so
that this is possible; then its coefficients are found by trying: one element of g after the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from gradviz.engine.backend import Array
from gradviz.engine.explain.decomposition import elements
from gradviz.engine.explain.explanation import Explanation, Factor, Source, Terms
from gradviz.engine.explain.factors import (
    elements_of_inputs,
    factor_of,
    products,
    settings_in,
)
from gradviz.engine.explain.replay import Index, Replay, Use, argument, one_at
from gradviz.engine.tape import Op

MAX_PROBES = 1000  # elements of g that are tried one by one


@np.errstate(all="ignore")
def gradient(use: Use, position: int, index: Index, value: float | None = None) -> Explanation:
    """Why the gradient of input `position` is what it is at `index` (full, not negative).

    It is the gradient that this use of the input contributes; `value` is the program's own number for it, if
    known. Needs `use.grads`; one that is None counts as zeros.
    """
    use = use.wide()
    replay = Replay(use.op, use.inputs, position)
    formula = rule_of_gradient(use.op, position)
    computed = replay.gradient(use.grads)
    number = 0.0 if computed is None else float(computed[index])
    value = number if value is None else value
    try:
        groups = tuple(_summed(use, replay, position, index))
        if _accounts_for(groups, number):
            return Explanation(value, groups, formula)
    except RuntimeError:  # torch's words for a backward that cannot be differentiated
        pass
    groups = tuple(_probed(use, replay, index))
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
        use = use.wide()
        found = Replay(use.op, use.inputs, position).gradient(use.grads)
        if found is not None:
            source = Source("contribution", number, argument(use.op, position))
            flat = np.ravel_multi_index(index, found.shape) if index else 0
            part = factor_of(source, found, np.asarray([flat]))
            groups.append(Terms(part.values, (part,), rule_of_gradient(use.op, position)))
    why = Explanation(0.0, tuple(groups), r"\textstyle\sum_{\mathrm{uses}}", before)
    return Explanation(why.total if value is None else value, why.groups, why.formula, before)


def _summed(use: Use, replay: Replay, position: int, index: Index) -> Iterator[Terms]:
    """g[o] · coefficient, with the coefficient taken apart where the operation is a sum of products."""
    op, name, shapes = use.op, argument(use.op, position), [g.shape for g in use.grads]
    partners = [other for product in op.terms if name in product.split() for other in product.split()]
    for nr, g in enumerate(use.grads):
        if use.outputs[nr].dtype.kind != "f":
            continue  # indices have no gradient

        def coefficients(inputs: Sequence[Any], nr: int = nr) -> Array | None:
            again = replay if inputs is use.inputs else Replay(op, inputs, position)
            return again.coefficients(index, shapes)[nr]

        if op.terms or op.decompose is not None:
            others = [other for other in partners if other != name]
            at, slopes, factors = products(op, use.inputs, others, coefficients)
            if len(at):
                yield Terms.products(slopes, [_elements_of_gradient(g, nr, at), *factors])
        else:
            yield _element_by_element(use, position, index, nr, coefficients(use.inputs))


def _element_by_element(use: Use, position: int, index: Index, nr: int, slopes: Array | None) -> Terms:
    """The terms of all elements of the output that the element was broadcast to, with what they depend on."""
    op, x, g = use.op, use.inputs[position], use.grads[nr]
    at = elements(g, copies_of(index, x.shape, g.shape))
    slopes = np.zeros(len(at)) if slopes is None else slopes.reshape(-1)[at]
    rule = rule_of_gradient(op, position)
    named = zip(op.outputs, use.outputs, strict=False)  # a Function has more outputs than names for them
    context = [
        *elements_of_inputs(op, use.inputs, g.shape, at),
        *(factor_of(Source("output", i, name), out, at) for i, (name, out) in enumerate(named)),
        *settings_in(op, rule, g.shape, at),
    ]
    terms = Terms.products(slopes, [_elements_of_gradient(g, nr, at)], rule)
    return replace(terms, context=tuple(context), symbols=op.symbols)


def copies_of(index: Index, shape: Index, out: Index) -> tuple[int | slice, ...]:
    """Where in an array of shape `out` the element `index` of one of `shape` is broadcast to."""
    extra = len(out) - len(shape)
    along = [slice(None) if n == 1 else i for i, n in zip(index, shape, strict=True)]
    return (*[slice(None)] * extra, *along)


def _elements_of_gradient(g: Array, nr: int, at: Array) -> Factor:
    return factor_of(Source("gradient", nr, "g"), g, at)


def rule_of_gradient(op: Op, position: int) -> str:
    """The LaTeX of an input's gradient."""
    return op.vjp[min(position, len(op.vjp) - 1)]


def _probed(use: Use, replay: Replay, index: Index) -> Iterator[Terms]:
    """As `_summed`, but each coefficient is the gradient that a single 1 in g gives."""
    for nr, g in enumerate(use.grads):
        at = np.flatnonzero(g)[:MAX_PROBES]
        slopes = np.zeros(len(at))
        for i, o in enumerate(at.tolist()):
            unit = [np.zeros(h.shape) for h in use.grads]
            unit[nr] = one_at(np.unravel_index(o, g.shape), g.shape)
            slopes[i] = replay.gradient(unit)[index]
        if len(at):
            yield Terms.products(slopes, [_elements_of_gradient(g, nr, at)])


def _accounts_for(groups: tuple[Terms, ...], number: float) -> bool:
    why = Explanation(number, groups, "")
    size = max([abs(number), *(float(abs(g.values).max()) for g in groups if len(g))])
    return not abs(why.rounding) > 1e-9 * size  # also when they are NaN
