"""Differences, slopes and integrals of sampled functions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gradviz.engine.dtypes import bool_
from gradviz.engine.ops.joining import cat
from gradviz.engine.ops.shape import wrap_dim
from gradviz.engine.ops.with_number import div_number, mul_number
from gradviz.engine.registry import publish_alias, tensor_method, torch_function
from gradviz.engine.tensor import Tensor


@torch_function
@tensor_method
def diff(
    input: Tensor, n: int = 1, dim: int = -1, prepend: Tensor | None = None, append: Tensor | None = None
) -> Tensor:
    """Differences of neighbours along `dim`, `n` times over."""
    if not input.ndim:
        raise RuntimeError("diff expects input to be at least one-dimensional")
    if n < 0:
        raise RuntimeError(f"order must be non-negative but got {n}")
    if n == 0:
        return input.new_zeros(input.shape).copy_(input)
    parts = [part for part in (prepend, input, append) if part is not None]
    x = cat(parts, dim) if len(parts) > 1 else input
    for _ in range(min(n, x.shape[dim])):
        count = max(0, x.shape[dim] - 1)
        later, earlier = x.narrow(dim, x.shape[dim] - count, count), x.narrow(dim, 0, count)
        x = later ^ earlier if x.dtype is bool_ else later - earlier
    return x


@torch_function
def trapezoid(y: Tensor, x: Tensor | None = None, *, dx: float = 1, dim: int = -1) -> Tensor:
    """The integral along `dim` by the trapezoid rule, for samples at `x` or `dx` apart."""
    if x is not None:
        left, right, widths = _intervals(y, x, dim)
        return div_number(((left + right) * widths).sum(dim), 2.0)
    if not y.shape[wrap_dim(dim, y.ndim)]:
        return y.sum(dim)
    ends = y.select(dim, 0) + y.select(dim, -1)
    return mul_number(y.sum(dim) - mul_number(ends, 0.5), dx)


@torch_function
def cumulative_trapezoid(y: Tensor, x: Tensor | None = None, *, dx: float = 1, dim: int = -1) -> Tensor:
    """The running integral along `dim` by the trapezoid rule: one element less than `y`."""
    if x is not None:
        left, right, widths = _intervals(y, x, dim)
        return div_number(((left + right) * widths).cumsum(dim), 2.0)
    left, right = _neighbours(y, dim)
    return mul_number(left + right, dx / 2.0).cumsum(dim)


def _neighbours(y: Tensor, dim: int) -> tuple[Tensor, Tensor]:
    count = y.shape[wrap_dim(dim, y.ndim)] - 1
    return y.narrow(dim, 0, count), y.narrow(dim, 1, count)


def _intervals(y: Tensor, x: Tensor, dim: int) -> tuple[Tensor, Tensor, Tensor]:
    """The samples at both ends of every interval, and its width."""
    if not x.ndim or not y.ndim:
        raise IndexError("Dimension specified as -1 but tensor has no dimensions")
    axis = wrap_dim(dim, y.ndim)
    if x.ndim == 1:
        if x.shape[0] != y.shape[axis]:
            raise RuntimeError(
                "trapezoid: There must be one `x` value for each sample point. "
                f"Expected {y.shape[axis]}, got {x.shape[0]}"
            )
        x = x.reshape([-1 if a == axis else 1 for a in range(y.ndim)])
    else:
        x = x if x.ndim == y.ndim else x.reshape([1] * (y.ndim - x.ndim) + list(x.shape))
    return *_neighbours(y, axis), x.diff(dim=axis)


@torch_function
def gradient(
    input: Tensor, *, spacing: Any = None, dim: int | Sequence[int] | None = None, edge_order: int = 1
) -> tuple[Tensor, ...]:
    """The slopes along every dimension in `dim` (all by default), by central differences.

    `spacing` is a step, a step per dimension, or the coordinates of the samples per dimension. At the ends
    the slope is estimated with `edge_order` 1 or 2.
    """
    axes = range(input.ndim) if dim is None else [dim] if isinstance(dim, int) else dim
    axes = [wrap_dim(a, input.ndim) for a in axes]
    if len(set(axes)) != len(axes):
        repeated = next(a for a in axes if axes.count(a) > 1)
        raise RuntimeError(f"dim {repeated} appears multiple times in the list of dims")
    if edge_order not in (1, 2):
        raise RuntimeError("torch.gradient only supports edge_order=1 and edge_order=2.")
    spacing = 1 if spacing is None else spacing
    spacings = list(spacing) if isinstance(spacing, (list, tuple)) else [spacing] * len(axes)
    if len(spacings) != len(axes):
        raise RuntimeError(
            "torch.gradient expected spacing to be unspecified, a scalar or a list of length "
            f"{len(axes)}, but got a list of length {len(spacings)}"
        )
    for a in axes:
        if input.shape[a] < edge_order + 1:
            raise RuntimeError("torch.gradient expected each dimension size to be at least edge_order+1")
    slope = _slope_at_coordinates if isinstance(spacings[0], Tensor) and spacings[0].ndim else _slope
    return tuple(slope(input, a, h, edge_order) for a, h in zip(axes, spacings, strict=True))


def _slope(y: Tensor, axis: int, step: Any, edge_order: int) -> Tensor:
    n = y.shape[axis]
    middle = (y.narrow(axis, 2, n - 2) - y.narrow(axis, 0, n - 2)) / 2.0 / step if n > 2 else None
    if edge_order == 1:
        first = (y.narrow(axis, 1, 1) - y.narrow(axis, 0, 1)) / step
        last = (y.narrow(axis, n - 1, 1) - y.narrow(axis, n - 2, 1)) / step
    else:
        first, last = (
            _three_point_slope([y.narrow(axis, abs(end + i), 1) for i in range(3)], sign) / step
            for end, sign in ((0, 1), (1 - n, -1))
        )
    return cat([part for part in (first, middle, last) if part is not None], axis)


def _three_point_slope(values: list[Tensor], sign: int) -> Tensor:
    return (values[0] * -1.5 + values[1] * 2 - values[2] * 0.5) * sign


def _slope_at_coordinates(y: Tensor, axis: int, at: Tensor, edge_order: int) -> Tensor:
    n = y.shape[axis]
    steps = at.diff().reshape([-1 if a == axis else 1 for a in range(y.ndim)])
    slopes = y.diff(dim=axis) / steps
    before, after = steps.narrow(axis, 0, n - 2), steps.narrow(axis, 1, n - 2)
    left, right = slopes.narrow(axis, 0, n - 2), slopes.narrow(axis, 1, n - 2)
    middle = (left * after + right * before) / (before + after)
    first, last = slopes.narrow(axis, 0, 1), slopes.narrow(axis, n - 2, 1)
    if edge_order == 2:
        bend = (right - left) / (before + after)
        first = first - bend.narrow(axis, 0, 1) * steps.narrow(axis, 0, 1)
        last = last + bend.narrow(axis, n - 3, 1) * steps.narrow(axis, n - 2, 1)
    return cat([first, middle, last], axis)


publish_alias("trapz", trapezoid)
