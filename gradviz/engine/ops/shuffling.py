"""Channels to pixels and back, and channels among themselves."""

from __future__ import annotations

import math

from gradviz.engine.registry import torch_function
from gradviz.engine.tape import Op
from gradviz.engine.tensor import Tensor


class PixelShuffle(Op):
    """(…, C·r², H, W) → (…, C, H·r, W·r): r² channels become the pixels of a square."""

    args = terms = ("x",)
    formula = r"\mathrm{pixel\_shuffle}(x)"
    vjp = (r"\mathrm{pixel\_unshuffle}(g)",)

    def __init__(self, factor: int) -> None:
        self.factor = factor

    def forward(self, x):
        r, (channels, height, width) = self.factor, x.shape[-3:]
        squares = x.reshape(math.prod(x.shape[:-3]), channels // r**2, r, r, height, width).transpose(
            0, 1, 4, 2, 5, 3
        )
        return squares.reshape(*x.shape[:-3], channels // r**2, height * r, width * r)

    def backward(self, g):
        return PixelUnshuffle(self.factor)(g)


class PixelUnshuffle(Op):
    """(…, C, H·r, W·r) → (…, C·r², H, W): the pixels of a square become r² channels."""

    args = terms = ("x",)
    formula = r"\mathrm{pixel\_unshuffle}(x)"
    vjp = (r"\mathrm{pixel\_shuffle}(g)",)

    def __init__(self, factor: int) -> None:
        self.factor = factor

    def forward(self, x):
        r, (channels, height, width) = self.factor, x.shape[-3:]
        squares = x.reshape(math.prod(x.shape[:-3]), channels, height // r, r, width // r, r).transpose(
            0, 1, 3, 5, 2, 4
        )
        return squares.reshape(*x.shape[:-3], channels * r**2, height // r, width // r)

    def backward(self, g):
        return PixelShuffle(self.factor)(g)


class ChannelShuffle(Op):
    """(N, C, …) with the channels of all groups dealt out in turn: first of each group, second of each …"""

    args = terms = ("x",)
    formula = r"\mathrm{channel\_shuffle}(x)"
    vjp = (r"\mathrm{channel\_shuffle}(g)\ \mathrm{back}",)

    def __init__(self, groups: int) -> None:
        self.groups = groups

    def forward(self, x):
        self.members = x.shape[1] // self.groups
        return (
            x.reshape(x.shape[0], self.groups, self.members, math.prod(x.shape[2:]))
            .swapaxes(1, 2)
            .reshape(x.shape)
        )

    def backward(self, g):
        return ChannelShuffle(self.members)(g)


def _check_image(name: str, input: Tensor) -> None:
    if input.ndim < 3:
        raise RuntimeError(
            f"{name} expects input to have at least 3 dimensions, but got input with {input.ndim} "
            "dimension(s)"
        )


@torch_function
def pixel_shuffle(input: Tensor, upscale_factor: int) -> Tensor:
    """(…, C·r², H, W) → (…, C, H·r, W·r). Raises RuntimeError if r² does not divide the channels."""
    _check_image("pixel_shuffle", input)
    if upscale_factor <= 0:
        raise RuntimeError(f"pixel_shuffle expects a positive upscale_factor, but got {upscale_factor}")
    if input.shape[-3] % upscale_factor**2:
        raise RuntimeError(
            "pixel_shuffle expects its input's 'channel' dimension to be divisible by the square of "
            f"upscale_factor, but input.size(-3)={input.shape[-3]} is not divisible by {upscale_factor**2}"
        )
    return PixelShuffle(upscale_factor)(input)


@torch_function
def pixel_unshuffle(input: Tensor, downscale_factor: int) -> Tensor:
    """(…, C, H·r, W·r) → (…, C·r², H, W). Raises RuntimeError if r does not divide height and width."""
    _check_image("pixel_unshuffle", input)
    if downscale_factor <= 0:
        raise RuntimeError(f"pixel_unshuffle expects a positive downscale_factor, but got {downscale_factor}")
    for name, dim in (("height", -2), ("width", -1)):
        if input.shape[dim] % downscale_factor:
            raise RuntimeError(
                f"pixel_unshuffle expects {name} to be divisible by downscale_factor, but "
                f"input.size({dim})={input.shape[dim]} is not divisible by {downscale_factor}"
            )
    return PixelUnshuffle(downscale_factor)(input)


@torch_function
def channel_shuffle(input: Tensor, groups: int) -> Tensor:
    """(N, C, …) with the channels of the groups dealt out in turn (Zhang et al., ShuffleNet, 2017)."""
    if input.ndim <= 2:
        raise RuntimeError(
            f"channel_shuffle expects input with > 2 dims, but got input with sizes {list(input.shape)}"
        )
    if groups <= 0:
        raise RuntimeError(
            f"Number of groups to divide channels in must be positive. Value of groups:{groups}"
        )
    if input.shape[1] % groups:
        raise RuntimeError(
            f"Number of channels must be divisible by groups. Got {input.shape[1]} channels and {groups} "
            "groups."
        )
    return ChannelShuffle(groups)(input)
