"""Tensor.unfold: the windows along one dimension."""

from __future__ import annotations

from gradviz.engine.backend import windows_view, xp
from gradviz.engine.ops.shape import wrap_dim
from gradviz.engine.registry import tensor_method
from gradviz.engine.tape import Op
from gradviz.engine.tensor import Tensor


class Unfold(Op):
    """Windows of a dimension, side by side in a new last dimension."""

    args = ("x",)
    formula = r"\mathrm{unfold}(x)"
    vjp = (r"\mathrm{fold}(g)",)
    is_view = True

    def __init__(self, dimension: int, size: int, step: int) -> None:
        self.dimension, self.size, self.step = dimension, size, step

    def forward(self, x):
        axis = self.axis = wrap_dim(self.dimension, x.ndim)
        if self.size > x.shape[axis]:
            raise RuntimeError(
                f"maximum size for tensor at dimension {axis} is {x.shape[axis]} but size is {self.size}"
            )
        self.input_shape = x.shape
        windows = windows_view(x, self.size, axis)
        return windows[(slice(None),) * axis + (slice(None, None, self.step),)]

    def backward(self, g):
        return Fold(self.axis, self.size, self.step, self.input_shape)(g)


class Fold(Op):
    """Adds up windows where they overlap: the gradient of Unfold."""

    args = terms = ("windows",)
    formula = r"\mathrm{fold}(\mathrm{windows})"
    vjp = (r"\mathrm{unfold}(g)",)

    def __init__(self, axis: int, size: int, step: int, shape: tuple[int, ...]) -> None:
        self.axis, self.size, self.step, self.shape = axis, size, step, shape

    def forward(self, windows):
        out = xp.zeros(self.shape, windows.dtype, like=windows)
        along = xp.moveaxis(out, self.axis, 0)
        for i, window in enumerate(xp.moveaxis(windows, self.axis, 0)):
            along[i * self.step : i * self.step + self.size] += xp.moveaxis(window, -1, 0)
        return out

    def backward(self, g):
        return Unfold(self.axis, self.size, self.step)(g)


@tensor_method
def unfold(self: Tensor, dimension: int, size: int, step: int) -> Tensor:
    """All windows of `size` along a dimension, in a new last dimension."""
    if not self.ndim:  # counts as a vector of one
        return unfold(self.reshape(1), dimension, size, step).select(0, 0)
    return Unfold(dimension, size, step)(self)
