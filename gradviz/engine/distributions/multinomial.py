"""The multinomial distribution: how often each class comes up."""

from __future__ import annotations

import math
from typing import Any

from gradviz.engine.distributions import constraints
from gradviz.engine.distributions.binomial import Binomial
from gradviz.engine.distributions.categorical import Categorical
from gradviz.engine.distributions.distribution import Distribution
from gradviz.engine.nn.functional import one_hot
from gradviz.engine.ops.gamma import lgamma
from gradviz.engine.tensor import Size, Tensor


class Multinomial(Distribution):
    """Counts of K classes in `total_count` draws with weights `probs` or `logits`, shape (…, K)."""

    arg_constraints = {"probs": constraints.simplex, "logits": constraints.real_vector}

    def __init__(
        self,
        total_count: int = 1,
        probs: Tensor | None = None,
        logits: Tensor | None = None,
        validate_args: bool | None = None,
    ) -> None:
        if not isinstance(total_count, int):
            raise NotImplementedError("inhomogeneous total_count is not supported")
        self.total_count = total_count
        self._categorical = Categorical(probs, logits, validate_args)
        shape = self._categorical.param_shape
        super().__init__(shape[:-1], shape[-1:], validate_args)

    def expand(self, batch_shape: Any) -> Distribution:
        new = super().expand(batch_shape)
        new._categorical = self._categorical.expand(batch_shape)  # type: ignore[attr-defined]
        return new

    @property
    def support(self) -> constraints.Constraint:  # type: ignore[override]
        return constraints.multinomial(self.total_count)

    @property
    def probs(self) -> Tensor:
        return self._categorical.probs

    @property
    def logits(self) -> Tensor:
        return self._categorical.logits

    @property
    def param_shape(self) -> Size:
        return self._categorical.param_shape

    @property
    def mean(self) -> Tensor:
        return self.probs * self.total_count

    @property
    def variance(self) -> Tensor:
        return self.total_count * self.probs * (1 - self.probs)

    def sample(self, sample_shape: Any = ()) -> Tensor:
        classes = self._categorical.sample((self.total_count, *sample_shape))
        return one_hot(classes, self._event_shape[0]).sum(0).to(self.probs.dtype)

    def entropy(self) -> Tensor:
        n = self.total_count
        count = Binomial(n, self.probs)
        counts = count.enumerate_support(expand=False)
        repeated = (count.log_prob(counts).exp() * lgamma(counts + 1)).sum((0, -1))
        return n * self._categorical.entropy() - math.lgamma(n + 1) + repeated

    def log_prob(self, value: Tensor) -> Tensor:
        self._validate_sample(value)
        arrangements = lgamma(value.sum(-1) + 1) - lgamma(value + 1).sum(-1)
        logits = self.logits.masked_fill((value == 0) & (self.logits == -float("inf")), 0)
        return arrangements + (logits * value).sum(-1)
