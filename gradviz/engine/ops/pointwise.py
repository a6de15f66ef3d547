"""Functions of one tensor, element by element. Integers are computed in the default float dtype."""

from __future__ import annotations

from collections.abc import Callable

from gradviz.engine.backend import Array, xp
from gradviz.engine.dtypes import floating
from gradviz.engine.errors import require_kinds
from gradviz.engine.inplace import inplace
from gradviz.engine.ops.erf import erf_of
from gradviz.engine.polymorphic import plain, zeros_as
from gradviz.engine.registry import publish_alias, tensor_method, torch_function
from gradviz.engine.tape import Op
from gradviz.engine.tensor import Tensor


class Neg(Op):
    args = ("x",)
    formula = "-x"
    vjp = ("-g",)

    def forward(self, x):
        if x.dtype == bool:
            raise RuntimeError(
                "Negation, the `-` operator, on a bool tensor is not supported. If you are trying to "
                "invert a mask, use the `~` or `logical_not()` operator instead."
            )
        return -x

    def backward(self, g):
        return -g


class Abs(Op):
    args = saves = ("x",)
    formula = "|x|"
    vjp = (r"g \odot \mathrm{sign}(x)",)

    def forward(self, x):
        require_kinds("fiu", "abs_cpu", x)
        return xp.abs(x)

    def backward(self, g, x):
        return g * sign_of(plain(x))


class Exp(Op):
    args = ("x",)
    saves = ("out",)
    formula = "e^{x}"
    vjp = (r"g \odot \mathrm{out}",)

    def forward(self, x):
        return xp.exp(floating(x))

    def backward(self, g, out):
        return g * out


class Exp2(Op):
    args = ("x",)
    saves = ("out",)
    formula = "2^{x}"
    vjp = (r"g \odot \mathrm{out} \ln 2",)

    def forward(self, x):
        return xp.exp2(floating(x))

    def backward(self, g, out):
        return g * out * LN_2


class Expm1(Op):
    args = ("x",)
    saves = ("out",)
    formula = "e^{x} - 1"
    vjp = (r"g \odot (\mathrm{out} + 1)",)

    def forward(self, x):
        return xp.expm1(floating(x))

    def backward(self, g, out):
        return g * (out + 1)


class Log(Op):
    args = saves = ("x",)
    formula = r"\ln x"
    vjp = ("g / x",)

    def forward(self, x):
        return xp.log(floating(x))

    def backward(self, g, x):
        return g / x


class Log2(Op):
    args = saves = ("x",)
    formula = r"\log_{2} x"
    vjp = (r"g / (x \ln 2)",)

    def forward(self, x):
        return xp.log2(floating(x))

    def backward(self, g, x):
        return g / (x * LN_2)


class Log10(Op):
    args = saves = ("x",)
    formula = r"\log_{10} x"
    vjp = (r"g / (x \ln 10)",)

    def forward(self, x):
        return xp.log10(floating(x))

    def backward(self, g, x):
        return g / (x * LN_10)


class Log1P(Op):
    args = saves = ("x",)
    formula = r"\ln(1 + x)"
    vjp = ("g / (1 + x)",)
    op_name = "log1p"
    backward_name = "Log1PBackward0"

    def forward(self, x):
        return xp.log1p(floating(x))

    def backward(self, g, x):
        return g / (x + 1)


class Sqrt(Op):
    args = ("x",)
    saves = ("out",)
    formula = r"\sqrt{x}"
    vjp = (r"g / (2\, \mathrm{out})",)

    def forward(self, x):
        return xp.sqrt(floating(x))

    def backward(self, g, out):
        return g / (out * 2)


class Rsqrt(Op):
    args = ("x",)
    saves = ("out",)
    formula = r"1 / \sqrt{x}"
    vjp = (r"-\frac{1}{2} g \odot \mathrm{out}^{3}",)

    def forward(self, x):
        return 1 / xp.sqrt(floating(x))

    def backward(self, g, out):
        return g * out * out * out * -0.5


class Reciprocal(Op):
    args = ("x",)
    saves = ("out",)
    formula = "1 / x"
    vjp = (r"-g \odot \mathrm{out}^{2}",)

    def forward(self, x):
        return 1 / floating(x)

    def backward(self, g, out):
        return -g * (out * out)


class Erf(Op):
    args = saves = ("x",)
    formula = r"\frac{2}{\sqrt{\pi}} \int_{0}^{x} e^{-t^{2}} dt"
    vjp = (r"g \odot \frac{2}{\sqrt{\pi}} e^{-x^{2}}",)

    def forward(self, x):
        return erf_of(floating(x))

    def backward(self, g, x):
        return g * exp(-x * x) * TWO_OVER_SQRT_PI


class Step(Op):
    """A function that is constant almost everywhere, so that its gradient is 0."""

    args = ("x",)
    vjp = ("0",)

    def backward(self, g):
        return zeros_as(g)


class Floor(Step):
    formula = r"\lfloor x \rfloor"

    def forward(self, x):
        require_kinds("fiu", "floor_vml_cpu", x)
        return xp.floor(x) if x.dtype.kind == "f" else x.copy()


class Ceil(Step):
    formula = r"\lceil x \rceil"

    def forward(self, x):
        require_kinds("fiu", "ceil_vml_cpu", x)
        return xp.ceil(x) if x.dtype.kind == "f" else x.copy()


class Trunc(Step):
    formula = r"\mathrm{trunc}(x)"

    def forward(self, x):
        require_kinds("fiu", "trunc_vml_cpu", x)
        return xp.trunc(x) if x.dtype.kind == "f" else x.copy()


class Round(Step):
    """Halves go to the even neighbour."""

    formula = r"\mathrm{round}(x)"

    def __init__(self, decimals: int | None = None) -> None:
        self.decimals = decimals or 0
        if decimals is not None:
            self.backward_name = "RoundBackward1"

    def forward(self, x):
        require_kinds("fiu", "round_vml_cpu", x)
        return xp.round(x, self.decimals)


def sign_of(x: Array) -> Array:
    """1, 0 or -1; for NaN 0, unlike NumPy."""
    return xp.subtract(x > 0, x < 0, dtype=x.dtype)


class Sign(Step):
    formula = r"\mathrm{sign}(x)"

    def forward(self, x):
        if x.dtype == bool:
            return x.copy()
        return sign_of(x)


class Sgn(Sign):
    """`sign` by its other name, under which torch takes complex numbers, too."""


class Frac(Op):
    args = ("x",)
    formula = r"x - \mathrm{trunc}(x)"
    vjp = ("g",)

    def forward(self, x):
        require_kinds("f", "frac_cpu", x)
        return x - xp.trunc(x)

    def backward(self, g):
        return g


class NanToNum(Op):
    args = saves = ("x",)
    formula = r"x\ \mathrm{or\ a\ number}"
    vjp = (r"g \odot 1[x\ \mathrm{finite}]",)

    def __init__(self, nan: float, posinf: float | None, neginf: float | None) -> None:
        self.nan, self.posinf, self.neginf = nan, posinf, neginf

    def forward(self, x):
        return xp.nan_to_num(x, nan=self.nan, posinf=self.posinf, neginf=self.neginf)

    def backward(self, g, x):
        return g * xp.isfinite(plain(x))


LN_2, LN_10 = 0.6931471805599453, 2.302585092994046
TWO_OVER_SQRT_PI = 1.1283791670955126


def unary(op: type[Op]) -> Callable[[Tensor], Tensor]:
    """Publishes an operation of one tensor as torch.name, Tensor.name and the in-place Tensor.name_."""

    def function(input: Tensor) -> Tensor:
        return op()(input)

    def changing(self: Tensor) -> Tensor:
        return inplace(op(), self)

    function.__name__ = function.__qualname__ = op.op_name
    changing.__name__ = changing.__qualname__ = f"{op.op_name}_"
    function.__doc__ = changing.__doc__ = op.__doc__
    tensor_method(torch_function(changing))
    return tensor_method(torch_function(function))


def publish_unary_alias(name: str, function: Callable) -> None:
    """Publishes what `unary` made, and its in-place form, under a second name."""
    publish_alias(name, function)
    publish_alias(f"{name}_", getattr(Tensor, f"{function.__name__}_"))


neg, abs, sign, sgn = unary(Neg), unary(Abs), unary(Sign), unary(Sgn)
frac, erf = unary(Frac), unary(Erf)
exp, exp2, expm1, reciprocal = unary(Exp), unary(Exp2), unary(Expm1), unary(Reciprocal)
log, log2, log10, log1p = unary(Log), unary(Log2), unary(Log10), unary(Log1P)
sqrt, rsqrt = unary(Sqrt), unary(Rsqrt)
floor, ceil, trunc = unary(Floor), unary(Ceil), unary(Trunc)

ALIASES = {"negative": neg, "absolute": abs, "fix": trunc}
for _name, _function in ALIASES.items():
    publish_unary_alias(_name, _function)


@torch_function
@tensor_method
def round(input: Tensor, *, decimals: int | None = None) -> Tensor:
    """The nearest number with that many decimals; halves go to the even neighbour."""
    return Round(decimals)(input)


@torch_function
@tensor_method
def round_(self: Tensor, *, decimals: int | None = None) -> Tensor:
    return inplace(Round(decimals), self)


@torch_function
@tensor_method
def square(input: Tensor) -> Tensor:
    """`input ** 2`."""
    return input**2


@torch_function
@tensor_method
def square_(self: Tensor) -> Tensor:
    return self.pow_(2)


@torch_function
@tensor_method
def positive(input: Tensor) -> Tensor:
    """`input` itself."""
    if plain(input).dtype == bool:
        raise RuntimeError("The `+` operator, on a bool tensor is not supported.")
    return input


@torch_function
@tensor_method
def nan_to_num(
    input: Tensor, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None
) -> Tensor:
    """NaN and infinities replaced by numbers (the largest finite ones by default)."""
    return NanToNum(nan, posinf, neginf)(input)


@torch_function
@tensor_method
def nan_to_num_(
    self: Tensor, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None
) -> Tensor:
    return inplace(NanToNum(nan, posinf, neginf), self)
