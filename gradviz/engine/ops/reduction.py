"""Sums, means, norms and their like along dimensions."""

from __future__ import annotations

from typing import Any

from gradviz.engine.backend import Array, in_order, largest, xp
from gradviz.engine.dtypes import floating, of_array, to_array_dtype
from gradviz.engine.explain.decomposition import Decomposition, Part, elements, sum_of_powers
from gradviz.engine.ops.shape import wrap_dim
from gradviz.engine.polymorphic import exp, expanded, masked, plain, spread
from gradviz.engine.registry import numpy_names, tensor_method, torch_function
from gradviz.engine.tape import Op
from gradviz.engine.tensor import Tensor

Dims = int | tuple[int, ...] | list[int] | None


def axes_of(dim: Dims, ndim: int) -> tuple[int, ...] | None:
    """Dimensions counted from the front; None for all of them."""
    if dim is None:
        return None
    dims = (dim,) if hasattr(dim, "__index__") else tuple(dim)
    axes = tuple(wrap_dim(d, ndim) for d in dims)
    for axis in axes:
        if axes.count(axis) > 1:
            raise RuntimeError(f"dim {axis} appears multiple times in the list of dims")
    return axes or None if ndim else None


class Reduction(Op):
    """An operation that takes the dimensions `dim` (None: all) together."""

    args: tuple[str, ...] = ("x",)

    def __init__(self, dim: Dims = None, keepdim: bool = False) -> None:
        self.dim, self.keepdim = dim, keepdim

    def axes(self, x: Array) -> tuple[int, ...] | None:
        """The dimensions to reduce; remembers the input's shape for `spread`."""
        self.shape = x.shape
        self.reduced = axes_of(self.dim, x.ndim)
        return self.reduced

    def spread(self, g: Any) -> Any:
        return spread(g, self.shape, self.reduced, self.keepdim)

    def elements_of(self, index: tuple[int, ...], x: Array) -> Array:
        """The flat numbers of the elements of `x` that make the result at `index`."""
        axes = axes_of(self.dim, x.ndim)
        if axes is None:
            return elements(x)
        kept = iter(i for axis, i in enumerate(index) if not (self.keepdim and axis in axes))
        return elements(x, tuple(slice(None) if axis in axes else next(kept) for axis in range(x.ndim)))

    def count(self) -> int:
        """How many elements make one result."""
        n = 1
        for axis, size in enumerate(self.shape):
            n *= size if self.reduced is None or axis in self.reduced else 1
        return n


class Sum(Reduction):
    terms = ("x",)
    formula = r"\textstyle\sum_{i} x_{i}"
    vjp = ("g",)

    def __init__(self, dim: Dims, keepdim: bool, dtype: Any = None) -> None:
        super().__init__(dim, keepdim)
        self.dtype = dtype
        self.backward_name = "SumBackward0" if dim is None else "SumBackward1"

    def forward(self, x):
        dtype = self.dtype or ("int64" if x.dtype.kind in "iub" else None)
        return in_order(x.sum(self.axes(x), dtype=dtype, keepdims=self.keepdim))

    def backward(self, g):
        return expanded(self.spread(g), self.shape)


class Mean(Reduction):
    terms = ("x",)
    formula = r"\frac{1}{n} \textstyle\sum_{i} x_{i}"
    vjp = ("g / n",)
    symbols = {"n": "count"}

    def __init__(self, dim: Dims, keepdim: bool, dtype: Any = None) -> None:
        super().__init__(dim, keepdim)
        self.dtype = dtype
        self.backward_name = "MeanBackward0" if dim is None else "MeanBackward1"

    def forward(self, x):
        dtype = self.dtype or x.dtype
        if dtype.kind != "f":
            given = "Optional" if self.dtype else "Input"
            raise RuntimeError(
                f"mean(): could not infer output dtype. {given} dtype must be either a floating point or "
                f"complex dtype. Got: {of_array(dtype).scalar_name}"
            )
        axes = self.axes(x)
        total = in_order(x.sum(axes, dtype=self.dtype, keepdims=self.keepdim))
        return total / self.count() if x.size else total * xp.nan

    def backward(self, g):
        return expanded(self.spread(g / self.count()), self.shape)


class Logsumexp(Reduction):
    saves = ("x", "out")
    formula = r"\ln \textstyle\sum_{i} e^{x_{i}}"
    vjp = (r"g\, e^{x - \mathrm{out}}",)

    def forward(self, x):
        axes, x = self.axes(x), floating(x)
        top = largest(x, axes, -xp.inf, keepdims=True)
        top = xp.where(xp.isfinite(top), top, 0)
        out = xp.log(xp.exp(x - top).sum(axes, keepdims=True)) + top
        return out if self.keepdim else out.squeeze(axes) if axes else out.reshape(())

    def backward(self, g, x, out):
        return self.spread(g) * exp(x - self.spread(out))

    def decompose(self, nr, index, x):
        powers, top = sum_of_powers(x, self.elements_of(index, x))
        return Decomposition((powers,), r"m + \ln S", lambda s: top + xp.log(s), {"m": top})


class Norm(Reduction):
    """The vector norm of order p: the p-th root of the sum of |x|^p."""

    saves = ("x", "out")
    formula = r"(\textstyle\sum_{i} |x_{i}|^{p})^{1/p}"
    vjp = (r"g\ \mathrm{sign}(x)\, (|x| / \mathrm{out})^{p - 1}",)
    backward_name = "LinalgVectorNormBackward0"

    def __init__(self, p: float, dim: Dims, keepdim: bool) -> None:
        super().__init__(dim, keepdim)
        self.p = p

    def forward(self, x):
        if x.dtype.kind != "f":
            raise RuntimeError(
                "linalg.vector_norm: Expected a floating point or complex tensor as input. Got "
                f"{of_array(x.dtype).scalar_name}"
            )
        axes, keep, size = self.axes(x), self.keepdim, xp.abs(x)
        if self.p == 2:
            return xp.sqrt((x * x).sum(axes, keepdims=keep))
        if self.p == 1:
            return size.sum(axes, keepdims=keep)
        if self.p == 0:
            return (x != 0).sum(axes, keepdims=keep).astype(x.dtype)
        if self.p in (float("inf"), float("-inf")):
            return (size.max if self.p > 0 else size.min)(axes, keepdims=keep)
        return (size**self.p).sum(axes, keepdims=keep) ** (1 / self.p)

    def backward(self, g, x, out):
        g, out = self.spread(g), self.spread(out)
        sign = xp.sign(plain(x))
        if self.p == 2:
            return x * masked(g / out, plain(out) != 0)  # 0 at the origin
        if self.p == 1:
            return g * sign
        if self.p == 0:
            return g * xp.zeros_like(plain(x))
        if self.p in (float("inf"), float("-inf")):
            hit = xp.abs(plain(x)) == plain(out)
            return g * (sign * hit / hit.sum(self.reduced, keepdims=True))
        size = x * sign
        return masked(g * sign * (size / out) ** (self.p - 1), (plain(out) != 0) & (sign != 0))

    def decompose(self, nr, index, x):
        at = self.elements_of(index, x)
        size = xp.abs(x.reshape(-1)[at])
        if self.p in (float("inf"), float("-inf")):
            winner = (size.argmax if self.p > 0 else size.argmin)(keepdims=True)
            return Decomposition((Part(size[winner], "|x|", (("x", at[winner]),)),))
        if self.p == 0:
            return Decomposition((Part(size != 0, r"1[x_{i} \ne 0]", (("x", at),)),))
        p = self.p
        powers = Part(size**p, "|x_{i}|^{p}", (("x", at),))
        return Decomposition((powers,), "S^{1/p}", lambda s: s ** (1 / p), {"p": p})


class DimNorm(Norm):
    """The same, under the name that torch's own functions use."""

    op_name = "norm"
    backward_name = "NormBackward1"


def truth(answer: Array, x: Array) -> Array:
    """The answer as booleans, of uint8 as uint8: it was torch's boolean once."""
    return answer.astype(x.dtype) if x.dtype == "uint8" else answer


class AllTrue(Reduction):
    op_name = "all"
    formula = r"\forall i: x_{i}"
    vjp = ("0",)
    differentiable = False

    def forward(self, x):
        return truth(x.all(self.axes(x), keepdims=self.keepdim), x)

    def decompose(self, nr, index, x):
        at = self.elements_of(index, x)
        failing = Part(x.reshape(-1)[at] == 0, "1[x_{i} = 0]", (("x", at),))
        return Decomposition((failing,), "1[S = 0]", lambda s: s == 0)


class AnyTrue(Reduction):
    op_name = "any"
    formula = r"\exists i: x_{i}"
    vjp = ("0",)
    differentiable = False

    def forward(self, x):
        return truth(x.any(self.axes(x), keepdims=self.keepdim), x)

    def decompose(self, nr, index, x):
        at = self.elements_of(index, x)
        holding = Part(x.reshape(-1)[at] != 0, r"1[x_{i} \ne 0]", (("x", at),))
        return Decomposition((holding,), "1[S > 0]", lambda s: s > 0)


class CountNonzero(Reduction):
    formula = r"\textstyle\sum_{i} 1[x_{i} \ne 0]"
    vjp = ("0",)
    differentiable = False

    def forward(self, x):
        return (x != 0).sum(self.axes(x))

    def decompose(self, nr, index, x):
        at = self.elements_of(index, x)
        return Decomposition((Part(x.reshape(-1)[at] != 0, r"1[x_{i} \ne 0]", (("x", at),)),))


@torch_function
@tensor_method
@numpy_names
def sum(input: Tensor, dim: Dims = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """The sum over `dim` (all dimensions by default); integers add up in int64."""
    return Sum(dim, keepdim, to_array_dtype(dtype))(input)


@torch_function
@tensor_method
@numpy_names
def mean(input: Tensor, dim: Dims = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """The mean over `dim`. Raises RuntimeError for integers."""
    return Mean(dim, keepdim, to_array_dtype(dtype))(input)


@torch_function
@tensor_method
@numpy_names
def logsumexp(input: Tensor, dim: Dims, keepdim: bool = False) -> Tensor:
    """`log(sum(exp(input)))` over `dim`, computed stably."""
    return Logsumexp(dim, keepdim)(input)


def vector_norm(
    input: Tensor, p: float = 2, dim: Dims = None, keepdim: bool = False, dtype: Any = None
) -> Tensor:
    """The vector norm of order `p` over `dim`."""
    return Norm(p, dim, keepdim)(input if dtype is None else input.to(dtype))


@torch_function
@tensor_method
@numpy_names
def all(input: Tensor, dim: Dims = None, keepdim: bool = False) -> Tensor:
    """Whether all elements along `dim` are true (not zero)."""
    return AllTrue(dim, keepdim)(input)


@torch_function
@tensor_method
@numpy_names
def any(input: Tensor, dim: Dims = None, keepdim: bool = False) -> Tensor:
    """Whether some element along `dim` is true (not zero)."""
    return AnyTrue(dim, keepdim)(input)


@torch_function
@tensor_method
@numpy_names
def count_nonzero(input: Tensor, dim: Dims = None) -> Tensor:
    """How many elements along `dim` are not zero."""
    return CountNonzero(dim)(input)
