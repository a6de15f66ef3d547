"""Values of an image at places between its pixels, and the places of an affine transformation.

Places are given from -1 to 1, x first: the outer edges of the image or, with align_corners, the middles of
its outermost pixels.

Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.grid_sample.html
"""

from __future__ import annotations

import functools
import itertools
import operator
import warnings
from collections.abc import Sequence
from typing import Any

from gradviz.engine.backend import Array, beside, xp
from gradviz.engine.ops.indexing import Index
from gradviz.engine.tensor import Tensor, wrap

MODES = ("bilinear", "nearest", "bicubic")
PADDING_MODES = ("zeros", "border", "reflection")
Tap = tuple[Array, Array, Any]  # a neighbour along one dimension: its index, whether it is inside, its weight


def _warned(align_corners: bool | None) -> bool:
    if align_corners is None:
        warnings.warn(
            "Default grid_sample and affine_grid behavior has changed to align_corners=False since 1.3.0. "
            "Please specify align_corners=True if the old behavior is desired. See the documentation of "
            "grid_sample for details.",
            stacklevel=3,
        )
    return bool(align_corners)


def affine_grid(theta: Tensor, size: Sequence[int], align_corners: bool | None = None) -> Tensor:
    """The places (N, *spatial, d) at which an output of `size` (N, C, *spatial) finds its values.

    theta holds an affine matrix for each sample, (N, 2, 3) for images and (N, 3, 4) for volumes.
    """
    aligned = _warned(align_corners)
    dims = len(size) - 2
    if not theta.is_floating_point():
        raise ValueError(f"Expected theta to have floating point type, but got {theta.dtype}")
    if dims not in (2, 3):
        raise NotImplementedError(
            "affine_grid only supports 4D and 5D sizes, for 2D and 3D affine transforms, respectively. Got "
            f"size {size}."
        )
    if theta.ndim != 3 or tuple(theta.shape[1:]) != (dims, dims + 1):
        raise ValueError(
            f"Expected a batch of {dims}D affine matrices of shape Nx{dims}x{dims + 1} for size {size}. Got "
            f"{theta.shape}."
        )
    if min(size) <= 0:
        raise ValueError(f"Expected non-zero, positive output size. Got {size}")
    spatial = tuple(size[2:])
    kind = theta.array.dtype
    ends = [1.0 if aligned else (n - 1) / n for n in spatial]
    lines = [
        xp.linspace(-end, end, n) if n > 1 else xp.zeros(1) for n, end in zip(spatial, ends, strict=True)
    ]
    places = [*reversed(xp.meshgrid(*lines, indexing="ij")), xp.ones(spatial)]
    base = xp.stack(places, -1).reshape(1, -1, dims + 1).astype(kind)
    grid = wrap(beside(xp.repeat(base, size[0], 0), theta.array)).bmm(theta.transpose(1, 2))
    return grid.view(size[0], *spatial, dims)


def grid_sample(
    input: Tensor,
    grid: Tensor,
    mode: str = "bilinear",
    padding_mode: str = "zeros",
    align_corners: bool | None = None,
) -> Tensor:
    """The values (N, C, *out) of the input (N, C, *spatial) at the places `grid` (N, *out, d).

    Modes: "bilinear" (over volumes too), "nearest", "bicubic" (images only); outside the input: "zeros",
    "border" (the outermost values) or "reflection".
    """
    name = "nn.functional.grid_sample(): expected"
    if mode not in MODES:
        raise ValueError(f"{name} mode to be 'bilinear', 'nearest' or 'bicubic', but got: '{mode}'")
    if padding_mode not in PADDING_MODES:
        raise ValueError(
            f"{name} padding_mode to be 'zeros', 'border', or 'reflection', but got: '{padding_mode}'"
        )
    aligned = _warned(align_corners)
    _check(input, grid, mode)
    dims = input.ndim - 2
    sizes = tuple(input.shape[2:])
    taps = [
        _taps(grid[..., dims - 1 - axis], n, mode, padding_mode, aligned) for axis, n in enumerate(sizes)
    ]  # x, the first number of a place, belongs to the last dimension
    samples = xp.arange(input.shape[0], like=input.array).reshape(-1, *[1] * dims)
    pixels = input.permute(0, *range(2, dims + 2), 1)
    parts = []
    for neighbours in itertools.product(*taps):
        index = (samples, *(where for where, _, _ in neighbours))
        inside = functools.reduce(operator.and_, (ok for _, ok, _ in neighbours))
        weight = functools.reduce(operator.mul, (share for _, _, share in neighbours))
        parts.append(Index(index)(pixels).masked_fill(wrap(~inside[..., None]), 0.0) * weight.unsqueeze(-1))
    total = functools.reduce(operator.add, parts)
    return total.permute(0, dims + 1, *range(1, dims + 1))


def _check(input: Tensor, grid: Tensor, mode: str) -> None:
    if input.ndim not in (4, 5) or input.ndim != grid.ndim:
        raise RuntimeError(
            "grid_sampler(): expected 4D or 5D input and grid with same number of dimensions, but got input "
            f"with sizes {list(input.shape)} and grid with sizes {list(grid.shape)}"
        )
    if input.shape[0] != grid.shape[0]:
        raise RuntimeError(
            "grid_sampler(): expected grid and input to have same batch size, but got input with sizes "
            f"{list(input.shape)} and grid with sizes {list(grid.shape)}"
        )
    if grid.shape[-1] != input.ndim - 2:
        raise RuntimeError(
            f"grid_sampler(): expected grid to have size {input.ndim - 2} in last dimension, but got grid "
            f"with sizes {list(grid.shape)}"
        )
    if mode == "bicubic" and input.ndim != 4:
        raise RuntimeError("grid_sampler(): bicubic interpolation only supports 4D input")
    if input.dtype != grid.dtype:
        raise RuntimeError(
            f"expected scalar type {input.dtype.scalar_name} but found {grid.dtype.scalar_name}"
        )


def _taps(place: Tensor, n: int, mode: str, padding_mode: str, aligned: bool) -> list[Tap]:
    """The neighbours of every place along a dimension of n elements."""
    # Within each piece the position is place · slope + shift: only this much of it has a gradient.
    slope, shift = ((n - 1) / 2, (n - 1) / 2) if aligned else (n / 2, (n - 1) / 2)
    position = place.array * slope + shift
    if mode != "bicubic":  # which pads its neighbours instead
        kept, sign = _padded(position, n, padding_mode, aligned)
        at = place * wrap((sign * slope).astype(position.dtype))
        at = at + wrap((kept - at.array).astype(position.dtype))
    else:
        at = place * slope + shift
    if mode == "nearest":
        where = xp.rint(at.array)
        return [_tap(where, n, wrap(xp.ones_like(where)))]
    left = xp.floor(at.array)
    t = at - wrap(left)
    if mode == "bilinear":
        return [_tap(left, n, 1 - t), _tap(left + 1, n, t)]
    shares = (_far(t + 1), _near(t), _near(1 - t), _far(2 - t))
    return [
        _tap(_padded(left + offset, n, padding_mode, aligned)[0], n, share)
        for offset, share in zip((-1, 0, 1, 2), shares, strict=True)
    ]


def _near(d: Tensor, a: float = -0.75) -> Tensor:
    """The cubic convolution kernel (Keys, 1981) at distances up to 1."""
    return ((a + 2) * d - (a + 3)) * d * d + 1


def _far(d: Tensor, a: float = -0.75) -> Tensor:
    """The cubic convolution kernel at distances from 1 to 2."""
    return ((a * d - 5 * a) * d + 8 * a) * d - 4 * a


def _tap(where: Array, n: int, share: Tensor) -> Tap:
    inside = (where >= 0) & (where <= n - 1)
    return xp.where(inside, where, 0).astype(xp.int64), inside, share


def _padded(position: Array, n: int, padding_mode: str, aligned: bool) -> tuple[Array, Array]:
    """Positions moved into the input, and the sign with which they follow the place (0: they do not)."""
    sign = xp.ones_like(position)
    if padding_mode == "zeros":
        return position, sign
    if padding_mode == "reflection":
        low, span = (0.0, n - 1.0) if aligned else (-0.5, float(n))
        if not span:
            return xp.zeros_like(position), xp.zeros_like(position)
        distance = abs(position - low)
        times, rest = xp.floor(distance / span), xp.fmod(distance, span)
        back = times % 2 == 1
        sign = xp.where(position < low, -1.0, 1.0) * xp.where(back, -1.0, 1.0)
        position = xp.where(back, span - rest, rest) + low
    inside = (position > 0) & (position < n - 1)
    return xp.clip(position, 0, n - 1), sign * inside
