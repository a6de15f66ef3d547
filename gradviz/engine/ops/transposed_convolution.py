"""Transposed convolution: what carries a convolution's gradient back to its input, as an operation itself.

Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.ConvTranspose2d.html
"""

from __future__ import annotations

from typing import Any

from gradviz.engine.ops.convolution import check_groups, check_settings
from gradviz.engine.ops.linalg import transposed
from gradviz.engine.ops.padding import ConstantPadNd
from gradviz.engine.ops.windows import Col2Im, Im2Col, Sizes, Window
from gradviz.engine.tape import Op
from gradviz.engine.tensor import Tensor


class ConvTranspose(Op):
    """Every input element puts the kernel, times its value, into the output; where they overlap they add up.

    Shapes: input (N, C, *spatial), weight (C, O/groups, *kernel), bias (O,), out (N, O, *outputs). `margin`
    is what is cut off the sum of all kernels (or, if negative, added) before and after every dimension.
    """

    args = ("input", "weight", "bias")
    saves = ("input", "weight")
    terms = ("input weight", "bias")
    formula = r"\mathrm{weight} * \mathrm{input} + \mathrm{bias}"
    vjp = (r"\mathrm{weight} \star g", r"\mathrm{input} \star g", r"\textstyle\sum g")
    backward_name = "ConvolutionBackward0"

    def __init__(self, window: Window, margin: tuple[tuple[int, int], ...], groups: int) -> None:
        self.window = window
        self.margin = ((0, 0), (0, 0), *margin)
        self.groups = groups

    def forward(self, x, weight, bias):
        self.input_shape = x.shape
        channels = weight.shape[1] * self.groups
        columns = transposed(self.matrix(weight)) @ self.rows(x)
        columns = columns.reshape(x.shape[0], -1, columns.shape[-1])
        whole = (x.shape[0], channels, *self.whole(x.shape[2:]))
        out = Col2Im(self.window, whole)(columns)
        out = ConstantPadNd(tuple((-a, -b) for a, b in self.margin), 0.0)(out)
        return out if bias is None else out + bias.reshape(-1, *[1] * (x.ndim - 2))

    def whole(self, spatial: Sizes) -> Sizes:
        """The sizes of the sum of all kernels, before the margin is cut off."""
        window = self.window
        triples = zip(spatial, window.stride, window.reach, strict=True)
        return tuple((n - 1) * stride + reach for n, stride, reach in triples)

    def rows(self, x: Any) -> Any:
        """The input of every group, (N, groups, C/groups, elements)."""
        return x.reshape(x.shape[0], self.groups, x.shape[1] // self.groups, -1)

    def matrix(self, weight: Any) -> Any:
        """The weight of every group, (groups, C/groups, O/groups·kernel)."""
        return weight.reshape(self.groups, weight.shape[0] // self.groups, -1)

    def backward(self, g, input, weight):
        g_x = g_weight = g_bias = None
        if self.needs[0] or self.needs[1]:
            columns = Im2Col(self.window)(ConstantPadNd(self.margin, 0.0)(g))
            columns = columns.reshape(g.shape[0], self.groups, -1, columns.shape[-1])
        if self.needs[0]:
            g_x = (self.matrix(weight) @ columns).reshape(self.input_shape)
        if self.needs[1]:
            g_weight = (self.rows(input) @ transposed(columns)).sum(0).reshape(weight.shape)
        if self.needs[2]:
            g_bias = g.sum((0, *range(2, g.ndim)))
        return g_x, g_weight, g_bias


def transposed_convolution(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    stride: Sizes,
    padding: Sizes,
    output_padding: Sizes,
    dilation: Sizes,
    groups: int,
) -> Tensor:
    """Over as many spatial dimensions as `stride` has entries; input with or without a batch.

    Every dimension grows to (n - 1)·stride - 2·padding + dilation·(kernel - 1) + output_padding + 1. Raises
    RuntimeError for sizes that do not fit.
    """
    dims = len(stride)
    settings = (stride, padding, output_padding, dilation, groups)
    if input.ndim not in (dims + 1, dims + 2):
        raise RuntimeError(
            f"Expected {dims + 1}D (unbatched) or {dims + 2}D (batched) input to conv_transpose{dims}d, but "
            f"got input of size: {list(input.shape)}"
        )
    if input.ndim == dims + 1:
        return transposed_convolution(input.unsqueeze(0), weight, bias, *settings).squeeze(0)
    check_settings(stride, padding, dilation, groups)
    check_groups(tuple(weight.shape), groups)
    if input.shape[1] != weight.shape[0]:
        raise RuntimeError(
            f"Given transposed=1, weight of size {list(weight.shape)}, expected input{list(input.shape)} to "
            f"have {weight.shape[0]} channels, but got {input.shape[1]} channels instead"
        )
    if any(o >= max(s, d) for o, s, d in zip(output_padding, stride, dilation, strict=True)):
        raise RuntimeError(
            "output padding must be smaller than either stride or dilation, but got output_padding: "
            f"{output_padding}, stride: {stride}, dilation: {dilation}"
        )
    window = Window(tuple(weight.shape[2:]), stride, (0,) * dims, dilation)
    margin = tuple((p, p - o) for p, o in zip(padding, output_padding, strict=True))
    op = ConvTranspose(window, margin, groups)
    spatial = tuple(input.shape[2:])
    outputs = [n - before - after for n, (before, after) in zip(op.whole(spatial), margin, strict=True)]
    if any(n <= 0 for n in outputs):
        raise RuntimeError(
            f"Given input size per channel: {spatial}. Calculated output size per channel: "
            f"{tuple(outputs)}. Output size is too small"
        )
    return op(input, weight, bias)
