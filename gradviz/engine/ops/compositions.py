"""Functions made of several operations."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

from gradviz.engine.ops.comparison import isnan
from gradviz.engine.ops.joining import cat
from gradviz.engine.ops.masking import masked_fill
from gradviz.engine.ops.reduction import Dims
from gradviz.engine.ops.shape import wrap_dim
from gradviz.engine.registry import numpy_names, tensor_method, torch_function
from gradviz.engine.tensor import Tensor


@torch_function
@tensor_method
@numpy_names
def nansum(input: Tensor, dim: Dims = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """The sum over `dim`, NaN counting as 0."""
    return masked_fill(input, isnan(input), 0.0).sum(dim, keepdim, dtype=dtype)


@torch_function
@tensor_method
@numpy_names
def nanmean(input: Tensor, dim: Dims = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """The mean over `dim` of what is not NaN."""
    return nansum(input, dim, keepdim, dtype=dtype) / (~isnan(input)).sum(dim, keepdim)


@torch_function
def cdist(x1: Tensor, x2: Tensor, p: float = 2.0, compute_mode: Any = None) -> Tensor:
    """The distances of all pairs of rows: (…, n, d) and (…, m, d) give (…, n, m)."""
    return (x1.unsqueeze(-2) - x2.unsqueeze(-3)).norm(p, -1)


@torch_function
def tensordot(a: Tensor, b: Tensor, dims: Any = 2) -> Tensor:
    """Products summed over the last `dims` dimensions of `a` and the first of `b`, or over two lists."""
    if isinstance(dims, int):
        left, right = list(range(a.ndim - dims, a.ndim)), list(range(dims))
    else:
        left, right = [wrap_dim(d, a.ndim) for d in dims[0]], [wrap_dim(d, b.ndim) for d in dims[1]]
    for i, j in zip(left, right, strict=True):  # a size of 1 on one side is broadcast: the other is summed
        if a.shape[i] == 1:
            b = b.sum(j, keepdim=True)
        elif b.shape[j] == 1:
            a = a.sum(i, keepdim=True)
        elif a.shape[i] != b.shape[j]:
            raise RuntimeError(
                "contracted dimensions need to match, but first has size "
                f"{a.shape[i]} in dim {i} and second has size {b.shape[j]} in dim {j}"
            )
    rows = [d for d in range(a.ndim) if d not in left]
    columns = [d for d in range(b.ndim) if d not in right]
    count = prod(a.shape[d] for d in left)
    n, p = prod(a.shape[d] for d in rows), prod(b.shape[d] for d in columns)
    product = a.permute(rows + left).reshape(n, count) @ b.permute(right + columns).reshape(count, p)
    return product.reshape([a.shape[d] for d in rows] + [b.shape[d] for d in columns])


@torch_function
@tensor_method
def diff(
    input: Tensor, n: int = 1, dim: int = -1, prepend: Tensor | None = None, append: Tensor | None = None
) -> Tensor:
    """Differences of neighbours along `dim`, `n` times over."""
    if n < 0:
        raise RuntimeError(f"order must be non-negative but got {n}")
    parts = [part for part in (prepend, input, append) if part is not None]
    x = cat(parts, dim) if len(parts) > 1 and n else input
    for _ in range(n):
        count = max(0, x.shape[dim] - 1)
        x = x.narrow(dim, x.shape[dim] - count, count) - x.narrow(dim, 0, count)
    return x


@torch_function
def atleast_1d(*tensors: Any) -> Any:
    """With at least one dimension; of several tensors (or a list of them) a tuple."""
    return _each(lambda x: x.reshape(1) if x.ndim == 0 else x, tensors)


@torch_function
def atleast_2d(*tensors: Any) -> Any:
    """With at least two dimensions, new ones in front; of several tensors (or a list of them) a tuple."""
    return _each(lambda x: x.reshape(1, -1) if x.ndim < 2 else x, tensors)


def _each(function: Callable[[Tensor], Tensor], tensors: tuple) -> Any:
    """The function of a single tensor, or of every one of several."""
    if len(tensors) == 1 and isinstance(tensors[0], Tensor):
        return function(tensors[0])
    return tuple(function(x) for x in (tensors[0] if len(tensors) == 1 else tensors))
