"""Convolution and pooling with the arguments of torch.nn.functional."""

from __future__ import annotations

from typing import Any

from gradviz.engine.ops.convolution import convolution
from gradviz.engine.ops.pooling import AdaptiveAvgPool2D, AvgPool2D, MaxPool2DWithIndices
from gradviz.engine.ops.transposed_convolution import transposed_convolution
from gradviz.engine.ops.windows import Window
from gradviz.engine.tensor import Tensor

Size = int | tuple[int, ...]


def sizes(value: Size, count: int, name: str = "kernel_size") -> tuple[int, ...]:
    """One number for every spatial dimension; a single one stands for all."""
    if isinstance(value, int):
        return (value,) * count
    if len(value) not in (1, count):
        raise RuntimeError(
            f"expected {name} to be a single integer value or a list of {count} values to match the "
            f"convolution dimensions, but got {name}={list(value)}"
        )
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
    width = padding if isinstance(padding, str) else sizes(padding, 1, "padding")
    steps, spread = sizes(stride, 1, "stride"), sizes(dilation, 1, "dilation")
    return convolution(input, weight, bias, steps, width, spread, groups)


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
    width = padding if isinstance(padding, str) else sizes(padding, 2, "padding")
    steps, spread = sizes(stride, 2, "stride"), sizes(dilation, 2, "dilation")
    return convolution(input, weight, bias, steps, width, spread, groups)


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
    settings = {"stride": stride, "padding": padding, "output_padding": output_padding, "dilation": dilation}
    steps = [sizes(value, 1, name) for name, value in settings.items()]
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
    settings = {"stride": stride, "padding": padding, "output_padding": output_padding, "dilation": dilation}
    steps = [sizes(value, 2, name) for name, value in settings.items()]
    return transposed_convolution(input, weight, bias, *steps, groups)


def _pooling_window(
    input: Tensor, kernel_size: Size, stride: Size | None, padding: Size, dilation: Size, ceil_mode: bool
) -> Window:
    """How the window of a pooling moves. Raises RuntimeError for what torch's pooling refuses."""
    kernel = sizes(kernel_size, 2)
    step = kernel if stride in (None, (), []) else sizes(stride, 2, "stride")
    window = Window(kernel, step, sizes(padding, 2, "padding"), sizes(dilation, 2, "dilation"))
    for pad, size, reach, spread in zip(window.padding, kernel, window.reach, window.dilation, strict=True):
        if pad < 0:
            raise RuntimeError(f"pad must be non-negative, but got pad: {pad}")
        if pad > reach // 2:
            raise RuntimeError(
                f"pad should be at most half of effective kernel size, but got pad={pad}, "
                f"kernel_size={size} and dilation={spread}"
            )
    if input.ndim not in (3, 4):
        raise RuntimeError("non-empty 3D or 4D (batch mode) tensor expected for input")
    if 0 in input.shape[-3:]:
        raise RuntimeError(
            "Expected 3D or 4D (batch mode) tensor with optional 0 dim batch size for input, but got:"
            f"{list(input.shape)}"
        )
    return window.rounded_up(input.shape[-2:]) if ceil_mode else window


def _images(input: Tensor) -> Tensor:
    """The input with a batch dimension."""
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
    return_indices: bool = False,
) -> Any:
    """The largest element of every window of (N, C, H, W); `ceil_mode` keeps a last one that is cut off.

    With `return_indices` also where it was found in the flattened (H, W), int64.
    """
    window = _pooling_window(input, kernel_size, stride, padding, dilation, ceil_mode)
    pooled = MaxPool2DWithIndices(window, return_indices)(_images(input))
    return tuple(_pooled(out, input) for out in pooled) if return_indices else _pooled(pooled, input)


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
    if divisor_override == 0:
        raise RuntimeError("divisor must be not zero")
    window = _pooling_window(input, kernel_size, stride, padding, 1, ceil_mode)
    return _pooled(AvgPool2D(window, count_include_pad, divisor_override)(_images(input)), input)


def adaptive_avg_pool2d(input: Tensor, output_size: int | tuple[int | None, ...] | None) -> Tensor:
    """Means over a grid of `output_size` windows; None keeps that dimension's size."""
    wanted = output_size if isinstance(output_size, tuple | list) else (output_size, output_size)
    if input.ndim < 3:
        raise ValueError(f"Input dimension should be at least 3, but got {input.ndim}")
    if input.ndim > 4:
        raise RuntimeError(f"adaptive_avg_pool2d(): Expected 3D or 4D tensor, but got {list(input.shape)}")
    if len(wanted) != 2:
        raise RuntimeError("adaptive_avg_pool2d: output_size must be 2")
    if any(size is not None and size < 0 for size in wanted):
        raise RuntimeError(
            "adaptive_avg_pool2d: elements of output_size must be greater than or equal to 0 but received "
            f"{{{', '.join(map(str, wanted))}}}"
        )
    images = _images(input)
    grid = [n if size is None else size for n, size in zip(images.shape[2:], wanted, strict=True)]
    if tuple(grid) == (1, 1):  # torch takes the plain mean then, as a node of its own
        return _pooled(images.mean((-1, -2), keepdim=True), input)
    return _pooled(AdaptiveAvgPool2D((grid[0], grid[1]))(images), input)
