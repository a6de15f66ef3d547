"""torchvision.transforms: from a picture to what a network takes.

Source: https://docs.pytorch.org/vision/stable/transforms.html
"""

from typing import Any

from gradviz.engine.missing import missing
from gradviz.session.torchvision.transforms import v2
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
    "ToTensor",
    "v2",
]


def __getattr__(name: str) -> Any:
    raise missing("torchvision.transforms", name, __all__)
