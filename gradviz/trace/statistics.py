"""Statistics of one array, each computed when it is asked for, and as torch computes it.

An element that is NaN or infinite shows in the norm, the mean and so on, other than in a `Summary`, which is
there to draw the others.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np

PART = 1 << 20  # elements that are computed with at a time
_EXACT = {"f4": (1e-25, 1e35), "f8": (1e-280, 1e300)}
"""Sums of squares for which the array's own precision is enough: nothing in them has over- or underflowed."""


class Statistics:
    """Of an array of any shape and dtype. None where there is none, such as the mean of no elements."""

    def __init__(self, array: np.ndarray) -> None:
        self.size = array.size
        core = without_repeats(array)
        self._times = array.size // core.size if core.size else 1  # that every element of `_flat` stands for
        self._flat = core.ravel("K")
        self._square_sum: float | None = None

    @property
    def norm(self) -> float:
        return math.sqrt(self._squares() * self._times)

    @property
    def min(self) -> float | None:
        return self._reduced(np.min)

    @property
    def max(self) -> float | None:
        return self._reduced(np.max)

    @property
    def mean(self) -> float | None:
        return self._mean_of(lambda part: part.sum())

    @property
    def std(self) -> float | None:
        mean = self.mean
        variance = None if mean is None else self._mean_of(lambda part: np.square(part - mean).sum())
        return None if variance is None else math.sqrt(variance)

    @property
    def nan(self) -> int:
        return 0 if self.finite else self._count(np.isnan)

    @property
    def inf(self) -> int:
        return 0 if self.finite else self._count(np.isinf)

    @property
    def finite(self) -> bool:
        """One sum of squares tells it, in a fraction of the time that a look at every element takes."""
        if self._flat.dtype.kind not in "fc" or math.isfinite(self._squares()):
            return True
        return self._count(np.isfinite) == self.size

    @property
    def zeros(self) -> float | None:
        return 1 - int(np.count_nonzero(self._flat)) / self._flat.size if self._flat.size else None

    def _squares(self) -> float:
        """The sum of the squares of `_flat`."""
        if self._square_sum is None:
            self._square_sum = square_sum(self._flat)
        return self._square_sum

    def _reduced(self, reduce: Callable[..., float]) -> float | None:
        if not self._flat.size:
            return None
        real = self._flat.dtype.kind != "c"
        return float(reduce(self._flat) if real else reduce([reduce(part) for part in _parts(self._flat)]))

    def _mean_of(self, total: Callable[[np.ndarray], float]) -> float | None:
        if not self._flat.size:
            return None
        return float(sum(total(part) for part in _parts(self._flat)) / self._flat.size)

    def _count(self, which: Callable[[np.ndarray], np.ndarray]) -> int:
        parts = (self._flat[start : start + PART] for start in range(0, self._flat.size, PART))
        return self._times * sum(int(np.count_nonzero(which(part))) for part in parts)


def square_sum(flat: np.ndarray) -> float:
    """Σ|x|² of a one-dimensional array; infinite only where an element is, or beyond float64."""
    exact = _EXACT.get(flat.dtype.str[1:])
    if exact is not None:
        quick = float(flat @ flat)
        if exact[0] < quick < exact[1]:
            return quick
    return float(sum(part @ part for part in _parts(flat)))


def _parts(flat: np.ndarray) -> Iterator[np.ndarray]:
    """The elements as float64, magnitudes of complex ones, in pieces: little beside a large array."""
    for start in range(0, flat.size, PART):
        part = flat[start : start + PART]
        yield (np.abs(part) if part.dtype.kind == "c" else part).astype(np.float64)


def without_repeats(array: np.ndarray) -> np.ndarray:
    """One of the elements that an expanded array repeats: to copy them all could take all memory."""
    if 0 not in array.strides or not array.size:
        return array
    return array[tuple(slice(1) if stride == 0 else slice(None) for stride in array.strides)]
