"""Means and norms of windows, over (N, C, *spatial) or (C, *spatial).

Source: https://docs.pytorch.org/docs/stable/nn.functional.html#pooling-functions
"""

from __future__ import annotations

import math
from collections.abc import Callable

from gradviz.engine.nn.functional.convolution import Size, sizes
from gradviz.engine.nn.functional.max_pooling import max_pool1d, max_pool2d, max_pool3d
from gradviz.engine.nn.functional.pooling_windows import Wanted, as_image, grid, row, single, window
from gradviz.engine.ops.activation import relu
from gradviz.engine.ops.pooling import AdaptiveAvgPool, AvgPool
from gradviz.engine.ops.windows import Sizes
from gradviz.engine.registry import torch_function
from gradviz.engine.tensor import Tensor


@torch_function
def avg_pool1d(
    input: Tensor,
    kernel_size: Size,
    stride: Size | None = None,
    padding: Size = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Tensor:
    """The mean of every window of (N, C, L)."""
    kernel, steps = row(kernel_size, 1), None if stride is None else row(stride, 1)
    settings = (kernel, steps, row(padding, 0), ceil_mode, count_include_pad)
    return as_image(lambda image: avg_pool2d(image, *settings), input, "avg_pool1d")  # type: ignore[return-value]


def _average(
    input: Tensor,
    kernel: Sizes,
    stride: Size | None,
    padding: Size,
    ceil_mode: bool,
    count_include_pad: bool,
    divisor_override: int | None,
) -> Tensor:
    if divisor_override == 0:
        raise RuntimeError("divisor must be not zero")
    moving = window(input, kernel, stride, padding, 1, ceil_mode)
    return AvgPool(moving, count_include_pad, divisor_override)(input)


def avg_pool2d(
    input: Tensor,
    kernel_size: Size,
    stride: Size | None = None,
    padding: Size = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Tensor:
    """The mean of every window of (N, C, H, W), with or without counting the padding's zeros.

    `ceil_mode` keeps a last window that is cut off; `divisor_override` divides the sums by another number.
    """
    settings = (padding, ceil_mode, count_include_pad, divisor_override)
    return _average(input, sizes(kernel_size, 2), stride, *settings)


def avg_pool3d(
    input: Tensor,
    kernel_size: Size,
    stride: Size | None = None,
    padding: Size = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Tensor:
    """The mean of every window of (N, C, D, H, W), as `avg_pool2d`."""
    settings = (padding, ceil_mode, count_include_pad, divisor_override)
    return _average(input, sizes(kernel_size, 3), stride, *settings)


def _adaptive_average(input: Tensor, output_size: Wanted, dims: int) -> Tensor:
    size = grid(input, output_size, dims, f"adaptive_avg_pool{dims}d")
    if size == (1,) * dims:  # torch takes the plain mean then, as a node of its own
        return input.mean(tuple(range(-1, -dims - 1, -1)), keepdim=True)
    return AdaptiveAvgPool(size, tuple(input.shape[-dims:]))(input)


@torch_function
def adaptive_avg_pool1d(input: Tensor, output_size: Size) -> Tensor:
    """Means over a row of `output_size` windows of (N, C, L)."""
    size = single(output_size, "adaptive_avg_pool1d")
    return as_image(lambda image: adaptive_avg_pool2d(image, size), input, "adaptive_avg_pool1d")  # type: ignore[return-value]


def adaptive_avg_pool2d(input: Tensor, output_size: Wanted) -> Tensor:
    """Means over a grid of `output_size` windows of (N, C, H, W); None keeps that dimension's size."""
    return _adaptive_average(input, output_size, 2)


def adaptive_avg_pool3d(input: Tensor, output_size: Wanted) -> Tensor:
    """Means over a grid of `output_size` windows of (N, C, D, H, W); None keeps that dimension's size."""
    return _adaptive_average(input, output_size, 3)


# -- the norm ------------------------------------------------------------------------------------------


def _norm(
    pools: tuple[Callable, Callable], input: Tensor, p: float, kernel: Sizes, *settings: object
) -> Tensor:
    """The p-norm of every window, from the mean of the powers; of infinite p the largest (or smallest)."""
    average, maximum = pools
    stride, ceil_mode = settings
    if math.isinf(p):
        sign = 1 if p > 0 else -1
        return sign * maximum(sign * input.abs(), kernel, stride, 0, 1, ceil_mode)
    out = average(input.pow(p), kernel, stride, 0, ceil_mode)
    return (out.sign() * relu(out.abs())).mul(math.prod(kernel)).pow(1.0 / p)


def lp_pool1d(
    input: Tensor, norm_type: float, kernel_size: int, stride: Size | None = None, ceil_mode: bool = False
) -> Tensor:
    """(Σ x^p)^(1/p) of every window of (N, C, L)."""
    return _norm((avg_pool1d, max_pool1d), input, norm_type, sizes(kernel_size, 1), stride, ceil_mode)


def lp_pool2d(
    input: Tensor, norm_type: float, kernel_size: Size, stride: Size | None = None, ceil_mode: bool = False
) -> Tensor:
    """(Σ x^p)^(1/p) of every window of (N, C, H, W)."""
    return _norm((avg_pool2d, max_pool2d), input, norm_type, sizes(kernel_size, 2), stride, ceil_mode)


def lp_pool3d(
    input: Tensor, norm_type: float, kernel_size: Size, stride: Size | None = None, ceil_mode: bool = False
) -> Tensor:
    """(Σ x^p)^(1/p) of every window of (N, C, D, H, W)."""
    return _norm((avg_pool3d, max_pool3d), input, norm_type, sizes(kernel_size, 3), stride, ceil_mode)
