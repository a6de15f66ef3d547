"""Convolution over spatial dimensions (strictly cross-correlation, as everywhere in the field)."""

from __future__ import annotations

from typing import Any

from gradviz.engine.ops.linalg import transposed
from gradviz.engine.ops.padding import ConstantPadNd
from gradviz.engine.ops.windows import Col2Im, Im2Col, Sizes, Window
from gradviz.engine.tape import Op
from gradviz.engine.tensor import Tensor


class Convolution(Op):
    """Shapes: input (N, C, *spatial), weight (O, C/groups, *kernel), bias (O,), out (N, O, *outputs).

    The channels are split into `groups`, each with its own part of the weight.
    """

    args = ("input", "weight", "bias")
    saves = ("input", "weight")
    terms = ("input weight", "bias")
    formula = r"\mathrm{weight} \star \mathrm{input} + \mathrm{bias}"
    vjp = (r"\mathrm{weight} * g", r"g \star \mathrm{input}", r"\textstyle\sum g")

    def __init__(self, window: Window, groups: int) -> None:
        self.window = window
        self.groups = groups

    def forward(self, x, weight, bias):
        self.input_shape = x.shape
        out = self.matrix(weight) @ self.columns(x)
        out = out.reshape(x.shape[0], weight.shape[0], *self.window.outputs(x.shape[2:]))
        return out if bias is None else out + bias.reshape(-1, *[1] * (x.ndim - 2))

    def columns(self, x: Any) -> Any:
        """The windows of every group, (N, groups, C/groups·kernel, outputs)."""
        columns = Im2Col(self.window)(x)
        return columns.reshape(x.shape[0], self.groups, -1, columns.shape[-1])

    def matrix(self, weight: Any) -> Any:
        """The weight of every group, (groups, O/groups, C/groups·kernel)."""
        return weight.reshape(self.groups, weight.shape[0] // self.groups, -1)

    def backward(self, g, input, weight):
        g_x = g_weight = g_bias = None
        samples = self.input_shape[0]
        rows = g.reshape(samples, self.groups, weight.shape[0] // self.groups, -1)
        if self.needs[0]:
            columns = transposed(self.matrix(weight)) @ rows
            columns = columns.reshape(samples, -1, columns.shape[-1])
            g_x = Col2Im(self.window, self.input_shape)(columns)
        if self.needs[1]:
            g_weight = (rows @ transposed(self.columns(input))).sum(0).reshape(weight.shape)
        if self.needs[2]:
            g_bias = g.sum((0, *range(2, g.ndim)))
        return g_x, g_weight, g_bias


def check_settings(stride: Sizes, padding: Sizes, dilation: Sizes, groups: int) -> None:
    """Raises RuntimeError for settings with which nothing can be convolved."""
    if min(stride) <= 0:
        raise RuntimeError("non-positive stride is not supported")
    if min(padding, default=0) < 0:
        raise RuntimeError("negative padding is not supported")
    if min(dilation) <= 0:
        raise RuntimeError(f"dilation should be greater than zero, but got {list(dilation)}")
    if groups <= 0:
        raise RuntimeError("non-positive groups is not supported")


def check_groups(weight: Sizes, groups: int) -> None:
    """Raises RuntimeError unless the weight's first dimension is made of so many groups."""
    if weight[0] < groups:
        raise RuntimeError(
            f"Given groups={groups}, expected weight to be at least {groups} at dimension 0, but got weight "
            f"of size {list(weight)} instead"
        )
    if weight[0] % groups:
        raise RuntimeError(
            f"Given groups={groups}, expected weight to be divisible by {groups} at dimension 0, but got "
            f"weight of size [{list(weight)}] instead"
        )


def _check_shapes(input: Sizes, weight: Sizes, groups: int) -> None:
    if len(weight) < 3:
        raise RuntimeError("weight should have at least three dimensions")
    if len(weight) != len(input):
        raise RuntimeError(
            f"Expected {len(weight)}-dimensional input for {len(weight)}-dimensional weight {list(weight)}, "
            f"but got {len(input)}-dimensional input of size {list(input)} instead"
        )
    check_groups(weight, groups)
    if input[1] != weight[1] * groups:
        raise RuntimeError(
            f"Given groups={groups}, weight of size {list(weight)}, expected input{list(input)} "
            f"to have {weight[1] * groups} channels, but got {input[1]} channels instead"
        )


def convolution(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    stride: Sizes,
    padding: Sizes | str,
    dilation: Sizes,
    groups: int,
) -> Tensor:
    """Convolution over as many spatial dimensions as `stride` has entries; input with or without a batch.

    Padding "valid" is none, "same" keeps the sizes (stride 1 only). Raises RuntimeError for sizes that do not
    fit.
    """
    dims = len(stride)
    if input.ndim not in (dims + 1, dims + 2):
        raise RuntimeError(
            f"Expected {dims + 1}D (unbatched) or {dims + 2}D (batched) input to conv{dims}d, but got "
            f"input of size: {list(input.shape)}"
        )
    if input.ndim == dims + 1:
        return convolution(input.unsqueeze(0), weight, bias, stride, padding, dilation, groups).squeeze(0)
    check_settings(stride, padding if isinstance(padding, tuple) else (), dilation, groups)
    _check_shapes(tuple(input.shape), tuple(weight.shape), groups)
    if bias is not None and bias.shape != weight.shape[:1]:
        raise RuntimeError(
            f"Given weight of size {list(weight.shape)}, expected bias to be 1-dimensional with "
            f"{weight.shape[0]} elements, but got bias of size {list(bias.shape)} instead"
        )
    name, other = ("weight", weight) if bias is None else ("bias", bias)
    if other.dtype != input.dtype:
        raise RuntimeError(
            f"Input type ({input.dtype.c_name}) and {name} type ({other.dtype.c_name}) should be the same"
        )
    kernel = tuple(weight.shape[2:])
    if padding == "same":
        if any(step != 1 for step in stride):
            raise RuntimeError("padding='same' is not supported for strided convolutions")
        reach = [d * (k - 1) for k, d in zip(kernel, dilation, strict=True)]
        padding = tuple(r // 2 for r in reach)
        if any(r % 2 for r in reach):  # an even kernel: one more after than before
            widths = ((0, 0), (0, 0), *((0, r % 2) for r in reach))
            input = ConstantPadNd(widths, 0.0)(input)
    elif padding == "valid":
        padding = (0,) * dims
    elif isinstance(padding, str):
        raise RuntimeError(f"Invalid padding string: '{padding}'")
    window = Window(kernel, stride, tuple(padding), dilation)  # type: ignore[arg-type]
    return Convolution(window, groups)(input, weight, bias)
