"""The Poisson distribution: counts of rare events."""

from __future__ import annotations

from typing import Any

from gradviz.engine.distributions import constraints
from gradviz.engine.distributions.distribution import Distribution
from gradviz.engine.distributions.utils import broadcast_all
from gradviz.engine.grad_mode import no_grad
from gradviz.engine.ops.arithmetic import xlogy
from gradviz.engine.ops.gamma import lgamma
from gradviz.engine.sampling import poisson
from gradviz.engine.tensor import Tensor


class Poisson(Distribution):
    """Counts with the mean `rate`."""

    arg_constraints = {"rate": constraints.nonnegative}
    support = constraints.nonnegative_integer

    def __init__(self, rate: Any, validate_args: bool | None = None) -> None:
        (self.rate,) = broadcast_all(rate)
        super().__init__(self.rate.shape, validate_args=validate_args)

    @property
    def mean(self) -> Tensor:
        return self.rate

    @property
    def mode(self) -> Tensor:
        return self.rate.floor()

    @property
    def variance(self) -> Tensor:
        return self.rate

    def sample(self, sample_shape: Any = ()) -> Tensor:
        with no_grad():
            return poisson(self.rate.expand(self._extended_shape(sample_shape)))

    def log_prob(self, value: Tensor) -> Tensor:
        self._validate_sample(value)
        return xlogy(value, self.rate) - self.rate - lgamma(value + 1)
