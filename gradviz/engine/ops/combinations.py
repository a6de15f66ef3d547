"""Elements of vectors combined with each other: pairs, combinations, powers."""

from __future__ import annotations

import itertools

from gradviz.engine.backend import xp
from gradviz.engine.ops.indexing import index_select
from gradviz.engine.ops.joining import atleast_1d, cat, stack
from gradviz.engine.ops.rearranging import flip, meshgrid
from gradviz.engine.registry import publish_alias, torch_function
from gradviz.engine.tensor import Tensor, wrap


@torch_function
def cartesian_prod(*tensors: Tensor) -> Tensor:
    """All tuples of one element from each vector, as rows."""
    if len(tensors) == 1:
        return tensors[0]
    for x in tensors:
        if x.ndim != 1:
            raise RuntimeError(f"meshgrid expects 1-dimensional vectors, but got {x.ndim}D")
    return stack([grid.reshape(-1) for grid in meshgrid(*tensors, indexing="ij")], 1)


@torch_function
def combinations(input: Tensor, r: int = 2, with_replacement: bool = False) -> Tensor:
    """All combinations of `r` elements of a vector, as rows."""
    if input.ndim != 1:
        raise RuntimeError(f"Expect a 1D vector, but got shape {list(input.shape)}")
    if r < 0:
        raise RuntimeError(f"Expect a non-negative number, but got {r}")
    choose = itertools.combinations_with_replacement if with_replacement else itertools.combinations
    chosen = list(choose(range(len(input)), r))
    if r == 0:
        return input.new_zeros((0,))
    columns = xp.asarray(chosen, "int64", like=input.array).reshape(-1, r)
    return stack([index_select(input, 0, wrap(columns[:, i])) for i in range(r)], 1)


def vander(x: Tensor, N: int | None = None) -> Tensor:
    """The powers 0 to N - 1 of every element of a vector, as rows (torch.linalg.vander)."""
    x = atleast_1d(x)
    count = N if N is not None else x.shape[-1]
    if count <= 1:
        raise RuntimeError("N must be greater than 1.")
    powers = x.unsqueeze(-1).expand(*x.shape, count - 1).cumprod(-1)
    return cat([x.new_ones((*x.shape, 1)), powers], -1)


def _torch_vander(x: Tensor, N: int | None = None, increasing: bool = False) -> Tensor:
    """The powers of every element of a vector, as rows; the highest first unless `increasing`."""
    if x.ndim != 1:
        raise RuntimeError("x must be a one-dimensional tensor.")
    count = len(x) if N is None else N
    if count < 0:
        raise RuntimeError("N must be non-negative.")
    powers = vander(x, count) if count > 1 else x.new_ones((len(x), count))
    return powers if increasing else flip(powers, -1)


publish_alias("vander", _torch_vander)
