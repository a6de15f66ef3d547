"""Pooling: one number for every window of a channel.

The operations work on the last dimensions, as many as a window has; the dimensions before them (samples and
channels) make the planes that are pooled each by itself.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from gradviz.engine.backend import Array, beside, xp
from gradviz.engine.ops.indexing import AddAt, Index
from gradviz.engine.ops.linear_maps import AlongAxes
from gradviz.engine.ops.windows import Col2Im, Sizes, Window
from gradviz.engine.polymorphic import expanded
from gradviz.engine.tape import Op


class Maxima(Op):
    """The largest element of every window, and with `return_indices` where in its flattened plane it is."""

    args: tuple[str, ...] = ("x",)
    terms: tuple[str, ...] = ("x",)
    saves: tuple[str, ...] = ("indices",)
    vjp: tuple[str, ...] = (r"g\ \mathrm{at\ the\ maxima}",)

    def __init__(self, dims: int, return_indices: bool) -> None:
        self.dims, self.return_indices = dims, return_indices

    def forward(self, x):
        self.shape = x.shape
        planes = x.reshape(math.prod(x.shape[: x.ndim - self.dims]), *x.shape[x.ndim - self.dims :])
        found = self.positions(planes)
        flat = planes.reshape(len(planes), math.prod(planes.shape[1:]))
        values = xp.take_along_axis(flat, found.reshape(len(found), math.prod(found.shape[1:])), 1)
        shape = (*x.shape[: x.ndim - self.dims], *found.shape[1:])
        values, self.indices = values.reshape(shape), found.reshape(shape)
        return (values, self.indices) if self.return_indices else values

    def positions(self, planes: Array) -> Array:
        """The indices (planes, *outputs) of the largest elements of the planes (planes, *spatial)."""
        raise NotImplementedError

    def backward(self, g, *_, indices):
        whole = AddAt((math.prod(self.shape),), (places(indices, self.shape, self.dims),))
        return whole(g.reshape(-1)).reshape(self.shape)


def flat_index(position: Sequence[Any], sizes: Sizes) -> Any:
    """Where an element at `position` is when the dimensions of these sizes are flattened."""
    index: Any = 0
    for at, size in zip(position, sizes, strict=True):
        index = index * size + at
    return index


def places(indices: Array, shape: Sizes, dims: int) -> Array:
    """Indices within each plane of `shape` as indices into the whole, flattened."""
    size = math.prod(shape[len(shape) - dims :])
    planes = xp.arange(math.prod(shape[: len(shape) - dims]), like=indices) * size
    return (
        indices.reshape(len(planes), math.prod(indices.shape[len(shape) - dims :])) + planes[:, None]
    ).ravel()


class MaxPool(Maxima):
    formula = r"\max\ \mathrm{of\ each\ window}(x)"

    def __init__(self, window: Window, return_indices: bool = False) -> None:
        super().__init__(len(window.kernel), return_indices)
        self.window = window
        self.op_name = f"max_pool{self.dims}d"
        self.backward_name = f"MaxPool{self.dims}DWithIndicesBackward0"

    def positions(self, planes):
        window, spatial = self.window, planes.shape[1:]
        lowest = -math.inf if planes.dtype.kind == "f" else xp.iinfo(planes.dtype).min
        windows = window.of(planes[None], lowest)[0]
        best = windows[(..., *(0,) * self.dims)]
        found = xp.zeros(best.shape, xp.int64, like=planes)
        for offset in itertools.product(*map(range, window.kernel)):  # all windows at once
            values = windows[(..., *offset)]
            better = (values > best) | (values != values)  # the last of several NaNs, as in torch
            # Offsets only grow, and arithmetic is many times as fast as writing where something is true.
            steps = [o * d for o, d in zip(offset, window.dilation, strict=True)]
            found = xp.maximum(found, better * flat_index(steps, spatial))
            best = xp.maximum(best, values)
        starts = [
            (xp.arange(n) * step - pad).reshape(-1, *[1] * (self.dims - axis - 1))
            for axis, (n, step, pad) in enumerate(
                zip(best.shape[1:], window.stride, window.padding, strict=True)
            )
        ]
        return found + beside(xp.asarray(flat_index(starts, spatial)), planes)


class AdaptiveMaxPool(Maxima):
    """Maxima over a grid of `size` windows, as equal as can be."""

    formula = r"\max\ \mathrm{of\ each\ window}(x)"

    def __init__(self, size: Sizes, return_indices: bool = False) -> None:
        super().__init__(len(size), return_indices)
        self.size = size
        self.op_name = f"adaptive_max_pool{self.dims}d"
        self.backward_name = f"AdaptiveMaxPool{self.dims}DBackward0"

    def positions(self, planes):
        sizes = zip(planes.shape[1:], self.size, strict=True)
        grids = [beside(grid_windows(n, parts)[None], planes) for n, parts in sizes]
        return largest_in(planes, grids)


class FractionalMaxPool(Maxima):
    """Maxima of windows that begin at random places (Graham, 2014), by numbers in [0, 1) (planes, dims)."""

    formula = r"\max\ \mathrm{of\ each\ window}(x)"

    def __init__(self, kernel: Sizes, size: Sizes, samples: Array, return_indices: bool = False) -> None:
        super().__init__(len(size), return_indices)
        self.kernel, self.size, self.samples = kernel, size, samples
        self.op_name = f"fractional_max_pool{self.dims}d"
        self.backward_name = f"FractionalMaxPool{self.dims}DBackward0"

    def positions(self, planes):
        # torch takes the samples of two dimensions the other way round.
        samples = self.samples[:, ::-1] if self.dims == 2 else self.samples
        grids = []
        for axis, (n, parts, kernel) in enumerate(zip(planes.shape[1:], self.size, self.kernel, strict=True)):
            starts = self.starts(samples[:, axis, None], n, parts, kernel)
            grids.append(starts[:, :, None] + xp.arange(kernel, like=starts))
        return largest_in(planes, grids)

    @staticmethod
    def starts(sample: Array, n: int, parts: int, kernel: int) -> Array:
        """Where the windows of every plane begin along one dimension, (planes, parts)."""
        step = sample.dtype.type((n - kernel) / max(parts - 1, 1))
        starts = ((xp.arange(parts, dtype=sample.dtype, like=sample) + sample) * step).astype(xp.int64)
        starts -= (sample * step).astype(xp.int64)
        starts[:, -1:] = n - kernel
        return starts


def grid_windows(n: int, parts: int) -> Array:
    """The indices (parts, longest) in each of `parts` windows of n elements; short ones repeat their last."""
    starts = xp.arange(parts) * n // parts
    ends = -(-(xp.arange(parts) + 1) * n // parts)
    longest = int((ends - starts).max(initial=1))
    return xp.minimum(starts[:, None] + xp.arange(longest), ends[:, None] - 1)


def largest_in(planes: Array, grids: list[Array]) -> Array:
    """The flat indices of the maxima, given each dimension's windows (planes or 1, outputs, kernel)."""
    dims, found = len(grids), 0
    for axis, grid in enumerate(grids):
        outputs, kernel = [1] * dims, [1] * dims
        outputs[axis], kernel[axis] = grid.shape[1:]
        found = found * planes.shape[1 + axis] + grid.reshape(len(grid), *outputs, *kernel)
    found = xp.broadcast_to(found, (len(planes), *found.shape[1:]))
    candidates = found.reshape(*found.shape[: 1 + dims], math.prod(found.shape[1 + dims :]))
    each = xp.arange(len(planes), like=planes).reshape(-1, *[1] * (candidates.ndim - 1))
    best = planes.reshape(len(planes), math.prod(planes.shape[1:]))[each, candidates].argmax(-1)
    return xp.take_along_axis(candidates, best[..., None], -1)[..., 0]


class MaxUnpool(Op):
    """Puts every value where the indices say in a plane of zeros; of several the last one stays."""

    args = terms = ("x",)
    formula = r"0,\ \mathrm{out}[\mathrm{indices}] = x"
    vjp = (r"g[\mathrm{indices}]",)

    def __init__(self, indices: Array, size: Sizes) -> None:
        self.indices, self.size = indices, size
        self.op_name = f"max_unpool{len(size)}d"
        self.backward_name = f"MaxUnpool{len(size)}DBackward0"

    def forward(self, x):
        self.shape = x.shape
        dims = len(self.size)
        plane = math.prod(self.size)
        wrong = self.indices[(self.indices < 0) | (self.indices >= plane)]
        if wrong.size:
            raise RuntimeError(
                f"Found an invalid max index: {wrong[0]} (output volumes are of size "
                f"{'x'.join(map(str, self.size))}"
            )
        out = xp.zeros((*x.shape[: x.ndim - dims], *self.size), x.dtype, like=x)
        self.places = places(self.indices, out.shape, dims)
        out.reshape(-1)[self.places] = x.reshape(-1)
        return out

    def backward(self, g):
        return Index((self.places,))(g.reshape(-1)).reshape(self.shape)


class AvgPool(Op):
    """The mean of every window."""

    args = terms = ("x",)
    formula = r"\mathrm{mean\ of\ each\ window}(x)"
    vjp = (r"\textstyle\sum\ g / n\ \mathrm{over\ the\ windows\ of\ each\ element}",)

    def __init__(self, window: Window, count_include_pad: bool, divisor_override: int | None) -> None:
        self.window = window
        self.count_include_pad = count_include_pad
        self.divisor_override = divisor_override
        self.dims = len(window.kernel)
        self.op_name = f"avg_pool{self.dims}d"
        self.backward_name = f"AvgPool{self.dims}DBackward0"

    def forward(self, x):
        self.shape = x.shape
        before = x.ndim - self.dims
        self.planes = (1, math.prod(x.shape[:before]), *x.shape[before:])
        self.size = self.divisor_override or self.counts(x)
        sums = sums_of(self.window, x.reshape(self.planes))[0]
        means = (sums / self.size).astype(x.dtype, copy=False)  # of integers an integer
        return means.reshape(*x.shape[:before], *sums.shape[1:])

    def counts(self, x: Array) -> Array:
        """How many elements of each window count: never the tail's, the padding's if wanted."""
        window, spatial = self.window, x.shape[x.ndim - self.dims :]
        if self.count_include_pad:
            spatial = tuple(n + 2 * p for n, p in zip(spatial, window.padding, strict=True))
            window = replace(window, padding=(0,) * self.dims)
        return sums_of(window, xp.ones((1, 1, *spatial), x.dtype, like=x))[0, 0]

    def backward(self, g):
        outputs = g.shape[g.ndim - self.dims :]
        shares = (g / self.size).reshape(self.planes[1], 1, math.prod(outputs))
        kernel = math.prod(self.window.kernel)
        columns = expanded(shares, (self.planes[1], kernel, math.prod(outputs)))
        columns = columns.reshape(1, self.planes[1] * kernel, math.prod(outputs))
        return Col2Im(self.window, self.planes)(columns).reshape(self.shape)


def sums_of(window: Window, x: Array) -> Array:
    """The sum of every window of x (N, C, *spatial): one offset of all windows at a time, which is fast."""
    windows = window.of(x)
    total = xp.zeros(windows.shape[: x.ndim], x.dtype, like=x)
    for offset in itertools.product(*map(range, window.kernel)):
        total += windows[(..., *offset)]
    return total


class AdaptiveAvgPool(AlongAxes):
    """Means over a grid of `size` windows, as equal as can be."""

    formula = r"\mathrm{mean\ of\ each\ window}(x)"

    def __init__(self, size: Sizes, spatial: Sizes) -> None:
        super().__init__([averages(n, parts) for n, parts in zip(spatial, size, strict=True)])
        self.op_name = f"adaptive_avg_pool{len(size)}d"
        self.backward_name = f"AdaptiveAvgPool{len(size)}DBackward0"


def averages(size: int, parts: int) -> Array:
    """The matrix (parts, size) that takes the means from ⌊i·size/parts⌋ to ⌈(i+1)·size/parts⌉."""
    matrix = xp.zeros((parts, size))
    for i in range(parts):
        start, end = i * size // parts, -(-(i + 1) * size // parts)
        matrix[i, start:end] = 1 / (end - start)
    return matrix
