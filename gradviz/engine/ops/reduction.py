"""Reductions: sums, means, extremes along dimensions."""

from __future__ import annotations

from typing import Any

from gradviz.engine.backend import Array, xp
from gradviz.engine.dtypes import to_array_dtype
from gradviz.engine.ops.shape import wrap_dim
from gradviz.engine.registry import numpy_names, tensor_method, torch_function
from gradviz.engine.tape import Op
from gradviz.engine.tensor import Tensor

Dims = int | tuple[int, ...] | list[int] | None


def axes_of(dim: Dims, ndim: int) -> tuple[int, ...] | None:
    """Dimensions counted from the front; None for all of them."""
    if dim is None:
        return None
    if not hasattr(dim, "__index__"):
        axes = tuple(wrap_dim(int(d), ndim) for d in dim)
        if len(set(axes)) != len(axes):
            raise RuntimeError(f"dim {axes[0]} appears multiple times in the list of dims")
        axes = axes or tuple(range(ndim))
    else:
        axes = (wrap_dim(int(dim), ndim),)
    return axes if ndim else None


def restored(g: Any, shape: tuple[int, ...], axes: tuple[int, ...] | None, keepdim: bool) -> Any:
    """A reduction's gradient with the reduced dimensions back as size 1, ready to broadcast."""
    if keepdim or axes is None:
        return g
    return g.reshape(tuple(1 if i in axes else n for i, n in enumerate(shape)))


def expanded(g: Any, shape: tuple[int, ...]) -> Any:
    """`g` broadcast to `shape`, without copying."""
    return g.expand(shape) if isinstance(g, Tensor) else xp.broadcast_to(g, shape)


class Reduction(Op):
    """What reductions share: the dimensions and whether they stay."""

    args = ("x",)

    def __init__(self, dim: Dims, keepdim: bool) -> None:
        self.dim, self.keepdim = dim, keepdim

    def prepare(self, x: Array) -> tuple[int, ...] | None:
        self.shape = x.shape
        self.axes = axes_of(self.dim, x.ndim)
        return self.axes

    def spread(self, g: Any) -> Any:
        return restored(g, self.shape, self.axes, self.keepdim)


class Sum(Reduction):
    formula = r"\textstyle\sum x"
    vjp = (r"g",)

    def __init__(self, dim: Dims, keepdim: bool, dtype: Any = None) -> None:
        super().__init__(dim, keepdim)
        self.dtype = dtype
        self.backward_name = "SumBackward0" if dim is None else "SumBackward1"

    def forward(self, x):
        axes = self.prepare(x)
        dtype = self.dtype or ("int64" if x.dtype.kind in "iub" else None)
        return x.sum(axes, dtype=dtype, keepdims=self.keepdim)

    def backward(self, g):
        return expanded(self.spread(g), self.shape)


@torch_function
@tensor_method
@numpy_names
def sum(input: Tensor, dim: Dims = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """The sum over `dim` (all dimensions by default); integers add up in int64."""
    return Sum(dim, keepdim, to_array_dtype(dtype))(input)
