"""torchvision.transforms.v2: the newer names of the same transforms.

Source: https://docs.pytorch.org/vision/stable/transforms.html#v2-api-reference-recommended
"""

from __future__ import annotations

from typing import Any

from gradviz import engine
from gradviz.engine import Tensor
from gradviz.engine.missing import missing
from gradviz.session.torchvision.transforms.conversion import (
    Compose,
    Lambda,
    Normalize,
    PILToTensor,
    ToTensor,
)
from gradviz.session.torchvision.transforms.geometry import (
    CenterCrop,
    InterpolationMode,
    Pad,
    RandomCrop,
    RandomHorizontalFlip,
    RandomVerticalFlip,
    Resize,
)

__all__ = [
    "CenterCrop",
    "Compose",
    "InterpolationMode",
    "Lambda",
    "Normalize",
    "PILToTensor",
    "Pad",
    "RandomCrop",
    "RandomHorizontalFlip",
    "RandomVerticalFlip",
    "Resize",
    "ToDtype",
    "ToImage",
    "ToTensor",
]


class ToImage:
    """An Image or an array [height, width(, channels)] as a tensor [channels, height, width], unscaled."""

    def __call__(self, inpt: Any) -> Tensor:
        return inpt if isinstance(inpt, Tensor) else PILToTensor()(inpt)

    def __repr__(self) -> str:
        return "ToImage()"


class ToDtype:
    """A tensor in `dtype`; with `scale` uint8 becomes 0 to 1."""

    def __init__(self, dtype: engine.dtype, scale: bool = False) -> None:
        self.dtype = dtype
        self.scale = scale

    def __call__(self, inpt: Any) -> Any:
        if not engine.is_tensor(inpt):
            return inpt
        if self.scale and inpt.dtype is engine.uint8 and self.dtype.is_floating_point:
            return inpt.to(self.dtype) / 255
        return inpt.to(self.dtype)

    def __repr__(self) -> str:
        return f"ToDtype({self.dtype}, scale={self.scale})"


def __getattr__(name: str) -> Any:
    raise missing("torchvision.transforms.v2", name, __all__)
