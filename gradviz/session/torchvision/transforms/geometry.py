"""Transforms that move pixels, of an Image or of a tensor [..., height, width]; they return the same kind."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from functools import cache
from typing import Any, TypeVar

import numpy as np

from gradviz import engine
from gradviz.engine import Tensor
from gradviz.session.torchvision.image import Image

_PRECISION = 1 << 22  # PIL's weights are whole multiples of 1/this

Picture = TypeVar("Picture", Image, Tensor)


class InterpolationMode(enum.Enum):
    """How `Resize` finds the values between pixels."""

    NEAREST = "nearest"
    BILINEAR = "bilinear"


class Resize:
    """To `size` (height, width), or with the shorter edge of length `size`.

    Bilinear as PIL does it: every new pixel is the mean of the old ones around it, weighted with a triangle
    that grows with the reduction; across first, then down, each rounded to whole grey values for an Image.
    """

    def __init__(
        self,
        size: int | Sequence[int],
        interpolation: InterpolationMode = InterpolationMode.BILINEAR,
        max_size: None = None,
        antialias: bool | None = True,
    ) -> None:
        if interpolation is not InterpolationMode.BILINEAR or max_size is not None or antialias is False:
            raise NotImplementedError(
                "gradviz has Resize only with bilinear interpolation, antialiasing and without max_size"
            )
        self.size = size

    def __call__(self, img: Picture) -> Picture:
        old = _height_width(img)
        new = _pair(self.size) if not isinstance(self.size, int) else _with_short_edge(old, self.size)
        rows, columns = (_weights(before, after) for before, after in zip(old, new, strict=True))
        if isinstance(img, Image):
            return Image(_rounded(rows @ _rounded(img.pixels @ columns.T)))
        across, down = (engine.from_numpy(m.astype(img.array.dtype)) for m in (columns.T, rows))
        return down @ (img @ across)

    def __repr__(self) -> str:
        return f"Resize(size={self.size})"


class Pad:
    """`fill` around the picture: one width, (left and right, top and bottom), or all four clockwise."""

    def __init__(self, padding: int | Sequence[int], fill: float = 0) -> None:
        self.padding = padding
        self.fill = fill

    def __call__(self, img: Picture) -> Picture:
        left, top, right, bottom = _four(self.padding)
        if isinstance(img, Image):
            return Image(np.pad(img.pixels, ((top, bottom), (left, right)), constant_values=int(self.fill)))
        return engine.nn.functional.pad(img, (left, right, top, bottom), value=self.fill)

    def __repr__(self) -> str:
        return f"Pad(padding={self.padding}, fill={self.fill})"


class CenterCrop:
    """The middle of the picture, of `size` (height, width)."""

    def __init__(self, size: int | Sequence[int]) -> None:
        self.size = _pair(size)

    def __call__(self, img: Picture) -> Picture:
        height, width = _require_inside(self.size, img)
        old_height, old_width = _height_width(img)
        top, left = round((old_height - height) / 2), round((old_width - width) / 2)
        return _crop(img, top, left, height, width)

    def __repr__(self) -> str:
        return f"CenterCrop(size={self.size})"


class RandomCrop:
    """A part of `size` (height, width) at a random place, after padding."""

    def __init__(
        self, size: int | Sequence[int], padding: int | Sequence[int] | None = None, *, fill: float = 0
    ) -> None:
        self.size = _pair(size)
        self.padding = padding
        self.fill = fill

    def __call__(self, img: Picture) -> Picture:
        if self.padding is not None:
            img = Pad(self.padding, self.fill)(img)
        height, width = _require_inside(self.size, img)
        old_height, old_width = _height_width(img)
        if (old_height, old_width) == (height, width):
            return img
        top = int(engine.randint(0, old_height - height + 1, (1,)))
        left = int(engine.randint(0, old_width - width + 1, (1,)))
        return _crop(img, top, left, height, width)

    def __repr__(self) -> str:
        return f"RandomCrop(size={self.size}, padding={self.padding})"


class RandomHorizontalFlip:
    """Left and right exchanged with probability `p`."""

    def __init__(self, p: float = 0.5) -> None:
        self.p = p

    def __call__(self, img: Picture) -> Picture:
        return _flipped(img, -1) if engine.rand(1) < self.p else img

    def __repr__(self) -> str:
        return f"{type(self).__name__}(p={self.p})"


class RandomVerticalFlip(RandomHorizontalFlip):
    """Top and bottom exchanged with probability `p`."""

    def __call__(self, img: Picture) -> Picture:
        return _flipped(img, -2) if engine.rand(1) < self.p else img


def _flipped(img: Picture, dim: int) -> Picture:
    return Image(np.flip(img.pixels, dim)) if isinstance(img, Image) else engine.flip(img, (dim,))


def _crop(img: Any, top: int, left: int, height: int, width: int) -> Any:
    part = (..., slice(top, top + height), slice(left, left + width))
    return Image(img.pixels[part]) if isinstance(img, Image) else img[part]


def _height_width(img: Image | Tensor) -> tuple[int, int]:
    if not isinstance(img, (Image, Tensor)):
        raise TypeError(f"img should be an image or a tensor. Got {type(img).__name__}")
    shape = img.pixels.shape if isinstance(img, Image) else img.shape
    return shape[-2], shape[-1]


def _require_inside(size: tuple[int, int], img: Image | Tensor) -> tuple[int, int]:
    """`size`, when a part that large can be cut out of the picture."""
    if any(part > whole for part, whole in zip(size, _height_width(img), strict=True)):
        raise ValueError(f"Required crop size {size} is larger than input image size {_height_width(img)}")
    return size


def _pair(size: int | Sequence[int]) -> tuple[int, int]:
    height, width = (size, size) if isinstance(size, int) else size
    return height, width


def _four(padding: int | Sequence[int]) -> tuple[int, int, int, int]:
    numbers = (padding,) if isinstance(padding, int) else tuple(padding)
    if len(numbers) not in (1, 2, 4):
        raise ValueError(f"Padding must be an int or 1, 2 or 4 of them, not {padding}")
    left, top, right, bottom = (numbers * 4)[:4]
    return left, top, right, bottom


def _with_short_edge(old: tuple[int, int], edge: int) -> tuple[int, int]:
    height, width = old
    short = min(old)
    return int(edge * height / short), int(edge * width / short)


@cache
def _weights(old: int, new: int) -> np.ndarray:
    """What every old pixel of a line adds to every new one: float64 [new, old], rows that add up to 1."""
    scale = old / new
    support = max(scale, 1.0)
    centers = (np.arange(new) + 0.5) * scale
    distances = np.abs(np.arange(old) + 0.5 - centers[:, np.newaxis]) / support
    weights = np.maximum(1 - distances, 0)
    weights /= weights.sum(1, keepdims=True)
    return np.floor(weights * _PRECISION + 0.5) / _PRECISION


def _rounded(grey: np.ndarray) -> np.ndarray:
    return np.floor(grey + 0.5).astype(np.uint8)
