"""What is drawn of a curve: fewer points than it has, its trend, and limits that a spike cannot ruin."""

from __future__ import annotations

import numpy as np

SPIKE = 4.0
"""Values that lie this many times the usual range beyond it are cut off."""


def decimate(x: np.ndarray, y: np.ndarray, width: int) -> tuple[np.ndarray, np.ndarray]:
    """At most about 2 × `width` points with the same outline: the least and the greatest of every bin.

    NaN is skipped unless a whole bin is NaN, which leaves a gap.
    """
    starts = _bin_starts(len(x), 2 * width)
    if starts is None:
        return x, y
    low, high = np.fmin.reduceat(y, starts), np.fmax.reduceat(y, starts)
    return np.repeat(x[starts], 2), np.stack([low, high], axis=1).reshape(-1)


def smooth(x: np.ndarray, y: np.ndarray, width: int) -> tuple[np.ndarray, np.ndarray]:
    """The curve's trend in at most `width` points: bin means under a Gaussian of 1/40 of the curve's length.

    Values that are not finite have no weight.
    """
    weights = np.isfinite(y).astype(np.float64)
    sums = np.where(weights > 0, y, 0.0)
    starts = _bin_starts(len(x), width)
    if starts is not None:
        ends = np.append(starts[1:], len(x)) - 1
        x = (x[starts] + x[ends]) / 2
        sums, weights = np.add.reduceat(sums, starts), np.add.reduceat(weights, starts)
    sigma = len(x) / 40
    reach = int(3 * sigma)
    if reach < 1:
        kernel = np.ones(1)
    else:
        kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    with np.errstate(invalid="ignore", divide="ignore"):
        return x, _convolve(sums, kernel) / _convolve(weights, kernel)


def robust_limits(y: np.ndarray) -> tuple[float, float, float | None]:
    """(low, high, cut): limits for the axis, and the greatest value when it lies beyond `high`.

    Only finite values count. The upper limit gives way when a few values would flatten all others.
    """
    finite = y[np.isfinite(y)]
    if not finite.size:
        return 0.0, 1.0, None
    low, high = float(finite.min()), float(finite.max())
    usual_low, usual_high = (float(limit) for limit in np.quantile(finite, (0.02, 0.95)))
    usual = usual_high - usual_low
    if len(finite) >= 20 and usual > 0 and high - usual_high > SPIKE * usual:
        return low, usual_high + 0.5 * usual, high
    return low, high, None


def broken(x: np.ndarray, y: np.ndarray, width: int) -> np.ndarray:
    """Places of values that are not finite, at most `width` of them."""
    places = x[~np.isfinite(y)]
    step = -(-len(places) // max(width, 1)) or 1
    return places[::step]


def _bin_starts(count: int, limit: int) -> np.ndarray | None:
    """Where the bins of a curve of `count` points start; None when it has no more points than `limit`."""
    if count <= max(limit, 2):
        return None
    bins = max(limit // 2, 1)
    return np.unique(np.linspace(0, count, bins, endpoint=False).astype(np.int64))


def _convolve(values: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """As long as `values`, whatever the kernel's length; zeros beyond the ends."""
    reach = len(kernel) // 2
    return np.convolve(values, kernel, mode="full")[reach : reach + len(values)]
