"""The beta distribution: a probability of unknown value."""

from __future__ import annotations

from typing import Any

from gradviz.engine.distributions import constraints
from gradviz.engine.distributions.dirichlet import Dirichlet
from gradviz.engine.distributions.distribution import Distribution
from gradviz.engine.distributions.utils import broadcast_all
from gradviz.engine.ops.joining import stack
from gradviz.engine.tensor import Tensor


class Beta(Distribution):
    """Numbers in [0, 1] with densities x^(α-1) (1-x)^(β-1): α is `concentration1`, β `concentration0`."""

    arg_constraints = {"concentration1": constraints.positive, "concentration0": constraints.positive}
    support = constraints.unit_interval
    has_rsample = True

    def __init__(self, concentration1: Any, concentration0: Any, validate_args: bool | None = None) -> None:
        pair = broadcast_all(concentration1, concentration0)
        self._dirichlet = Dirichlet(stack(pair, -1), validate_args)
        super().__init__(pair[0].shape, validate_args=validate_args)

    def expand(self, batch_shape: Any) -> Distribution:
        new = super().expand(batch_shape)
        new._dirichlet = self._dirichlet.expand(batch_shape)  # type: ignore[attr-defined]
        return new

    @property
    def concentration1(self) -> Tensor:
        return self._dirichlet.concentration[..., 0]

    @property
    def concentration0(self) -> Tensor:
        return self._dirichlet.concentration[..., 1]

    @property
    def mean(self) -> Tensor:
        return self.concentration1 / (self.concentration1 + self.concentration0)

    @property
    def mode(self) -> Tensor:
        return self._dirichlet.mode[..., 0]

    @property
    def variance(self) -> Tensor:
        total = self.concentration1 + self.concentration0
        return self.concentration1 * self.concentration0 / (total**2 * (total + 1))

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        return self._dirichlet.rsample(sample_shape)[..., 0]

    def log_prob(self, value: Tensor) -> Tensor:
        self._validate_sample(value)
        return self._dirichlet.log_prob(stack([value, 1 - value], -1))

    def entropy(self) -> Tensor:
        return self._dirichlet.entropy()
