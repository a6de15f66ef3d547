"""The one file that knows which array library does the arithmetic (NumPy)."""

from __future__ import annotations

from typing import Any

import numpy
import numpy as xp

Array = xp.ndarray

# torch computes log(0), 0/0 and overflow without a word; so do programs that run on this engine.
xp.seterr(divide="ignore", invalid="ignore", over="ignore", under="ignore")


def asarray(value: Any, dtype: Any = None) -> Array:
    """`value` as an array of the library, without a copy when it already is one of that dtype."""
    return xp.asarray(value, dtype)


def to_numpy(array: Array) -> numpy.ndarray:
    """The array in main memory, sharing it when it is there already."""
    return array


def shares_memory(a: Array, b: Array) -> bool:
    """Whether writing to one may change the other (by address ranges: fast, may err towards True)."""
    return a.base is b or xp.may_share_memory(a, b)  # the first is the usual view
