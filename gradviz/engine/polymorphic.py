"""What backward formulas use beside operators: functions that take arrays and Tensors alike."""

from __future__ import annotations

from typing import Any

from gradviz.engine.backend import Array, asarray, beside, xp
from gradviz.engine.tensor import Tensor, wrap


def plain(x: Any) -> Any:
    """The array of a Tensor, anything else as it is: for conditions, which have no gradient."""
    return x.array if isinstance(x, Tensor) else x


def masked(values: Any, keep: Array) -> Any:
    """`values` (array or Tensor) where `keep`, else 0, also where a value is infinite or NaN."""
    if isinstance(values, Tensor):
        return values.masked_fill(wrap(beside(asarray(~keep), values.array)), 0.0)
    return xp.where(keep, values, values.dtype.type(0))


def zeros_as(g: Any) -> Any:
    """A gradient of zeros in the shape of `g`, also where `g` is infinite or NaN."""
    return wrap(xp.zeros_like(g.array)) if isinstance(g, Tensor) else xp.zeros_like(g)


def exp(x: Any) -> Any:
    return x.exp() if isinstance(x, Tensor) else xp.exp(x)


def log(x: Any) -> Any:
    return x.log() if isinstance(x, Tensor) else xp.log(x)


def sigmoid_of(x: Any) -> Any:
    return x.sigmoid() if isinstance(x, Tensor) else 1 / (1 + xp.exp(-x))


def tanh_of(x: Any) -> Any:
    return x.tanh() if isinstance(x, Tensor) else xp.tanh(x)


def expanded(g: Any, shape: tuple[int, ...]) -> Any:
    """`g` broadcast to `shape`, without copying."""
    return g.expand(shape) if isinstance(g, Tensor) else xp.broadcast_to(g, shape)


def spread(g: Any, shape: tuple[int, ...], axes: tuple[int, ...] | None, keepdim: bool) -> Any:
    """A reduction's output or gradient with reduced dimensions back as size 1, to broadcast to `shape`."""
    if keepdim or axes is None:
        return g
    return g.reshape(tuple(1 if i in axes else n for i, n in enumerate(shape)))


def sum_to(g: Any, shape: tuple[int, ...]) -> Any:
    """Sums over the axes along which `shape` was broadcast to the shape of `g` (array or Tensor)."""
    if tuple(g.shape) == shape:
        return g
    extra = g.ndim - len(shape)
    if tuple(g.shape[extra:]) == shape:  # as a bias was broadcast
        return g.sum(tuple(range(extra)))
    axes = tuple(range(extra)) + tuple(
        i + extra for i, n in enumerate(shape) if n == 1 and g.shape[i + extra] != 1
    )
    return g.sum(axes).reshape(shape)
