"""Differentiable stand-ins for coins and classes: the concrete (Gumbel-softmax) distributions."""

from __future__ import annotations

import math
from typing import Any

from gradviz.engine.creation import rand
from gradviz.engine.distributions import constraints
from gradviz.engine.distributions.bernoulli import Bernoulli
from gradviz.engine.distributions.categorical import Categorical
from gradviz.engine.distributions.distribution import Distribution
from gradviz.engine.distributions.utils import clamp_probs, probs_to_logits
from gradviz.engine.nn.functional import softplus
from gradviz.engine.ops.activation import sigmoid
from gradviz.engine.ops.softmax import log_softmax, softmax
from gradviz.engine.tensor import Tensor


class RelaxedBernoulli(Distribution):
    """Numbers in (0, 1) that lie the nearer to Bernoulli's 0 and 1 the lower the `temperature`."""

    arg_constraints = {"probs": constraints.unit_interval, "logits": constraints.real}
    support = constraints.unit_interval
    has_rsample = True

    def __init__(
        self, temperature: Tensor, probs: Any = None, logits: Any = None, validate_args: bool | None = None
    ) -> None:
        self.temperature = temperature
        self._coin = Bernoulli(probs, logits, validate_args)
        super().__init__(self._coin.batch_shape, validate_args=validate_args)

    def expand(self, batch_shape: Any) -> Distribution:
        return RelaxedBernoulli(self.temperature, logits=self.logits.expand(batch_shape))

    @property
    def probs(self) -> Tensor:
        return self._coin.probs

    @property
    def logits(self) -> Tensor:
        return self._coin.logits

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        u = clamp_probs(
            rand(self._extended_shape(sample_shape), dtype=self.logits.dtype, device=self.logits.device)
        )
        noise = u.log() - (-u).log1p()
        return clamp_probs(sigmoid((noise + self.logits) / self.temperature))

    def log_prob(self, value: Tensor) -> Tensor:
        self._validate_sample(value)
        inner = probs_to_logits(value, is_binary=True)
        distance = self.logits - inner * self.temperature
        density = self.temperature.log() + distance - 2 * softplus(distance)
        return density + softplus(-inner) + softplus(inner)


class RelaxedOneHotCategorical(Distribution):
    """Points of the simplex that lie the nearer to one-hot vectors the lower the `temperature`."""

    arg_constraints = {"probs": constraints.simplex, "logits": constraints.real_vector}
    support = constraints.simplex
    has_rsample = True

    def __init__(
        self, temperature: Tensor, probs: Any = None, logits: Any = None, validate_args: bool | None = None
    ) -> None:
        self.temperature = temperature
        self._categorical = Categorical(probs, logits, validate_args)
        shape = self._categorical.param_shape
        super().__init__(shape[:-1], shape[-1:], validate_args)

    def expand(self, batch_shape: Any) -> Distribution:
        logits = self.logits.expand(*batch_shape, *self._event_shape)
        return RelaxedOneHotCategorical(self.temperature, logits=logits)

    @property
    def probs(self) -> Tensor:
        return self._categorical.probs

    @property
    def logits(self) -> Tensor:
        return self._categorical.logits

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        u = clamp_probs(
            rand(self._extended_shape(sample_shape), dtype=self.logits.dtype, device=self.logits.device)
        )
        gumbel = -(-u.log()).log()
        return softmax((self.logits + gumbel) / self.temperature, -1)

    def log_prob(self, value: Tensor) -> Tensor:
        self._validate_sample(value)
        classes = self._event_shape[0]
        inner = value.log()
        scores = log_softmax(self.logits - inner * self.temperature, -1)
        scale = math.lgamma(classes) + self.temperature.log() * (classes - 1)
        return scores.sum(-1) + scale - inner.sum(-1)
