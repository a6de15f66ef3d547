"""Differentiable samples of the gamma and Dirichlet distributions.

A sample x of a distribution with parameter a and cumulative distribution F is moved by a as if its rank
F(x; a) stayed: dx/da = -(dF/da) / (dF/dx) (Figurnov et al., "Implicit Reparameterization Gradients", 2018).
"""

from __future__ import annotations

from typing import Any

import numpy

from gradviz.engine import random_variates
from gradviz.engine.backend import Array, beside, to_numpy, xp
from gradviz.engine.ops.gamma import digamma_of
from gradviz.engine.polymorphic import plain
from gradviz.engine.tape import Op
from gradviz.engine.tensor import Tensor

_NODES, _WEIGHTS = numpy.polynomial.laguerre.laggauss(64)


def _of_tail(integrand: Any, like: Array) -> Array:
    """The integral of exp(-s) integrand(s) over all s >= 0, element by element."""
    total = xp.zeros_like(like)
    for node, weight in zip(_NODES.tolist(), _WEIGHTS.tolist(), strict=True):
        total = total + weight * integrand(node)
    return total


def gamma_slope(x: Array, alpha: Array) -> Array:
    """How far a gamma sample `x` moves with its shape `alpha`, in float64."""
    x, alpha = x.astype(xp.float64), alpha.astype(xp.float64)
    center = digamma_of(alpha)

    def below(s: float) -> Array:  # the distribution's part up to x, with t = x exp(-s / alpha)
        log_t = xp.log(x) - s / alpha
        return -xp.exp(x - xp.exp(log_t)) * x / alpha * (log_t - center)

    def above(s: float) -> Array:  # the part from x on, with t = x + s
        t = x + s
        return (t / x) ** (alpha - 1) * (xp.log(t) - center)

    return xp.where(x < alpha, _of_tail(below, x), _of_tail(above, x))


def beta_slope(x: Array, alpha: Array, beta: Array) -> Array:
    """How far a beta sample `x` moves with `alpha`, over (1 - x), in float64."""
    center = digamma_of(alpha) - digamma_of(alpha + beta)

    def below(s: float) -> Array:  # t = x exp(-s / alpha)
        log_t = xp.log(x) - s / alpha
        return -(((1 - xp.exp(log_t)) / (1 - x)) ** (beta - 1)) * x / alpha * (log_t - center)

    def above(s: float) -> Array:  # 1 - t = (1 - x) exp(-s / beta)
        t = 1 - (1 - x) * xp.exp(-s / beta)
        return (t / x) ** (alpha - 1) * (1 - x) / beta * (xp.log(t) - center)

    return xp.where(x < alpha / (alpha + beta), _of_tail(below, x), _of_tail(above, x)) / (1 - x)


class StandardGamma(Op):
    """A sample of the gamma distribution of rate 1 for every shape in `alpha`."""

    args = ("alpha",)
    saves = ("alpha", "out")
    formula = r"\mathrm{sample\ of}\ \Gamma(\alpha, 1)"
    vjp = (r"-g \odot \frac{\partial F / \partial \alpha}{\partial F / \partial x}",)

    def __init__(self, generator: Any = None) -> None:
        self.generator = generator

    def forward(self, alpha):
        return beside(xp.asarray(random_variates.gamma(to_numpy(alpha), self.generator)), alpha)

    def backward(self, g, alpha, out):
        slope = gamma_slope(plain(out), plain(alpha))
        return g * slope.astype(plain(out).dtype)


class SampleDirichlet(Op):
    """A point of the simplex with weights `alpha` along the last dimension."""

    args = ("alpha",)
    saves = ("alpha", "out")
    formula = r"\mathrm{sample\ of\ Dir}(\alpha)"
    vjp = (r"-(g - \textstyle\sum g \odot \mathrm{out}) \odot \frac{\partial F / \partial \alpha}"
           r"{(1 - x)\, \partial F / \partial x}",)  # fmt: skip
    backward_name = "SampleDirichletBackward0"

    def __init__(self, generator: Any = None) -> None:
        self.generator = generator

    def forward(self, alpha):
        return beside(xp.asarray(random_variates.dirichlet(to_numpy(alpha), self.generator)), alpha)

    def backward(self, g, alpha, out):
        x, a = plain(out).astype(xp.float64), plain(alpha).astype(xp.float64)
        slope = beta_slope(x, a, a.sum(-1, keepdims=True) - a).astype(plain(out).dtype)
        return (g - (g * out).sum(-1).reshape((*out.shape[:-1], 1))) * slope


def standard_gamma(alpha: Tensor, generator: Any = None) -> Tensor:
    """Samples of the gamma distributions with shapes `alpha` and rate 1, differentiable."""
    return StandardGamma(generator)(alpha)


def sample_dirichlet(alpha: Tensor, generator: Any = None) -> Tensor:
    """Samples of the Dirichlet distributions with weights `alpha` (…, K), differentiable."""
    return SampleDirichlet(generator)(alpha)
