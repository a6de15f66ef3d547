"""How two arrays of the same place differ: one of this branch of a run, one of another."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from gradviz.trace.values import Summary, norm_of, summarize

Kind = Literal["same", "numbers", "shapes"]


@dataclass(frozen=True)
class Difference:
    """What is to be said of A and B, arrays of two branches.

    kind "same": equal bit for bit. "numbers": their numbers differ. "shapes": they cannot be compared element
    by element. Norms are Euclidean, over finite elements, in float64.
    """

    kind: Kind
    norm_a: float
    norm_b: float
    norm: float
    """‖A - B‖; NaN where the shapes differ."""
    summary: Summary | None
    """Of A - B, float64: 0 wherever they are equal, also NaN or infinite; None where shapes differ."""

    @property
    def broken(self) -> int:
        """How many elements have no finite difference, because one of the two is NaN or infinite."""
        return self.summary.nans + self.summary.infs if self.summary is not None else 0

    @property
    def relative(self) -> float:
        """‖A - B‖ / ‖A‖; infinite for a difference from nothing but zeros, NaN where shapes differ."""
        if self.norm_a:
            return self.norm / self.norm_a
        return self.norm and math.inf


def compare(
    a: np.ndarray, b: np.ndarray, rows: int = 1, cols: int = 1, bins: int = 0, index: tuple[int, ...] = ()
) -> Difference:
    """The difference of two arrays of any shape and real or complex dtype; the rest is `summarize`'s."""
    if a.shape != b.shape:
        return Difference("shapes", norm_of(a), norm_of(b), math.nan, None)
    change = subtract(a, b)
    summary = summarize(change, rows, cols, bins, index)
    kind: Kind = "same" if a.dtype == b.dtype and a.tobytes() == b.tobytes() else "numbers"
    return Difference(kind, norm_of(a), norm_of(b), summary.norm, summary)


def subtract(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """A - B in double precision, 0 wherever they are equal: infinity minus infinity is no difference."""
    wide = np.complex128 if np.iscomplexobj(a) or np.iscomplexobj(b) else np.float64
    with np.errstate(over="ignore", invalid="ignore"):
        change = np.subtract(a, b, dtype=wide)
    return np.where((a == b) | ((a != a) & (b != b)), 0, change)
