"""Softmax and its logarithm."""

from __future__ import annotations

from typing import Any

from gradviz.engine.backend import Array, in_order, largest, xp
from gradviz.engine.errors import not_a_tensor, require_kinds
from gradviz.engine.explain.decomposition import Decomposition, elements, sum_of_powers
from gradviz.engine.ops.shape import wrap_dim
from gradviz.engine.polymorphic import exp, zeros_as
from gradviz.engine.registry import numpy_names, tensor_method, torch_function
from gradviz.engine.tape import Op
from gradviz.engine.tensor import Tensor


def _largest(x: Array, dim: int) -> Array:
    """The maxima along `dim`, which stays with size 1; -inf where there is nothing."""
    if type(x) is Array and x.ndim == 2 and dim in (1, -1) and x.shape[1] <= 32:
        # NumPy takes short rows one by one; columns of a transposed copy it takes all at once.
        return x.T.copy().max(0, initial=-xp.inf).reshape(-1, 1)
    return largest(x, dim, -xp.inf, keepdims=True)


def _line(x: Array, dim: int, index: tuple[int, ...]) -> Array:
    """The flat numbers of the elements of `x` that differ from `index` only along `dim`."""
    axis = wrap_dim(dim, x.ndim)
    return elements(x, (*index[:axis], slice(None), *index[axis + 1 :]) if index else ())


class Softmax(Op):
    args = ("x",)
    saves = ("out",)
    formula = r"e^{x} / \textstyle\sum_{j} e^{x_{j}}"
    vjp = (r"\mathrm{out} \odot (g - \textstyle\sum_{j} g_{j} \mathrm{out}_{j})",)

    def __init__(self, dim: int) -> None:
        self.dim = dim

    def forward(self, x):
        wrap_dim(self.dim, x.ndim)
        if not x.ndim:
            return xp.exp(x - x)  # 1, or NaN
        # Half precision is too little for the sum.
        wide = in_order(x.astype("float32") if x.dtype == "float16" else x)
        powers = xp.exp(wide - _largest(wide, self.dim))
        return (powers / powers.sum(self.dim, keepdims=True)).astype(x.dtype, copy=False)

    def backward(self, g, out):
        weighted = g * out
        return weighted - out * weighted.sum(self.dim, keepdims=True) if g.ndim else zeros_as(g)

    def decompose(self, nr, index, x):
        powers, top = sum_of_powers(x, _line(x, self.dim, index))
        own = x[index]
        return Decomposition(
            (powers,), "e^{x - m} / S", lambda s: xp.exp(own - top) / s, {"x": own, "m": top}
        )


class LogSoftmax(Op):
    args = ("x",)
    saves = ("out",)
    formula = r"x - \ln \textstyle\sum_{j} e^{x_{j}}"
    vjp = (r"g - e^{\mathrm{out}} \textstyle\sum_{j} g_{j}",)

    def __init__(self, dim: int) -> None:
        self.dim = dim

    def forward(self, x):
        wrap_dim(self.dim, x.ndim)
        if not x.ndim:
            return x - x  # 0, or NaN
        shifted = in_order(x) - _largest(x, self.dim)
        shifted -= xp.log(xp.exp(shifted).sum(self.dim, keepdims=True))
        return shifted

    def backward(self, g, out):
        return g - exp(out) * g.sum(self.dim, keepdims=True) if g.ndim else zeros_as(g)

    def decompose(self, nr, index, x):
        powers, top = sum_of_powers(x, _line(x, self.dim, index))
        own = x[index]
        return Decomposition(
            (powers,), r"x - m - \ln S", lambda s: own - top - xp.log(s), {"x": own, "m": top}
        )


@torch_function
@tensor_method
@numpy_names
def softmax(input: Tensor, dim: int, dtype: Any = None) -> Tensor:
    """Exponentials divided by their sum along `dim`."""
    return Softmax(dim)(_in_dtype("softmax", input, dim, dtype))


@torch_function
@tensor_method
@numpy_names
def log_softmax(input: Tensor, dim: int, dtype: Any = None) -> Tensor:
    """`log(softmax(input, dim))`, computed stably."""
    return LogSoftmax(dim)(_in_dtype("log_softmax", input, dim, dtype))


def _in_dtype(name: str, input: Tensor, dim: int, dtype: Any) -> Tensor:
    if not isinstance(input, Tensor):
        raise not_a_tensor(name, "input", 1, input)
    if dtype is not None:
        return input.to(dtype)
    wrap_dim(dim, input.ndim)
    if input.array.dtype.kind != "f":
        kernel = f"{name}_lastdim_kernel_impl" if dim in (-1, input.ndim - 1) else f"{name}_kernel_impl"
        require_kinds("f", kernel, input.array)
    return input
