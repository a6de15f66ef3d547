"""The product along a dimension."""

from __future__ import annotations

from typing import Any

from gradviz.engine.backend import in_order, xp
from gradviz.engine.dtypes import to_array_dtype
from gradviz.engine.explain.decomposition import Decomposition, product
from gradviz.engine.ops.cumulative import Cumprod
from gradviz.engine.ops.joining import cat
from gradviz.engine.ops.rearranging import flip
from gradviz.engine.ops.reduction import Dims, Reduction
from gradviz.engine.polymorphic import plain
from gradviz.engine.registry import numpy_names, tensor_method, torch_function
from gradviz.engine.tensor import Tensor


class Prod(Reduction):
    saves = ("x", "out")
    formula = r"\textstyle\prod_{i} x_{i}"
    vjp = (r"g \textstyle\prod_{j \ne i} x_{j}",)

    def __init__(self, dim: Dims, keepdim: bool, dtype: Any = None) -> None:
        super().__init__(dim, keepdim)
        self.dtype = dtype
        self.backward_name = "ProdBackward0" if dim is None else "ProdBackward1"

    def forward(self, x):
        dtype = self.dtype or ("int64" if x.dtype.kind in "iub" else None)
        return in_order(x.prod(self.axes(x), dtype=dtype, keepdims=self.keepdim))

    def backward(self, g, x, out):
        if (plain(x) != 0).all():
            return self.spread(g * out) / x
        return self.spread(g) * self._products_of_others(x)

    def _products_of_others(self, x: Any) -> Any:
        """For every element the product of those before and after it: it may itself be 0."""
        axis = 0 if self.reduced is None else self.reduced[0]
        rows = x.reshape(-1) if self.reduced is None else x
        if not rows.ndim:
            return xp.ones_like(plain(x))
        whole = (slice(None),) * axis
        first = xp.ones_like(plain(rows)[(*whole, slice(0, 1))])
        before = Cumprod(axis)(cat([first, rows[(*whole, slice(None, -1))]], axis))
        after = Cumprod(axis)(cat([first, flip(rows[(*whole, slice(1, None))], axis)], axis))
        return (before * flip(after, axis)).reshape(self.shape)

    def decompose(self, nr, index, x):
        return Decomposition((product("x", x, self.elements_of(index, x)),))


@torch_function
@tensor_method
@numpy_names
def prod(input: Tensor, dim: int | None = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """The product over `dim`; integers multiply in int64."""
    return Prod(dim, keepdim, to_array_dtype(dtype))(input)
