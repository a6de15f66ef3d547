"""Activation functions and softmax."""

from __future__ import annotations

from gradviz.engine.backend import xp
from gradviz.engine.inplace import inplace
from gradviz.engine.registry import numpy_names, tensor_method, torch_function
from gradviz.engine.tape import Op
from gradviz.engine.tensor import Tensor


class Relu(Op):
    args = ("x",)
    saves = ("out",)
    formula = r"\max(0, x)"
    vjp = (r"g \odot 1[\mathrm{out} > 0]",)

    def forward(self, x):
        return xp.maximum(x, 0)

    def backward(self, g, out):
        return g * (out > 0)


class LogSoftmax(Op):
    args = ("x",)
    saves = ("out",)
    formula = r"x - \log \textstyle\sum_{j} e^{x_{j}}"
    vjp = (r"g - e^{\mathrm{out}} \textstyle\sum_{j} g_{j}",)

    def __init__(self, dim: int) -> None:
        self.dim = dim

    def forward(self, x):
        shifted = x - x.max(self.dim, keepdims=True)
        return shifted - xp.log(xp.exp(shifted).sum(self.dim, keepdims=True))

    def backward(self, g, out):
        return g - exp(out) * g.sum(self.dim, keepdims=True)


def exp(x):
    return x.exp() if isinstance(x, Tensor) else xp.exp(x)


@torch_function
@tensor_method
def relu(input: Tensor) -> Tensor:
    """`max(0, input)`; the gradient at 0 is 0."""
    return Relu()(input)


@torch_function
@tensor_method
def relu_(input: Tensor) -> Tensor:
    return inplace(Relu(), input)


@torch_function
@tensor_method
@numpy_names
def log_softmax(input: Tensor, dim: int, dtype=None) -> Tensor:
    """`log(softmax(input, dim))`, computed stably."""
    return LogSoftmax(dim)(input)
