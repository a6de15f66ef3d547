"""Distinct elements."""

from __future__ import annotations

from typing import Any

from gradviz.engine.backend import xp
from gradviz.engine.ops.shape import wrap_dim
from gradviz.engine.polymorphic import plain
from gradviz.engine.registry import numpy_names, tensor_method, torch_function
from gradviz.engine.tensor import Tensor, wrap


@torch_function
@tensor_method
@numpy_names
def unique(
    input: Tensor,
    sorted: bool = True,
    return_inverse: bool = False,
    return_counts: bool = False,
    dim: int | None = None,
) -> Any:
    """The distinct elements in order; on demand where each element went and how often each occurs."""
    found = xp.unique(plain(input), return_inverse=True, return_counts=True, axis=dim)
    result = [wrap(found[0])]
    if return_inverse:
        result.append(wrap(found[1].reshape(input.shape if dim is None else -1)))
    if return_counts:
        result.append(wrap(found[2]))
    return result[0] if len(result) == 1 else tuple(result)


@torch_function
@tensor_method
@numpy_names
def unique_consecutive(
    input: Tensor, return_inverse: bool = False, return_counts: bool = False, dim: int | None = None
) -> Any:
    """The elements (or slices along `dim`) without those that equal the one before."""
    x = plain(input)
    rows = x.reshape(-1) if dim is None else xp.moveaxis(x, wrap_dim(dim, x.ndim), 0)
    differs = (rows[1:] != rows[:-1]).any(tuple(range(1, rows.ndim)))
    begins = xp.concatenate([xp.ones(min(len(rows), 1), bool, like=x), differs])
    kept = rows[begins]
    result = [wrap(kept if dim is None else xp.moveaxis(kept, 0, wrap_dim(dim, x.ndim)))]
    if return_inverse:
        inverse = xp.cumsum(begins) - 1
        result.append(wrap(inverse.reshape(x.shape) if dim is None else inverse))
    if return_counts:
        starts = xp.flatnonzero(begins)
        result.append(wrap(xp.diff(xp.concatenate([starts, xp.asarray([len(rows)], like=x)]))))
    return result[0] if len(result) == 1 else tuple(result)
