"""torchvision.datasets: MNIST and FashionMNIST, from IDX files on this machine. Nothing is downloaded.

Source: https://docs.pytorch.org/vision/stable/datasets.html
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from gradviz import engine
from gradviz.engine.missing import missing
from gradviz.engine.utils.data import Dataset
from gradviz.resources import asset
from gradviz.session.mnist import load_split
from gradviz.session.torchvision.image import Image

sample: Path | None = None
"""The folder of IDX files for MNIST where `root` holds none; None is the bundled sample."""

__all__ = ["MNIST", "FashionMNIST"]


class MNIST(Dataset[tuple[Any, Any]]):
    """Pairs (image, label): an `Image` of 28 by 28 grey values, and an int from 0 to 9, each transformed.

    `data` holds all images in uint8 [N, 28, 28], `targets` the labels in int64 [N]. The IDX files are looked
    for in `root/MNIST/raw`, `root/MNIST` and `root`, plain or with .gz. Where there are none, the session's
    sample takes their place, and a printed line says so. Raises DataError for files that cannot be used.
    """

    classes = [
        f"{digit} - {name}"
        for digit, name in enumerate(
            ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
        )
    ]

    def __init__(
        self,
        root: str | os.PathLike,
        train: bool = True,
        transform: Callable[[Any], Any] | None = None,
        target_transform: Callable[[Any], Any] | None = None,
        download: bool = False,
    ) -> None:
        self.root = Path(root).expanduser()
        self.train = train
        self.transform = transform
        self.target_transform = target_transform
        split = "train" if train else "t10k"
        found = [place for place in self._places() if any(place.glob(f"{split}-images*"))]
        images, labels = load_split(found[0], split) if found else self._without_files(split)
        self.data = engine.from_numpy(images)
        self.targets = engine.from_numpy(labels.astype(np.int64))

    def _places(self) -> list[Path]:
        folder = self.root / type(self).__name__
        return [folder / "raw", folder, self.root]

    def _without_files(self, split: str) -> tuple[np.ndarray, np.ndarray]:
        """What to use where `root` holds no files."""
        images, labels = load_split(sample or asset("mnist"), split)
        source = sample or "gradviz's sample of MNIST"
        print(f"No MNIST files in {self._places()[0]}: {len(images):,} images are taken from {source}.")
        return images, labels

    @property
    def class_to_idx(self) -> dict[str, int]:
        return {name: i for i, name in enumerate(self.classes)}

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        image: Any = Image(self.data.array[index])
        label: Any = int(self.targets.array[index])
        if self.transform is not None:
            image = self.transform(image)
        if self.target_transform is not None:
            label = self.target_transform(label)
        return image, label

    def __len__(self) -> int:
        return len(self.data)

    def __repr__(self) -> str:
        return (
            f"Dataset {type(self).__name__}\n    Number of datapoints: {len(self)}\n"
            f"    Root location: {self.root}\n    Split: {'Train' if self.train else 'Test'}\n"
            f"    Transform: {self.transform!r}"
        )


class FashionMNIST(MNIST):
    """Clothes in MNIST's format; the files must be there."""

    classes = [
        "T-shirt/top",
        "Trouser",
        "Pullover",
        "Dress",
        "Coat",
        "Sandal",
        "Shirt",
        "Sneaker",
        "Bag",
        "Ankle boot",
    ]

    def _without_files(self, split: str) -> tuple[np.ndarray, np.ndarray]:
        raise RuntimeError(
            f"Dataset not found, and gradviz downloads nothing. Put {split}-images-idx3-ubyte.gz and "
            f"{split}-labels-idx1-ubyte.gz of Fashion-MNIST (github.com/zalandoresearch/fashion-mnist) into "
            f"{self._places()[0]}, or use datasets.MNIST, of which gradviz brings a sample."
        )


def __getattr__(name: str) -> Any:
    raise missing("torchvision.datasets", name, __all__)
