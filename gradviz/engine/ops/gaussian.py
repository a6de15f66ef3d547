"""The error function's relatives, and the normal distribution's functions made of them."""

from __future__ import annotations

import math

from gradviz.engine.backend import Array, xp
from gradviz.engine.dtypes import floating
from gradviz.engine.ops.erf import erfc_of, erfcx_of, erfinv_of
from gradviz.engine.ops.pointwise import TWO_OVER_SQRT_PI, unary
from gradviz.engine.ops.with_number import add_number, mul_number
from gradviz.engine.polymorphic import exp
from gradviz.engine.tape import Op
from gradviz.engine.tensor import Tensor

SQRT_2, SQRT_2_PI = math.sqrt(2), math.sqrt(2 * math.pi)


class Erfc(Op):
    args = saves = ("x",)
    formula = r"1 - \mathrm{erf}(x)"
    vjp = (r"-g \odot \frac{2}{\sqrt{\pi}} e^{-x^{2}}",)

    def forward(self, x):
        return erfc_of(floating(x))

    def backward(self, g, x):
        return g * exp(-x * x) * -TWO_OVER_SQRT_PI


class Erfcx(Op):
    args = ("x",)
    saves = ("x", "out")
    formula = r"e^{x^{2}} \mathrm{erfc}(x)"
    vjp = (r"g \odot (2 x \odot \mathrm{out} - \frac{2}{\sqrt{\pi}})",)
    backward_name = "SpecialErfcxBackward0"

    def forward(self, x):
        return erfcx_of(floating(x))

    def backward(self, g, x, out):
        return g * (x * 2 * out - TWO_OVER_SQRT_PI)


class Erfinv(Op):
    args = ("x",)
    saves = ("out",)
    formula = r"\mathrm{erf}^{-1}(x)"
    vjp = (r"g \odot \frac{\sqrt{\pi}}{2} e^{\mathrm{out}^{2}}",)

    def forward(self, x):
        return erfinv_of(floating(x))

    def backward(self, g, out):
        return g * exp(out * out) / TWO_OVER_SQRT_PI


class LogNdtr(Op):
    args = ("x",)
    saves = ("x", "out")
    formula = r"\ln \Phi(x)"
    vjp = (r"g \odot \frac{1}{\sqrt{2 \pi}} e^{-x^{2} / 2 - \mathrm{out}}",)
    backward_name = "SpecialLogNdtrBackward0"

    def forward(self, x):
        x = floating(x)
        return log_ndtr_of(x).astype(x.dtype)

    def backward(self, g, x, out):
        return g * exp(-(out + x * x / 2)) / SQRT_2_PI


class Ndtri(Op):
    args = ("p",)
    saves = ("out",)
    formula = r"\Phi^{-1}(p)"
    vjp = (r"g \odot \sqrt{2 \pi}\, e^{\mathrm{out}^{2} / 2}",)
    backward_name = "SpecialNdtriBackward0"

    def forward(self, p):
        p = floating(p)
        wide = p.astype(xp.float64)
        x = xp.where(wide > 0.5, -ndtri_of(1 - wide), ndtri_of(wide))
        return x.astype(p.dtype)

    def backward(self, g, out):
        return g * exp(out * out / 2) * SQRT_2_PI


def log_ndtr_of(x: Array) -> Array:
    """The logarithm of the normal distribution function, in float64, exact in the lower tail."""
    x = x.astype(xp.float64)
    lower = xp.log(erfcx_of(xp.maximum(-x, 0) / SQRT_2) / 2) - x * x / 2
    return xp.where(x < -1, lower, xp.log1p(-erfc_of(x / SQRT_2) / 2))


def ndtri_of(p: Array) -> Array:
    """The inverse of the normal distribution function for p <= 1/2: Newton's method on its logarithm."""
    target = xp.log(xp.minimum(p, 0.5))
    tail = xp.sqrt(-2 * target)
    x = (2.30753 + 0.27061 * tail) / (1 + tail * (0.99229 + 0.04481 * tail)) - tail  # good to 0.003
    for _ in range(5):
        slope = 2 / SQRT_2_PI / erfcx_of(-x / SQRT_2)
        x = x - (log_ndtr_of(x) - target) / slope
    x = xp.where(p == 0.5, 0.0, xp.where(p == 0, -xp.inf, x))
    return xp.where((p >= 0) & (p <= 1), x, xp.nan)


erfc, erfinv = unary(Erfc), unary(Erfinv)


def erfcx(input: Tensor) -> Tensor:
    """`exp(input ** 2) * erfc(input)`, which does not underflow."""
    return Erfcx()(input)


def ndtr(input: Tensor) -> Tensor:
    """The standard normal distribution function."""
    return mul_number(add_number(mul_number(input, 1 / SQRT_2).erf(), 1), 0.5)


def log_ndtr(input: Tensor) -> Tensor:
    """The logarithm of the standard normal distribution function."""
    return LogNdtr()(input)


def ndtri(input: Tensor) -> Tensor:
    """The inverse of the standard normal distribution function."""
    return Ndtri()(input)
