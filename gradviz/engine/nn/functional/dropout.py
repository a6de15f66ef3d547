"""Dropout: a random part of the input is switched off while training.

Source: https://docs.pytorch.org/docs/stable/nn.functional.html#dropout-functions
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable

from gradviz.engine import random
from gradviz.engine.backend import Array, beside, xp
from gradviz.engine.inplace import inplace as run_inplace
from gradviz.engine.ops.activation import Dropout
from gradviz.engine.tensor import Tensor, wrap

ALPHA = 1.7580993408473766  # minus what SELU tends to: the value of what alpha dropout switches off


def _check_probability(p: float) -> None:
    if not 0 <= p <= 1:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")


def _kept(layout: Array, p: float) -> Array:
    """Ones with probability `p`, else zeros, drawn as torch does: in the order of `layout` in memory."""
    axes = list(range(layout.ndim))
    if all(stride > 0 for stride in layout.strides):
        axes.sort(key=lambda axis: -layout.strides[axis])
    drawn = random.bernoulli(p, tuple(layout.shape[axis] for axis in axes), layout.dtype)
    return beside(drawn, layout).transpose(sorted(range(layout.ndim), key=axes.__getitem__))


def _drop(
    input: Tensor, layout_of: Callable[[Tensor], Array], p: float, training: bool, inplace: bool
) -> Tensor:
    """Multiply by noise, shaped like a layout, that is 0 with probability `p` and 1 / (1 - p) otherwise."""
    _check_probability(p)
    if not training or p == 0 or input.numel() == 0:
        return input
    layout = layout_of(input)
    noise = xp.zeros_like(layout) if p == 1 else _kept(layout, 1 - p) / layout.dtype.type(1 - p)
    return run_inplace(Dropout(), input, noise) if inplace else Dropout()(input, noise)


def _elements(input: Tensor) -> Array:
    return input.array


def _channels(input: Tensor) -> Array:
    """An array of one element for every channel, which broadcasts to the input."""
    if input.ndim < 2:
        raise RuntimeError("Feature dropout requires at least 2 dimensions in the input")
    return xp.empty((*input.array.shape[:2], *[1] * (input.ndim - 2)), input.array.dtype, like=input.array)


def dropout(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """While training, zero each element with probability `p` and scale the others by 1 / (1 - p)."""
    return _drop(input, _elements, p, training, inplace)


def dropout1d(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """While training, zero whole channels of (N, C, L) or (C, L) with probability `p`."""
    _check_probability(p)
    if input.ndim not in (2, 3):
        raise RuntimeError(
            f"dropout1d: Expected 2D or 3D input, but received a {input.ndim}D input. Note that dropout1d "
            "exists to provide channel-wise dropout on inputs with 1 spatial dimension, a channel dimension, "
            "and an optional batch dimension (i.e. 2D or 3D inputs)."
        )
    return _drop_channels(input, input.ndim == 3, p, training, inplace)


def dropout2d(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """While training, zero whole channels (dimension 1) with probability `p`."""
    if input.ndim == 3:
        warnings.warn(
            "dropout2d: Received a 3D input to dropout2d and assuming that channel-wise 1D dropout behavior "
            "is desired - input is interpreted as shape (N, C, L), where C is the channel dim. This behavior "
            "will change in a future release to interpret the input as one without a batch dimension, i.e. "
            "shape (C, H, W). To maintain the 1D channel-wise dropout behavior, please switch to using "
            "dropout1d instead.",
            stacklevel=3,
        )
    return _drop_channels(input, True, p, training, inplace)


def dropout3d(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """While training, zero whole channels of (N, C, D, H, W) or (C, D, H, W) with probability `p`."""
    return _drop_channels(input, input.ndim == 5, p, training, inplace)


def _drop_channels(input: Tensor, batched: bool, p: float, training: bool, inplace: bool) -> Tensor:
    if batched:
        return _drop(input, _channels, p, training, inplace)
    dropped = _drop_channels(input.unsqueeze(0), True, p, training, inplace).squeeze(0)
    return input if inplace else dropped


def _alpha_drop(
    input: Tensor, layout_of: Callable[[Tensor], Array], p: float, training: bool, inplace: bool
) -> Tensor:
    """Replace by SELU's lowest value instead of 0, then restore mean 0 and variance 1."""
    _check_probability(p)
    if not training or p == 0 or input.numel() == 0:
        return input
    layout = layout_of(input)
    if p == 1:
        nothing = wrap(xp.zeros_like(layout))
        return input.mul_(nothing) if inplace else input * nothing
    kept = _kept(layout, 1 - p)
    scale = 1 / math.sqrt((ALPHA**2 * p + 1) * (1 - p))
    noise, shift = (
        wrap(kept * layout.dtype.type(scale)),
        wrap((kept - 1) * (ALPHA * scale) + ALPHA * scale * p),
    )
    return input.mul_(noise).add_(shift) if inplace else input * noise + shift


def alpha_dropout(input: Tensor, p: float = 0.5, training: bool = False, inplace: bool = False) -> Tensor:
    """Dropout that keeps the mean and the variance of SELU networks (Klambauer et al., 2017)."""
    return _alpha_drop(input, _elements, p, training, inplace)


def feature_alpha_dropout(
    input: Tensor, p: float = 0.5, training: bool = False, inplace: bool = False
) -> Tensor:
    """Alpha dropout of whole channels."""
    return _alpha_drop(input, _channels, p, training, inplace)
