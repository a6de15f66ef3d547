"""Arithmetic with two operands, broadcast and promoted by torch's rules."""

from __future__ import annotations

from typing import Any

from gradviz.engine.backend import Array, is_array, xp
from gradviz.engine.dtypes import promote, promote_floating
from gradviz.engine.errors import require_kinds, require_tensors
from gradviz.engine.inplace import inplace
from gradviz.engine.polymorphic import log, masked, plain
from gradviz.engine.registry import publish_alias, tensor_method, torch_function
from gradviz.engine.tape import Op
from gradviz.engine.tensor import Tensor

Operand = Tensor | Array | float | int | bool


class Add(Op):
    args = terms = ("x", "y")
    formula = "x + y"
    vjp = ("g", "g")

    def forward(self, x, y):
        x, y = promote(x, y)
        return x + y

    def backward(self, g):
        return g, g


class Sub(Op):
    args = terms = ("x", "y")
    formula = "x - y"
    vjp = ("g", "-g")

    def forward(self, x, y):
        _refuse_mask(x, y)
        x, y = promote(x, y)
        return x - y

    def backward(self, g):
        return g, -g if self.needs[1] else None


class AddMultiple(Op):
    args = terms = ("x", "y")
    formula = r"x + \alpha y"
    vjp = ("g", r"\alpha g")
    op_name = "add"
    backward_name = "AddBackward0"

    def __init__(self, alpha: float) -> None:
        self.alpha = alpha

    def forward(self, x, y):
        x, y = promote(x, y)
        return x + self.factor(xp.result_type(x, y)) * y

    def factor(self, array_dtype: Any) -> Any:
        """Alpha as a number of the result's dtype. Raises RuntimeError for a float beside integers."""
        if array_dtype.kind == "f":
            return self.alpha
        if isinstance(self.alpha, float):
            raise RuntimeError(
                "For integral input tensors, argument alpha must not be a floating point number."
            )
        return xp.asarray(self.alpha).astype(array_dtype)[()]

    def backward(self, g):
        return g, g * self.alpha


class SubMultiple(AddMultiple):
    formula = r"x - \alpha y"
    vjp = ("g", r"-\alpha g")
    op_name = "sub"
    backward_name = "SubBackward0"

    def __init__(self, alpha: float) -> None:
        super().__init__(-alpha)

    def forward(self, x, y):
        _refuse_mask(x, y)
        return super().forward(x, y)


class Rsub(Sub):
    """`number - x`, which torch records under a name of its own."""

    args = terms = ("y", "x")
    formula = r"x - \alpha y"
    vjp = (r"-\alpha g", "g")
    number_variants = {"x": "RsubBackward1"}

    def __init__(self, alpha: float = 1) -> None:
        self.alpha = alpha

    def forward(self, y, x):
        return super().forward(x, y if self.alpha == 1 else y * self.alpha)

    def backward(self, g):
        return -g if self.alpha == 1 else g * -self.alpha, g


class Mul(Op):
    args = saves = ("x", "y")
    saved_for = {"x": ("y",), "y": ("x",)}
    formula = r"x \odot y"
    vjp = (r"g \odot y", r"g \odot x")

    def forward(self, x, y):
        x, y = promote(x, y)
        return x * y

    def backward(self, g, x, y):
        return None if y is None else g * y, None if x is None else g * x


class Pow(Op):
    args = ("x", "y")
    saves = ("x", "y", "out")
    saved_for = {"out": ("y",)}
    formula = "x^{y}"
    vjp = (r"g \odot y\, x^{y - 1}", r"g \odot \mathrm{out} \ln x")
    backward_name = "PowBackward1"
    number_variants = {"x": "PowBackward2", "y": "PowBackward0"}

    def forward(self, x, y):
        self.constant_exponent = not is_array(y)
        x, y = promote(x, y)
        if type(y) is int and y == 2:
            return x * x
        if xp.result_type(x, y).kind == "i" and xp.any(xp.less(y, 0)):
            return self._of_integers(x, y)
        require_kinds("fiu", "pow", x if is_array(x) else y)
        return x**y

    def _of_integers(self, x: Any, y: Any) -> Array:
        """Integer powers some of which are negative: 0 unless the base is 1 or -1."""
        if self.constant_exponent:
            raise RuntimeError("Integers to negative integer powers are not allowed.")
        odd = xp.where(xp.equal(x, -1), 1 - 2 * xp.bitwise_and(y, 1), xp.equal(x, 1).astype(x.dtype))
        return xp.where(xp.less(y, 0), odd, x ** xp.maximum(y, 0))

    def backward(self, g, x, y, out):
        g_x = g_y = None
        if self.needs[0]:
            # Where y is 0 the slope is 0, although 0 * x^-1 may be NaN.
            g_x = g * masked(y * x ** (y - 1), xp.not_equal(plain(y), 0))
        if self.needs[1]:
            # x^y ln x tends to 0 as x does.
            vanishes = xp.logical_and(xp.equal(plain(x), 0), xp.greater_equal(plain(y), 0))
            g_y = g * masked(out * log(x), ~vanishes)
        return g_x, g_y


class Xlogy(Op):
    args = saves = ("x", "y")
    formula = r"x \ln y"
    vjp = (r"g \odot (0\ \mathrm{if}\ (x = 0) \wedge (y \le 0)\ \mathrm{else}\ \ln y)", r"g \odot x / y")
    number_variants = {"x": "XlogyBackward1", "y": "XlogyBackward2"}

    def forward(self, x, y):
        x, y = promote_floating(x, y)
        out = xp.where(xp.equal(x, 0), xp.where(xp.isnan(y), y, xp.multiply(x, 0)), x * xp.log(y))
        return out.astype(xp.result_type(x, y), copy=False)  # of a number NumPy makes a float64

    def backward(self, g, x, y):
        pole = xp.logical_and(xp.equal(plain(x), 0), xp.less_equal(plain(y), 0))
        g_x = g * masked(log(y), ~pole) if self.needs[0] else None
        return g_x, g * x / y if self.needs[1] else None


class Maximum(Op):
    args = saves = ("x", "y")
    formula = r"\max(x, y)"
    vjp = (r"g \odot (1[x > y] + \frac{1}{2} 1[x = y])", r"g \odot (1[x < y] + \frac{1}{2} 1[x = y])")

    def forward(self, x, y):
        return xp.maximum(*promote(x, y))

    def backward(self, g, x, y):
        x, y = plain(x), plain(y)
        return share_of_larger(g, x, y), share_of_larger(g, y, x)


class Minimum(Op):
    args = saves = ("x", "y")
    formula = r"\min(x, y)"
    vjp = (r"g \odot (1[x < y] + \frac{1}{2} 1[x = y])", r"g \odot (1[x > y] + \frac{1}{2} 1[x = y])")

    def forward(self, x, y):
        return xp.minimum(*promote(x, y))

    def backward(self, g, x, y):
        x, y = plain(x), plain(y)
        return share_of_larger(g, y, x), share_of_larger(g, x, y)


def share_of_larger(g: Any, x: Array, y: Array) -> Any:
    """`g` where x > y, half of it where they are equal, else 0; for NaN all of it on both sides."""
    share = (~(x < y) - 0.5 * (x == y)).astype(x.dtype)
    return masked(g * share, share != 0)


class Atan2(Op):
    args = saves = ("y", "x")
    formula = r"\mathrm{atan2}(y, x)"
    vjp = (r"g \odot x / (x^{2} + y^{2})", r"-g \odot y / (x^{2} + y^{2})")

    def forward(self, y, x):
        return xp.arctan2(*promote_floating(y, x))

    def backward(self, g, y, x):
        squares = x * x + y * y
        scaled_g = masked(g / squares, plain(squares) != 0)  # 0 at the origin
        return scaled_g * x, -scaled_g * y


def _refuse_mask(x: Any, y: Any) -> None:
    x_is_mask, y_is_mask = _is_mask(x), _is_mask(y)
    if x_is_mask and y_is_mask:
        raise RuntimeError(
            "Subtraction, the `-` operator, with two bool tensors is not supported. Use the `^` or "
            "`logical_xor()` operator instead."
        )
    if x_is_mask or y_is_mask:
        raise RuntimeError(
            "Subtraction, the `-` operator, with a bool tensor is not supported. If you are trying to "
            "invert a mask, use the `~` or `logical_not()` operator instead."
        )


def _is_mask(x: Any) -> bool:
    return x.dtype.kind == "b" if is_array(x) else isinstance(x, bool)


@torch_function
@tensor_method
def add(input: Operand, other: Operand, *, alpha: float = 1) -> Tensor:
    """`input + alpha * other`."""
    return (Add() if alpha == 1 else AddMultiple(alpha))(input, other)


@torch_function
@tensor_method
def sub(input: Operand, other: Operand, *, alpha: float = 1) -> Tensor:
    """`input - alpha * other`."""
    return (Sub() if alpha == 1 else SubMultiple(alpha))(input, other)


@torch_function
def rsub(input: Tensor, other: Operand, *, alpha: float = 1) -> Tensor:
    """`other - alpha * input`."""
    require_tensors("rsub", input=input)
    return Rsub(alpha)(input, other)


@torch_function
@tensor_method
def mul(input: Operand, other: Operand) -> Tensor:
    """`input * other`, element by element."""
    return Mul()(input, other)


@torch_function
@tensor_method
def pow(input: Operand, exponent: Operand) -> Tensor:
    """`input ** exponent`."""
    return Pow()(input, exponent)


@torch_function
@tensor_method
def xlogy(input: Operand, other: Operand) -> Tensor:
    """`input * log(other)`, and 0 where input is 0."""
    return Xlogy()(input, other)


@torch_function
@tensor_method
def maximum(input: Tensor, other: Tensor) -> Tensor:
    """The larger of each pair; a tie's gradient is split evenly."""
    require_tensors("maximum", input=input, other=other)
    return Maximum()(input, other)


@torch_function
@tensor_method
def minimum(input: Tensor, other: Tensor) -> Tensor:
    """The smaller of each pair; a tie's gradient is split evenly."""
    require_tensors("minimum", input=input, other=other)
    return Minimum()(input, other)


@torch_function
@tensor_method
def atan2(input: Tensor, other: Tensor) -> Tensor:
    """The angle of the point (other, input), in radians."""
    require_tensors("atan2", input=input, other=other)
    return Atan2()(input, other)


@tensor_method
def add_(self: Tensor, other: Operand, *, alpha: float = 1) -> Tensor:
    return inplace(Add() if alpha == 1 else AddMultiple(alpha), self, other)


@tensor_method
def sub_(self: Tensor, other: Operand, *, alpha: float = 1) -> Tensor:
    return inplace(Sub() if alpha == 1 else SubMultiple(alpha), self, other)


@tensor_method
def mul_(self: Tensor, other: Operand) -> Tensor:
    return inplace(Mul(), self, other)


@tensor_method
def pow_(self: Tensor, exponent: Operand) -> Tensor:
    return inplace(Pow(), self, exponent)


@torch_function
@tensor_method
def xlogy_(self: Tensor, other: Operand) -> Tensor:
    return inplace(Xlogy(), self, other)


@tensor_method
def atan2_(self: Tensor, other: Tensor) -> Tensor:
    return inplace(Atan2(), self, other)


for _name, _function in {
    "subtract": sub,
    "multiply": mul,
    "arctan2": atan2,
}.items():
    publish_alias(_name, _function)
Tensor.subtract_, Tensor.multiply_ = sub_, mul_
Tensor.arctan2_ = atan2_
