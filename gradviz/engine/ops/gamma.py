"""The gamma function and its relatives, which NumPy lacks.

Sources: https://dlmf.nist.gov/5 (gamma, digamma), /8 (incomplete gamma) and /25.11 (Hurwitz zeta)
"""

from __future__ import annotations

import math
from typing import Any

from gradviz.engine.backend import Array, asarray, xp
from gradviz.engine.dtypes import floating, of_array, promote, promote_floating
from gradviz.engine.inplace import inplace
from gradviz.engine.ops.pointwise import unary
from gradviz.engine.polymorphic import exp, log
from gradviz.engine.registry import tensor_method, torch_function
from gradviz.engine.tape import Op
from gradviz.engine.tensor import Tensor

# B(2k): the Bernoulli numbers of the asymptotic series
BERNOULLI = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510, 43867 / 798)
FAR = 10  # from here on the asymptotic series are good to the last digit


def lgamma_of(x: Array) -> Array:
    """log |gamma(x)|, in float64."""
    x = x.astype(xp.float64)
    reflected = xp.where(x < 0.5, 1 - x, x)
    near = reflected < FAR
    product = xp.ones_like(x)
    for k in range(FAR):
        product = xp.where(near, product * (reflected + k), product)
    y = xp.where(near, reflected + FAR, reflected)
    series = sum(b / (2 * k * (2 * k - 1) * y ** (2 * k - 1)) for k, b in enumerate(BERNOULLI, 1))
    value = (y - 0.5) * xp.log(y) - y + 0.5 * math.log(2 * math.pi) + series - xp.log(product)
    mirror = xp.log(math.pi / xp.abs(xp.sin(math.pi * (x - xp.round(x))))) - value
    return xp.where(xp.isinf(x), xp.inf, xp.where(x < 0.5, mirror, value))


def digamma_of(x: Array) -> Array:
    """The derivative of log gamma, in float64; NaN at negative integers, as torch has it."""
    x = x.astype(xp.float64)
    y = xp.where(x < 0, 1 - x, x)
    shift = xp.zeros_like(x)
    for _ in range(FAR):
        near = y < FAR
        shift = xp.where(near, shift - 1 / y, shift)
        y = xp.where(near, y + 1, y)
    series = sum(b / (2 * k * y ** (2 * k)) for k, b in enumerate(BERNOULLI, 1))
    value = xp.log(y) - 0.5 / y - series + shift
    mirror = value - math.pi / xp.tan(math.pi * (x - xp.trunc(x)))
    value = xp.where(x < 0, xp.where(x == xp.trunc(x), xp.nan, mirror), value)
    value = xp.where(x == xp.inf, xp.inf, value)
    return xp.where(x == 0, xp.copysign(xp.inf, -x), value)


def zeta_of(s: Array, q: Array) -> Array:
    """Hurwitz's zeta function, the sum of (q + k)^-s over all k >= 0, in float64."""
    s, q = xp.broadcast_arrays(s.astype(xp.float64), q.astype(xp.float64))
    total, y = xp.zeros_like(q), q.copy()
    for _ in range(FAR + int(xp.nan_to_num(xp.clip(-q, 0, 10_000)).max()) if q.size else 0):
        near = y < FAR
        total = xp.where(near, total + y**-s, total)
        y = xp.where(near, y + 1, y)
    total += y ** (1 - s) / (s - 1) + 0.5 * y**-s
    factor = s * y ** (-s - 1)
    for k, b in enumerate(BERNOULLI, 1):
        total += b / math.factorial(2 * k) * factor
        factor = factor * (s + 2 * k - 1) * (s + 2 * k) / (y * y)
    total = xp.where(s == 1, xp.inf, xp.where(s < 1, xp.nan, total))
    pole, outside = (q <= 0) & (q == xp.floor(q)), (q <= 0) & (s != xp.floor(s))
    return xp.where((s > 1) & pole, xp.inf, xp.where((s > 1) & outside, xp.nan, total))


def lower_incomplete_gamma(a: Array, x: Array) -> Array:
    """The regularized P(a, x) by its power series, for x < a + 1."""
    term = total = 1 / a
    for k in range(1, 2000):
        term = term * x / (a + k)
        total = total + term
        if (xp.abs(term) <= 1e-17 * xp.abs(total)).all():
            break
    return total * xp.exp(a * xp.log(x) - x - lgamma_of(a))


def upper_incomplete_gamma(a: Array, x: Array) -> Array:
    """The regularized Q(a, x) by its continued fraction (Lentz's method), for x >= a + 1."""
    b = x + 1 - a
    c, d = xp.full_like(b, 1e300), 1 / b
    fraction = d
    for k in range(1, 2000):
        b = b + 2
        numerator = k * (a - k)
        d = 1 / (numerator * d + b)
        c = b + numerator / c
        fraction = fraction * c * d
        if (xp.abs(c * d - 1) < 1e-16).all():
            break
    return fraction * xp.exp(a * xp.log(x) - x - lgamma_of(a))


def regularized_gamma(a: Array, x: Array) -> tuple[Array, Array]:
    """P(a, x) and Q(a, x) = 1 - P(a, x), in float64."""
    a, x = xp.broadcast_arrays(a.astype(xp.float64), x.astype(xp.float64))
    inside = (x > 0) & (a > 0) & xp.isfinite(x) & xp.isfinite(a)
    low, high = inside & (x < a + 1), inside & (x >= a + 1)
    p = xp.where((x == 0) & (a > 0), 0.0, xp.where((x == xp.inf) & xp.isfinite(a) & (a >= 0), 1.0, xp.nan))
    p = xp.where((x >= 0) & xp.isfinite(x) & (a == xp.inf), 0.0, xp.where((a == 0) & (x > 0), 1.0, p))
    q = asarray(1 - p)
    p[low] = lower_incomplete_gamma(a[low], x[low])
    q[low] = 1 - p[low]
    q[high] = upper_incomplete_gamma(a[high], x[high])
    p[high] = 1 - q[high]
    return p, q


class Lgamma(Op):
    args = saves = ("x",)
    formula = r"\ln |\Gamma(x)|"
    vjp = (r"g \odot \psi(x)",)

    def forward(self, x):
        x = floating(x)
        return lgamma_of(x).astype(x.dtype)

    def backward(self, g, x):
        return g * digamma(x)


class Digamma(Op):
    args = saves = ("x",)
    formula = r"\psi(x)"
    vjp = (r"g \odot \psi'(x)",)

    def forward(self, x):
        x = floating(x)
        return digamma_of(x).astype(x.dtype)

    def backward(self, g, x):
        return g * polygamma(1, x)


class Polygamma(Op):
    args = saves = ("x",)
    formula = r"\psi^{(n)}(x)"
    vjp = (r"g \odot \psi^{(n + 1)}(x)",)

    def __init__(self, n: int) -> None:
        self.n = n

    def forward(self, x):
        x = floating(x)
        if self.n == 0:
            return digamma_of(x).astype(x.dtype)
        sign = -1 if self.n % 2 == 0 else 1
        order = xp.full_like(x, self.n + 1.0, dtype=xp.float64)
        return (sign * math.factorial(self.n) * zeta_of(order, x)).astype(x.dtype)

    def backward(self, g, x):
        return g * polygamma(self.n + 1, x)


class Mvlgamma(Op):
    """The logarithm of the multivariate gamma function."""

    args = saves = ("x",)
    formula = r"\textstyle\sum_{k < p} \ln \Gamma(x - \frac{k}{2}) + \frac{p (p - 1)}{4} \ln \pi"
    vjp = (r"g \odot \textstyle\sum_{k < p} \psi(x - \frac{k}{2})",)

    def __init__(self, p: int) -> None:
        self.p = p

    def forward(self, x):
        x = floating(x)
        total = sum(lgamma_of(x - k / 2) for k in range(self.p))
        return (total + self.p * (self.p - 1) / 4 * math.log(math.pi)).astype(x.dtype)

    def backward(self, g, x):
        slope = digamma(x)
        for k in range(1, self.p):
            slope = slope + digamma(x - k / 2)
        return g * slope


class Zeta(Op):
    args = saves = ("s", "q")
    formula = r"\textstyle\sum_{k \ge 0} (q + k)^{-s}"
    vjp = (r"\mathrm{not\ implemented}", r"-g \odot s\, \zeta(s + 1, q)")
    backward_name = "SpecialZetaBackward0"

    def forward(self, s, q):
        s, q = promote_floating(s, q)
        return zeta_of(asarray(s), asarray(q)).astype(xp.result_type(s, q))

    def backward(self, g, s, q):
        if self.needs[0]:
            raise RuntimeError("the derivative for 'special_zeta: self' is not implemented.")
        return None, g * -s * zeta(s + 1, q)


class Igamma(Op):
    """The regularized lower incomplete gamma function P(a, x)."""

    args = saves = ("a", "x")
    formula = r"\frac{1}{\Gamma(a)} \int_{0}^{x} t^{a - 1} e^{-t} dt"
    vjp: tuple[str, ...] = (r"\mathrm{not\ implemented}", r"g \odot x^{a - 1} e^{-x} / \Gamma(a)")
    which = 0

    def forward(self, a, x):
        a, x = promote(a, x)
        if a.dtype.kind != "f":
            have = of_array(a.dtype).scalar_name
            raise RuntimeError(f"\"{self.op_name}\" not implemented for '{have}'")
        return regularized_gamma(a, x)[self.which].astype(a.dtype)

    def backward(self, g, a, x):
        if self.needs[0]:
            raise RuntimeError(f"the derivative for '{self.op_name}: input' is not implemented.")
        return None, g * self.slope(a, x)

    @staticmethod
    def slope(a, x):
        return exp(log(x) * (a - 1) - x - lgamma(a))


class Igammac(Igamma):
    """The regularized upper incomplete gamma function Q(a, x)."""

    formula = r"\frac{1}{\Gamma(a)} \int_{x}^{\infty} t^{a - 1} e^{-t} dt"
    vjp = (r"\mathrm{not\ implemented}", r"-g \odot x^{a - 1} e^{-x} / \Gamma(a)")
    which = 1

    @staticmethod
    def slope(a, x):
        return -Igamma.slope(a, x)


lgamma, digamma = unary(Lgamma), unary(Digamma)


@torch_function
def polygamma(n: int, input: Tensor) -> Tensor:
    """The `n`-th derivative of digamma."""
    if n < 0:
        raise RuntimeError("polygamma(n, x) does not support negative n.")
    return Polygamma(n)(input)


@tensor_method
def polygamma_(self: Tensor, n: int) -> Tensor:
    return inplace(Polygamma(n), self)


@tensor_method
def mvlgamma_(self: Tensor, p: int) -> Tensor:
    return inplace(Mvlgamma(p), self)


@torch_function
@tensor_method
def mvlgamma(input: Tensor, p: int) -> Tensor:
    """The logarithm of the multivariate gamma function of dimension `p`."""
    if p < 1:
        raise RuntimeError("p has to be greater than or equal to 1")
    return Mvlgamma(p)(input)


@torch_function
@tensor_method
def igamma(input: Tensor, other: Tensor) -> Tensor:
    """The regularized lower incomplete gamma function of `other`, with parameter `input`."""
    return Igamma()(input, other)


@torch_function
@tensor_method
def igammac(input: Tensor, other: Tensor) -> Tensor:
    """The regularized upper incomplete gamma function of `other`, with parameter `input`."""
    return Igammac()(input, other)


def zeta(input: Any, other: Any) -> Tensor:
    """Hurwitz's zeta function (torch.special.zeta)."""
    return Zeta()(input, other)


@tensor_method
def igamma_(self: Tensor, other: Tensor) -> Tensor:
    return inplace(Igamma(), self, other)


@tensor_method
def igammac_(self: Tensor, other: Tensor) -> Tensor:
    return inplace(Igammac(), self, other)


def _polygamma_method(self: Tensor, n: int) -> Tensor:
    """The `n`-th derivative of digamma."""
    return polygamma(n, self)


Tensor.polygamma = _polygamma_method
