"""torch.linalg."""

from __future__ import annotations

from typing import Any

from gradviz.engine.ops import reduction
from gradviz.engine.ops.matmul import matmul
from gradviz.engine.ops.reduction import Dims
from gradviz.engine.ops.solving import det, inverse, solve
from gradviz.engine.tensor import Tensor

inv = inverse


def norm(x: Tensor, ord: Any = None, dim: Dims = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """The vector norm of order `ord` (default 2) over `dim`; of a matrix, "fro" alone."""
    dims = 1 if isinstance(dim, int) or x.ndim == 1 else len(dim) if dim is not None else x.ndim
    if dims == 2 and ord not in (None, "fro"):
        raise NotImplementedError(f"linalg.norm: of the matrix norms 'fro' is supported, but got {ord!r}")
    return reduction.norm(x, 2 if ord is None else ord, dim, keepdim, dtype)


def vector_norm(
    x: Tensor, ord: float = 2, dim: Dims = None, keepdim: bool = False, *, dtype: Any = None
) -> Tensor:
    """The vector norm of order `ord` over `dim`."""
    return reduction.norm(x, ord, dim, keepdim, dtype)


__all__ = ["det", "inv", "matmul", "norm", "solve", "vector_norm"]
