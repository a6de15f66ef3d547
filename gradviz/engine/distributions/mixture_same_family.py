"""A mixture of distributions of one kind."""

from __future__ import annotations

from typing import Any

from gradviz.engine.distributions import constraints
from gradviz.engine.distributions.categorical import Categorical
from gradviz.engine.distributions.distribution import Distribution
from gradviz.engine.grad_mode import no_grad
from gradviz.engine.ops.softmax import log_softmax
from gradviz.engine.tensor import Tensor


class MixtureSameFamily(Distribution):
    """One of the components along the last batch dimension, chosen by `mixture_distribution`."""

    arg_constraints = {}

    def __init__(
        self,
        mixture_distribution: Categorical,
        component_distribution: Distribution,
        validate_args: bool | None = None,
    ) -> None:
        if not isinstance(mixture_distribution, Categorical):
            raise ValueError(
                " The Mixture distribution needs to be an  instance of torch.distributions.Categorical"
            )
        if not isinstance(component_distribution, Distribution):
            raise ValueError(
                "The Component distribution need to be an instance of torch.distributions.Distribution"
            )
        count, components = mixture_distribution.logits.shape[-1], component_distribution.batch_shape[-1]
        if count != components:
            raise ValueError(
                f"`mixture_distribution component` ({count}) does not equal "
                f"`component_distribution.batch_shape[-1]` ({components})"
            )
        self.mixture_distribution = mixture_distribution
        self.component_distribution = component_distribution
        super().__init__(
            component_distribution.batch_shape[:-1], component_distribution.event_shape, validate_args
        )

    def expand(self, batch_shape: Any) -> Distribution:
        return MixtureSameFamily(
            self.mixture_distribution.expand(batch_shape),  # type: ignore[arg-type]
            self.component_distribution.expand((*batch_shape, self.mixture_distribution.param_shape[-1])),
        )

    @property
    def support(self) -> constraints.Constraint:  # type: ignore[override]
        return self.component_distribution.support

    @property
    def _component_dim(self) -> int:
        return -1 - len(self._event_shape)

    def _weights(self) -> Tensor:
        probs = self.mixture_distribution.probs
        return probs.reshape(*probs.shape, *[1] * len(self._event_shape))

    @property
    def mean(self) -> Tensor:
        return (self._weights() * self.component_distribution.mean).sum(self._component_dim)

    @property
    def variance(self) -> Tensor:
        spread = (self.component_distribution.mean - self.mean.unsqueeze(self._component_dim)) ** 2
        return (self._weights() * (self.component_distribution.variance + spread)).sum(self._component_dim)

    def sample(self, sample_shape: Any = ()) -> Tensor:
        with no_grad():
            chosen = self.mixture_distribution.sample(sample_shape)
            samples = self.component_distribution.sample(sample_shape)
            event = [1] * len(self._event_shape)
            index = chosen.reshape(*chosen.shape, 1, *event)
            index = index.expand(*chosen.shape, 1, *self._event_shape)
            return samples.gather(self._component_dim, index).squeeze(self._component_dim)

    def log_prob(self, value: Tensor) -> Tensor:
        self._validate_sample(value)
        of_components = self.component_distribution.log_prob(value.unsqueeze(self._component_dim))
        weights = log_softmax(self.mixture_distribution.logits, -1)
        return (of_components + weights).logsumexp(-1)

    def cdf(self, value: Tensor) -> Tensor:
        of_components = self.component_distribution.cdf(value.unsqueeze(self._component_dim))
        return (of_components * self.mixture_distribution.probs).sum(-1)

    def __repr__(self) -> str:
        return f"MixtureSameFamily(\n  {self.mixture_distribution},\n  {self.component_distribution})"
