"""Variance and standard deviation."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from gradviz.engine.backend import is_array, xp
from gradviz.engine.explain.decomposition import Decomposition, Part
from gradviz.engine.ops.reduction import Dims, Reduction
from gradviz.engine.polymorphic import masked, plain
from gradviz.engine.registry import numpy_names, tensor_method, torch_function
from gradviz.engine.tensor import Tensor


class Var(Reduction):
    saves: tuple[str, ...] = ("x",)
    formula = r"\frac{1}{n - c} \textstyle\sum_{i} (x_{i} - \bar{x})^{2}"
    vjp: tuple[str, ...] = (r"\frac{2}{n - c}\, g\, (x - \bar{x})",)
    symbols = {"n": "count", "c": "correction"}

    def __init__(self, dim: Dims, correction: float, keepdim: bool) -> None:
        super().__init__(dim, keepdim)
        self.correction = correction

    def forward(self, x):
        return x.var(self.axes(x), ddof=self.correction, keepdims=self.keepdim)

    def backward(self, g, x):
        return self.spread(g) * self.centered(x) * (2 / self.degrees())

    def decompose(self, nr, index, x):
        at = self.elements_of(index, x)
        part = x.reshape(-1)[at]
        mean, degrees = part.mean(), self.degrees()
        squares = Part((part - mean) ** 2 / degrees, r"(x_{i} - \bar{x})^{2} / d", (("x", at),))
        return Decomposition((squares,), symbols={r"\bar{x}": mean, "d": degrees})

    def centered(self, x: Any) -> Any:
        return x - x.mean(self.reduced, keepdims=True)

    def degrees(self) -> float:
        return max(0, self.count() - self.correction) or xp.float64(0)


class Std(Var):
    saves = ("x", "out")
    formula = r"\sqrt{\frac{1}{n - c} \textstyle\sum_{i} (x_{i} - \bar{x})^{2}}"
    vjp = (r"\frac{1}{n - c}\, g\, (x - \bar{x}) / \mathrm{out}",)

    def forward(self, x):
        return xp.sqrt(super().forward(x))

    def decompose(self, nr, index, x):
        return replace(super().decompose(nr, index, x), outer=r"\sqrt{S}", finish=xp.sqrt)

    def backward(self, g, x, out):
        scale = masked(g / (out * self.degrees()), plain(out) != 0)  # 0 where all elements are equal
        return self.spread(scale) * self.centered(x)


class VarMean(Var):
    """The variance, and the mean that it is about."""

    formula = r"[\frac{1}{n - c} \textstyle\sum_{i} (x_{i} - \bar{x})^{2},\ \bar{x}]"
    vjp = (r"\frac{2}{n - c}\, g_{1}\, (x - \bar{x}) + g_{2} / n",)
    outputs = ("out", "mean")

    def forward(self, x):
        return super().forward(x), x.mean(self.reduced, keepdims=self.keepdim)

    def backward(self, g, g_mean, **saved):
        return super().backward(g, **saved) + self.spread(g_mean) / self.count()

    def decompose(self, nr, index, x):
        if nr == 0:
            return super().decompose(nr, index, x)
        at = self.elements_of(index, x)
        return Decomposition(
            (Part(x.reshape(-1)[at] / len(at), "x / n", (("x", at),)),), symbols={"n": len(at)}
        )


class StdMean(Std):
    """The standard deviation, and the mean that it is about."""

    formula = r"[\sqrt{\frac{1}{n - c} \textstyle\sum_{i} (x_{i} - \bar{x})^{2}},\ \bar{x}]"
    vjp = (r"\frac{1}{n - c}\, g_{1}\, (x - \bar{x}) / \mathrm{out} + g_{2} / n",)
    outputs = ("out", "mean")

    def forward(self, x):
        return super().forward(x), x.mean(self.reduced, keepdims=self.keepdim)

    def backward(self, g, g_mean, **saved):
        return super().backward(g, **saved) + self.spread(g_mean) / self.count()

    def decompose(self, nr, index, x):
        if nr == 0:
            return super().decompose(nr, index, x)
        at = self.elements_of(index, x)
        return Decomposition(
            (Part(x.reshape(-1)[at] / len(at), "x / n", (("x", at),)),), symbols={"n": len(at)}
        )


@torch_function
@tensor_method
@numpy_names
def var(
    input: Tensor,
    dim: Dims = None,
    unbiased: bool = True,
    keepdim: bool = False,
    *,
    correction: float | None = None,
) -> Tensor:
    """The variance over `dim`, with n - correction (default 1) as divisor."""
    return Var(*_spread_settings(dim, unbiased, correction), keepdim)(_require_floats(input))


@torch_function
@tensor_method
@numpy_names
def std(
    input: Tensor,
    dim: Dims = None,
    unbiased: bool = True,
    keepdim: bool = False,
    *,
    correction: float | None = None,
) -> Tensor:
    """The standard deviation over `dim`, with n - correction (default 1) as divisor."""
    return Std(*_spread_settings(dim, unbiased, correction), keepdim)(_require_floats(input))


@torch_function
@numpy_names
def var_mean(
    input: Tensor,
    dim: Dims = None,
    unbiased: bool = True,
    keepdim: bool = False,
    *,
    correction: float | None = None,
) -> tuple[Tensor, Tensor]:
    """The variance and the mean over `dim`."""
    return VarMean(*_spread_settings(dim, unbiased, correction), keepdim)(_require_floats(input))


@torch_function
@numpy_names
def std_mean(
    input: Tensor,
    dim: Dims = None,
    unbiased: bool = True,
    keepdim: bool = False,
    *,
    correction: float | None = None,
) -> tuple[Tensor, Tensor]:
    """The standard deviation and the mean over `dim`."""
    return StdMean(*_spread_settings(dim, unbiased, correction), keepdim)(_require_floats(input))


def _spread_settings(dim: Any, unbiased: bool, correction: float | None) -> tuple[Dims, float]:
    if isinstance(dim, bool):  # torch also takes var(input, unbiased)
        dim, unbiased = None, dim
    return dim, (1 if unbiased else 0) if correction is None else correction


def _require_floats(input: Tensor) -> Tensor:
    if input.dtype.kind != "f" if is_array(input) else not input.is_floating_point():
        raise RuntimeError("std and var only support floating point and complex dtypes")
    return input
