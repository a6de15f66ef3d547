"""The terms of one element of a parameter's new value: the old one, and what its optimizer has added.

An optimizer says itself what its steps are made of, next to its `_update`: see `Optimizer.change`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from gradviz.engine.backend import Array
from gradviz.engine.explain.equations import latex_number, with_numbers
from gradviz.engine.explain.explanation import Explanation, Factor, Source, Terms
from gradviz.engine.explain.replay import Index, in_main_memory
from gradviz.engine.optim.optimizer import Change, Optimizer
from gradviz.engine.tensor import Tensor

MAX_BYTES = 64 << 20  # of gradients and states: to copy more would take the program too long


@dataclass(frozen=True, eq=False)
class Step:
    """What an optimizer knew of a parameter as it began a step. Its arrays are copies but for the value."""

    optimizer: Optimizer
    settings: dict[str, Any]
    gradient: Array
    state: dict[str, Any]

    @classmethod
    def all_of(cls, optimizer: Optimizer) -> list[tuple[Tensor, Step]]:
        """Of the parameters that the step will change, as far as there is room; of none where the optimizer
        does not say what its steps are made of."""
        kind = type(optimizer)
        if kind._change is Optimizer._change or kind.step is not Optimizer.step:
            return []
        found, room = [], MAX_BYTES
        for group in optimizer.param_groups:
            for parameter in group["params"]:
                if parameter.grad is None:
                    continue
                state = optimizer.state.get(parameter, {})
                arrays = {name: kept.array for name, kept in state.items() if isinstance(kept, Tensor)}
                room -= parameter.grad.array.nbytes + sum(array.nbytes for array in arrays.values())
                if room >= 0:
                    copies = {name: array.copy() for name, array in arrays.items()}
                    settings = optimizer.settings(group, parameter.array)
                    found.append((parameter, cls(optimizer, settings, parameter.grad.array.copy(), copies)))
        return found


@np.errstate(all="ignore")
def update(step: Step, old: Array, value: float, index: Index) -> Explanation:
    """Why a parameter's element is `value` after a step from the array `old`."""
    change, arrays, at = _change(step, old, index)
    place = int(np.ravel_multi_index(index, old.shape)) if index else 0
    groups = [_terms(1.0, "value", arrays["value"], old.shape, place, at)]
    for share in change.shares:
        coefficient = float(np.broadcast_to(in_main_memory(share.coefficient), at.shape)[at.index])
        if share.of and share.of not in arrays:
            continue  # nothing is remembered yet
        if share.of:
            groups.append(_terms(coefficient, share.of, arrays[share.of], old.shape, place, at))
        else:
            groups.append(Terms(np.array([coefficient]), (), change.formula))
    symbols = {
        name: float(np.broadcast_to(in_main_memory(number), at.shape)[at.index])
        for name, number in change.symbols.items()
    }
    return Explanation(value, tuple(groups), rf"\mathrm{{old}} {change.formula}", symbols=symbols)


def update_equation(why: Explanation, digits: int = 4) -> str:
    """The optimizer's formula with the numbers of the element put in."""

    def number(value: float) -> str:
        return latex_number(value, digits)

    symbols = {r"\mathrm{old}": float(why.groups[0].values[0]), **why.symbols}
    return f"{with_numbers(why.formula, symbols.get, number)} = {number(why.value)}"


@dataclass(frozen=True)
class _At:
    """Where the element is in the arrays that the change was computed of: all, or only the element."""

    shape: tuple[int, ...]
    index: Index


def _change(step: Step, old: Array, index: Index) -> tuple[Change, dict[str, Array], _At]:
    """The change, and what it is made of by name."""
    alone = step.optimizer.elementwise and old.ndim > 0
    arrays = {"value": old, "gradient": step.gradient, **step.state}

    def wide(array: Array) -> Array:
        array = in_main_memory(array)
        if not array.ndim and array.dtype != old.dtype:
            return array  # what is counted in float32 is counted so here, too
        if alone and array.shape == old.shape:
            array = array[index].reshape(1)
        return array.astype(np.float64)

    given = {name: wide(array) for name, array in arrays.items()}
    state = {name: array for name, array in given.items() if name in step.state}
    change = step.optimizer.change(step.settings, given["value"], given["gradient"], state)
    return change, given, _At((1,), (0,)) if alone else _At(old.shape, index)


def _terms(coefficient: float, name: str, array: Array, shape: Index, place: int, at: _At) -> Terms:
    """One term: the coefficient times the element of that array."""
    number = np.broadcast_to(array, at.shape)[at.index].reshape(1)
    factor = Factor(Source("remembered", 0, name), shape, np.array([place]), number.astype(np.float64))
    return Terms.products(np.array([coefficient]), [factor])
