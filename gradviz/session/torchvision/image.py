"""A grey picture, as a dataset gives it without a transform."""

from __future__ import annotations

from typing import Any

import numpy as np


class Image:
    """Pixels in uint8 [height, width], with what programs ask of a PIL image in mode "L"."""

    mode = "L"

    def __init__(self, pixels: np.ndarray) -> None:
        self.pixels = pixels

    @property
    def size(self) -> tuple[int, int]:
        """Width and height, in PIL's order."""
        return self.width, self.height

    @property
    def width(self) -> int:
        return self.pixels.shape[1]

    @property
    def height(self) -> int:
        return self.pixels.shape[0]

    def getpixel(self, xy: tuple[int, int]) -> int:
        """The grey value at (x, y), 0 to 255."""
        x, y = xy
        return int(self.pixels[y, x])

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.array(self.pixels, dtype, copy=copy)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Image) and np.array_equal(self.pixels, other.pixels)

    def __hash__(self) -> int:
        return hash(self.pixels.tobytes())

    def __repr__(self) -> str:
        return f"<Image mode={self.mode} size={self.width}x{self.height}>"
