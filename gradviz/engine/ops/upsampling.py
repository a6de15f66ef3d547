"""Resizing: every output element is a weighted sum of input elements near the same place."""

from __future__ import annotations

import math
from collections.abc import Callable

from gradviz.engine.backend import Array, xp
from gradviz.engine.ops.linear_maps import AlongAxes, PickAlongAxes

NAMES = {"linear": "Linear1D", "bilinear": "Bilinear2D", "trilinear": "Trilinear3D", "bicubic": "Bicubic2D"}
NAMES |= {"lanczos": "Lanczos2D"}


class UpsampleNearest(PickAlongAxes):
    """Repeats, or leaves out, elements; `exact`: the one nearest to the middle, not to the edge."""

    formula = r"\mathrm{resize}(x)"
    op_name = "interpolate"

    def __init__(self, sizes: list[tuple[int, int, float | None]], exact: bool) -> None:
        super().__init__([nearest(*size, exact) for size in sizes])
        self.backward_name = f"UpsampleNearest{'Exact' if exact else ''}{len(sizes)}DBackward0"


class UpsampleSmooth(AlongAxes):
    """Interpolates along every dimension in turn, by a `mode` of NAMES."""

    formula = r"\mathrm{resize}(x)"
    op_name = "interpolate"

    def __init__(
        self,
        sizes: list[tuple[int, int, float | None]],
        mode: str,
        align_corners: bool,
        antialias: bool,
        dtype: type,
    ) -> None:
        settings = ("linear" if mode.endswith("linear") else mode, align_corners, antialias, dtype)
        super().__init__([smooth(*size, *settings) for size in sizes])
        self.backward_name = f"Upsample{NAMES[mode]}{'Aa' if antialias else ''}Backward0"


def nearest(n: int, outputs: int, factor: float | None, exact: bool) -> Array:
    """Which of n elements each output takes; a given scale factor counts, the sizes' ratio otherwise."""
    places = xp.arange(outputs)
    if not exact and outputs in (n, 2 * n):
        return places * n // outputs
    step = xp.float32(n / outputs if factor is None else 1 / factor)
    middles = (places.astype("float32") + xp.float32(0.5)) if exact else places.astype("float32")
    return xp.minimum((middles * step).astype(xp.int64), n - 1)


def smooth(
    n: int,
    outputs: int,
    factor: float | None,
    mode: str,
    align_corners: bool,
    antialias: bool,
    dtype: type,
) -> Array:
    """The matrix (outputs, n) of the weights of every element in every output."""
    if align_corners:
        step = dtype((n - 1) / (outputs - 1) if outputs > 1 else 0)
    else:
        step = dtype(n / outputs if factor is None else 1 / factor)
    if antialias:
        return averaged(n, outputs, float(step), mode)
    places = xp.arange(outputs, dtype=dtype)
    at = places * step if align_corners else (places + dtype(0.5)) * step - dtype(0.5)
    if mode == "linear":
        at = xp.maximum(at, 0)
    left = xp.minimum(xp.floor(at), n - 1)
    between = xp.clip(at - left, 0, 1)
    taps = ((0, 1 - between), (1, between)) if mode == "linear" else cubic_taps(between, -0.75)
    matrix, rows = xp.zeros((outputs, n), dtype), xp.arange(outputs)
    for offset, weights in taps:  # those beyond an end count for the outermost element
        xp.add.at(matrix, (rows, xp.clip(left.astype(xp.int64) + offset, 0, n - 1)), weights)
    return matrix


def cubic_taps(t: Array, a: float) -> tuple[tuple[int, Array], ...]:
    """The weights of the four neighbours of a place that is `t` after the second (Keys, 1981)."""
    return tuple((offset, cubic(abs(t - offset), a)) for offset in (-1, 0, 1, 2))


def cubic(d: Array, a: float) -> Array:
    """The cubic convolution kernel at distance d."""
    near = ((a + 2) * d - (a + 3)) * d * d + 1
    far = ((a * d - 5 * a) * d + 8 * a) * d - 4 * a
    return xp.where(d <= 1, near, xp.where(d < 2, far, 0))


def lanczos(d: Array) -> Array:
    """The Lanczos kernel of three lobes at distance d."""
    return xp.where(d < 3, xp.sinc(d) * xp.sinc(d / 3), 0)


FILTERS: dict[str, tuple[int, Callable[[Array], Array]]] = {  # reach, and the weight at a distance
    "linear": (1, lambda d: xp.maximum(1 - d, 0)),
    "bicubic": (2, lambda d: cubic(d, -0.5)),
    "lanczos": (3, lanczos),
}


def averaged(n: int, outputs: int, step: float, mode: str) -> Array:
    """The weights (outputs, n) of a filter as wide as the step between outputs: no detail aliases."""
    reach, weight = FILTERS[mode]
    stretch = max(step, 1.0)
    support = reach * stretch
    matrix = xp.zeros((outputs, n))
    for i in range(outputs):
        center = step * (i + 0.5)
        first = max(math.floor(center - support + 0.5), 0)
        last = min(math.floor(center + support + 0.5), n)
        row = weight(abs((xp.arange(first, last) - center + 0.5) / stretch))
        total = row.sum()
        matrix[i, first:last] = row / total if total else row
    return matrix
