"""Modified Bessel functions of the first kind, of order 0 and 1, plain and scaled by exp(-|x|)."""

from __future__ import annotations

import math

from gradviz.engine.backend import Array, xp
from gradviz.engine.dtypes import floating
from gradviz.engine.ops.pointwise import unary
from gradviz.engine.polymorphic import masked, plain
from gradviz.engine.tape import Op
from gradviz.engine.tensor import Tensor

NODES = 40  # of the trapezoid rule: enough below FAR
FAR = 60.0


def i0e_of(x: Array) -> Array:
    """exp(-|x|) I_0(x), in float64.

    The integral (1 / pi) * int_0^pi exp(x cos t) dt is of a periodic function, for which the trapezoid rule
    converges geometrically; beyond `FAR` the asymptotic series is exact (https://dlmf.nist.gov/10.40).
    """
    size = xp.abs(x.astype(xp.float64))
    near = xp.minimum(size, FAR)
    total = sum(xp.exp(near * (math.cos(t) - 1)) for t in _angles())
    return xp.where(size <= FAR, total / NODES, _asymptotic(size, 0))


def i1e_of(x: Array) -> Array:
    """exp(-|x|) I_1(x), in float64."""
    wide = x.astype(xp.float64)
    size = xp.abs(wide)
    near = xp.minimum(size, FAR)
    # exp(x c) c summed over c and -c, so that nothing cancels near 0
    total = sum(
        -xp.exp(near * (abs(math.cos(t)) - 1)) * xp.expm1(-2 * near * abs(math.cos(t))) * abs(math.cos(t)) / 2
        for t in _angles()
    )
    return xp.sign(wide) * xp.where(size <= FAR, total / NODES, _asymptotic(size, 1))


def _angles() -> list[float]:
    return [math.pi * (k + 0.5) / NODES for k in range(NODES)]


def _asymptotic(x: Array, order: int) -> Array:
    x = xp.maximum(x, FAR)
    term = total = xp.ones_like(x)
    for k in range(1, 20):
        term = term * -(4 * order**2 - (2 * k - 1) ** 2) / (8 * k * x)
        total = total + term
    return total / xp.sqrt(2 * math.pi * x)


class I0(Op):
    args = saves = ("x",)
    formula = "I_{0}(x)"
    vjp = (r"g \odot I_{1}(x)",)

    def forward(self, x):
        x = floating(x)
        return (i0e_of(x) * xp.exp(xp.abs(x.astype(xp.float64)))).astype(x.dtype)

    def backward(self, g, x):
        return g * i1(x)


class I0e(Op):
    args = ("x",)
    saves = ("x", "out")
    formula = "e^{-|x|} I_{0}(x)"
    vjp = (r"g \odot (e^{-|x|} I_{1}(x) - \mathrm{sign}(x) \odot \mathrm{out})",)
    backward_name = "SpecialI0EBackward0"

    def forward(self, x):
        x = floating(x)
        return i0e_of(x).astype(x.dtype)

    def backward(self, g, x, out):
        return g * (i1e(x) - out * xp.sign(plain(x)))


class I1(Op):
    args = ("x",)
    saves = ("x", "out")
    formula = "I_{1}(x)"
    vjp = (r"g \odot (I_{0}(x) - \mathrm{out} / x)",)
    backward_name = "SpecialI1Backward0"

    def forward(self, x):
        x = floating(x)
        return (i1e_of(x) * xp.exp(xp.abs(x.astype(xp.float64)))).astype(x.dtype)

    def backward(self, g, x, out):
        away = plain(x) != 0  # at 0 the quotient tends to 1/2
        return g * (i0(x) - masked(out / (x + ~away), away) - (~away * 0.5).astype(plain(x).dtype))


class I1e(Op):
    args = ("x",)
    saves = ("x", "out")
    formula = "e^{-|x|} I_{1}(x)"
    vjp = (r"g \odot (e^{-|x|} I_{0}(x) - \mathrm{out} \odot (\mathrm{sign}(x) + 1 / x))",)
    backward_name = "SpecialI1EBackward0"

    def forward(self, x):
        x = floating(x)
        return i1e_of(x).astype(x.dtype)

    def backward(self, g, x, out):
        away = plain(x) != 0  # at 0 the quotient tends to 1/2
        slope = i0e(x) - out * xp.sign(plain(x)) - masked(out / (x + ~away), away)
        return g * (slope - (~away * 0.5).astype(plain(x).dtype))


i0 = unary(I0)


def i0e(input: Tensor) -> Tensor:
    """`exp(-abs(input)) * i0(input)`."""
    return I0e()(input)


def i1(input: Tensor) -> Tensor:
    """The modified Bessel function of order 1."""
    return I1()(input)


def i1e(input: Tensor) -> Tensor:
    """`exp(-abs(input)) * i1(input)`."""
    return I1e()(input)
