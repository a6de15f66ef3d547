"""How the terms of a number lie over an array that takes part in them: the cells of a picture of them."""

from __future__ import annotations

from dataclasses import dataclass
from math import isqrt

import numpy as np

from gradviz.trace import summarize
from gradviz.trace.reasons import Spread
from gradviz.ui.array_layouts import MIN_OFFERED
from gradviz.ui.inspector.cells import MAX_VECTOR, Cells, lay_out

MAX_SIDE = 512  # cells of a picture along an axis


@dataclass(frozen=True)
class Contributions:
    """`cells` are the terms as they are drawn; `elements` (int64 [rows, cols]) the flat number of each one's
    element in the array, -1 where a cell is the sum of several or of none."""

    cells: Cells
    elements: np.ndarray


def contributions(spread: Spread) -> Contributions | None:
    """The smallest rectangle of the array's last two axes that holds all terms, one cell an element.

    A line of elements is wrapped, or drawn as the picture that a row of square length may have been. Terms at
    the same place of several slices are added up. None when the rectangle is too large to be drawn.
    """
    columns = spread.shape[-1] if spread.shape else 1
    rows = spread.shape[-2] if len(spread.shape) > 1 else 1
    place = spread.elements % (rows * columns)
    row, column = place // columns, place % columns
    top, left = int(row.min()), int(column.min())
    height, width = int(row.max()) - top + 1, int(column.max()) - left + 1
    if height > MAX_SIDE or width > max(MAX_SIDE, MAX_VECTOR if height == 1 else 0):
        return None
    flat = (row - top) * width + column - left
    values = np.bincount(flat, spread.values, minlength=height * width)
    counts = np.bincount(flat, minlength=height * width)
    elements = np.full(height * width, -1, np.int64)
    elements[flat] = spread.elements
    elements[counts != 1] = -1
    return _laid_out(values.reshape(height, width), elements.reshape(height, width))


def by_sample(spread: Spread) -> Contributions:
    """What each entry of the first axis contributes: of a batch, each sample."""
    values = spread.by_first_axis()
    return _laid_out(values.reshape(1, -1), np.full((1, len(values)), -1, np.int64))


def _laid_out(values: np.ndarray, elements: np.ndarray) -> Contributions:
    if 1 in values.shape:
        values, elements = values.reshape(1, -1), elements.reshape(1, -1)
        side = isqrt(values.size)
        if side * side == values.size and side >= MIN_OFFERED:
            values, elements = values.reshape(side, side), elements.reshape(side, side)
    alone = values.shape[0] == 1
    given = values.reshape(-1) if alone else values
    cells = lay_out(summarize(given, *(values.shape if not alone else (1, values.size))))
    if elements.shape != cells.values.shape:
        padding = np.full(cells.values.size - elements.size, -1, np.int64)
        elements = np.concatenate([elements.reshape(-1), padding]).reshape(cells.values.shape)
    return Contributions(cells, elements)
