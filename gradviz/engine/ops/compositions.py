"""Functions made of several operations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradviz.engine.ops.joining import cat
from gradviz.engine.ops.rearranging import flip
from gradviz.engine.registry import publish_alias, torch_function
from gradviz.engine.tensor import Tensor


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


def vander(x: Tensor, N: int | None = None) -> Tensor:
    """The powers 0 to N - 1 of every element of a vector, as rows (torch.linalg.vander)."""
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
