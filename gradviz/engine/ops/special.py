"""Further functions of one tensor, element by element: logit, sinc, entropy, degrees and radians."""

from __future__ import annotations

import math
from typing import Any

from gradviz.engine.backend import xp
from gradviz.engine.dtypes import default_array_dtype, floating, promote_floating
from gradviz.engine.inplace import inplace
from gradviz.engine.ops.pointwise import unary
from gradviz.engine.ops.trigonometric import cos, sin
from gradviz.engine.polymorphic import log, masked, plain, zeros_as
from gradviz.engine.registry import tensor_method, torch_function
from gradviz.engine.tape import Op
from gradviz.engine.tensor import Tensor


class Logit(Op):
    args = saves = ("x",)
    formula = r"\ln \frac{x}{1 - x}"
    vjp = (r"g / (x (1 - x))",)

    def __init__(self, eps: float | None) -> None:
        self.eps = eps
        if eps is not None:
            self.formula = r"\ln \frac{z}{1 - z},\ z = \mathrm{clamp}(x, \mathrm{eps}, 1 - \mathrm{eps})"
            self.vjp = (
                r"g / (x (1 - x))\ \mathrm{if}\ \mathrm{eps} \le x \le 1 - \mathrm{eps}\ \mathrm{else}\ 0",
            )

    def forward(self, x):
        x = floating(x)
        if self.eps is not None:
            x = xp.clip(x, self.eps, 1 - self.eps)
        return xp.log(x / (1 - x))

    def backward(self, g, x):
        low = 0.0 if self.eps is None else self.eps
        inside = (plain(x) >= low) & (plain(x) <= 1 - low)
        slope = masked(g / (x * (1 - x)), inside)
        if self.eps is None:  # outside [0, 1] there is no slope; with eps it is 0
            slope = slope + xp.where(inside, 0, xp.nan).astype(plain(x).dtype)
        return slope


class Sinc(Op):
    args = saves = ("x",)
    formula = r"\frac{\sin(\pi x)}{\pi x}"
    vjp = (r"g \odot \frac{\pi x \cos(\pi x) - \sin(\pi x)}{\pi x^{2}}",)

    def forward(self, x):
        return xp.sinc(floating(x))

    def backward(self, g, x):
        angle = x * math.pi
        return masked(g * ((angle * cos(angle) - sin(angle)) / (angle * x)), plain(x) != 0)


class Entr(Op):
    args = saves = ("x",)
    formula = r"-x \ln x"
    vjp = (r"-g \odot (1 + \ln x)",)
    backward_name = "SpecialEntrBackward0"

    def forward(self, x):
        x = floating(x)
        return xp.where(x == 0, xp.zeros_like(x), xp.where(x < 0, -xp.inf, -x * xp.log(x)))

    def backward(self, g, x):
        return g * -(log(x) + 1)


class Xlog1py(Op):
    args = saves = ("x", "y")
    formula = r"x \ln(1 + y)"
    vjp = (r"g \odot \ln(1 + y)", r"g \odot x / (1 + y)")
    backward_name = "SpecialXlog1PyBackward0"

    def forward(self, x, y):
        x, y = promote_floating(x, y)
        out = xp.where(xp.equal(x, 0), xp.where(xp.isnan(y), y, xp.multiply(x, 0)), x * xp.log1p(y))
        return out.astype(xp.result_type(x, y), copy=False)  # of a number NumPy makes a float64

    def backward(self, g, x, y):
        undefined = xp.logical_and(xp.equal(plain(x), 0), xp.less_equal(plain(y), -1))
        g_x = masked(Xlog1py()(g, y), ~undefined) if self.needs[0] else None
        return g_x, g * x / (y + 1) if self.needs[1] else None


class Deg2Rad(Op):
    args = ("x",)
    formula = r"\frac{\pi}{180} x"
    vjp = (r"\frac{\pi}{180} g",)
    op_name = "deg2rad"

    def forward(self, x):
        return floating(x) * (math.pi / 180)

    def backward(self, g):
        return g * (math.pi / 180)


class Rad2Deg(Op):
    args = ("x",)
    formula = r"\frac{180}{\pi} x"
    vjp = (r"\frac{180}{\pi} g",)
    op_name = "rad2deg"

    def forward(self, x):
        return floating(x) * (180 / math.pi)

    def backward(self, g):
        return g * (180 / math.pi)


class Angle(Op):
    """0 for positive numbers, pi for negative ones."""

    args = ("x",)
    formula = r"\pi\, 1[x < 0]"
    vjp = ("0",)

    def forward(self, x):
        dtype = x.dtype if x.dtype.kind == "f" else default_array_dtype()
        return xp.where(xp.isnan(x), x, xp.where(x < 0, math.pi, 0)).astype(dtype)

    def backward(self, g):
        return zeros_as(g)


sinc, deg2rad, rad2deg = unary(Sinc), unary(Deg2Rad), unary(Rad2Deg)


@torch_function
@tensor_method
def logit(input: Tensor, eps: float | None = None) -> Tensor:
    """`log(input / (1 - input))`, the inverse of sigmoid; `eps` keeps the input in [eps, 1 - eps]."""
    return Logit(eps)(input)


@torch_function
@tensor_method
def logit_(self: Tensor, eps: float | None = None) -> Tensor:
    return inplace(Logit(eps), self)


@torch_function
@tensor_method
def angle(input: Tensor) -> Tensor:
    """The angle of numbers in the complex plane: 0 or pi, as the numbers are real."""
    return Angle()(input)


def entr(input: Tensor) -> Tensor:
    """`-input * log(input)`, 0 at 0 and -inf below."""
    return Entr()(input)


def xlog1py(input: Any, other: Any) -> Tensor:
    """`input * log1p(other)`, and 0 where input is 0."""
    return Xlog1py()(input, other)
