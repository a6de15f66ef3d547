"""Windows of an image as columns, and columns added up as an image.

Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.Unfold.html
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from gradviz.engine.ops.windows import Col2Im, Im2Col, Sizes, Window
from gradviz.engine.tensor import Tensor

Pair = int | Sequence[int]


def _pair(name: str, value: Pair) -> Sizes:
    if isinstance(value, int):
        return value, value
    if len(value) != 2:
        raise RuntimeError(f"It is expected {name} equals to 2, but got size {len(value)}")
    return tuple(value)


def _window(kernel_size: Pair, dilation: Pair, padding: Pair, stride: Pair) -> Window:
    kernel, spread = _pair("kernel_size", kernel_size), _pair("dilation", dilation)
    border, steps = _pair("padding", padding), _pair("stride", stride)
    for words, short, values in (
        ("kernel size", "kernel", kernel),
        ("dilation", "dilation", spread),
        ("stride", "stride", steps),
    ):
        if min(values) <= 0:
            raise RuntimeError(
                f"{words} should be greater than zero, but got {short}_height: {values[0]} {short}_width: "
                f"{values[1]}"
            )
    if min(border) < 0:
        raise RuntimeError(
            f"padding should be non-negative, but got pad_height: {border[0]} pad_width: {border[1]}"
        )
    return Window(kernel, steps, border, spread)


def _blocks(window: Window, spatial: Sizes) -> Sizes:
    """How many windows there are along both dimensions; not positive where none fits."""
    parts = zip(spatial, window.padding, window.reach, window.stride, strict=True)
    return tuple((n + 2 * pad - reach) // step + 1 for n, pad, reach, step in parts)


def unfold(
    input: Tensor, kernel_size: Pair, dilation: Pair = 1, padding: Pair = 0, stride: Pair = 1
) -> Tensor:
    """(N, C, H, W) or (C, H, W) → (N, C·kernel, windows): every window as a column."""
    window = _window(kernel_size, dilation, padding, stride)
    if input.ndim not in (3, 4) or 0 in input.shape[-3:]:
        raise RuntimeError(
            "Expected 3D or 4D (batch mode) tensor with possibly 0 batch size and other non-zero dimensions "
            f"for input, but got: {list(input.shape)}"
        )
    spatial = tuple(input.shape[-2:])
    blocks = _blocks(window, spatial)
    if min(blocks) < 1:
        raise RuntimeError(
            f"Given input with spatial size {spatial}, kernel_size={window.kernel}, "
            f"dilation={window.dilation}, padding={window.padding}, calculated shape of the array of sliding "
            f"blocks as {blocks}, but its components must be at least one."
        )
    if input.ndim == 3:
        return Im2Col(window)(input.unsqueeze(0)).squeeze(0)
    return Im2Col(window)(input)


def fold(
    input: Tensor,
    output_size: Pair,
    kernel_size: Pair,
    dilation: Pair = 1,
    padding: Pair = 0,
    stride: Pair = 1,
) -> Tensor:
    """(N, C·kernel, windows) → (N, C, *output_size): columns added up where their windows overlap."""
    size = _pair("output_size", output_size)
    window = _window(kernel_size, dilation, padding, stride)
    if input.ndim not in (2, 3) or 0 in input.shape[-2:]:
        raise RuntimeError(
            "Expected 2D or 3D (batch mode) tensor for input with possibly 0 batch size and non-zero "
            f"dimensions for input, but got: {list(input.shape)}"
        )
    rows, columns = input.shape[-2:]
    kernel = math.prod(window.kernel)
    if rows % kernel:
        raise RuntimeError(
            "Expected size of input's dimension 1 to be divisible by the product of kernel_size, but got "
            f"input.size(1)={rows} and kernel_size={window.kernel}."
        )
    blocks = _blocks(window, size)
    if min(blocks) < 1 or math.prod(blocks) != columns:
        raise RuntimeError(
            f"Given output_size={size}, kernel_size={window.kernel}, dilation={window.dilation}, "
            f"padding={window.padding}, stride={window.stride}, expected size of input's dimension 2 to "
            f"match the calculated number of sliding blocks {blocks[0]} * {blocks[1]} = {math.prod(blocks)}, "
            f"but got input.size(2)={columns}."
        )
    if input.ndim == 2:
        return Col2Im(window, (1, rows // kernel, *size))(input.unsqueeze(0)).squeeze(0)
    return Col2Im(window, (input.shape[0], rows // kernel, *size))(input)
