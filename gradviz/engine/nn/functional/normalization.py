"""Normalizations that are made of other operations; the others are in engine/ops/normalization.py.

Source: https://docs.pytorch.org/docs/stable/nn.functional.html#normalization-functions
"""

from __future__ import annotations

import math

from gradviz.engine.grad_mode import no_grad
from gradviz.engine.nn.functional.padding import pad
from gradviz.engine.nn.functional.pooling import avg_pool2d, avg_pool3d
from gradviz.engine.ops.normalization import batch_norm
from gradviz.engine.tensor import Tensor


def instance_norm(
    input: Tensor,
    running_mean: Tensor | None = None,
    running_var: Tensor | None = None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    use_input_stats: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """Normalizes every channel of every sample of (N, C, *spatial): a batch of one sample of N·C channels.

    By its own statistics, which also update the running ones, or else by those.
    """
    if use_input_stats and math.prod(input.shape[2:]) == 1:
        raise ValueError(f"Expected more than 1 spatial element when training, got input size {input.shape}")
    if not use_input_stats and (running_mean is None or running_var is None):
        raise RuntimeError(
            "Expected running_mean and running_var to be defined when use_input_stats is false"
        )
    samples, channels = input.shape[:2]
    mean, var, weight, bias = (
        None if each is None else each.repeat(samples) for each in (running_mean, running_var, weight, bias)
    )
    joined = input.reshape(1, samples * channels, *input.shape[2:])
    out = batch_norm(joined, mean, var, weight, bias, use_input_stats, momentum, eps)
    with no_grad():
        for running, now in ((running_mean, mean), (running_var, var)):
            if running is not None and now is not None and use_input_stats:
                running.copy_(now.view(samples, channels).mean(0))
    return out.view(input.shape)


def local_response_norm(
    input: Tensor, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0
) -> Tensor:
    """x / (k + alpha · mean of x² over `size` neighbouring channels)^beta; input (N, C, *spatial)."""
    if input.ndim < 3:
        raise ValueError(f"Expected 3D or higher dimensionality{' ' * 26}input (got {input.ndim} dimensions)")
    if input.numel() == 0:
        return input
    before, after = size // 2, (size - 1) // 2
    squares = input * input
    if input.ndim == 3:
        squares = pad(squares.unsqueeze(1), (0, 0, before, after))
        means = avg_pool2d(squares, (size, 1), stride=1).squeeze(1)
    else:
        squares = squares.view(input.shape[0], 1, *input.shape[1:3], -1)
        squares = pad(squares, (0, 0, 0, 0, before, after))
        means = avg_pool3d(squares, (size, 1, 1), stride=1).squeeze(1).view(input.shape)
    return input / (means * alpha + k) ** beta
