"""How an array lies on the plane: which cells to ask for, where they are drawn, what they are called.

Two-dimensional data is drawn as it is printed, rows down, columns right. A vector is wrapped into rows, so
that all of it can be seen; a row of square length can be drawn as the picture that it may have been.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isqrt

import numpy as np

from gradviz.trace import Summary

MAX_ROWS, MAX_COLS = 128, 160  # cells of at least two pixels in a narrow dock
MAX_VECTOR = 1024
WRAP_ABOVE = 16
MIN_PICTURE_SIDE = 8


@dataclass(frozen=True)
class Cells:
    """Cells [rows, cols] as they are drawn; the last `padding` of them only fill the last row."""

    values: np.ndarray
    summary: Summary
    padding: int = 0
    picture_row: int | None = None
    """The row of a two-dimensional array that is drawn as a picture, or None."""

    @property
    def rows(self) -> int:
        return self.values.shape[0]

    @property
    def cols(self) -> int:
        return self.values.shape[1]

    def contains(self, row: int, col: int) -> bool:
        inside = 0 <= row < self.rows and 0 <= col < self.cols
        return inside and row * self.cols + col < self.values.size - self.padding

    def index(self, row: int, col: int) -> tuple[int, ...]:
        """The cell's index in the array; for the mean of a block that of its first element."""
        summary = self.summary
        if not summary.shape:
            return ()
        if self.picture_row is not None:
            return (self.picture_row, row * self.cols + col)
        if len(summary.shape) == 1:
            return ((row * self.cols + col) * summary.col_step,)
        return (*summary.index, row * summary.row_step, col * summary.col_step)

    def index_text(self, row: int, col: int) -> str:
        """The cell's index in the array: "[6, 8]", for the mean of a block its range "[0:4, 8:12]"."""
        index, shape = self.index(row, col), self.summary.shape
        blocks = (self.summary.row_step, self.summary.col_step)[-min(len(shape), 2) :] if shape else ()
        steps = (1,) * (len(shape) - len(blocks)) + blocks
        places = (_range(*place) for place in zip(index, steps, shape, strict=True))
        return f"[{', '.join(places)}]"

    @property
    def block(self) -> tuple[int, int]:
        """(rows, columns) of the elements whose mean a cell is; (1, 1) when cells are elements."""
        return self.summary.row_step, self.summary.col_step


def _range(first: int, step: int, length: int) -> str:
    return str(first) if step == 1 else f"{first}:{min(first + step, length)}"


def wanted_cells(shape: tuple[int, ...]) -> tuple[int, int]:
    """(rows, cols) to ask a summary for, to draw an array of that shape in the inspector."""
    return (1, MAX_VECTOR) if len(shape) < 2 else (MAX_ROWS, MAX_COLS)


def lay_out(summary: Summary) -> Cells:
    """The summary's cells as they are drawn: a vector wrapped, anything else as it is."""
    cells = summary.cells()
    count = cells.size
    if len(summary.shape) >= 2 or count <= WRAP_ABOVE:
        return Cells(cells, summary)
    cols = 16 if count <= 256 else 32
    padding = -count % cols
    wrapped = np.concatenate([cells.reshape(-1), np.zeros(padding, np.float32)]).reshape(-1, cols)
    return Cells(wrapped, summary, padding)


def picture_side(shape: tuple[int, ...]) -> int:
    """The side of the square picture that each row of a two-dimensional array can be drawn as; 0 if none."""
    if len(shape) != 2 or not shape[0]:
        return 0
    side = isqrt(shape[1])
    return side if side * side == shape[1] and side >= MIN_PICTURE_SIDE else 0


def row_as_picture(summary: Summary, row: int) -> Cells:
    """One row of a two-dimensional array in full as a square picture.

    Raises ValueError when the summary does not hold every element, or the row's length is not a square.
    """
    side = picture_side(summary.shape)
    if not side or (summary.row_step, summary.col_step) != (1, 1):
        raise ValueError(f"no picture in rows of {summary.shape}")
    return Cells(summary.cells()[row].reshape(side, side), summary, picture_row=row)
