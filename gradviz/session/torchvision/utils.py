"""torchvision.utils: many images as one.

Source: https://docs.pytorch.org/vision/stable/utils.html
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from gradviz import engine as torch
from gradviz.engine import Tensor


def make_grid(
    tensor: Tensor | Sequence[Tensor],
    nrow: int = 8,
    padding: int = 2,
    normalize: bool = False,
    value_range: tuple[float, float] | None = None,
    scale_each: bool = False,
    pad_value: float = 0.0,
) -> Tensor:
    """Images (N, C, H, W), or a list of (C, H, W), in rows of `nrow`, as one image (3 or C, height, width).

    With `normalize` their values are moved from `value_range`, or from their smallest to their largest
    value, to [0, 1]: with `scale_each` each image's own.
    """
    images = tensor if isinstance(tensor, Tensor) else torch.stack(list(tensor))
    if images.ndim < 4:
        images = images.reshape(1, *[1] * (3 - images.ndim), *images.shape)
    if images.shape[1] == 1:
        images = torch.cat([images] * 3, 1)
    if normalize:
        groups = images.unbind(0) if scale_each else [images]
        scaled = [_scaled(group, value_range) for group in groups]
        images = torch.stack(scaled) if scale_each else scaled[0]
    count, channels, height, width = images.shape
    if count == 1:
        return images.squeeze(0)
    columns = min(nrow, count)
    rows = math.ceil(count / columns)
    size = (channels, rows * (height + padding) + padding, columns * (width + padding) + padding)
    grid = images.new_full(size, pad_value)
    for i, image in enumerate(images):
        top = i // columns * (height + padding) + padding
        left = i % columns * (width + padding) + padding
        grid[:, top : top + height, left : left + width] = image
    return grid


def _scaled(images: Tensor, value_range: tuple[float, float] | None) -> Tensor:
    low, high = value_range or (images.min().item(), images.max().item())
    return (images.clamp(low, high) - low) / max(high - low, 1e-5)
