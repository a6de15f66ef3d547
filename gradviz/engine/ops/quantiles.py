"""Quantiles: the values below which given shares of the elements lie."""

from __future__ import annotations

from typing import Any

from gradviz.engine.backend import Array, asarray, beside, xp
from gradviz.engine.ops.gathering import gather
from gradviz.engine.ops.masking import masked_fill
from gradviz.engine.ops.shape import movedim, wrap_dim
from gradviz.engine.polymorphic import plain
from gradviz.engine.registry import numpy_names, tensor_method, torch_function
from gradviz.engine.tensor import Tensor, wrap

INTERPOLATIONS = ("linear", "lower", "higher", "midpoint", "nearest")


@torch_function
@tensor_method
@numpy_names
def quantile(
    input: Tensor,
    q: float | Tensor,
    dim: int | None = None,
    keepdim: bool = False,
    *,
    interpolation: str = "linear",
) -> Tensor:
    """The value below which the share `q` in [0, 1] of the elements along `dim` lies.

    Several shares, a vector `q`, make a new first dimension. Between two elements the result is interpolated:
    "linear", "lower", "higher", "midpoint" or "nearest". NaN where an element is.
    """
    return _quantile(input, q, dim, keepdim, interpolation, ignore_nan=False)


@torch_function
@tensor_method
@numpy_names
def nanquantile(
    input: Tensor,
    q: float | Tensor,
    dim: int | None = None,
    keepdim: bool = False,
    *,
    interpolation: str = "linear",
) -> Tensor:
    """As `quantile`, of the elements that are not NaN."""
    return _quantile(input, q, dim, keepdim, interpolation, ignore_nan=True)


def _quantile(
    input: Tensor, q: Any, dim: int | None, keepdim: bool, interpolation: str, ignore_nan: bool
) -> Tensor:
    shares = _checked(input, q, interpolation)
    rows = input.reshape(-1) if dim is None else movedim(input, dim, -1) if input.ndim else input.reshape(1)
    ordered = rows.sort(-1).values  # NaN comes last
    missing = xp.isnan(plain(ordered))
    last = rows.shape[-1] - 1
    ranks = shares.reshape(-1).expand(*rows.shape[:-1], shares.numel())
    if ignore_nan:
        ranks = (ranks * wrap((last - missing.sum(-1, keepdims=True)).astype(shares.array.dtype))).clamp(
            min=0
        )
    else:
        ranks = masked_fill(ranks * last, wrap(missing.any(-1, keepdims=True)), float(last))
    found = _at_ranks(ordered, ranks, interpolation)
    found = movedim(found, -1, 0) if shares.ndim else found.squeeze(-1)
    if not keepdim:
        return found
    kept = [1] * input.ndim if dim is None else list(input.shape)
    if input.ndim:
        kept[0 if dim is None else wrap_dim(dim, input.ndim)] = 1
    return found.reshape(*shares.shape, *kept)


def _checked(input: Tensor, q: Any, interpolation: str) -> Tensor:
    """The shares as a tensor. Raises RuntimeError for what torch refuses."""
    if input.array.dtype not in ("float32", "float64"):
        raise RuntimeError("quantile() input tensor must be either float or double dtype")
    if interpolation not in INTERPOLATIONS:
        raise RuntimeError(
            "quantile() interpolation must be one of linear, lower, higher, midpoint or nearest, but got "
            f"{interpolation}"
        )
    if not input.numel():
        raise RuntimeError("quantile() input tensor must be non-empty")
    if not isinstance(q, Tensor):
        if not 0 <= q <= 1:
            raise RuntimeError(f"quantile() q must be in the range [0, 1] but got {q:g}")
        return wrap(beside(asarray(q, input.array.dtype), input.array))
    if q.ndim > 1:
        raise RuntimeError("quantile() q must be a scalar or 1D tensor")
    if q.dtype != input.dtype:
        raise RuntimeError("quantile() q tensor must be same dtype as the input tensor")
    if not bool(((q >= 0) & (q <= 1)).all()):
        raise RuntimeError("quantile() q values must be in the range [0, 1]")
    return q


def _at_ranks(ordered: Tensor, ranks: Tensor, interpolation: str) -> Tensor:
    """The elements at fractional positions along the last dimension."""

    def at(positions: Array) -> Tensor:
        return gather(ordered, -1, wrap(positions.astype("int64")))

    positions = plain(ranks)
    if interpolation in ("lower", "higher", "nearest"):
        rounded = {"lower": xp.floor, "higher": xp.ceil, "nearest": xp.round}[interpolation]
        return at(rounded(positions))
    low = xp.floor(positions)
    weights = 0.5 if interpolation == "midpoint" else ranks - wrap(low)
    return at(low).lerp(at(xp.ceil(positions)), weights)
