"""How an array lies on the plane: which cells to ask for, where they are drawn, what they are called.

Two-dimensional data is drawn as it is printed, rows down, columns right. A vector is wrapped into rows, so
that all of it can be seen; pictures and mosaics are drawn as the worker has laid them out, see
`trace/tiles.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gradviz.trace import Summary
from gradviz.trace.tiles import Tiles

MAX_ROWS, MAX_COLS = 128, 160  # cells of at least two pixels in a narrow dock
MAX_VECTOR = 1024
WRAP_ABOVE = 16


@dataclass(frozen=True)
class Cells:
    """Cells [rows, cols] as they are drawn; the last `padding` of them only fill the last row."""

    values: np.ndarray
    summary: Summary
    padding: int = 0
    tiles: Tiles | None = None
    """How the array, of `array_shape`, was laid out as a mosaic, which then is what the summary is of."""
    array_shape: tuple[int, ...] = ()
    rgb: np.ndarray | None = None
    """The cells' colours [rows, cols, 3], where three channels are drawn as one picture."""

    @property
    def rows(self) -> int:
        return self.values.shape[0]

    @property
    def cols(self) -> int:
        return self.values.shape[1]

    def contains(self, row: int, col: int) -> bool:
        inside = 0 <= row < self.rows and 0 <= col < self.cols
        if self.tiles is not None and inside:
            return self.tiles.element(row * self.summary.row_step, col * self.summary.col_step) is not None
        return inside and row * self.cols + col < self.values.size - self.padding

    def index(self, row: int, col: int) -> tuple[int, ...]:
        """The cell's index in the array; for the mean of a block that of its first element."""
        summary = self.summary
        if not summary.shape:
            return ()
        if self.tiles is not None:
            element = self.tiles.element(row * summary.row_step, col * summary.col_step)
            assert element is not None
            return tuple(int(i) for i in np.unravel_index(element, self.array_shape))
        if len(summary.shape) == 1:
            return ((row * self.cols + col) * summary.col_step,)
        return (*summary.index, row * summary.row_step, col * summary.col_step)

    def index_text(self, row: int, col: int) -> str:
        """The cell's index in the array: "[6, 8]", for the mean of a block its range "[0:4, 8:12]"."""
        index, shape = self.index(row, col), self.summary.shape
        if self.rgb is not None:
            return f"[{', '.join(map(str, index[:-3]))}, :, {index[-2]}, {index[-1]}]".replace("[, ", "[")
        if self.tiles is not None:
            more = "…" if self.block != (1, 1) else ""
            return f"[{', '.join(map(str, index))}{more}]"
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


def in_colors(channels: list[Summary]) -> Cells:
    """Three channels as one picture; its numbers are those of the first."""
    cells = np.stack([summary.cells() for summary in channels], axis=-1).astype(np.float64)
    finite = np.where(np.isfinite(cells), cells, 0.0)
    low, high = float(finite.min(initial=0.0)), float(finite.max(initial=0.0))
    return Cells(channels[0].cells(), channels[0], rgb=(finite - low) / ((high - low) or 1.0))
