"""Summaries of arrays: what travels to the window in place of the numbers themselves."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from msgspec import Meta, Struct

Role = Literal["value", "grad", "saved"]
MAX_CELLS = 1 << 20  # cells of a heat map: 4 MiB of float32
MAX_BINS = 4096


class ArrayRef(Struct, frozen=True):
    """Names an array of the recorded run as of a moment.

    role "value": output `output` of the node. "grad": the gradient of the loss with respect to it.
    "saved": what the node keeps for backward under `name`.
    """

    iteration: int
    event: int
    node: int
    role: Role
    output: int = 0
    name: Annotated[str, Meta(max_length=256)] = ""


class Summary(Struct, frozen=True):
    """An array in few bytes: statistics of all its elements, and a heat map of one two-dimensional slice.

    Statistics are over finite elements, in float64; NaN when there are none. `grid` holds float32 cells, row
    by row, `rows` × `cols`; each is the mean of `row_step` × `col_step` elements of the slice that `index`
    names on the leading axes (the last two axes are rows and columns; a 1-D array is one row).
    """

    shape: tuple[int, ...]
    dtype: str
    nbytes: int
    minimum: float
    maximum: float
    mean: float
    std: float
    norm: float
    zeros: int
    nans: int
    infs: int
    index: tuple[int, ...]
    rows: Annotated[int, Meta(ge=0, le=MAX_CELLS)]
    cols: Annotated[int, Meta(ge=0, le=MAX_CELLS)]
    row_step: int
    col_step: int
    grid: Annotated[bytes, Meta(max_length=4 * MAX_CELLS)]
    counts: Annotated[list[int], Meta(max_length=MAX_BINS)] = []
    """Histogram of the finite elements over [minimum, maximum] in equal bins; empty when not asked for."""

    def __post_init__(self) -> None:
        if len(self.grid) != 4 * self.rows * self.cols:
            raise ValueError(f"a grid of {self.rows} × {self.cols} cells cannot have {len(self.grid)} bytes")

    def cells(self) -> np.ndarray:
        """The heat map as float32 [rows, cols]."""
        return np.frombuffer(self.grid, dtype=np.float32).reshape(self.rows, self.cols)

    @property
    def size(self) -> int:
        return int(np.prod(self.shape, dtype=np.int64))


def summarize(
    values: np.ndarray, rows: int, cols: int, bins: int = 0, index: tuple[int, ...] = ()
) -> Summary:
    """Sums up an array of any shape and real dtype in a heat map of at most `rows` × `cols` cells.

    `index` chooses the slice on the leading axes; missing entries are 0, others are clipped into range.
    Statistics that leave float64's range, and cells that leave float32's, become infinite.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        return _summarize(values, rows, cols, bins, index)


def _summarize(values: np.ndarray, rows: int, cols: int, bins: int, index: tuple[int, ...]) -> Summary:
    finite = values[np.isfinite(values)] if values.dtype.kind in "fc" else values.reshape(-1)
    if np.iscomplexobj(finite):
        finite = np.abs(finite)
    wide = finite.astype(np.float64)
    image, used = _slice(values, index)
    grid, row_step, col_step = _shrink(image, max(1, rows), max(1, cols))
    minimum, maximum = (float(wide.min()), float(wide.max())) if wide.size else (np.nan, np.nan)
    floating = values.dtype.kind in "fc"
    nans = int(np.isnan(values).sum()) if floating else 0
    return Summary(
        shape=tuple(int(length) for length in values.shape),
        dtype=str(values.dtype),
        nbytes=int(values.nbytes),
        minimum=minimum,
        maximum=maximum,
        mean=float(wide.mean()) if wide.size else np.nan,
        std=float(wide.std()) if wide.size else np.nan,
        norm=float(np.sqrt(np.dot(wide, wide))) if wide.size else 0.0,
        zeros=int(wide.size - np.count_nonzero(wide)),
        nans=nans,
        infs=int(values.size - finite.size - nans),
        index=used,
        rows=grid.shape[0],
        cols=grid.shape[1],
        row_step=row_step,
        col_step=col_step,
        grid=np.ascontiguousarray(grid, dtype=np.float32).tobytes(),
        counts=_histogram(wide, minimum, maximum, bins),
    )


def _slice(values: np.ndarray, index: tuple[int, ...]) -> tuple[np.ndarray, tuple[int, ...]]:
    """The two-dimensional slice to draw, and the index on the leading axes that was really used."""
    if np.iscomplexobj(values):
        values = np.abs(values)
    if values.ndim < 2:
        return values.reshape(1, -1), ()
    leading = values.shape[:-2]
    if 0 in leading:
        return np.empty((0, 0), np.float32), (0,) * len(leading)
    padded = (*index, *(0,) * len(leading))[: len(leading)]
    used = tuple(min(max(i, 0), length - 1) for i, length in zip(padded, leading, strict=True))
    return values[used], used


def _shrink(image: np.ndarray, rows: int, cols: int) -> tuple[np.ndarray, int, int]:
    """Means over equal blocks; what is left over at the lower and right edge makes smaller blocks."""
    height, width = image.shape
    row_step, col_step = -(-height // rows) or 1, -(-width // cols) or 1
    if row_step == col_step == 1 or 0 in image.shape:
        return image[:rows, :cols], 1, 1
    sums = np.add.reduceat(image.astype(np.float64), np.arange(0, height, row_step), axis=0)
    sums = np.add.reduceat(sums, np.arange(0, width, col_step), axis=1)
    heights = np.diff(np.append(np.arange(0, height, row_step), height))
    widths = np.diff(np.append(np.arange(0, width, col_step), width))
    return sums / np.outer(heights, widths), row_step, col_step


def _histogram(finite: np.ndarray, minimum: float, maximum: float, bins: int) -> list[int]:
    if not bins or not finite.size:
        return []
    if minimum == maximum:
        return [int(finite.size)]
    if not np.isfinite(maximum - minimum):  # the range itself overflows: halve everything, the shape stays
        finite, minimum, maximum = finite / 2, minimum / 2, maximum / 2
    return np.histogram(finite, bins=min(bins, MAX_BINS), range=(minimum, maximum))[0].tolist()
