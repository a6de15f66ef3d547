"""torch.nn.init: fill tensors with starting values, in place. The random ones draw as torch draws.

Source: https://docs.pytorch.org/docs/stable/nn.init.html
"""

from __future__ import annotations

import functools
import math
import warnings
from collections.abc import Callable
from statistics import NormalDist
from typing import Any

from gradviz.engine import random
from gradviz.engine.backend import asarray, beside, xp
from gradviz.engine.random import Generator
from gradviz.engine.tensor import Tensor, begin_change, end_change


def overwrite(tensor: Tensor, values: Any) -> Tensor:
    """Put `values` (an array or a number) into the tensor, outside the graph; return the tensor."""
    begin_change(tensor)
    tensor.array[...] = beside(asarray(values), tensor.array)
    end_change(tensor)
    return tensor


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """The scale of weights before a nonlinearity that keeps the variance; `param`: leaky_relu's slope."""
    if nonlinearity == "leaky_relu":
        slope = 0.01 if param is None else param
        if isinstance(slope, bool) or not isinstance(slope, int | float):
            raise ValueError(f"negative_slope {param} not a valid number")
        return math.sqrt(2.0 / (1 + slope**2))
    gains = {"tanh": 5.0 / 3, "relu": math.sqrt(2.0), "selu": 3.0 / 4, "sigmoid": 1.0, "linear": 1.0}
    gains |= {f"conv{transposed}{n}d": 1.0 for transposed in ("", "_transpose") for n in (1, 2, 3)}
    if nonlinearity not in gains:
        raise ValueError(f"Unsupported nonlinearity {nonlinearity}")
    return gains[nonlinearity]


def _calculate_fan_in_and_fan_out(tensor: Tensor) -> tuple[int, int]:
    """(fan_in, fan_out) of a weight of shape (out, in, …)."""
    if tensor.ndim < 2:
        raise ValueError("Fan in and fan out can not be computed for tensor with fewer than 2 dimensions")
    receptive_field = math.prod(tensor.shape[2:])
    return tensor.shape[1] * receptive_field, tensor.shape[0] * receptive_field


def _kaiming_std(tensor: Tensor, a: float, mode: str, nonlinearity: str) -> float:
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"Mode {mode} not supported, please use one of ['fan_in', 'fan_out']")
    fan = _calculate_fan_in_and_fan_out(tensor)[mode == "fan_out"]
    return calculate_gain(nonlinearity, a) / math.sqrt(fan)


def uniform_(tensor: Tensor, a: float = 0.0, b: float = 1.0, generator: Generator | None = None) -> Tensor:
    """Uniform in [a, b)."""
    return overwrite(tensor, random.uniform(tensor.array.shape, a, b, tensor.array.dtype, generator))


def normal_(
    tensor: Tensor, mean: float = 0.0, std: float = 1.0, generator: Generator | None = None
) -> Tensor:
    """Normal with this mean and standard deviation."""
    return overwrite(tensor, random.normal(tensor.array.shape, mean, std, tensor.array.dtype, generator))


def trunc_normal_(
    tensor: Tensor,
    mean: float = 0.0,
    std: float = 1.0,
    a: float = -2.0,
    b: float = 2.0,
    generator: Generator | None = None,
) -> Tensor:
    """Normal, of values in [a, b] only: what falls outside is drawn again."""
    share = NormalDist(mean, std).cdf(b) - NormalDist(mean, std).cdf(a)
    shape, dtype = tensor.array.shape, tensor.array.dtype
    values = xp.zeros(shape, dtype)
    pending = xp.ones(shape, bool)
    while pending.any():
        # The whole tensor is drawn every time, as torch does it: the random stream advances alike.
        if share > 0.3:
            drawn = random.normal(shape, mean, std, dtype, generator)
            accepted = (drawn >= a) & (drawn <= b)
        else:  # few normal numbers would fit: even ones, kept in proportion to the density
            drawn = random.uniform(shape, a, b, dtype, generator)
            peak = ((max(a, min(mean, b)) - mean) / std) ** 2
            chance = xp.log(random.uniform(shape, 0.0, 1.0, dtype, generator))
            accepted = chance <= (peak - ((drawn - mean) / std) ** 2) / 2
        values = xp.where(pending, drawn, values)
        pending &= ~accepted
    return overwrite(tensor, values)


def constant_(tensor: Tensor, val: float) -> Tensor:
    """The same value everywhere."""
    return overwrite(tensor, val)


def ones_(tensor: Tensor) -> Tensor:
    """Ones."""
    return constant_(tensor, 1.0)


def zeros_(tensor: Tensor) -> Tensor:
    """Zeros."""
    return constant_(tensor, 0.0)


def eye_(tensor: Tensor) -> Tensor:
    """The identity matrix, cut or filled up with zeros."""
    if tensor.ndim != 2:
        raise ValueError("Only tensors with 2 dimensions are supported")
    return overwrite(tensor, xp.eye(*tensor.array.shape))


def xavier_uniform_(tensor: Tensor, gain: float = 1.0, generator: Generator | None = None) -> Tensor:
    """Uniform in ±gain·√(6 / (fan_in + fan_out)) (Glorot and Bengio, 2010)."""
    bound = math.sqrt(3.0) * gain * math.sqrt(2.0 / sum(_calculate_fan_in_and_fan_out(tensor)))
    return uniform_(tensor, -bound, bound, generator)


def xavier_normal_(tensor: Tensor, gain: float = 1.0, generator: Generator | None = None) -> Tensor:
    """Normal of deviation gain·√(2 / (fan_in + fan_out)) (Glorot and Bengio, 2010)."""
    return normal_(tensor, 0.0, gain * math.sqrt(2.0 / sum(_calculate_fan_in_and_fan_out(tensor))), generator)


def kaiming_uniform_(
    tensor: Tensor,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Generator | None = None,
) -> Tensor:
    """Uniform in ±gain·√(3 / fan); `a` is leaky_relu's slope (He et al., 2015)."""
    if tensor.numel() == 0:
        warnings.warn("Initializing zero-element tensors is a no-op", stacklevel=2)
        return tensor
    bound = math.sqrt(3.0) * _kaiming_std(tensor, a, mode, nonlinearity)
    return uniform_(tensor, -bound, bound, generator)


def kaiming_normal_(
    tensor: Tensor,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Generator | None = None,
) -> Tensor:
    """Normal of deviation gain / √fan; `a` is leaky_relu's slope (He et al., 2015)."""
    if tensor.numel() == 0:
        warnings.warn("Initializing zero-element tensors is a no-op", stacklevel=2)
        return tensor
    return normal_(tensor, 0.0, _kaiming_std(tensor, a, mode, nonlinearity), generator)


def orthogonal_(tensor: Tensor, gain: float = 1, generator: Generator | None = None) -> Tensor:
    """A (semi-)orthogonal matrix of shape (first size, the rest) (Saxe et al., 2013)."""
    if tensor.ndim < 2:
        raise ValueError("Only tensors with 2 or more dimensions are supported")
    rows = tensor.shape[0]
    matrix = random.randn((rows, tensor.numel() // rows), tensor.array.dtype, generator)
    wide = matrix.shape[0] < matrix.shape[1]
    q, r = xp.linalg.qr(matrix.T if wide else matrix)
    q = q * xp.sign(xp.diag(r))  # makes the factorization unique
    return overwrite(tensor, gain * (q.T if wide else q).reshape(tensor.array.shape))


def sparse_(tensor: Tensor, sparsity: float, std: float = 0.01, generator: Generator | None = None) -> Tensor:
    """Normal of deviation `std`, with the share `sparsity` of every column at 0 (Martens, 2010)."""
    if tensor.ndim != 2:
        raise ValueError("Only tensors with 2 dimensions are supported")
    rows, columns = tensor.array.shape
    values = random.normal((rows, columns), 0.0, std, tensor.array.dtype, generator)
    for column in range(columns):
        values[random.randperm(rows)[: math.ceil(sparsity * rows)], column] = 0
    return overwrite(tensor, values)


def dirac_(tensor: Tensor, groups: int = 1) -> Tensor:
    """Weights (out, in, …) of a convolution that passes its channels on unchanged, in each of `groups`."""
    if tensor.ndim not in (3, 4, 5):
        raise ValueError("Only tensors with 3, 4, or 5 dimensions are supported")
    channels, inputs, *kernel = tensor.array.shape
    if channels % groups:
        raise ValueError("dim 0 must be divisible by groups")
    values = xp.zeros(tensor.array.shape, tensor.array.dtype)
    center = tuple(size // 2 for size in kernel)
    for channel in range(channels):
        inside = channel % (channels // groups)
        if inside < inputs:
            values[(channel, inside, *center)] = 1
    return overwrite(tensor, values)


def _deprecated(fill: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """A filling function under the name without "_" that it had before torch 0.4."""
    new_name = fill.__name__
    old_name = new_name.removesuffix("_")

    @functools.wraps(fill)
    def old(*args: Any, **kwargs: Any) -> Tensor:
        warnings.warn(
            f"`nn.init.{old_name}` is now deprecated in favor of `nn.init.{new_name}`.",
            FutureWarning,
            stacklevel=2,
        )
        return fill(*args, **kwargs)

    return old


uniform, normal, constant = _deprecated(uniform_), _deprecated(normal_), _deprecated(constant_)
eye, dirac, sparse = _deprecated(eye_), _deprecated(dirac_), _deprecated(sparse_)
xavier_uniform, xavier_normal = _deprecated(xavier_uniform_), _deprecated(xavier_normal_)
kaiming_uniform, kaiming_normal = _deprecated(kaiming_uniform_), _deprecated(kaiming_normal_)
orthogonal = _deprecated(orthogonal_)
