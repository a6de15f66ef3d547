"""Element-by-element operations of two or three tensors that torch has as one."""

from __future__ import annotations

from typing import Any

from gradviz.engine.backend import is_array, xp
from gradviz.engine.dtypes import float64, floating, of_array, promote, promote_all, promote_floating
from gradviz.engine.errors import require_kinds, require_tensors
from gradviz.engine.inplace import inplace
from gradviz.engine.ops.arithmetic import pow
from gradviz.engine.ops.pointwise import LN_2
from gradviz.engine.polymorphic import exp, masked, plain, zeros_as
from gradviz.engine.registry import result_of, tensor_method, torch_function
from gradviz.engine.tape import Op
from gradviz.engine.tensor import Tensor

FrexpResult = result_of("frexp", "mantissa", "exponent")


class Lerp(Op):
    args = ("start", "end", "weight")
    saves = ("start", "end", "weight")
    saved_for = {"start": ("weight",), "end": ("weight",), "weight": ("start", "end")}
    terms = ("start", "end")
    formula = r"\mathrm{start} + w\, (\mathrm{end} - \mathrm{start})"
    vjp = (r"g\, (1 - w)", r"g\, w", r"g \odot (\mathrm{end} - \mathrm{start})")
    symbols = {"w": "weight"}
    backward_name = "LerpBackward1"
    number_variants = {"weight": "LerpBackward0"}

    def forward(self, start, end, weight):
        for name, x in (("end", end), ("weight", weight)):
            if is_array(x) and x.dtype != start.dtype and (x.ndim or name == "end"):
                want, have = (of_array(a.dtype).c_name for a in (start, x))
                raise RuntimeError(f"expected dtype {want} for `{name}` but got dtype {have}")
        require_kinds("f", f"lerp_kernel_{'tensor' if is_array(weight) else 'scalar'}", start)
        return start + weight * (end - start)

    def backward(self, g, start, end, weight):
        g_ends = (None, None) if weight is None else (g * (1 - weight), g * weight)
        return (*g_ends, None if start is None else g * (end - start))


class Addcmul(Op):
    args = ("x", "a", "b")
    saves = ("a", "b")
    saved_for = {"a": ("b",), "b": ("a",)}
    terms = ("x", "a b")
    formula = r"x + v\, a \odot b"
    vjp = ("g", r"v\, g \odot b", r"v\, g \odot a")
    symbols = {"v": "value"}

    def __init__(self, value: float) -> None:
        self.value = value

    def forward(self, x, a, b):
        x, a, b = promote_all(x, a, b)
        value = self.value if x.dtype.kind == "f" else int(self.value)
        return x + value * a * b

    def backward(self, g, a, b):
        return g, None if b is None else g * b * self.value, None if a is None else g * a * self.value


INTEGER_ADDCDIV = (
    "Integer division with addcdiv is no longer supported, and in a future  release addcdiv will perform a "
    "true division of tensor1 and tensor2. The historic addcdiv behavior can be implemented as (input + "
    "value * torch.trunc(tensor1 / tensor2)).to(input.dtype) for integer inputs and as (input + value * "
    "tensor1 / tensor2) for float inputs. The future addcdiv behavior is just the latter implementation: "
    "(input + value * tensor1 / tensor2), for all dtypes."
)


class Addcdiv(Op):
    args = ("x", "a", "b")
    saves = ("a", "b")
    saved_for = {"a": ("b",)}
    terms = ("x", "a")
    formula = r"x + v\, a / b"
    vjp = ("g", r"v\, g / b", r"-v\, g \odot a / b^{2}")
    symbols = {"v": "value"}

    def __init__(self, value: float) -> None:
        self.value = value

    def forward(self, x, a, b):
        if a.dtype.kind != "f" and b.dtype.kind != "f":
            raise RuntimeError(INTEGER_ADDCDIV)
        x, a, b = promote_all(x, a, b)
        return x + self.value * a / b

    def backward(self, g, a, b):
        scaled = g * self.value / b
        return g, scaled, None if a is None else -scaled * a / b


class Logaddexp(Op):
    args = saves = ("x", "y")
    formula = r"\ln(e^{x} + e^{y})"
    vjp = (r"g / (1 + e^{y - x})", r"g / (1 + e^{x - y})")

    def forward(self, x, y):
        x, y = promote(x, y)
        require_kinds("f", "logaddexp_cpu", x)
        return xp.logaddexp(x, y)

    def backward(self, g, x, y):
        return g / (exp(y - x) + 1), g / (exp(x - y) + 1)


class Logaddexp2(Op):
    args = saves = ("x", "y")
    formula = r"\log_{2}(2^{x} + 2^{y})"
    vjp = (r"g / (1 + 2^{y - x})", r"g / (1 + 2^{x - y})")

    def forward(self, x, y):
        x, y = promote(x, y)
        require_kinds("f", "logaddexp2_cpu", x)
        return xp.logaddexp2(x, y)

    def backward(self, g, x, y):
        return g / (2 ** (y - x) + 1), g / (2 ** (x - y) + 1)


class Fmax(Op):
    args = saves = ("x", "y")
    formula = r"\max(x, y)"
    vjp = (r"g \odot 1[x \ge y]", r"g \odot 1[x < y]")

    def forward(self, x, y):
        return xp.fmax(*promote(x, y))

    def backward(self, g, x, y):
        x, y = plain(x), plain(y)
        first = (x >= y) | xp.isnan(y)
        return masked(g, first), masked(g, ~first)


class Fmin(Op):
    args = saves = ("x", "y")
    formula = r"\min(x, y)"
    vjp = (r"g \odot 1[x \le y]", r"g \odot 1[x > y]")

    def forward(self, x, y):
        return xp.fmin(*promote(x, y))

    def backward(self, g, x, y):
        x, y = plain(x), plain(y)
        first = (x <= y) | xp.isnan(y)
        return masked(g, first), masked(g, ~first)


class Copysign(Op):
    args = ("x", "y")
    saves = ("x", "out")
    formula = r"|x|\, \mathrm{sign}(y)"
    vjp = (r"g \odot \mathrm{out} / x", "0")

    number_variants = {"y": "CopysignBackward1"}

    def forward(self, x, y):
        x, y = promote_floating(x, y)
        return xp.copysign(x, y)

    def backward(self, g, x, out):
        ratio = xp.where(plain(x) == 0, 0, plain(out) / plain(x)).astype(plain(out).dtype)
        return g * ratio, zeros_as(g)


class Nextafter(Op):
    args = saves = ("x", "y")
    formula = r"\mathrm{next\ number\ from}\ x\ \mathrm{to}\ y"
    vjp = (r"g \odot 1[x \ne y]", "0")

    def forward(self, x, y):
        x, y = promote(x, y)
        require_kinds("f", "nextafter_cpu", x)
        return xp.nextafter(x, y)

    def backward(self, g, x, y):
        return masked(g, plain(x) != plain(y)), zeros_as(g)


class Heaviside(Op):
    args = ("x", "values")
    differentiable = False
    formula = r"1[x > 0] + \mathrm{values} \odot 1[x = 0]"
    vjp = ("0", "0")

    def forward(self, x, values):
        if x.dtype != values.dtype:
            raise RuntimeError("heaviside is not yet implemented for tensors with different dtypes.")
        return xp.where(x == 0, values, (x > 0).astype(x.dtype))


class Ldexp(Op):
    args = ("x", "power")
    saves = ("power", "out")
    formula = r"x\, 2^{\mathrm{power}}"
    vjp = (r"g \odot 2^{\mathrm{power}}", r"g \odot \mathrm{out} \ln 2")

    def forward(self, x, power):
        x, power = promote(x, power)
        return floating(x) * xp.exp2(floating(power))

    def backward(self, g, power, out):
        return g * 2.0**power, g * out * LN_2 if self.needs[1] else None


class Frexp(Op):
    args = ("x",)
    outputs = ("mantissa", "exponent")
    saves = ("exponent",)
    formula = r"(m, e)\ \mathrm{with}\ x = m\, 2^{e}"
    vjp = (r"g / 2^{\mathrm{exponent}}",)

    def forward(self, x):
        if x.dtype.kind != "f":
            raise RuntimeError("torch.frexp() only supports floating-point dtypes")
        return xp.frexp(x)

    def backward(self, g, g_exponent, exponent):
        return g / 2.0 ** plain(exponent).astype(plain(g).dtype)


class Hypot(Op):
    args = ("x", "y")
    saves = ("x", "y", "out")
    saved_for = {"x": ("x",), "y": ("y",)}
    formula = r"\sqrt{x^{2} + y^{2}}"
    vjp = (r"g \odot x / \mathrm{out}", r"g \odot y / \mathrm{out}")

    def forward(self, x, y):
        x, y = promote(x, y)
        require_kinds("f", "hypot_cpu", x)
        return xp.hypot(x, y)

    def backward(self, g, x, y, out):
        return None if x is None else g * x / out, None if y is None else g * y / out


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
    require_tensors("logaddexp", input=input, other=other)
    return Logaddexp()(input, other)


@torch_function
@tensor_method
def logaddexp2(input: Tensor, other: Tensor) -> Tensor:
    """`log2(2 ** input + 2 ** other)`, computed stably."""
    require_tensors("logaddexp2", input=input, other=other)
    return Logaddexp2()(input, other)


@torch_function
@tensor_method
def fmax(input: Tensor, other: Tensor) -> Tensor:
    """The larger of each pair, or the one that is not NaN."""
    require_tensors("fmax", input=input, other=other)
    return Fmax()(input, other)


@torch_function
@tensor_method
def fmin(input: Tensor, other: Tensor) -> Tensor:
    """The smaller of each pair, or the one that is not NaN."""
    require_tensors("fmin", input=input, other=other)
    return Fmin()(input, other)


@torch_function
@tensor_method
def copysign(input: Tensor, other: Any) -> Tensor:
    """The size of `input` with the sign of `other` (a tensor or a number)."""
    require_tensors("copysign", input=input)
    return Copysign()(input, other)


@torch_function
@tensor_method
def nextafter(input: Tensor, other: Tensor) -> Tensor:
    """The next floating-point number after `input` towards `other`."""
    require_tensors("nextafter", input=input, other=other)
    return Nextafter()(input, other)


@torch_function
@tensor_method
def heaviside(input: Tensor, values: Tensor) -> Tensor:
    """The step function: 0 below, 1 above, `values` at 0."""
    require_tensors("heaviside", input=input, values=values)
    return Heaviside()(input, values)


@torch_function
@tensor_method
def ldexp(input: Tensor, other: Tensor) -> Tensor:
    """`input * 2 ** other`."""
    require_tensors("ldexp", input=input, other=other)
    return Ldexp()(input, other)


@torch_function
@tensor_method
def frexp(input: Tensor) -> Any:
    """Mantissas in [0.5, 1) and exponents (int32) with `input = mantissa * 2 ** exponent`."""
    return FrexpResult(*Frexp()(input))


@tensor_method
def float_power_(self: Tensor, exponent: Any) -> Tensor:
    if self.dtype is not float64:
        raise RuntimeError(
            f"the base given to float_power_ has dtype {self.dtype.scalar_name} but the operation's result "
            "requires dtype Double"
        )
    return self.pow_(exponent.double() if isinstance(exponent, Tensor) else float(exponent))


@torch_function
@tensor_method
def float_power(input: Any, exponent: Any) -> Tensor:
    """`input ** exponent`, computed in float64."""
    return pow(*[x.double() if isinstance(x, Tensor) else float(x) for x in (input, exponent)])


@torch_function
@tensor_method
def hypot(input: Tensor, other: Tensor) -> Tensor:
    """`sqrt(input ** 2 + other ** 2)`."""
    require_tensors("hypot", input=input, other=other)
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


@tensor_method
def copysign_(self: Tensor, other: Any) -> Tensor:
    return inplace(Copysign(), self, other)


@tensor_method
def hypot_(self: Tensor, other: Any) -> Tensor:
    return inplace(Hypot(), self, other)


@tensor_method
def nextafter_(self: Tensor, other: Any) -> Tensor:
    return inplace(Nextafter(), self, other)


@tensor_method
def ldexp_(self: Tensor, other: Any) -> Tensor:
    return inplace(Ldexp(), self, other)


@tensor_method
def heaviside_(self: Tensor, values: Tensor) -> Tensor:
    return inplace(Heaviside(), self, values)
