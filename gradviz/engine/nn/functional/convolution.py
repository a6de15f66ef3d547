"""Convolution with the arguments of torch.nn.functional."""

from __future__ import annotations

from typing import Any

from gradviz.engine.ops.convolution import convolution
from gradviz.engine.ops.transposed_convolution import transposed_convolution
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


def per_dimension(count: int, **settings: Size | str) -> dict[str, Any]:
    """The settings with one number for every spatial dimension; words, such as "same", as they are."""
    return {
        name: value if isinstance(value, str) else sizes(value, count, name)
        for name, value in settings.items()
    }


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
    settings = per_dimension(1, padding=padding, stride=stride, dilation=dilation)
    return convolution(input, weight, bias, groups=groups, **settings)


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
    settings = per_dimension(2, padding=padding, stride=stride, dilation=dilation)
    return convolution(input, weight, bias, groups=groups, **settings)


def conv3d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Size = 1,
    padding: Size | str = 0,
    dilation: Size = 1,
    groups: int = 1,
) -> Tensor:
    """Shapes: input (N, C, D, H, W) or (C, D, H, W), weight (O, C/groups, kD, kH, kW), bias (O,)."""
    settings = per_dimension(3, padding=padding, stride=stride, dilation=dilation)
    return convolution(input, weight, bias, groups=groups, **settings)


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
    settings = per_dimension(
        1, stride=stride, padding=padding, output_padding=output_padding, dilation=dilation
    )
    return transposed_convolution(input, weight, bias, groups=groups, **settings)


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
    settings = per_dimension(
        2, stride=stride, padding=padding, output_padding=output_padding, dilation=dilation
    )
    return transposed_convolution(input, weight, bias, groups=groups, **settings)


def conv_transpose3d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Size = 1,
    padding: Size = 0,
    output_padding: Size = 0,
    groups: int = 1,
    dilation: Size = 1,
) -> Tensor:
    """Shapes: input (N, C, D, H, W) or (C, D, H, W), weight (C, O/groups, kD, kH, kW), bias (O,)."""
    settings = per_dimension(
        3, stride=stride, padding=padding, output_padding=output_padding, dilation=dilation
    )
    return transposed_convolution(input, weight, bias, groups=groups, **settings)
