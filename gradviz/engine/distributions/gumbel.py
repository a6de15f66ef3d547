"""The Gumbel distribution."""

from __future__ import annotations

import math
from typing import Any

from gradviz.engine.distributions import constraints
from gradviz.engine.distributions.transformed_distribution import TransformedDistribution
from gradviz.engine.distributions.transforms import AffineTransform, ExpTransform
from gradviz.engine.distributions.uniform import Uniform
from gradviz.engine.distributions.utils import broadcast_all
from gradviz.engine.dtypes import finfo
from gradviz.engine.tensor import Tensor

EULER = 0.57721566490153286060  # Euler's constant


class Gumbel(TransformedDistribution):
    """How extreme the largest of many numbers is: mode `loc`, width `scale`."""

    arg_constraints = {"loc": constraints.real, "scale": constraints.positive}
    support = constraints.real  # type: ignore[assignment]

    def __init__(self, loc: Any, scale: Any, validate_args: bool | None = None) -> None:
        self.loc, self.scale = broadcast_all(loc, scale)
        limits = finfo(self.loc.dtype)
        low = self.loc.detach() * 0
        base = Uniform(low + limits.tiny, low + (1 - limits.eps), validate_args)
        minus_log = [ExpTransform().inv, AffineTransform(0, -1)]
        super().__init__(
            base, [*minus_log, *minus_log[:1], AffineTransform(self.loc, -self.scale)], validate_args
        )

    @property
    def mean(self) -> Tensor:
        return self.loc + self.scale * EULER

    @property
    def mode(self) -> Tensor:
        return self.loc

    @property
    def variance(self) -> Tensor:
        return self.stddev**2

    @property
    def stddev(self) -> Tensor:
        return math.pi / math.sqrt(6) * self.scale

    def log_prob(self, value: Tensor) -> Tensor:
        self._validate_sample(value)
        y = (self.loc - value) / self.scale
        return y - y.exp() - self.scale.log()

    def cdf(self, value: Tensor) -> Tensor:
        self._validate_sample(value)
        return (-(-(value - self.loc) / self.scale).exp()).exp()

    def icdf(self, value: Tensor) -> Tensor:
        return self.loc - self.scale * (-value.log()).log()

    def entropy(self) -> Tensor:
        return self.scale.log() + 1 + EULER
