"""The Dirichlet distribution: probabilities of K classes that sum to 1."""

from __future__ import annotations

from typing import Any

from gradviz.engine.distributions import constraints
from gradviz.engine.distributions.distribution import Distribution
from gradviz.engine.distributions.sampling import sample_dirichlet
from gradviz.engine.ops.arithmetic import xlogy
from gradviz.engine.ops.gamma import digamma, lgamma
from gradviz.engine.tensor import Tensor


class Dirichlet(Distribution):
    """Points of the simplex with weights `concentration`, shape (…, K)."""

    arg_constraints = {"concentration": constraints.independent(constraints.positive, 1)}
    support = constraints.simplex
    has_rsample = True

    def __init__(self, concentration: Tensor, validate_args: bool | None = None) -> None:
        if concentration.ndim < 1:
            raise ValueError("`concentration` parameter must be at least one-dimensional.")
        self.concentration = concentration
        super().__init__(concentration.shape[:-1], concentration.shape[-1:], validate_args)

    @property
    def mean(self) -> Tensor:
        return self.concentration / self.concentration.sum(-1, True)

    @property
    def mode(self) -> Tensor:
        excess = (self.concentration - 1).clamp(min=0)
        return excess / excess.sum(-1, True)

    @property
    def variance(self) -> Tensor:
        alpha = self.concentration
        total = alpha.sum(-1, True)
        return alpha * (total - alpha) / (total**2 * (total + 1))

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        return sample_dirichlet(self.concentration.expand(self._extended_shape(sample_shape)))

    def log_prob(self, value: Tensor) -> Tensor:
        self._validate_sample(value)
        alpha = self.concentration
        return xlogy(alpha - 1, value).sum(-1) + lgamma(alpha.sum(-1)) - lgamma(alpha).sum(-1)

    def entropy(self) -> Tensor:
        alpha = self.concentration
        k, total = alpha.shape[-1], alpha.sum(-1)
        return (
            lgamma(alpha).sum(-1)
            - lgamma(total)
            - (k - total) * digamma(total)
            - ((alpha - 1) * digamma(alpha)).sum(-1)
        )
