"""The normal distribution of vectors."""

from __future__ import annotations

import math
from typing import Any

from gradviz.engine import linalg
from gradviz.engine.backend import xp
from gradviz.engine.creation import eye, randn
from gradviz.engine.distributions import constraints
from gradviz.engine.distributions.distribution import Distribution
from gradviz.engine.distributions.utils import lazy_property
from gradviz.engine.tensor import Size, Tensor


class MultivariateNormal(Distribution):
    """Mean `loc` (…, n) and one of `covariance_matrix`, `precision_matrix`, `scale_tril` (…, n, n).

    `scale_tril` is the lower triangular factor L of the covariance matrix L Lᵀ.
    """

    arg_constraints = {
        "loc": constraints.real_vector,
        "covariance_matrix": constraints.positive_definite,
        "precision_matrix": constraints.positive_definite,
        "scale_tril": constraints.lower_cholesky,
    }
    support = constraints.real_vector
    has_rsample = True

    def __init__(
        self,
        loc: Tensor,
        covariance_matrix: Tensor | None = None,
        precision_matrix: Tensor | None = None,
        scale_tril: Tensor | None = None,
        validate_args: bool | None = None,
    ) -> None:
        if loc.ndim < 1:
            raise ValueError("loc must be at least one-dimensional.")
        given = {
            "covariance_matrix": covariance_matrix,
            "scale_tril": scale_tril,
            "precision_matrix": precision_matrix,
        }
        matrices = {name: matrix for name, matrix in given.items() if matrix is not None}
        if len(matrices) != 1:
            raise ValueError(
                "Exactly one of covariance_matrix or precision_matrix or scale_tril may be specified."
            )
        ((name, matrix),) = matrices.items()
        if matrix.ndim < 2:
            raise ValueError(
                f"{name} must be at least two-dimensional, with optional leading batch dimensions"
            )
        batch = Size(xp.broadcast_shapes(matrix.shape[:-2], loc.shape[:-1]))
        setattr(self, name, matrix.expand(batch + matrix.shape[-2:]))
        self.loc = loc.expand(batch + loc.shape[-1:])
        super().__init__(batch, loc.shape[-1:], validate_args)
        self._factor = self._factorized(name, matrix)

    @staticmethod
    def _factorized(name: str, matrix: Tensor) -> Tensor:
        """L, from whichever matrix was given."""
        if name == "scale_tril":
            return matrix
        if name == "covariance_matrix":
            return linalg.cholesky(matrix)
        # P = F Fᵀ for an upper triangular F, found as the factor of P read backwards; then L = F⁻ᵀ.
        backwards = linalg.cholesky(matrix.flip((-2, -1)))
        factor = backwards.flip((-2, -1)).mT
        identity = eye(matrix.shape[-1], dtype=matrix.dtype, device=matrix.device)
        return linalg.solve_triangular(factor, identity, upper=False)

    def expand(self, batch_shape: Any) -> Distribution:
        new = super().expand(batch_shape)
        new._factor = self._factor  # type: ignore[attr-defined]  # it broadcasts
        return new

    @lazy_property
    def scale_tril(self) -> Tensor:
        return self._factor.expand(self._batch_shape + self._event_shape * 2)

    @lazy_property
    def covariance_matrix(self) -> Tensor:
        return (self._factor @ self._factor.mT).expand(self._batch_shape + self._event_shape * 2)

    @lazy_property
    def precision_matrix(self) -> Tensor:
        return linalg.inv(self.covariance_matrix)

    @property
    def mean(self) -> Tensor:
        return self.loc

    @property
    def mode(self) -> Tensor:
        return self.loc

    @property
    def variance(self) -> Tensor:
        return (self._factor**2).sum(-1).expand(self._batch_shape + self._event_shape)

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        noise = randn(self._extended_shape(sample_shape), dtype=self.loc.dtype, device=self.loc.device)
        return self.loc + (self._factor @ noise.unsqueeze(-1)).squeeze(-1)

    def log_prob(self, value: Tensor) -> Tensor:
        self._validate_sample(value)
        difference = (value - self.loc).unsqueeze(-1)
        whitened = linalg.solve_triangular(self._factor, difference, upper=False).squeeze(-1)
        size = self._event_shape[0]
        return -0.5 * (size * math.log(2 * math.pi) + (whitened**2).sum(-1)) - self._half_log_det()

    def _half_log_det(self) -> Tensor:
        return self._factor.diagonal(dim1=-2, dim2=-1).log().sum(-1)

    def entropy(self) -> Tensor:
        entropy = 0.5 * self._event_shape[0] * (1 + math.log(2 * math.pi)) + self._half_log_det()
        return entropy.expand(self._batch_shape)
