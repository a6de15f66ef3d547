"""The log-normal distribution."""

from __future__ import annotations

from typing import Any

from gradviz.engine.distributions import constraints
from gradviz.engine.distributions.normal import Normal
from gradviz.engine.distributions.transformed_distribution import TransformedDistribution
from gradviz.engine.distributions.transforms import ExpTransform
from gradviz.engine.tensor import Tensor


class LogNormal(TransformedDistribution):
    """Numbers whose logarithm is normal with mean `loc` and standard deviation `scale`."""

    arg_constraints = {"loc": constraints.real, "scale": constraints.positive}
    support = constraints.positive  # type: ignore[assignment]

    def __init__(self, loc: Any, scale: Any, validate_args: bool | None = None) -> None:
        super().__init__(Normal(loc, scale, validate_args), ExpTransform(), validate_args)

    @property
    def loc(self) -> Tensor:
        return self.base_dist.loc

    @property
    def scale(self) -> Tensor:
        return self.base_dist.scale

    @property
    def mean(self) -> Tensor:
        return (self.loc + self.scale**2 / 2).exp()

    @property
    def mode(self) -> Tensor:
        return (self.loc - self.scale**2).exp()

    @property
    def variance(self) -> Tensor:
        return (self.scale**2).expm1() * (2 * self.loc + self.scale**2).exp()

    def entropy(self) -> Tensor:
        return self.base_dist.entropy() + self.loc
