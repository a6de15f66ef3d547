"""Quantiles: the values below which given shares of the elements lie."""

from __future__ import annotations

from typing import Any

from gradviz.engine.backend import Array, asarray, beside, xp
from gradviz.engine.ops.gathering import gather
from gradviz.engine.ops.masking import masked_fill
from gradviz.engine.ops.shape import flatten, wrap_dim
from gradviz.engine.ops.with_number import mul_number
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
    if dim is None:
        ordered, shape = flatten(input).sort(-1).values, (1,) * input.ndim if keepdim else ()
    else:
        axis = wrap_dim(dim, input.ndim)
        shape = tuple(n if d != axis else 1 for d, n in enumerate(input.shape) if keepdim or d != axis)
        last = axis == input.ndim - 1
        ordered = (input if last else input.unsqueeze(-1).transpose(axis, -1)).sort(-1).values
    ordered = ordered.reshape(*shape, ordered.shape[-1])  # NaN comes last
    missing = xp.isnan(plain(ordered))
    end = ordered.shape[-1] - 1
    if ignore_nan:
        ranks = shares * wrap((end - missing.sum(-1, keepdims=True)).astype(shares.array.dtype))
        ranks = masked_fill(ranks, ranks < 0, 0.0)
    else:
        ranks = mul_number(shares, end)
        ranks = ranks.expand(*shape, -1) if shares.ndim and shape else ranks
        ranks = masked_fill(ranks, wrap(missing.any(-1, keepdims=True)), float(end))
    found = _at_ranks(ordered, ranks, interpolation)
    if shares.ndim:
        found = found.unsqueeze_(0).transpose_(0, -1)
    return found.squeeze_(-1)


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
    weights = wrap(xp.full_like(positions, 0.5)) if interpolation == "midpoint" else ranks - wrap(low)
    return at(low).lerp(at(xp.ceil(positions)), weights)
