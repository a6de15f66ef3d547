"""Student's t-distribution."""

from __future__ import annotations

import math
from typing import Any

from gradviz.engine.creation import randn
from gradviz.engine.distributions import constraints
from gradviz.engine.distributions.distribution import Distribution
from gradviz.engine.distributions.gamma import Chi2
from gradviz.engine.distributions.utils import broadcast_all
from gradviz.engine.ops.gamma import digamma, lgamma
from gradviz.engine.ops.masking import where
from gradviz.engine.tensor import Tensor


class StudentT(Distribution):
    """`df` degrees of freedom, moved to `loc` and stretched by `scale`."""

    arg_constraints = {"df": constraints.positive, "loc": constraints.real, "scale": constraints.positive}
    support = constraints.real
    has_rsample = True

    def __init__(self, df: Any, loc: Any = 0.0, scale: Any = 1.0, validate_args: bool | None = None) -> None:
        self.df, self.loc, self.scale = broadcast_all(df, loc, scale)
        self._chi2 = Chi2(self.df)
        super().__init__(self.df.shape, validate_args=validate_args)

    def expand(self, batch_shape: Any) -> Distribution:
        new = super().expand(batch_shape)
        new._chi2 = self._chi2.expand(batch_shape)  # type: ignore[attr-defined]
        return new

    @property
    def mean(self) -> Tensor:
        return where(self.df > 1, self.loc, float("nan"))

    @property
    def mode(self) -> Tensor:
        return self.loc

    @property
    def variance(self) -> Tensor:
        finite = self.scale**2 * self.df / (self.df - 2)
        return where(self.df > 2, finite, where(self.df > 1, float("inf"), float("nan")))

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        normal = randn(self._extended_shape(sample_shape), dtype=self.df.dtype, device=self.df.device)
        spread = self._chi2.rsample(sample_shape)
        return self.loc + self.scale * normal * (spread / self.df).rsqrt()

    def log_prob(self, value: Tensor) -> Tensor:
        self._validate_sample(value)
        y = (value - self.loc) / self.scale
        norm = self.scale.log() + 0.5 * self.df.log() + 0.5 * math.log(math.pi)
        norm = norm + lgamma(0.5 * self.df) - lgamma(0.5 * (self.df + 1))
        return -0.5 * (self.df + 1) * (y**2 / self.df).log1p() - norm

    def entropy(self) -> Tensor:
        half, more = 0.5 * self.df, 0.5 * (self.df + 1)
        beta = lgamma(half) + math.lgamma(0.5) - lgamma(more)
        return self.scale.log() + more * (digamma(more) - digamma(half)) + 0.5 * self.df.log() + beta
