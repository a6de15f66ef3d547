"""Running sums, products and extremes along a dimension."""

from __future__ import annotations

from typing import Any

from gradviz.engine.backend import Array, accumulate, in_order, xp
from gradviz.engine.dtypes import of_array, to_array_dtype
from gradviz.engine.explain.decomposition import Decomposition, elements, product, sum_of_powers
from gradviz.engine.inplace import inplace
from gradviz.engine.ops.extremes import Picking
from gradviz.engine.ops.joining import cat
from gradviz.engine.ops.masking import Where
from gradviz.engine.ops.rearranging import flip
from gradviz.engine.ops.shape import wrap_dim
from gradviz.engine.polymorphic import exp, log, plain
from gradviz.engine.registry import numpy_names, result_of, tensor_method, torch_function
from gradviz.engine.tape import Op
from gradviz.engine.tensor import Tensor

CummaxResult = result_of("cummax", "values", "indices")
CumminResult = result_of("cummin", "values", "indices")


class Cumsum(Op):
    args = terms = ("x",)
    formula = r"\textstyle\sum_{j \le i} x_{j}"
    vjp = (r"\textstyle\sum_{j \ge i} g_{j}",)

    def __init__(self, dim: int, dtype: Any = None) -> None:
        self.dim, self.dtype = dim, dtype

    def forward(self, x):
        wrap_dim(self.dim, x.ndim)
        dtype = self.dtype or ("int64" if x.dtype.kind in "iub" else None)
        return in_order(x).cumsum(self.dim, dtype=dtype) if x.ndim else x.astype(dtype or x.dtype)

    def backward(self, g):
        return sums_from_the_end(g, self.dim) if g.ndim else g


class Cumprod(Op):
    args = ("x",)
    saves = ("x", "out")
    formula = r"\textstyle\prod_{j \le i} x_{j}"
    vjp = (r"\textstyle\sum_{j \ge i} g_{j}\, \mathrm{out}_{j} / x_{i}",)

    def __init__(self, dim: int, dtype: Any = None) -> None:
        self.dim, self.dtype = dim, dtype

    def forward(self, x):
        wrap_dim(self.dim, x.ndim)
        dtype = self.dtype or ("int64" if x.dtype.kind in "iub" else None)
        return in_order(x).cumprod(self.dim, dtype=dtype) if x.ndim else x.astype(dtype or x.dtype)

    def backward(self, g, x, out):
        if not g.ndim:
            return g
        if (plain(x) != 0).all():
            return sums_from_the_end(g * out, self.dim) / x
        return self._without_division(g, x)

    def decompose(self, nr, index, x):
        return Decomposition((product("x", x, elements_up_to(x, self.dim, index)),))

    def _without_division(self, g: Any, x: Any) -> Any:
        """As above where x holds zeros: for every position the products without it."""
        axis = wrap_dim(self.dim, g.ndim)
        whole = (slice(None),) * axis
        shape = [1] * g.ndim
        shape[axis] = -1
        positions = xp.arange(g.shape[axis], like=plain(g)).reshape(shape)
        slopes = []
        for i in range(g.shape[axis]):
            others = Where(positions == i)(xp.ones((), plain(x).dtype, like=plain(x)), x)
            terms = g * Cumprod(axis)(others)
            slopes.append(terms[(*whole, slice(i, None))].sum(axis, keepdims=True))
        return cat(slopes, axis)


def sums_from_the_end(g: Any, dim: int) -> Any:
    return flip(Cumsum(dim)(flip(g, dim)), dim)


def elements_up_to(x: Array, dim: int, index: tuple[int, ...]) -> Array:
    """The flat numbers of the elements of `x` along `dim` until `index`, which counts, too."""
    axis = wrap_dim(dim, x.ndim)
    return elements(x, (*index[:axis], slice(index[axis] + 1), *index[axis + 1 :]) if index else ())


class Logcumsumexp(Op):
    args = ("x",)
    saves = ("x", "out")
    formula = r"\ln \textstyle\sum_{j \le i} e^{x_{j}}"
    vjp = (r"e^{x_{i}} \textstyle\sum_{j \ge i} g_{j}\, e^{-\mathrm{out}_{j}}",)

    def __init__(self, dim: int) -> None:
        self.dim = dim

    def forward(self, x):
        axis = wrap_dim(self.dim, x.ndim)
        if x.dtype.kind != "f":
            have = of_array(x.dtype).scalar_name
            raise RuntimeError(f"\"logcumsumexp_out_cpu\" not implemented for '{have}'")
        return accumulate(xp.logaddexp, x, axis) if x.size and x.ndim else x.copy()

    def backward(self, g, x, out):
        if not g.ndim:
            return g
        # Positive and negative gradients apart and as logarithms, so that no exponential overflows.
        size = log(abs(g)) - out
        positive, negative = (self._sums_from_the_end(size, keep) for keep in (plain(g) > 0, plain(g) < 0))
        return exp(x + positive) - exp(x + negative)

    def decompose(self, nr, index, x):
        powers, top = sum_of_powers(x, elements_up_to(x, self.dim, index))
        return Decomposition((powers,), r"m + \ln S", lambda s: top + xp.log(s), {"m": top})

    def _sums_from_the_end(self, logarithms: Any, keep: Array) -> Any:
        nothing = xp.full((), xp.finfo(plain(logarithms).dtype).min, like=keep)
        terms = flip(Where(keep)(logarithms, nothing), self.dim)
        return flip(Logcumsumexp(self.dim)(terms), self.dim)


class CumulativeMax(Picking):
    saves = ("x", "indices")  # x as torch does, which thus notices when it changes
    formula = r"\max_{j \le i} x_{j}"
    op_name = "cummax"
    backward_name = "CummaxBackward0"
    extreme = staticmethod(xp.maximum)

    def pick(self, x, axis):
        running = accumulate(self.extreme, x, axis)
        shape = [1] * x.ndim
        shape[axis] = -1
        positions = xp.arange(x.shape[axis], like=x).reshape(shape)
        found = (x == running) | (x != x)  # NaN is the extreme of all that follows
        return accumulate(xp.maximum, xp.where(found, positions, 0), axis)

    def backward(self, g, g_indices, x, indices):
        return super().backward(g, g_indices, indices)


class CumulativeMin(CumulativeMax):
    formula = r"\min_{j \le i} x_{j}"
    op_name = "cummin"
    backward_name = "CumminBackward0"
    extreme = staticmethod(xp.minimum)


@torch_function
@tensor_method
@numpy_names
def cumsum(input: Tensor, dim: int, *, dtype: Any = None) -> Tensor:
    """Running sums along `dim`."""
    return Cumsum(dim, to_array_dtype(dtype))(input)


@torch_function
@tensor_method
@numpy_names
def cumprod(input: Tensor, dim: int, *, dtype: Any = None) -> Tensor:
    """Running products along `dim`."""
    return Cumprod(dim, to_array_dtype(dtype))(input)


@tensor_method
@numpy_names
def cumsum_(self: Tensor, dim: int, *, dtype: Any = None) -> Tensor:
    return inplace(Cumsum(dim, to_array_dtype(dtype)), self)


@tensor_method
@numpy_names
def cumprod_(self: Tensor, dim: int, *, dtype: Any = None) -> Tensor:
    return inplace(Cumprod(dim, to_array_dtype(dtype)), self)


@torch_function
@tensor_method
@numpy_names
def logcumsumexp(input: Tensor, dim: int) -> Tensor:
    """The logarithm of running sums of exponentials along `dim`, computed stably."""
    return Logcumsumexp(dim)(input)


@torch_function
@tensor_method
@numpy_names
def cummax(input: Tensor, dim: int) -> Any:
    """The largest element so far along `dim`, and its index."""
    return CummaxResult(*CumulativeMax(dim)(input))


@torch_function
@tensor_method
@numpy_names
def cummin(input: Tensor, dim: int) -> Any:
    """The smallest element so far along `dim`, and its index."""
    return CumminResult(*CumulativeMin(dim)(input))
