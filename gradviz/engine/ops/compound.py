"""Element-by-element operations of two or three tensors that torch has as one."""

from __future__ import annotations

from typing import Any

from gradviz.engine.backend import xp
from gradviz.engine.dtypes import promote
from gradviz.engine.inplace import inplace
from gradviz.engine.polymorphic import exp
from gradviz.engine.registry import tensor_method, torch_function
from gradviz.engine.tape import Op
from gradviz.engine.tensor import Tensor


class Lerp(Op):
    args = ("start", "end", "weight")
    saves = ("start", "end", "weight")
    saved_for = {"start": ("weight",), "end": ("weight",), "weight": ("start", "end")}
    formula = r"\mathrm{start} + w\, (\mathrm{end} - \mathrm{start})"
    vjp = (r"g\, (1 - w)", r"g\, w", r"g \odot (\mathrm{end} - \mathrm{start})")

    def forward(self, start, end, weight):
        return start + weight * (end - start)

    def backward(self, g, start, end, weight):
        g_ends = (None, None) if weight is None else (g * (1 - weight), g * weight)
        return (*g_ends, None if start is None else g * (end - start))


class Addcmul(Op):
    args = ("x", "a", "b")
    saves = ("a", "b")
    saved_for = {"a": ("b",), "b": ("a",)}
    formula = r"x + v\, a \odot b"
    vjp = ("g", r"v\, g \odot b", r"v\, g \odot a")

    def __init__(self, value: float) -> None:
        self.value = value

    def forward(self, x, a, b):
        return x + self.value * a * b

    def backward(self, g, a, b):
        return g, None if b is None else g * b * self.value, None if a is None else g * a * self.value


class Addcdiv(Op):
    args = ("x", "a", "b")
    saves = ("a", "b")
    saved_for = {"a": ("b",)}
    formula = r"x + v\, a / b"
    vjp = ("g", r"v\, g / b", r"-v\, g \odot a / b^{2}")

    def __init__(self, value: float) -> None:
        self.value = value

    def forward(self, x, a, b):
        return x + self.value * a / b

    def backward(self, g, a, b):
        scaled = g * self.value / b
        return g, scaled, None if a is None else -scaled * a / b


class Logaddexp(Op):
    args = ("x", "y")
    saves = ("x", "y", "out")
    formula = r"\ln(e^{x} + e^{y})"
    vjp = (r"g \odot e^{x - \mathrm{out}}", r"g \odot e^{y - \mathrm{out}}")

    def forward(self, x, y):
        return xp.logaddexp(*promote(x, y))

    def backward(self, g, x, y, out):
        return g * exp(x - out), g * exp(y - out)


class Hypot(Op):
    args = ("x", "y")
    saves = ("x", "y", "out")
    formula = r"\sqrt{x^{2} + y^{2}}"
    vjp = (r"g \odot x / \mathrm{out}", r"g \odot y / \mathrm{out}")

    def forward(self, x, y):
        return xp.hypot(*promote(x, y))

    def backward(self, g, x, y, out):
        return g * x / out, g * y / out


@torch_function
@tensor_method
def lerp(input: Tensor, end: Tensor, weight: Any) -> Tensor:
    """`input + weight * (end - input)`."""
    return Lerp()(input, end, weight)


@torch_function
@tensor_method
def addcmul(input: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: float = 1) -> Tensor:
    """`input + value * tensor1 * tensor2`."""
    return Addcmul(value)(input, tensor1, tensor2)


@torch_function
@tensor_method
def addcdiv(input: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: float = 1) -> Tensor:
    """`input + value * tensor1 / tensor2`."""
    return Addcdiv(value)(input, tensor1, tensor2)


@torch_function
@tensor_method
def logaddexp(input: Tensor, other: Tensor) -> Tensor:
    """`log(exp(input) + exp(other))`, computed stably."""
    return Logaddexp()(input, other)


@torch_function
@tensor_method
def hypot(input: Tensor, other: Tensor) -> Tensor:
    """`sqrt(input ** 2 + other ** 2)`."""
    return Hypot()(input, other)


@tensor_method
def lerp_(self: Tensor, end: Tensor, weight: Any) -> Tensor:
    return inplace(Lerp(), self, end, weight)


@tensor_method
def addcmul_(self: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: float = 1) -> Tensor:
    return inplace(Addcmul(value), self, tensor1, tensor2)


@tensor_method
def addcdiv_(self: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: float = 1) -> Tensor:
    return inplace(Addcdiv(value), self, tensor1, tensor2)
