"""Pooling: one number for every window of a channel."""

from __future__ import annotations

import math
from dataclasses import replace

from gradviz.engine.backend import Array, xp
from gradviz.engine.ops.indexing import AddAt
from gradviz.engine.ops.linalg import transposed
from gradviz.engine.ops.windows import Col2Im, Window
from gradviz.engine.polymorphic import expanded
from gradviz.engine.tape import Op


class MaxPool2DWithIndices(Op):
    """The largest element of every window, on demand with its place in the plane; input (N, C, H, W)."""

    args = terms = ("x",)
    saves = ("positions",)
    formula = r"\max\ \mathrm{of\ each\ window}(x)"
    vjp = (r"g\ \mathrm{at\ the\ maxima}",)
    op_name = "max_pool2d"
    backward_name = "MaxPool2DWithIndicesBackward0"

    def __init__(self, window: Window, return_indices: bool = False) -> None:
        self.window = window
        self.return_indices = return_indices

    def forward(self, x):
        self.shape = x.shape
        self.window.check_fits(x.shape)
        windows = self.window.of(x, -math.inf)
        flat = windows.reshape(*windows.shape[:4], math.prod(self.window.kernel))
        best = flat.argmax(-1)
        indices = self.indices_in_plane(best)
        n, c, height, width = x.shape
        self.positions = indices + xp.arange(n * c).reshape(n, c, 1, 1) * (height * width)
        values = xp.take_along_axis(flat, best[..., None], -1)[..., 0]
        return (values, indices) if self.return_indices else values

    def indices_in_plane(self, best: Array) -> Array:
        """Where in the flattened (H, W) the maxima lie, given their places in the windows."""
        window = self.window
        rows, columns = xp.divmod(best, window.kernel[1])
        tops = xp.arange(best.shape[2]) * window.stride[0] - window.padding[0]
        lefts = xp.arange(best.shape[3]) * window.stride[1] - window.padding[1]
        rows = rows * window.dilation[0] + tops[:, None]
        columns = columns * window.dilation[1] + lefts
        return rows * self.shape[3] + columns

    def backward(self, g, *g_indices, positions):
        return AddAt((math.prod(self.shape),), (positions.reshape(-1),))(g.reshape(-1)).reshape(self.shape)


class AvgPool2D(Op):
    """The mean of every window; input (N, C, H, W)."""

    args = terms = ("x",)
    formula = r"\mathrm{mean\ of\ each\ window}(x)"
    vjp = (r"\textstyle\sum\ g / n\ \mathrm{over\ the\ windows\ of\ each\ element}",)
    op_name = "avg_pool2d"

    def __init__(self, window: Window, count_include_pad: bool, divisor_override: int | None) -> None:
        self.window = window
        self.count_include_pad = count_include_pad
        self.divisor_override = divisor_override

    def forward(self, x):
        self.shape = x.shape
        self.window.check_fits(x.shape)
        self.size = self.divisor_override or self.counts(x)
        return self.window.of(x).sum((-2, -1)) / self.size

    def counts(self, x: Array) -> Array:
        """How many elements of each window count, (H', W'): never the tail's, the padding's if wanted."""
        window, (height, width) = self.window, x.shape[2:]
        if self.count_include_pad:
            height, width = height + 2 * window.padding[0], width + 2 * window.padding[1]
            window = replace(window, padding=(0, 0))
        return window.of(xp.ones((1, 1, height, width), x.dtype)).sum((-2, -1))[0, 0]

    def backward(self, g):
        n, c, *outputs = g.shape
        shares = (g / self.size).reshape(n, c, 1, -1)
        columns = expanded(shares, (n, c, math.prod(self.window.kernel), math.prod(outputs)))
        return Col2Im(self.window, self.shape)(columns.reshape(n, -1, math.prod(outputs)))


class AdaptiveAvgPool2D(Op):
    """Means over a grid of `size` windows, as equal as can be: rows · x · columnsᵀ."""

    args = terms = ("x",)
    formula = r"R\, x\, C^{\top}"
    vjp = (r"R^{\top} g\, C",)
    op_name = "adaptive_avg_pool2d"

    def __init__(self, size: tuple[int, int]) -> None:
        self.size = size

    def forward(self, x):
        self.rows = averages(x.shape[-2], self.size[0]).astype(x.dtype)
        self.columns = averages(x.shape[-1], self.size[1]).astype(x.dtype)
        return self.rows @ x @ transposed(self.columns)

    def backward(self, g):
        # Written with the gradient on the left, so that a Tensor's own product is called.
        return transposed(transposed(g @ self.columns) @ self.rows)


def averages(size: int, parts: int) -> Array:
    """The matrix (parts, size) that takes the means from ⌊i·size/parts⌋ to ⌈(i+1)·size/parts⌉."""
    matrix = xp.zeros((parts, size))
    for i in range(parts):
        start, end = i * size // parts, -(-(i + 1) * size // parts)
        matrix[i, start:end] = 1 / (end - start)
    return matrix
