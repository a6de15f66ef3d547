"""Convolution and pooling with the arguments of torch.nn.functional."""

from __future__ import annotations

from gradviz.engine.ops.convolution import convolution
from gradviz.engine.ops.pooling import AdaptiveAvgPool2D, AvgPool2D, MaxPool2DWithIndices
from gradviz.engine.ops.transposed_convolution import transposed_convolution
from gradviz.engine.ops.windows import Window
from gradviz.engine.tensor import Tensor

Size = int | tuple[int, ...]


def sizes(value: Size, count: int) -> tuple[int, ...]:
    """One number for every spatial dimension; a single one stands for all."""
    if isinstance(value, int):
        return (value,) * count
    if len(value) not in (1, count):
        raise RuntimeError(f"expected 1 or {count} sizes, one for every spatial dimension, got {list(value)}")
    return tuple(value) * (count // len(value))


def conv1d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Size = 1,
    padding: Size | str = 0,
    dilation: Size = 1,
    groups: int = 1,
) -> Tensor:
    """Shapes: input (N, C, L) or (C, L), weight (O, C/groups, k), bias (O,)."""
    width = padding if isinstance(padding, str) else sizes(padding, 1)
    return convolution(input, weight, bias, sizes(stride, 1), width, sizes(dilation, 1), groups)


def conv2d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Size = 1,
    padding: Size | str = 0,
    dilation: Size = 1,
    groups: int = 1,
) -> Tensor:
    """Shapes: input (N, C, H, W) or (C, H, W), weight (O, C/groups, kH, kW), bias (O,)."""
    width = padding if isinstance(padding, str) else sizes(padding, 2)
    return convolution(input, weight, bias, sizes(stride, 2), width, sizes(dilation, 2), groups)


def conv_transpose1d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Size = 1,
    padding: Size = 0,
    output_padding: Size = 0,
    groups: int = 1,
    dilation: Size = 1,
) -> Tensor:
    """Shapes: input (N, C, L) or (C, L), weight (C, O/groups, k), bias (O,)."""
    steps = [sizes(value, 1) for value in (stride, padding, output_padding, dilation)]
    return transposed_convolution(input, weight, bias, *steps, groups)


def conv_transpose2d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Size = 1,
    padding: Size = 0,
    output_padding: Size = 0,
    groups: int = 1,
    dilation: Size = 1,
) -> Tensor:
    """Shapes: input (N, C, H, W) or (C, H, W), weight (C, O/groups, kH, kW), bias (O,)."""
    steps = [sizes(value, 2) for value in (stride, padding, output_padding, dilation)]
    return transposed_convolution(input, weight, bias, *steps, groups)


def _images(input: Tensor, name: str) -> Tensor:
    """The input with a batch dimension."""
    if input.ndim not in (3, 4):
        raise RuntimeError(
            f"non-empty 3D or 4D (batch mode) tensor expected for input, but {name} got {list(input.shape)}"
        )
    return input.unsqueeze(0) if input.ndim == 3 else input


def _pooled(out: Tensor, input: Tensor) -> Tensor:
    return out.squeeze(0) if input.ndim == 3 else out


def max_pool2d(
    input: Tensor,
    kernel_size: Size,
    stride: Size | None = None,
    padding: Size = 0,
    dilation: Size = 1,
    ceil_mode: bool = False,
) -> Tensor:
    """The largest element of every window of (N, C, H, W); `ceil_mode` keeps a last one that is cut off."""
    images = _images(input, "max_pool2d")
    kernel = sizes(kernel_size, 2)
    window = Window(kernel, sizes(stride or kernel, 2), sizes(padding, 2), sizes(dilation, 2))
    if any(2 * pad > size for pad, size in zip(window.padding, kernel, strict=True)):
        raise RuntimeError(
            f"pad should be at most half of effective kernel size, but got pad={window.padding[0]} and "
            f"kernel_size={kernel[0]}"
        )
    if ceil_mode:
        window = window.rounded_up(images.shape[2:])
    return _pooled(MaxPool2DWithIndices(window)(images), input)


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
    images, kernel = _images(input, "avg_pool2d"), sizes(kernel_size, 2)
    window = Window(kernel, sizes(stride or kernel, 2), sizes(padding, 2), (1, 1))
    if ceil_mode:
        window = window.rounded_up(images.shape[2:])
    return _pooled(AvgPool2D(window, count_include_pad, divisor_override)(images), input)


def adaptive_avg_pool2d(input: Tensor, output_size: int | tuple[int | None, ...] | None) -> Tensor:
    """Means over a grid of `output_size` windows; None keeps that dimension's size."""
    images = _images(input, "adaptive_avg_pool2d")
    wanted = output_size if isinstance(output_size, tuple | list) else (output_size, output_size)
    grid = [n if size is None else size for n, size in zip(images.shape[2:], wanted, strict=True)]
    if tuple(grid) == (1, 1):  # torch takes the plain mean then, as a node of its own
        return _pooled(images.mean((-1, -2), keepdim=True), input)
    return _pooled(AdaptiveAvgPool2D((grid[0], grid[1]))(images), input)
