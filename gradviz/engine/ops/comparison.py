"""Comparisons, logic and tests for equality. None of them has a gradient."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradviz.engine.backend import Array, is_array, xp
from gradviz.engine.dtypes import of_array, promote
from gradviz.engine.errors import require_kinds, require_tensors
from gradviz.engine.inplace import inplace
from gradviz.engine.registry import publish_alias, tensor_method, torch_function
from gradviz.engine.tape import Op
from gradviz.engine.tensor import Tensor


class Comparison(Op):
    """A question about pairs of elements, answered with booleans."""

    args = ("x", "y")
    differentiable = False
    vjp = ("0", "0")
    compute: Callable

    def forward(self, x, y):
        if type(x) is not Array:
            require_tensors(self.op_name, input=x)
        return self.compute(*promote(x, y))


class Logic(Comparison):
    """A question about the truth of pairs of elements."""

    def forward(self, x, y):
        require_tensors(self.op_name, input=x, other=y)
        return self.compute(*promote(x, y))


class Bitwise(Comparison):
    """Bit by bit for integers, which one of the two may be as a number; for booleans logic."""

    def forward(self, x, y):
        x, y = promote(x, y)
        require_kinds("iub", f"{self.op_name}_cpu", x if is_array(x) else y)
        return self.compute(x, y)


class Eq(Comparison):
    formula = "x = y"
    compute = staticmethod(xp.equal)


class Ne(Comparison):
    formula = r"x \ne y"
    compute = staticmethod(xp.not_equal)


class Lt(Comparison):
    formula = "x < y"
    compute = staticmethod(xp.less)


class Le(Comparison):
    formula = r"x \le y"
    compute = staticmethod(xp.less_equal)


class Gt(Comparison):
    formula = "x > y"
    compute = staticmethod(xp.greater)


class Ge(Comparison):
    formula = r"x \ge y"
    compute = staticmethod(xp.greater_equal)


class LogicalAnd(Logic):
    formula = r"x \wedge y"
    compute = staticmethod(xp.logical_and)


class LogicalOr(Logic):
    formula = r"x \vee y"
    compute = staticmethod(xp.logical_or)


class LogicalXor(Logic):
    formula = r"x \oplus y"
    compute = staticmethod(xp.logical_xor)


class BitwiseAnd(Bitwise):
    formula = r"x \wedge y"
    compute = staticmethod(xp.bitwise_and)


class BitwiseOr(Bitwise):
    formula = r"x \vee y"
    compute = staticmethod(xp.bitwise_or)


class BitwiseXor(Bitwise):
    formula = r"x \oplus y"
    compute = staticmethod(xp.bitwise_xor)


class Test(Op):
    """A question about single elements."""

    args = ("x",)
    differentiable = False
    vjp = ("0",)
    compute: Callable

    def forward(self, x):
        return self.compute(x)


class LogicalNot(Test):
    formula = r"\neg x"
    compute = staticmethod(xp.logical_not)


class BitwiseNot(Test):
    formula = r"\neg x"
    compute = staticmethod(xp.bitwise_not)

    def forward(self, x):
        require_kinds("iub", "bitwise_not_cpu", x)
        return super().forward(x)


class Isnan(Test):
    formula = r"x\ \mathrm{is\ NaN}"
    compute = staticmethod(xp.isnan)


class Isinf(Test):
    formula = r"|x| = \infty"
    compute = staticmethod(xp.isinf)


class Isfinite(Test):
    formula = r"|x| < \infty"
    compute = staticmethod(xp.isfinite)


class Isposinf(Test):
    formula = r"x = \infty"
    compute = staticmethod(xp.isposinf)


class Isneginf(Test):
    formula = r"x = -\infty"
    compute = staticmethod(xp.isneginf)


class Isreal(Test):
    """True everywhere: tensors hold real numbers."""

    formula = r"x \in \mathbb{R}"
    compute = staticmethod(xp.isreal)


class Signbit(Test):
    formula = "x < 0"
    compute = staticmethod(xp.signbit)


def published(op: type[Op]) -> Callable:
    """Publishes an operation without settings as torch.name, Tensor.name and the in-place Tensor.name_."""

    def function(input: Any, *other: Any) -> Tensor:
        return op()(input, *other)

    def changing(self: Tensor, *other: Any) -> Tensor:
        return inplace(op(), self, *other)

    function.__name__, changing.__name__ = op.op_name, f"{op.op_name}_"
    function.__doc__ = changing.__doc__ = f"`{op.op_name}`, element by element."
    tensor_method(changing)
    return tensor_method(torch_function(function))


eq, ne, lt, le, gt, ge = map(published, (Eq, Ne, Lt, Le, Gt, Ge))
logical_and, logical_or, logical_xor = map(published, (LogicalAnd, LogicalOr, LogicalXor))
bitwise_and, bitwise_or, bitwise_xor = map(published, (BitwiseAnd, BitwiseOr, BitwiseXor))
logical_not, bitwise_not, signbit = map(published, (LogicalNot, BitwiseNot, Signbit))
isnan, isinf, isfinite = map(published, (Isnan, Isinf, Isfinite))
isposinf, isneginf, isreal = map(published, (Isposinf, Isneginf, Isreal))
for _name, _function in {
    "not_equal": ne,
    "less": lt,
    "less_equal": le,
    "greater": gt,
    "greater_equal": ge,
}.items():
    publish_alias(_name, _function)
    setattr(Tensor, f"{_name}_", getattr(Tensor, f"{_function.__name__}_"))


@torch_function
@tensor_method
def equal(input: Tensor, other: Tensor) -> bool:
    """Whether both have the same shape and elements."""
    return bool(xp.array_equal(input.array, other.array))


@torch_function
@tensor_method
def isclose(
    input: Tensor, other: Tensor, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False
) -> Tensor:
    """Where `|input - other| <= atol + rtol * |other|`."""
    require_tensors("isclose", input=input, other=other)
    for name, tolerance in (("rtol", rtol), ("atol", atol)):
        if tolerance < 0:
            raise RuntimeError(f"{name} must be greater than or equal to zero, but got {tolerance}")
    return IsClose(rtol, atol, equal_nan)(input, other)


class IsClose(Op):
    args = ("x", "y")
    differentiable = False
    formula = r"|x - y| \le \mathrm{atol} + \mathrm{rtol} \cdot |y|"
    vjp = ("0", "0")
    op_name = "isclose"

    def __init__(self, rtol: float, atol: float, equal_nan: bool) -> None:
        self.rtol, self.atol, self.equal_nan = rtol, atol, equal_nan

    def forward(self, x, y):
        if is_array(y) and x.dtype != y.dtype:
            have, want = of_array(x.dtype).scalar_name, of_array(y.dtype).scalar_name
            raise RuntimeError(f"{have} did not match {want}")
        return xp.isclose(x, y, self.rtol, self.atol, self.equal_nan)


@torch_function
@tensor_method
def allclose(
    input: Tensor, other: Tensor, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False
) -> bool:
    """Whether `|input - other| <= atol + rtol * |other|` everywhere."""
    return bool(isclose(input, other, rtol, atol, equal_nan).array.all())
