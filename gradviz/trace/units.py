"""How many of an activation's units do nothing: dead ones behind a ReLU, saturated ones behind a sigmoid.

A unit is a place behind the first axis, which counts the samples. An element is *idle* where no gradient
worth speaking of passes: a ReLU's 0, a sigmoid or tanh that is nearly flat, a softmax that is nearly sure.
A unit is idle if it is so for every sample.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal

import numpy as np
from msgspec import Meta, Struct

RELUS = {"relu", "threshold", "hardtanh", "clamp_min", "clamp", "hardswish"}  # relu6 is a hardtanh
FLAT = 0.02
"""Share of its steepest slope up to which a sigmoid or tanh counts as saturated: |tanh| above 0.99."""
SURE = 0.99
"""Probability above which all the others of a softmax are next to nothing."""

Share = Annotated[float, Meta(ge=0, le=1)]
Count = Annotated[int, Meta(ge=0)]


class Units(Struct, frozen=True, array_like=True):
    """`idle` of `count` units are so for every sample, and so is this `share` of all elements. Of a softmax
    every distribution is one element and one unit."""

    kind: Literal["dead", "saturated"]
    share: Share
    idle: Count
    count: Annotated[int, Meta(ge=1)]


def has_units(operation: str) -> bool:
    """Whether there is anything to count behind an operation with that name."""
    name = operation.rstrip("_")
    return name in RELUS or name in _IDLE


def count_units(operation: str, value: np.ndarray) -> Units | None:
    """Of what an operation has computed; None where there is nothing to count. NaN is never idle."""
    name = operation.rstrip("_")
    if not has_units(name) or not value.size or value.dtype.kind not in "fiu":
        return None
    with np.errstate(all="ignore"):
        idle = value == 0 if name in RELUS else _IDLE[name](value.astype(np.float64, copy=False))
    units = np.all(idle, axis=0) if idle.ndim > 1 else idle
    kind: Literal["dead", "saturated"] = "dead" if name in RELUS else "saturated"
    return Units(kind, float(np.mean(idle)), int(np.count_nonzero(units)), units.size)


def _sigmoid(value: np.ndarray) -> np.ndarray:
    return 4 * value * (1 - value) <= FLAT


def _tanh(value: np.ndarray) -> np.ndarray:
    return 1 - value * value <= FLAT


def _ends(value: np.ndarray) -> np.ndarray:
    """A hard sigmoid is quite flat beyond its ends."""
    return (value <= 0) | (value >= 1)


def _softmax(value: np.ndarray) -> np.ndarray:
    """One element a distribution; which axis they lie along shows in their sums."""
    axes = [axis for axis in reversed(range(value.ndim)) if np.allclose(value.sum(axis), 1, atol=1e-2)]
    return (value.max(axes[0]) if axes else value).reshape(-1) > SURE


_IDLE: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "sigmoid": _sigmoid,
    "tanh": _tanh,
    "hardsigmoid": _ends,
    "softmax": _softmax,
    "log_softmax": lambda value: _softmax(np.exp(value)),
}
