"""Activation functions with the arguments of torch.nn.functional; the operations are in ops/activation.py.

Where torch allows `inplace`, the result is written over the input.
"""

from __future__ import annotations

import warnings
from typing import Any

from gradviz.engine import random
from gradviz.engine.backend import beside, xp
from gradviz.engine.creation import empty_like, zeros_like
from gradviz.engine.dtypes import finfo
from gradviz.engine.inplace import inplace as run_inplace
from gradviz.engine.ops import activation as ops
from gradviz.engine.ops import piecewise
from gradviz.engine.ops import softmax as softmax_ops
from gradviz.engine.tape import Op
from gradviz.engine.tensor import Tensor

# Nodes that torch calls differently when the result is written over the input.
IN_PLACE = {
    f"{name}Backward0": f"{name}Backward1"
    for name in ("LeakyRelu", "RreluWithNoise", "Elu", "Celu", "Threshold")
}


def _run(op: Op, input: Tensor, inplace: bool) -> Tensor:
    if not inplace:
        return op(input)
    op.backward_name = IN_PLACE.get(op.backward_name, op.backward_name)
    return run_inplace(op, input)


def relu(input: Tensor, inplace: bool = False) -> Tensor:
    """max(0, x)"""
    return _run(ops.Relu(), input, inplace)


def leaky_relu(input: Tensor, negative_slope: float = 0.01, inplace: bool = False) -> Tensor:
    """x where x > 0, else negative_slope · x"""
    return _run(ops.LeakyRelu(negative_slope), input, inplace)


def elu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """x where x > 0, else alpha · (exp(x) - 1)"""
    return _run(ops.Elu(alpha), input, inplace)


def selu(input: Tensor, inplace: bool = False) -> Tensor:
    """scale · elu(x), with constants that keep mean 0 and variance 1"""
    return _run(ops.Elu(ops.SELU_ALPHA, ops.SELU_SCALE), input, inplace)


def celu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """max(0, x) + min(0, alpha · (exp(x / alpha) - 1))"""
    return _run(ops.Celu(alpha), input, inplace)


def silu(input: Tensor, inplace: bool = False) -> Tensor:
    """x · sigmoid(x)"""
    return _run(ops.Silu(), input, inplace)


def mish(input: Tensor, inplace: bool = False) -> Tensor:
    """x · tanh(softplus(x))"""
    return _run(ops.Mish(), input, inplace)


def hardtanh(input: Tensor, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> Tensor:
    """min(max(x, min_val), max_val)"""
    if min_val > max_val:
        raise ValueError("min_val cannot be greater than max_val")
    return _run(piecewise.Hardtanh(min_val, max_val), input, inplace)


def relu6(input: Tensor, inplace: bool = False) -> Tensor:
    """min(max(0, x), 6)"""
    return hardtanh(input, 0.0, 6.0, inplace)


def hardsigmoid(input: Tensor, inplace: bool = False) -> Tensor:
    """min(max(0, x + 3), 6) / 6"""
    return _run(piecewise.Hardsigmoid(), input, inplace)


def hardswish(input: Tensor, inplace: bool = False) -> Tensor:
    """x · min(max(0, x + 3), 6) / 6"""
    return _run(piecewise.Hardswish(), input, inplace)


def threshold(input: Tensor, threshold: float, value: float, inplace: bool = False) -> Tensor:
    """x where x > threshold, else value"""
    return _run(piecewise.Threshold(threshold, value), input, inplace)


def hardshrink(input: Tensor, lambd: float = 0.5) -> Tensor:
    """x where |x| > lambd, else 0"""
    return piecewise.Hardshrink(lambd)(input)


def softshrink(input: Tensor, lambd: float = 0.5) -> Tensor:
    """x moved towards 0 by lambd"""
    if lambd < 0:
        largest = finfo(input.dtype).max
        raise RuntimeError(
            f"lambda must be in range [0, {largest:g}] for input dtype {input.dtype.scalar_name}, but found "
            f"{lambd:g}"
        )
    return piecewise.Softshrink(lambd)(input)


def tanhshrink(input: Tensor) -> Tensor:
    """x - tanh(x)"""
    return input - input.tanh()


def softsign(input: Tensor) -> Tensor:
    """x / (1 + |x|)"""
    return input / (input.abs() + 1)


def rrelu(
    input: Tensor,
    lower: float = 1.0 / 8,
    upper: float = 1.0 / 3,
    training: bool = False,
    inplace: bool = False,
) -> Tensor:
    """x where x > 0, else a · x; in training a is drawn for every element, else it is the middle."""
    if lower > upper:
        raise RuntimeError("Lower bound should be less than or equal to the upper bound")
    x = input.array
    slopes = xp.where(x <= 0, x.dtype.type((lower + upper) / 2), x.dtype.type(1))
    if training:
        falling = xp.nonzero(x.reshape(-1) <= 0)[0]
        drawn = random.uniform(len(falling), lower, upper, "float64")
        slopes.reshape(-1)[falling] = beside(drawn, slopes)
    return _run(piecewise.RreluWithNoise(slopes), input, inplace)


def glu(input: Tensor, dim: int = -1) -> Tensor:
    """a · sigmoid(b), a and b being the halves of x along `dim`"""
    if input.shape[dim] % 2:
        raise RuntimeError(
            f"Halving dimension must be even, but dimension {dim % input.ndim} is size {input.shape[dim]}"
        )
    return ops.Glu(dim)(input)


def _chosen_dim(name: str, input: Tensor, dim: int | None, stacklevel: int) -> int:
    """`dim`, or with a warning the one that torch used to choose."""
    if dim is not None:
        return dim
    warnings.warn(
        f"Implicit dimension choice for {name} has been deprecated. Change the call to include dim=X as an "
        "argument.",
        stacklevel=stacklevel,
    )
    return 0 if input.ndim in (0, 1, 3) else 1


def softmax(input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None) -> Tensor:
    """exp(x) / Σ exp(x) along `dim`"""
    return softmax_ops.softmax(input, _chosen_dim("softmax", input, dim, _stacklevel), dtype)


def log_softmax(input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None) -> Tensor:
    """log(softmax(x)) along `dim`"""
    return softmax_ops.log_softmax(input, _chosen_dim("log_softmax", input, dim, _stacklevel), dtype)


def softmin(input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None) -> Tensor:
    """softmax(-x) along `dim`"""
    return softmax_ops.softmax(-input, _chosen_dim("softmin", input, dim, _stacklevel), dtype)


def gumbel_softmax(
    logits: Tensor, tau: float = 1, hard: bool = False, eps: float = 1e-10, dim: int = -1
) -> Tensor:
    """Samples of the Gumbel-softmax distribution: the nearer to one-hot vectors the lower `tau`.

    With `hard` they are one-hot, and differentiated as if they were not.
    """
    noise = -empty_like(logits).exponential_().log()
    soft = softmax_ops.softmax((logits + noise) / tau, dim)
    if not hard:
        return soft
    chosen = soft.argmax(dim, keepdim=True)
    return zeros_like(logits).scatter_(dim, chosen, 1.0) - soft.detach() + soft


# -- over the input ------------------------------------------------------------------------------------


def relu_(input: Tensor) -> Tensor:
    """`relu`, written over the input."""
    return relu(input, inplace=True)


def leaky_relu_(input: Tensor, negative_slope: float = 0.01) -> Tensor:
    """`leaky_relu`, written over the input."""
    return leaky_relu(input, negative_slope, inplace=True)


def elu_(input: Tensor, alpha: float = 1.0) -> Tensor:
    """`elu`, written over the input."""
    return elu(input, alpha, inplace=True)


def selu_(input: Tensor) -> Tensor:
    """`selu`, written over the input."""
    return selu(input, inplace=True)


def celu_(input: Tensor, alpha: float = 1.0) -> Tensor:
    """`celu`, written over the input."""
    return celu(input, alpha, inplace=True)


def hardtanh_(input: Tensor, min_val: float = -1.0, max_val: float = 1.0) -> Tensor:
    """`hardtanh`, written over the input."""
    return hardtanh(input, min_val, max_val, inplace=True)


def threshold_(input: Tensor, threshold: float, value: float) -> Tensor:
    """`threshold`, written over the input."""
    return _run(piecewise.Threshold(threshold, value), input, True)


def rrelu_(input: Tensor, lower: float = 1.0 / 8, upper: float = 1.0 / 3, training: bool = False) -> Tensor:
    """`rrelu`, written over the input."""
    return rrelu(input, lower, upper, training, inplace=True)
