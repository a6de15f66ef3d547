"""An array as a mosaic: equal pictures beside and below each other, each made of elements in a row."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from msgspec import Meta, Struct

MAX_CELLS = 1 << 25  # of a mosaic: with what fills its last row

Length = Annotated[int, Meta(ge=1, lt=1 << 31)]


class Tiles(Struct, frozen=True, array_like=True):
    """`count` pictures of `height` × `width` elements, `columns` in a row. The first one begins at the flat
    element `first`, each of the others where the one before ends."""

    height: Length
    width: Length
    columns: Length = 1
    count: Length = 1
    first: Annotated[int, Meta(ge=0, lt=1 << 62)] = 0

    @property
    def rows(self) -> int:
        """Of pictures."""
        return -(-self.count // self.columns)

    @property
    def shape(self) -> tuple[int, int]:
        """Of the mosaic, in elements."""
        return self.rows * self.height, self.columns * self.width

    def of(self, array: np.ndarray) -> np.ndarray:
        """The mosaic, filled up with zeros. Raises ValueError where the array has fewer elements, and for a
        mosaic that is too large."""
        height, width = self.shape
        end = self.first + self.count * self.height * self.width
        if end > array.size or height * width > MAX_CELLS:
            raise ValueError(f"{array.shape} is no mosaic of {self}")
        used = array.reshape(-1)[self.first : end]
        pictures = np.zeros((self.rows * self.columns, self.height, self.width), array.dtype)
        pictures[: self.count] = used.reshape(self.count, self.height, self.width)
        grid = pictures.reshape(self.rows, self.columns, self.height, self.width)
        return grid.transpose(0, 2, 1, 3).reshape(height, width)

    def element(self, row: int, col: int) -> int | None:
        """The flat number of the element at a place of the mosaic; None where it is only filled up."""
        picture = row // self.height * self.columns + col // self.width
        if not (0 <= row < self.shape[0] and 0 <= col < self.shape[1] and picture < self.count):
            return None
        inside = row % self.height * self.width + col % self.width
        return self.first + picture * self.height * self.width + inside
