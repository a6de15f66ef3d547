"""What becomes of a distribution when its samples are transformed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gradviz.engine.distributions import constraints
from gradviz.engine.distributions.distribution import Distribution
from gradviz.engine.distributions.independent import Independent
from gradviz.engine.distributions.transforms import Transform
from gradviz.engine.distributions.utils import sum_rightmost
from gradviz.engine.grad_mode import no_grad
from gradviz.engine.tensor import Tensor


class TransformedDistribution(Distribution):
    """Samples of `base_distribution` after one transform or several."""

    arg_constraints = {}

    def __init__(
        self,
        base_distribution: Distribution,
        transforms: Transform | Sequence[Transform],
        validate_args: bool | None = None,
    ) -> None:
        self.transforms = [transforms] if isinstance(transforms, Transform) else list(transforms)
        if not all(isinstance(t, Transform) for t in self.transforms):
            raise ValueError(f"transforms must be a Transform or list, but was {transforms}")
        event_dim = max([t.domain.event_dim for t in self.transforms], default=0)
        missing = event_dim - len(base_distribution.event_shape)
        self.base_dist = Independent(base_distribution, missing) if missing > 0 else base_distribution
        super().__init__(self.base_dist.batch_shape, self.base_dist.event_shape, validate_args)

    def expand(self, batch_shape: Any) -> Distribution:
        new = super().expand(batch_shape)
        new.base_dist = self.base_dist.expand(batch_shape)  # type: ignore[attr-defined]
        return new

    @property
    def has_rsample(self) -> bool:  # type: ignore[override]
        return self.base_dist.has_rsample

    @property
    def support(self) -> constraints.Constraint:  # type: ignore[override]
        support = self.transforms[-1].codomain if self.transforms else self.base_dist.support
        missing = len(self.event_shape) - support.event_dim
        return constraints.independent(support, missing) if missing > 0 else support

    def sample(self, sample_shape: Any = ()) -> Tensor:
        with no_grad():
            return self._forth(self.base_dist.sample(sample_shape))

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        return self._forth(self.base_dist.rsample(sample_shape))

    def _forth(self, x: Tensor) -> Tensor:
        for transform in self.transforms:
            x = transform(x)
        return x

    def _back(self, y: Tensor) -> Tensor:
        for transform in reversed(self.transforms):
            y = transform.inv(y)
        return y

    def log_prob(self, value: Tensor) -> Tensor:
        self._validate_sample(value)
        events = len(self.event_shape)
        total: Any = 0.0
        y = value
        for transform in reversed(self.transforms):
            x = transform.inv(y)
            jacobian = transform.log_abs_det_jacobian(x, y)
            total = total - sum_rightmost(jacobian, events - transform.domain.event_dim)
            y = x
        return total + self.base_dist.log_prob(y)

    def cdf(self, value: Tensor) -> Tensor:
        """For transforms that increase."""
        return self.base_dist.cdf(self._back(value))

    def icdf(self, value: Tensor) -> Tensor:
        """For transforms that increase."""
        return self._forth(self.base_dist.icdf(value))
