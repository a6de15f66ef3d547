"""Division: true, rounded, and its remainders."""

from __future__ import annotations

from typing import Any

from gradviz.engine.backend import is_array, xp
from gradviz.engine.dtypes import promote, promote_floating
from gradviz.engine.errors import require_kinds, require_tensors
from gradviz.engine.inplace import inplace
from gradviz.engine.ops.arithmetic import Operand
from gradviz.engine.polymorphic import zeros_as
from gradviz.engine.registry import publish_alias, tensor_method, torch_function
from gradviz.engine.tape import Op
from gradviz.engine.tensor import Tensor


class Div(Op):
    args = saves = ("x", "y")
    saved_for = {"x": ("y",)}
    formula = r"x / y"
    vjp = (r"g / y", r"-g \odot x / y^{2}")

    def forward(self, x, y):
        x, y = promote_floating(x, y)
        return x / y

    def backward(self, g, x, y):
        g_x = g / y
        return g_x, None if x is None else -g_x * (x / y)


class DivRounded(Op):
    """Division rounded towards minus infinity ("floor") or zero ("trunc"): constant almost everywhere."""

    args = ("x", "y")
    formula = r"\mathrm{round}(x / y)"
    vjp = ("0", "0")
    backward_name = "DivBackward2"

    def __init__(self, rounding_mode: str) -> None:
        self.rounding_mode = rounding_mode
        self.formula = r"\lfloor x / y \rfloor" if rounding_mode == "floor" else r"\mathrm{trunc}(x / y)"

    def forward(self, x, y):
        x, y = promote(x, y)
        require_kinds("fiu", f"div_{self.rounding_mode}_cpu", x if is_array(x) else y)
        _refuse_integer_zero(x, y)
        if self.rounding_mode == "floor":
            return xp.floor_divide(x, y)
        return xp.trunc(x / y).astype(xp.result_type(x, y))

    def backward(self, g):
        return zeros_as(g), zeros_as(g)


class FloorDivide(DivRounded):
    """`x // y`, of which torch, unlike of `div`, has no derivative."""

    namespace, backward_name = "torch::autograd::", "NotImplemented"
    number_variants = dict.fromkeys(("x", "y"), "NotImplemented")

    def __init__(self) -> None:
        super().__init__("floor")

    def backward(self, g):
        raise RuntimeError("derivative for aten::floor_divide is not implemented")


class Remainder(Op):
    args = saves = ("x", "y")
    saved_for = {"x": ("y",), "y": ("y",)}
    formula = r"x - y \lfloor x / y \rfloor"
    vjp = ("g", r"-g \odot \lfloor x / y \rfloor")

    backward_name = "RemainderBackward1"
    number_variants = {"y": "RemainderBackward0"}

    def forward(self, x, y):
        x, y = promote(x, y)
        require_kinds("fiu", "remainder_cpu", x if is_array(x) else y)
        _refuse_integer_zero(x, y)
        return xp.remainder(x, y)

    def backward(self, g, x, y):
        return g, None if x is None else -g * DivRounded("floor")(x, y)


class RemainderOfNumber(Remainder):
    """`number % y`, of which torch has no derivative."""

    op_name = "remainder"
    namespace, backward_name = "torch::autograd::", "NotImplemented"
    number_variants = {"x": "NotImplemented"}

    def backward(self, g, x, y):
        raise RuntimeError("derivative for aten::remainder is not implemented")


class Fmod(Op):
    args = saves = ("x", "y")
    saved_for = {"x": ("y",), "y": ("y",)}
    formula = r"x - y\, \mathrm{trunc}(x / y)"
    vjp = ("g", r"-g \odot \mathrm{trunc}(x / y)")

    backward_name = "FmodBackward1"
    number_variants = {"y": "FmodBackward0"}

    def forward(self, x, y):
        x, y = promote(x, y)
        require_kinds("fiu", "fmod_cpu", x if is_array(x) else y)
        _refuse_integer_zero(x, y)
        return xp.fmod(x, y)

    def backward(self, g, x, y):
        return g, None if x is None else -g * DivRounded("trunc")(x, y)


def _refuse_integer_zero(x: Any, y: Any) -> None:
    if xp.result_type(x, y).kind != "f" and not xp.all(y) and xp.size(x):
        raise RuntimeError("ZeroDivisionError")


@torch_function
@tensor_method
def div(input: Operand, other: Operand, *, rounding_mode: str | None = None) -> Tensor:
    """`input / other` in floating point, or rounded: "floor" or "trunc"."""
    return _division(rounding_mode)(input, other)


def _division(rounding_mode: str | None) -> Op:
    if rounding_mode is None:
        return Div()
    if rounding_mode not in ("floor", "trunc"):
        raise RuntimeError(
            f"div expected rounding_mode to be one of None, 'trunc', or 'floor' but found '{rounding_mode}'"
        )
    return DivRounded(rounding_mode)


@torch_function
@tensor_method
def floor_divide(input: Operand, other: Operand) -> Tensor:
    """`input / other` rounded towards minus infinity."""
    return FloorDivide()(input, other)


@torch_function
@tensor_method
def remainder(input: Operand, other: Operand) -> Tensor:
    """The remainder with the divisor's sign, as Python's `%`."""
    return (Remainder() if isinstance(input, Tensor) else RemainderOfNumber())(input, other)


@torch_function
@tensor_method
def fmod(input: Operand, other: Operand) -> Tensor:
    """The remainder with the dividend's sign, as C's fmod."""
    require_tensors("fmod", input=input)
    return Fmod()(input, other)


@tensor_method
def div_(self: Tensor, other: Operand, *, rounding_mode: str | None = None) -> Tensor:
    return inplace(_division(rounding_mode), self, other)


@tensor_method
def floor_divide_(self: Tensor, other: Operand) -> Tensor:
    return inplace(FloorDivide(), self, other)


@tensor_method
def remainder_(self: Tensor, other: Operand) -> Tensor:
    return inplace(Remainder(), self, other)


@tensor_method
def fmod_(self: Tensor, other: Operand) -> Tensor:
    return inplace(Fmod(), self, other)


for _name in ("divide", "true_divide"):
    publish_alias(_name, div)
    publish_alias(f"{_name}_", div_)
