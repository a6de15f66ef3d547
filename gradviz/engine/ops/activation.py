"""Activation functions."""

from __future__ import annotations

from typing import Any

from gradviz.engine.backend import Array, xp
from gradviz.engine.dtypes import floating
from gradviz.engine.errors import require_kinds
from gradviz.engine.explain.decomposition import Decomposition, Part, elements
from gradviz.engine.ops.erf import erf_of
from gradviz.engine.ops.joining import Cat
from gradviz.engine.ops.pointwise import unary
from gradviz.engine.polymorphic import exp, masked, plain, sigmoid_of, tanh_of
from gradviz.engine.registry import tensor_method, torch_function
from gradviz.engine.tape import Op
from gradviz.engine.tensor import Tensor

SELU_ALPHA, SELU_SCALE = 1.6732632423543772, 1.0507009873554805
SQRT_HALF, SQRT_TWO_OVER_PI, ONE_OVER_SQRT_2PI = 0.7071067811865476, 0.7978845608028654, 0.3989422804014327


class Relu(Op):
    args = ("x",)
    saves = ("out",)
    formula = r"\max(0, x)"
    vjp = (r"g \odot 1[\mathrm{out} > 0]",)

    def forward(self, x):
        if x.dtype == bool:
            raise RuntimeError("Boolean inputs not supported for relu")
        return xp.maximum(x, 0)

    def backward(self, g, out):
        return g * (plain(out) != 0)  # so that the gradient passes where x is NaN


class Sigmoid(Op):
    args = ("x",)
    saves = ("out",)
    formula = "1 / (1 + e^{-x})"
    vjp = (r"g \odot \mathrm{out} (1 - \mathrm{out})",)

    def forward(self, x):
        return sigmoid_of(floating(x))

    def backward(self, g, out):
        return g * (out * (1 - out))


class Tanh(Op):
    args = ("x",)
    saves = ("out",)
    formula = r"\tanh x"
    vjp = (r"g \odot (1 - \mathrm{out}^{2})",)

    def forward(self, x):
        return xp.tanh(floating(x))

    def backward(self, g, out):
        return g * (1 - out * out)


class LeakyRelu(Op):
    args = saves = ("x",)
    formula = r"x\ \mathrm{if}\ x > 0\ \mathrm{else}\ a x"
    vjp = (r"g \odot (1\ \mathrm{if}\ x > 0\ \mathrm{else}\ a)",)
    symbols = {"a": "negative_slope"}

    def __init__(self, negative_slope: float) -> None:
        self.negative_slope = negative_slope

    def forward(self, x):
        require_kinds("f", "leaky_relu_cpu", x)
        return xp.where(x > 0, x, x * self.negative_slope)

    def backward(self, g, x):
        return g * slopes(plain(x), self.negative_slope)


def slopes(x: Array, negative: float) -> Array:
    return xp.where(x > 0, x.dtype.type(1), x.dtype.type(negative))


class PreluKernel(Op):
    args = saves = ("x", "weight")
    formula = r"x\ \mathrm{if}\ x > 0\ \mathrm{else}\ w x"
    vjp = (r"g \odot (1\ \mathrm{if}\ x > 0\ \mathrm{else}\ w)", r"g \odot \min(0, x)")
    symbols = {"w": "weight"}

    def forward(self, x, weight):
        return xp.where(x > 0, x, x * weight)

    def backward(self, g, x, weight):
        positive = plain(x) > 0
        return g * positive + g * weight * ~positive, g * x * ~positive


class Elu(Op):
    args = saves = ("x",)
    formula = r"s\, (x\ \mathrm{if}\ x > 0\ \mathrm{else}\ a (e^{x} - 1))"
    vjp = (r"g \odot s\, (1\ \mathrm{if}\ x > 0\ \mathrm{else}\ a e^{x})",)
    symbols = {"a": "alpha", "s": "scale"}

    def __init__(self, alpha: float, scale: float = 1.0) -> None:
        self.alpha, self.scale = alpha, scale

    def forward(self, x):
        require_kinds("f", "elu_cpu", x)
        return self.scale * xp.where(x > 0, x, self.alpha * xp.expm1(xp.minimum(x, 0)))

    def backward(self, g, x):
        positive = ~(plain(x) <= 0)
        falling = exp(masked(x, ~positive)) * (self.alpha * ~positive)
        return g * (falling + positive) * self.scale


class Celu(Op):
    args = saves = ("x",)
    formula = r"x\ \mathrm{if}\ x > 0\ \mathrm{else}\ a (e^{x / a} - 1)"
    vjp = (r"g \odot (1\ \mathrm{if}\ x > 0\ \mathrm{else}\ e^{x / a})",)
    symbols = {"a": "alpha"}

    def __init__(self, alpha: float) -> None:
        self.alpha = alpha

    def forward(self, x):
        return xp.where(x > 0, x, self.alpha * xp.expm1(xp.minimum(x, 0) / self.alpha))

    def backward(self, g, x):
        positive = ~(plain(x) <= 0)
        return g * (exp(masked(x, ~positive) / self.alpha) * ~positive + positive)


class Gelu(Op):
    args = saves = ("x",)
    formula = r"x\, \Phi(x)"
    vjp = (r"g \odot (\Phi(x) + x\, \varphi(x))",)

    def forward(self, x):
        require_kinds("f", "GeluKernelImpl", x)
        return x * 0.5 * (1 + erf_of(x * SQRT_HALF))

    def backward(self, g, x):
        below = (erf(x * SQRT_HALF) + 1) * 0.5
        density = exp(x * x * -0.5) * ONE_OVER_SQRT_2PI
        return g * (below + x * density)


class GeluTanh(Op):
    """GELU by its tanh approximation."""

    args = saves = ("x",)
    formula = r"\frac{x}{2} (1 + \tanh(\sqrt{2 / \pi} (x + 0.044715 x^{3})))"
    vjp = (r"g \odot \mathrm{gelu}'(x)",)
    op_name = "gelu"
    backward_name = "GeluBackward0"

    def forward(self, x):
        require_kinds("f", "GeluKernelImpl", x)
        return 0.5 * x * (1 + xp.tanh(SQRT_TWO_OVER_PI * (x + 0.044715 * x * x * x)))

    def backward(self, g, x):
        t = tanh_of((x + x * x * x * 0.044715) * SQRT_TWO_OVER_PI)
        inner = (x * x * (3 * 0.044715) + 1) * SQRT_TWO_OVER_PI
        return g * ((t + 1) * 0.5 + x * 0.5 * (1 - t * t) * inner)


class Silu(Op):
    args = saves = ("x",)
    formula = r"x\, \sigma(x)"
    vjp = (r"g \odot \sigma(x) (1 + x (1 - \sigma(x)))",)

    def forward(self, x):
        require_kinds("f", "silu_cpu", x)
        return x * sigmoid_of(x)

    def backward(self, g, x):
        s = sigmoid_of(x)
        return g * (s * (x * (1 - s) + 1))


class Mish(Op):
    args = saves = ("x",)
    formula = r"x \tanh(\ln(1 + e^{x}))"
    vjp = (r"g \odot \mathrm{mish}'(x)",)

    def forward(self, x):
        require_kinds("f", "mish_cpu", x)
        return x * xp.tanh(xp.logaddexp(x, 0))

    def backward(self, g, x):
        t = tanh_of(softplus(x))
        return g * (t + x * (1 - t * t) * sigmoid_of(x))


class Softplus(Op):
    args = saves = ("x",)
    formula = r"\frac{1}{\beta} \ln(1 + e^{\beta x})"
    vjp = (r"g \odot \sigma(\beta x)",)

    def __init__(self, beta: float, threshold: float) -> None:
        self.beta, self.threshold = beta, threshold

    def forward(self, x):
        require_kinds("f", "softplus_cpu", x)
        scaled = x * self.beta
        return xp.where(scaled > self.threshold, x, xp.logaddexp(scaled, 0) / self.beta)

    def backward(self, g, x):
        linear = plain(x) * self.beta > self.threshold
        return g * (sigmoid_of(x * self.beta) * ~linear + linear)


class Glu(Op):
    """Half of the elements along a dimension, times the sigmoid of the other half."""

    args = saves = ("x",)
    formula = r"a\, \sigma(b),\ [a, b] = x"
    vjp = (r"[g \odot \sigma(b),\ g \odot a\, \sigma(b) (1 - \sigma(b))]",)
    symbols = {"a": "x", "b": "x"}

    def __init__(self, dim: int) -> None:
        self.dim = dim

    def halves(self, x):
        before = (slice(None),) * (self.dim % x.ndim)
        middle = x.shape[self.dim] // 2
        return x[(*before, slice(None, middle))], x[(*before, slice(middle, None))]

    def forward(self, x):
        a, b = self.halves(x)
        return a * sigmoid_of(b)

    def backward(self, g, x):
        a, b = self.halves(x)
        gate = sigmoid_of(b)
        return Cat(self.dim)(g * gate, g * a * gate * (1 - gate))

    def decompose(self, nr, index, x):
        a, b = (half[index].reshape(1) for half in self.halves(elements(x).reshape(x.shape)))
        flat = x.reshape(-1)
        part = Part(flat[a] * sigmoid_of(flat[b]), r"a\, \sigma(b)", (("x", a), ("x", b)))
        return Decomposition((part,))


class LogSigmoid(Op):
    args = saves = ("x",)
    formula = r"-\ln(1 + e^{-x})"
    vjp = (r"g \odot \sigma(-x)",)
    op_name = "logsigmoid"

    def forward(self, x):
        require_kinds("f", "log_sigmoid_cpu", x)
        return -xp.logaddexp(-x, 0)

    def backward(self, g, x):
        return g * sigmoid_of(-x)


class Dropout(Op):
    """Multiplies by a mask: 0 for what is dropped, 1 / (1 - p) for the rest (torch: MulBackward0)."""

    args = ("x", "noise")
    saves = ("noise",)
    formula = r"x \odot \mathrm{noise}"
    vjp = (r"g \odot \mathrm{noise}", "0")
    backward_name = "MulBackward0"

    def forward(self, x, noise):
        return x * noise

    def backward(self, g, noise):
        return g * noise, None


relu, sigmoid, tanh = unary(Relu), unary(Sigmoid), unary(Tanh)


def erf(x: Any) -> Any:
    return x.erf() if isinstance(x, Tensor) else erf_of(x)


def leaky_relu(input: Tensor, negative_slope: float = 0.01) -> Tensor:
    """`input` where it is positive, else `negative_slope * input`."""
    return LeakyRelu(negative_slope)(input)


@torch_function
@tensor_method
def prelu(input: Tensor, weight: Tensor) -> Tensor:
    """As `leaky_relu` with a learnable slope: one, or one per channel (dimension 1)."""
    if weight.ndim > 1:
        raise RuntimeError(
            f"prelu: Expected `weight` to be a scalar or 1D tensor, but got: ndim = {weight.ndim}"
        )
    if weight.numel() != 1:
        if not input.ndim:
            raise RuntimeError("Not allow zero-dim input tensor.")
        channels = input.shape[1] if input.ndim > 1 else 1
        if weight.numel() != channels:
            raise RuntimeError(
                "Mismatch of parameter numbers and input channel size. Found parameter numbers = "
                f"{weight.numel()} and channel size = {channels}."
            )
    if weight.ndim != input.ndim:
        weight = weight.reshape([weight.numel() if dim == 1 else 1 for dim in range(input.ndim)])
    return PreluKernel()(input, weight)


def elu(input: Tensor, alpha: float = 1.0) -> Tensor:
    """`input` where it is positive, else `alpha * (exp(input) - 1)`."""
    return Elu(alpha)(input)


@torch_function
def selu(input: Tensor) -> Tensor:
    """The scaled ELU of "Self-Normalizing Neural Networks" (2017)."""
    return Elu(SELU_ALPHA, SELU_SCALE)(input)


def gelu(input: Tensor, approximate: str = "none") -> Tensor:
    """`input` times the probability that a normal variable is smaller; approximate: "none" or "tanh"."""
    if approximate not in ("none", "tanh"):
        raise RuntimeError("approximate argument must be either none or tanh.")
    return (Gelu if approximate == "none" else GeluTanh)()(input)


def silu(input: Tensor) -> Tensor:
    """`input * sigmoid(input)`, also called swish."""
    return Silu()(input)


def mish(input: Tensor) -> Tensor:
    """`input * tanh(softplus(input))`."""
    return Mish()(input)


def softplus(input: Tensor, beta: float = 1.0, threshold: float = 20.0) -> Tensor:
    """`log(1 + exp(beta * input)) / beta`; linear where `beta * input` exceeds the threshold."""
    return Softplus(beta, threshold)(input)


def logsigmoid(input: Tensor) -> Tensor:
    """`log(sigmoid(input))`, computed stably."""
    return LogSigmoid()(input)
