"""Sliding windows over the spatial dimensions of (N, C, …): what convolution and pooling share."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, replace

from gradviz.engine.backend import Array, xp
from gradviz.engine.tape import Op

Sizes = tuple[int, ...]


@dataclass(frozen=True)
class Window:
    """How a window moves: one entry for every spatial dimension. `tail` is padding at the far end only."""

    kernel: Sizes
    stride: Sizes
    padding: Sizes
    dilation: Sizes
    tail: Sizes = ()

    def __post_init__(self) -> None:
        for name in ("kernel", "stride", "dilation"):
            if any(size <= 0 for size in getattr(self, name)):
                raise RuntimeError(f"{name} size should be greater than zero, but got {getattr(self, name)}")

    @property
    def reach(self) -> Sizes:
        """How many elements a window spans."""
        return tuple(d * (k - 1) + 1 for k, d in zip(self.kernel, self.dilation, strict=True))

    @property
    def border(self) -> tuple[tuple[int, int], ...]:
        """The padding before and after every spatial dimension."""
        tail = self.tail or (0,) * len(self.padding)
        return tuple((p, p + t) for p, t in zip(self.padding, tail, strict=True))

    def padded(self, spatial: Sizes) -> Sizes:
        """The sizes with padding. Raises RuntimeError when no window fits in."""
        sizes = tuple(n + a + b for n, (a, b) in zip(spatial, self.border, strict=True))
        if any(n < reach for n, reach in zip(sizes, self.reach, strict=True)):
            raise RuntimeError(
                f"Calculated padded input size per channel: ({_by(sizes)}). Kernel size: ({_by(self.reach)}"
                "). Kernel size can't be greater than actual input size"
            )
        return sizes

    def outputs(self, spatial: Sizes) -> Sizes:
        """How many windows there are along every dimension."""
        triples = zip(self.padded(spatial), self.reach, self.stride, strict=True)
        return tuple((n - reach) // stride + 1 for n, reach, stride in triples)

    def rounded_up(self, spatial: Sizes) -> Window:
        """The same with a tail that completes a last window, unless that would begin in the padding."""
        tail = []
        for n, pad, reach, step in zip(spatial, self.padding, self.reach, self.stride, strict=True):
            count = -(-(n + 2 * pad - reach) // step) + 1
            if (count - 1) * step >= n + pad:
                count -= 1
            tail.append(max((count - 1) * step + reach - n - 2 * pad, 0))
        return replace(self, tail=tuple(tail))

    def check_fits(self, shape: Sizes) -> None:
        """Raises RuntimeError, as torch's pooling does, when no window fits into (N, C, *spatial)."""
        spare = [n + a + b for n, (a, b) in zip(shape[2:], self.border, strict=True)]
        spare = [n - reach for n, reach in zip(spare, self.reach, strict=True)]
        if min(spare) < 0:
            outputs = [n // step + 1 for n, step in zip(spare, self.stride, strict=True)]
            before, after = ("x".join(map(str, (shape[1], *spatial))) for spatial in (shape[2:], outputs))
            raise RuntimeError(
                f"Given input size: ({before}). Calculated output size: ({after}). Output size is too small"
            )

    def of(self, x: Array, fill: float = 0.0) -> Array:
        """A view of all windows: (N, C, *outputs, *kernel)."""
        self.padded(x.shape[2:])
        if any(before or after for before, after in self.border):
            x = xp.pad(x, ((0, 0), (0, 0), *self.border), constant_values=fill)
        dims = len(self.kernel)
        windows = xp.lib.stride_tricks.sliding_window_view(x, self.reach, axis=tuple(range(2, 2 + dims)))
        steps = [slice(None, None, s) for s in (*self.stride, *self.dilation)]
        return windows[(slice(None), slice(None), *steps)]


def _by(sizes: Sizes) -> str:
    return " x ".join(map(str, sizes))


class Im2Col(Op):
    """Every window as a column: (N, C, *spatial) → (N, C·kernel, outputs)."""

    args = terms = ("x",)
    formula = r"\mathrm{windows}(x)"
    vjp = (r"\textstyle\sum\ g\ \mathrm{over\ the\ windows\ of\ each\ element}",)

    def __init__(self, window: Window) -> None:
        self.window = window

    def forward(self, x):
        self.shape = x.shape
        dims = len(self.window.kernel)
        order = (0, 1, *range(2 + dims, 2 + 2 * dims), *range(2, 2 + dims))
        windows = self.window.of(x).transpose(order)
        return windows.reshape(
            x.shape[0], x.shape[1] * math.prod(self.window.kernel), math.prod(windows.shape[2 + dims :])
        )

    def backward(self, g):
        return Col2Im(self.window, self.shape)(g)


class Col2Im(Op):
    """The transpose of `Im2Col`: adds the columns up where their windows lie, into `shape`."""

    args = terms = ("columns",)
    formula = r"\textstyle\sum\ \mathrm{columns\ over\ the\ windows\ of\ each\ element}"
    vjp = (r"\mathrm{windows}(g)",)

    def __init__(self, window: Window, shape: Sizes) -> None:
        self.window = window
        self.shape = shape

    def forward(self, columns):
        window, spatial = self.window, self.shape[2:]
        outputs = window.outputs(spatial)
        parts = columns.reshape(*self.shape[:2], *window.kernel, *outputs)
        total = xp.zeros((*self.shape[:2], *window.padded(spatial)), columns.dtype, like=columns)
        everything = (slice(None), slice(None))
        for offset in itertools.product(*map(range, window.kernel)):
            begins = [o * d for o, d in zip(offset, window.dilation, strict=True)]
            slices = [slice(b, b + s * n, s) for b, s, n in zip(begins, window.stride, outputs, strict=True)]
            total[(*everything, *slices)] += parts[(*everything, *offset)]
        inside = [slice(before, before + n) for n, (before, _) in zip(spatial, window.border, strict=True)]
        return total[(*everything, *inside)]

    def backward(self, g):
        return Im2Col(self.window)(g)
