"""Transforms of values and types."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from gradviz import engine
from gradviz.engine import Tensor
from gradviz.session.torchvision.image import Image


class Compose:
    """One transform after the other."""

    def __init__(self, transforms: Sequence[Callable[[Any], Any]]) -> None:
        self.transforms = transforms

    def __call__(self, img: Any) -> Any:
        for transform in self.transforms:
            img = transform(img)
        return img

    def __repr__(self) -> str:
        return "\n".join(["Compose(", *(f"    {transform}" for transform in self.transforms), ")"])


class Lambda:
    """A function of the program's own as a transform."""

    def __init__(self, lambd: Callable[[Any], Any]) -> None:
        if not callable(lambd):
            raise TypeError(f"Argument lambd should be callable, got {type(lambd).__name__}")
        self.lambd = lambd

    def __call__(self, img: Any) -> Any:
        return self.lambd(img)

    def __repr__(self) -> str:
        return "Lambda()"


class ToTensor:
    """An Image or an array [height, width(, channels)] as a tensor [channels, height, width].

    uint8 becomes float32 from 0 to 1; arrays of other dtypes keep their numbers.
    """

    def __call__(self, pic: Any) -> Tensor:
        channels = _channels(pic)
        if channels.dtype == np.uint8:
            return engine.from_numpy(np.divide(channels, 255, dtype=np.float32))
        return engine.from_numpy(np.ascontiguousarray(channels))

    def __repr__(self) -> str:
        return "ToTensor()"


class PILToTensor:
    """An Image as a tensor [1, height, width] in uint8, unscaled."""

    def __call__(self, pic: Any) -> Tensor:
        return engine.from_numpy(_channels(pic).copy())

    def __repr__(self) -> str:
        return "PILToTensor()"


class Normalize:
    """(tensor - mean) / std, channel by channel, for float tensors [..., channels, height, width]."""

    def __init__(self, mean: Sequence[float], std: Sequence[float], inplace: bool = False) -> None:
        self.mean = mean
        self.std = std
        self.inplace = inplace

    def __call__(self, tensor: Any) -> Tensor:
        if not engine.is_tensor(tensor):
            raise TypeError(
                f"Normalize takes a tensor, but got {type(tensor).__name__}: put ToTensor() before it"
            )
        if not tensor.is_floating_point():
            raise TypeError(f"Normalize takes a float tensor, but got {tensor.dtype}")
        mean, std = self._per_channel(self.mean, tensor), self._per_channel(self.std, tensor)
        if not std.array.all():
            raise ValueError(f"std evaluated to zero after conversion to {tensor.dtype}, {self.std!r}")
        return tensor.sub_(mean).div_(std) if self.inplace else (tensor - mean) / std

    @staticmethod
    def _per_channel(values: Sequence[float], like: Tensor) -> Tensor:
        return engine.from_numpy(np.array(values, like.array.dtype).reshape(-1, 1, 1))

    def __repr__(self) -> str:
        return f"Normalize(mean={self.mean}, std={self.std})"


def _channels(pic: Any) -> np.ndarray:
    """The pixels as [channels, height, width]."""
    if isinstance(pic, Image):
        return pic.pixels[np.newaxis]
    if not isinstance(pic, np.ndarray):
        raise TypeError(f"pic should be an image or an array. Got {type(pic).__name__}")
    if pic.ndim not in (2, 3):
        raise ValueError(f"pic should be 2/3 dimensional. Got {pic.ndim} dimensions.")
    return pic[np.newaxis] if pic.ndim == 2 else pic.transpose(2, 0, 1)
