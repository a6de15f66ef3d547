"""Window functions: how much each of `window_length` samples counts (torch.hann_window and its like).

A `periodic` window is one sample of the symmetric one with one sample more left out.
"""

from __future__ import annotations

import math
from typing import Any

from gradviz.engine.backend import Array, xp
from gradviz.engine.creation import finished
from gradviz.engine.dtypes import default_array_dtype, to_array_dtype
from gradviz.engine.ops.bessel import i0e_of
from gradviz.engine.registry import torch_function
from gradviz.engine.tensor import Tensor


def _window(length: int, periodic: bool, shape: Any, dtype: Any, device: Any, requires_grad: bool) -> Tensor:
    """`shape` gives the weights, for times from 0 to 1."""
    if length < 0:
        raise RuntimeError(f"window_length must be non-negative, got window_length={length}")
    intervals = length if periodic else length - 1
    time = xp.arange(length) / intervals if intervals > 0 else xp.full(length, 0.5)
    weights = shape(time) if length > 1 else xp.ones(length)
    return finished(weights.astype(to_array_dtype(dtype) or default_array_dtype()), requires_grad, device)


def _cosines(*weights: float) -> Any:
    def shape(time: Array) -> Array:
        return sum((-1) ** k * w * xp.cos(2 * math.pi * k * time) for k, w in enumerate(weights))

    return shape


@torch_function
def hann_window(
    window_length: int,
    periodic: bool = True,
    *,
    dtype: Any = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """`sin(pi n / N) ** 2`."""
    return _window(window_length, periodic, _cosines(0.5, 0.5), dtype, device, requires_grad)


@torch_function
def hamming_window(
    window_length: int,
    periodic: bool = True,
    alpha: float = 0.54,
    beta: float = 0.46,
    *,
    dtype: Any = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """`alpha - beta * cos(2 pi n / N)`."""
    return _window(window_length, periodic, _cosines(alpha, beta), dtype, device, requires_grad)


@torch_function
def blackman_window(
    window_length: int,
    periodic: bool = True,
    *,
    dtype: Any = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """`0.42 - 0.5 * cos(2 pi n / N) + 0.08 * cos(4 pi n / N)`."""
    return _window(window_length, periodic, _cosines(0.42, 0.5, 0.08), dtype, device, requires_grad)


@torch_function
def bartlett_window(
    window_length: int,
    periodic: bool = True,
    *,
    dtype: Any = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """A triangle: `1 - abs(2 n / N - 1)`."""
    return _window(window_length, periodic, lambda t: 1 - abs(2 * t - 1), dtype, device, requires_grad)


@torch_function
def kaiser_window(
    window_length: int,
    periodic: bool = True,
    beta: float = 12.0,
    *,
    dtype: Any = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """`i0(beta * sqrt(1 - (2 n / N - 1) ** 2)) / i0(beta)`."""

    def shape(time: Array) -> Array:
        at = beta * xp.sqrt(xp.maximum(1 - (2 * time - 1) ** 2, 0))
        return i0e_of(at) / i0e_of(xp.asarray(float(beta))) * xp.exp(at - beta)

    return _window(window_length, periodic, shape, dtype, device, requires_grad)
