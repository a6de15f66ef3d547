"""Maxima of windows, and their inverse, over (N, C, *spatial) or (C, *spatial).

Source: https://docs.pytorch.org/docs/stable/nn.functional.html#pooling-functions
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from gradviz.engine import random
from gradviz.engine.backend import beside
from gradviz.engine.nn.functional.convolution import Size, sizes
from gradviz.engine.nn.functional.pooling_windows import Pooled, Wanted, as_image, grid, row, single, window
from gradviz.engine.ops.pooling import AdaptiveMaxPool, FractionalMaxPool, MaxPool, MaxUnpool
from gradviz.engine.ops.windows import Sizes
from gradviz.engine.registry import torch_function
from gradviz.engine.tensor import Tensor

Ratio = float | Sequence[float]


def _check_row(input: Tensor, kernel: int, stride: int, padding: int, dilation: int) -> None:
    """Raises RuntimeError, in max_pool1d's own words, for what does not fit."""
    if input.ndim not in (2, 3) or 0 in input.shape[-2:]:
        raise RuntimeError(
            "max_pool1d: Expected 2D or 3D (batch mode) tensor with optional 0 dim batch size for input, but "
            f"got:{list(input.shape)}"
        )
    for name, value in (("kernel_size", kernel), ("stride", stride), ("dilation", dilation)):
        if value <= 0:
            raise RuntimeError(f"max_pool1d() {name} must be greater than zero, but got {value}")
    if padding < 0:
        raise RuntimeError(f"max_pool1d() padding must be non-negative, but got {padding}")
    reach = dilation * (kernel - 1) + 1
    if padding > reach // 2:
        raise RuntimeError(
            f"max_pool1d() padding should be at most half of kernel size, but got padding={padding} and "
            f"kernel_size={kernel}"
        )
    outputs = (input.shape[-1] + 2 * padding - reach) // stride + 1
    if outputs <= 0:
        raise RuntimeError(f"max_pool1d() Invalid computed output size: {outputs}")


@torch_function
def max_pool1d(
    input: Tensor,
    kernel_size: Size,
    stride: Size | None = None,
    padding: Size = 0,
    dilation: Size = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Pooled:
    """The largest element of every window of (N, C, L)."""
    kernel = row(kernel_size, 1)
    steps = kernel if stride in (None, (), []) else row(stride, 1)  # type: ignore[arg-type]
    if not return_indices:  # torch then has a kernel of its own, with its own words
        _check_row(input, kernel[1], steps[1], sizes(padding, 1)[0], sizes(dilation, 1)[0])
    settings = (kernel, steps, row(padding, 0), row(dilation, 1), ceil_mode, return_indices)
    return as_image(lambda image: max_pool2d(image, *settings), input, "max_pool1d")


@torch_function
def max_pool2d(
    input: Tensor,
    kernel_size: Size,
    stride: Size | None = None,
    padding: Size = 0,
    dilation: Size = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Pooled:
    """The largest element of every window of (N, C, H, W); `ceil_mode` keeps a last one that is cut off."""
    moving = window(input, sizes(kernel_size, 2), stride, padding, dilation, ceil_mode)
    return MaxPool(moving, return_indices)(input)


@torch_function
def max_pool3d(
    input: Tensor,
    kernel_size: Size,
    stride: Size | None = None,
    padding: Size = 0,
    dilation: Size = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Pooled:
    """The largest element of every window of (N, C, D, H, W)."""
    moving = window(input, sizes(kernel_size, 3), stride, padding, dilation, ceil_mode)
    return MaxPool(moving, return_indices)(input)


def adaptive_max_pool1d(input: Tensor, output_size: Size, return_indices: bool = False) -> Pooled:
    """The largest elements of a row of `output_size` windows over (N, C, L)."""
    size = single(output_size, "adaptive_max_pool1d")
    return as_image(
        lambda image: adaptive_max_pool2d(image, size, return_indices), input, "adaptive_max_pool1d"
    )


def adaptive_max_pool2d(input: Tensor, output_size: Wanted, return_indices: bool = False) -> Pooled:
    """The largest elements of a grid of `output_size` windows over (N, C, H, W)."""
    return AdaptiveMaxPool(grid(input, output_size, 2, "adaptive_max_pool2d"), return_indices)(input)


def adaptive_max_pool3d(input: Tensor, output_size: Wanted, return_indices: bool = False) -> Pooled:
    """The largest elements of a grid of `output_size` windows over (N, C, D, H, W)."""
    return AdaptiveMaxPool(grid(input, output_size, 3, "adaptive_max_pool3d"), return_indices)(input)


def _fractional(
    input: Tensor,
    kernel: Sizes,
    output_size: Size | None,
    output_ratio: Ratio | None,
    return_indices: bool,
    samples: Tensor | None,
) -> Pooled:
    dims = len(kernel)
    name = f"fractional_max_pool{dims}d"
    if output_size is None and output_ratio is None:
        raise ValueError(f"{name} requires specifying either an output_size or an output_ratio")
    spatial = tuple(input.shape[-dims:])
    if output_size is None:
        ratios = [output_ratio] * dims if isinstance(output_ratio, float | int) else output_ratio
        size = tuple(int(n * ratio) for n, ratio in zip(spatial, ratios, strict=True))  # type: ignore[arg-type]
    else:
        size = sizes(output_size, dims)
    if input.ndim not in (dims + 1, dims + 2):
        raise RuntimeError(f"{name}(): Expected {dims + 1}D or {dims + 2}D tensor, but got: {input.shape}")
    names = ("time", "height", "width")[-dims:]
    for each, n, parts, k in zip(names, spatial, size, kernel, strict=True):
        if parts + k - 1 > n:
            raise RuntimeError(f"{name}(): pool {each} {k} too large relative to input {each} {n}")
    if samples is None:
        batch = 1 if input.ndim == dims + 1 else input.shape[0]
        drawn = beside(random.rand((batch, input.shape[-dims - 1], dims), input.array.dtype), input.array)
    else:
        drawn = samples.array
    return FractionalMaxPool(
        kernel, size, drawn.reshape(-1, dims)[: math.prod(input.shape[:-dims])], return_indices
    )(input)


def fractional_max_pool2d(
    input: Tensor,
    kernel_size: Size,
    output_size: Size | None = None,
    output_ratio: Ratio | None = None,
    return_indices: bool = False,
    _random_samples: Tensor | None = None,
) -> Pooled:
    """Maxima of as many windows as `output_size` or `output_ratio` says, at random places in (N, C, H, W)."""
    kernel = sizes(kernel_size, 2)
    return _fractional(input, kernel, output_size, output_ratio, return_indices, _random_samples)


def fractional_max_pool3d(
    input: Tensor,
    kernel_size: Size,
    output_size: Size | None = None,
    output_ratio: Ratio | None = None,
    return_indices: bool = False,
    _random_samples: Tensor | None = None,
) -> Pooled:
    """Maxima of windows at random places in (N, C, D, H, W)."""
    kernel = sizes(kernel_size, 3)
    return _fractional(input, kernel, output_size, output_ratio, return_indices, _random_samples)


def _unpool(
    input: Tensor,
    indices: Tensor,
    kernel: Sizes,
    stride: Size | None,
    padding: Size,
    output_size: Sequence[int] | None,
) -> Tensor:
    dims = len(kernel)
    steps, border = kernel if stride is None else sizes(stride, dims), sizes(padding, dims)
    inputs = input.shape[-dims:]
    size = [
        (n - 1) * s + k - 2 * p for n, s, k, p in zip(inputs, steps, kernel, border, strict=True)
    ]  # the smallest plane that pooling makes the input of
    if output_size is not None:
        wanted = list(output_size)[2:] if len(output_size) == dims + 2 else list(output_size)
        if len(wanted) != dims:
            raise ValueError(
                f"output_size should be a sequence containing {dims} or {dims + 2} elements, but it has a "
                f"length of '{len(output_size)}'"
            )
        for d, (n, least, step) in enumerate(zip(wanted, size, steps, strict=True)):
            if not least - step < n < least + step:
                raise ValueError(
                    f'invalid output_size "{wanted}" (dim {d} must be between {least - step} and '
                    f"{least + step})"
                )
        size = wanted
    if indices.array.dtype.kind != "i":
        raise RuntimeError(f"elements in indices should be type int64 but got: {indices.dtype.scalar_name}")
    if indices.shape != input.shape:
        raise RuntimeError(
            f"Expected shape of indices to be same as that of the input tensor ({list(input.shape)}) but got "
            f"indices tensor with shape: {list(indices.shape)}"
        )
    if dims == 1:  # torch unpools it as an image of width 1
        image = MaxUnpool(indices.array[..., None], (size[0], 1))(input.unsqueeze(-1))
        return image.squeeze(-1)
    return MaxUnpool(indices.array, tuple(size))(input)


def max_unpool1d(
    input: Tensor,
    indices: Tensor,
    kernel_size: Size,
    stride: Size | None = None,
    padding: Size = 0,
    output_size: Sequence[int] | None = None,
) -> Tensor:
    """The values of (N, C, L) back where max_pool1d found them, zeros elsewhere."""
    return _unpool(input, indices, sizes(kernel_size, 1), stride, padding, output_size)


def max_unpool2d(
    input: Tensor,
    indices: Tensor,
    kernel_size: Size,
    stride: Size | None = None,
    padding: Size = 0,
    output_size: Sequence[int] | None = None,
) -> Tensor:
    """The values of (N, C, H, W) back where max_pool2d found them, zeros elsewhere."""
    return _unpool(input, indices, sizes(kernel_size, 2), stride, padding, output_size)


def max_unpool3d(
    input: Tensor,
    indices: Tensor,
    kernel_size: Size,
    stride: Size | None = None,
    padding: Size = 0,
    output_size: Sequence[int] | None = None,
) -> Tensor:
    """The values of (N, C, D, H, W) back where max_pool3d found them, zeros elsewhere."""
    return _unpool(input, indices, sizes(kernel_size, 3), stride, padding, output_size)
