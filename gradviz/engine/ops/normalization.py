"""Normalization over features and batches."""

from __future__ import annotations

import math
from typing import Any

from gradviz.engine.backend import Array, xp
from gradviz.engine.errors import require_kinds
from gradviz.engine.explain.decomposition import Decomposition, Part, elements
from gradviz.engine.ops.shape import contiguous
from gradviz.engine.ops.with_number import add_number
from gradviz.engine.polymorphic import sum_to
from gradviz.engine.registry import torch_function
from gradviz.engine.tape import Op
from gradviz.engine.tensor import Tensor, begin_change, end_change

NORMALIZED = r"(x - \mu) / \sqrt{\sigma^{2} + \varepsilon} \odot w + b"


class Normalization(Op):
    """x minus its mean, divided by its standard deviation, times weight plus bias (either may be None)."""

    args = ("x", "weight", "bias")
    saves = ("x", "weight", "center", "inverse")
    vjp = (
        r"w\, r\, (g - \bar{g} - \hat{x}\, \overline{g \hat{x}})",
        r"\textstyle\sum g \odot \hat{x}",
        r"\textstyle\sum g",
    )
    symbols = {"w": "weight", "b": "bias", "r": "inverse"}

    def __init__(
        self,
        axes: tuple[int, ...],
        shape: tuple[int, ...],
        eps: float,
        moments: Any = None,
        layout: tuple[int, ...] | None = None,
    ) -> None:
        self.axes, self.shape, self.eps = axes, shape, eps
        self.layout = layout  # the shape in which x is normalized over the axes, if not its own
        self.moments = moments  # fixed (mean, variance) in place of the input's own

    def forward(self, x, weight, bias):
        values = x if self.layout is None else x.reshape(self.layout)
        if self.moments is None:
            self.center = values.mean(self.axes, keepdims=True)
            normal = values - self.center
            variance = (normal * normal).mean(self.axes, keepdims=True)
            self.own_moments = self.center, variance
        else:
            self.center, variance = (m.reshape(self.shape) for m in self.moments)
            normal = values - self.center
        self.inverse = 1 / xp.sqrt(variance + self.eps)
        out = (normal * self.inverse).reshape(x.shape)
        if weight is not None:
            out = out * weight.reshape(self.shape)
        self.parameters = None if bias is None else bias.shape
        out = out if bias is None else out + bias.reshape(self.shape)
        return xp.ascontiguousarray(out, like=out)  # however the input lies in memory, as in torch

    def backward(self, g, x, weight, center, inverse):
        values = x if self.layout is None else x.reshape(self.layout)
        if isinstance(g, Tensor) and self.moments is None:
            # Recorded anew, so that the statistics' own dependence on x is part of the second derivative.
            center = values.mean(self.axes, keepdims=True)
            inverse = ((values - center) ** 2).mean(self.axes, keepdims=True).add(self.eps).rsqrt()
        normal = (values - center) * inverse
        scaled = g if weight is None else g * weight.reshape(self.shape)
        scaled = scaled if self.layout is None else scaled.reshape(self.layout)
        g_x = None
        if self.needs[0]:
            if self.moments is None:
                means = scaled.mean(self.axes, keepdims=True)
                along = (scaled * normal).mean(self.axes, keepdims=True)
                g_x = ((scaled - means - normal * along) * inverse).reshape(x.shape)
            else:
                g_x = scaled * inverse
        # The parameters' gradients are summed over what they were broadcast along.
        g_weight = (
            sum_to(g * normal.reshape(x.shape), self.shape).reshape(weight.shape) if self.needs[1] else None
        )
        g_bias = sum_to(g, self.shape).reshape(self.parameters) if self.needs[2] else None
        return g_x, g_weight, g_bias

    def decompose(self, nr, index, x, weight, bias):
        values = x if self.layout is None else x.reshape(self.layout)
        moments = [values.mean(self.axes, keepdims=True), values.var(self.axes, keepdims=True)]
        if self.moments is not None:
            moments = [m.reshape(self.shape) for m in self.moments]
        spread = (xp.broadcast_to(m, values.shape).reshape(x.shape) for m in moments)
        mean, variance = (float(m[index]) for m in spread)
        own = [("x", elements(x, index))]
        normal = (x[index] - mean) / math.sqrt(variance + self.eps)
        parts = []
        if weight is not None:
            own.append(("weight", self._parameter_at(weight, x, index)))
            normal = normal * weight.reshape(-1)[own[-1][1]]
        rule = r"(x - \mu) / \sigma" + ("" if weight is None else r" \cdot w")
        parts.append(Part(xp.asarray(normal), rule, tuple(own)))
        if bias is not None:
            at = self._parameter_at(bias, x, index)
            parts.append(Part(bias.reshape(-1)[at], "b", (("bias", at),)))
        symbols = {r"\mu": mean, r"\sigma": math.sqrt(variance + self.eps)}
        return Decomposition(tuple(parts), symbols=symbols)

    def _parameter_at(self, parameter: Array, x: Array, index: tuple[int, ...]) -> Array:
        """The flat number of the element of weight or bias that belongs to `x[index]`."""
        return xp.broadcast_to(elements(parameter).reshape(self.shape), x.shape)[index].reshape(1)


class NativeLayerNorm(Normalization):
    op_name = "layer_norm"
    formula = NORMALIZED


class NativeBatchNorm(Normalization):
    op_name = "batch_norm"
    formula = NORMALIZED


class NativeGroupNorm(Normalization):
    op_name = "group_norm"
    formula = NORMALIZED


def checked_shape(input: Tensor, normalized_shape: Any, **parameters: Tensor | None) -> tuple[int, ...]:
    """The shape to normalize over. Raises RuntimeError unless input and parameters fit it."""
    shape = tuple(normalized_shape)
    if not shape:
        raise RuntimeError(
            "Expected normalized_shape to be at least 1-dimensional, i.e., containing at least one element, "
            "but got normalized_shape = []"
        )
    for name, parameter in parameters.items():
        if parameter is not None and tuple(parameter.shape) != shape:
            raise RuntimeError(
                f"Expected {name} to be of same shape as normalized_shape, but got {name} of shape "
                f"{list(parameter.shape)} and normalized_shape = {list(shape)}"
            )
    if tuple(input.shape[max(input.ndim - len(shape), 0) :]) != shape:
        raise RuntimeError(
            f"Given normalized_shape={list(shape)}, expected input with shape [*, "
            f"{', '.join(map(str, shape))}], but got input of size{list(input.shape)}"
        )
    return shape


@torch_function
def rms_norm(
    input: Tensor, normalized_shape: Any, weight: Tensor | None = None, eps: float | None = None
) -> Tensor:
    """x / √(mean x² + eps) over the last dimensions, of sizes `normalized_shape`; eps may be the dtype's."""
    shape = checked_shape(input, normalized_shape, weight=weight)
    mean = input.pow(2).mean(tuple(range(-len(shape), 0)), keepdim=True)
    if eps is None:
        eps = float(xp.finfo(input.array.dtype).eps)
    normal = input * add_number(mean, eps).rsqrt()
    return normal if weight is None else normal * weight


@torch_function
def layer_norm(
    input: Tensor,
    normalized_shape: Any,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
) -> Tensor:
    """Normalizes over the last dimensions, of sizes `normalized_shape`; weight and bias have that shape."""
    shape = checked_shape(input, normalized_shape, weight=weight, bias=bias)
    require_kinds("f", "LayerNormKernelImpl", input.array)
    n = len(shape)
    axes = tuple(range(input.ndim - n, input.ndim))
    return NativeLayerNorm(axes, (1,) * (input.ndim - n) + shape, eps)(input, weight, bias)


@torch_function
def batch_norm(
    input: Tensor,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """Normalizes every channel (dimension 1): by the batch when training, which also updates the running
    statistics, else by the running statistics. Weight and bias have shape (C,)."""
    channels = input.shape[1]
    shape = tuple(channels if i == 1 else 1 for i in range(input.ndim))
    axes = tuple(i for i in range(input.ndim) if i != 1)
    for name, each in (
        ("running_mean", running_mean),
        ("running_var", running_var),
        ("weight", weight),
        ("bias", bias),
    ):
        if each is not None and each.numel() != channels:
            raise RuntimeError(f"{name} should contain {channels} elements not {each.numel()}")
    if eps < 0 or (training and eps == 0):
        least = "positive during training" if training else "non-negative"
        raise ValueError(f"batch_norm eps must be {least}, but got {eps}")
    if not training:
        if running_mean is None or running_var is None:
            raise RuntimeError("Expected running_mean and running_var to be defined when training=False")
        moments = (running_mean.array, running_var.array)
        return NativeBatchNorm(axes, shape, eps, moments)(input, weight, bias)
    count = input.shape[0] * math.prod(input.shape[2:])
    if count == 1:
        raise ValueError(
            f"Expected more than 1 value per channel when training, got input size {input.shape}"
        )
    op = NativeBatchNorm(axes, shape, eps)
    out = op(input, weight, bias)
    if input.array.size and running_mean is not None and running_var is not None:
        mean, variance = op.own_moments
        unbiased = variance * (count / (count - 1))
        for running, now in ((running_mean, mean), (running_var, unbiased)):
            begin_change(running)
            running.array[...] = (1 - momentum) * running.array + momentum * now.reshape(channels)
            end_change(running)
    return out


@torch_function
def group_norm(
    input: Tensor,
    num_groups: int,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
) -> Tensor:
    """Normalizes groups of channels of every sample; weight and bias have shape (C,)."""
    if input.ndim < 2:
        raise RuntimeError(f"Expected at least 2 dimensions for input tensor but received {input.ndim}")
    n, channels = input.shape[:2]
    if channels % num_groups:
        raise RuntimeError(
            "Expected number of channels in input to be divisible by num_groups, but got input of shape "
            f"{list(input.shape)} and num_groups={num_groups}"
        )
    for name, parameter in (("weight", weight), ("bias", bias)):
        if parameter is not None and tuple(parameter.shape) != (channels,):
            raise RuntimeError(
                f"Expected {name} to be a vector of size equal to the number of channels in input, but got "
                f"{name} of shape {list(parameter.shape)} and input of shape {list(input.shape)}"
            )
    if math.prod(input.shape) == num_groups:
        raise ValueError(
            f"Expected more than 1 value per channel when training, got input size {list(input.shape)}"
        )
    members = channels // num_groups * math.prod(input.shape[2:])
    shape, layout = (1, channels) + (1,) * (input.ndim - 2), (n, num_groups, members)
    weight, bias = (None if p is None else contiguous(p) for p in (weight, bias))
    return NativeGroupNorm((2,), shape, eps, layout=layout)(input, weight, bias)
