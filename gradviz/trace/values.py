"""Summaries of arrays: what travels to the window in place of the numbers themselves."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Annotated, Literal, NamedTuple

import msgspec
import numpy as np
from msgspec import Meta, Struct

from gradviz.trace.graph import Shape
from gradviz.trace.statistics import without_repeats
from gradviz.trace.tiles import Tiles

Role = Literal["value", "grad", "saved"]
MAX_CELLS = 1 << 20  # cells of a heat map: 4 MiB of float32
MAX_BINS = 4096
MAX_RAW = 32 << 20  # bytes of an array that travels in full
PART = 1 << 16  # elements that are summed up at a time: they stay in the processor's cache
MAX_READ = 1 << 25  # elements of a larger array that its picture and its histogram are made of


class ArrayRef(Struct, frozen=True, gc=False):
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
    change: bool = False
    """The array less the same one an iteration before, see `change_of`."""
    tiles: Tiles | None = None
    """The array as a mosaic, which has two dimensions, in place of the array itself."""
    edition: Annotated[int, Meta(ge=0)] = 0
    """Tells apart what an experiment has computed each time that it ran the iteration: to whoever has the
    arrays it means nothing."""


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


class Part(Struct, frozen=True):
    """A rectangle of the two-dimensional slice that `index` names on the leading axes, see `Summary`."""

    index: Annotated[tuple[int, ...], Meta(max_length=64)] = ()
    row: Annotated[int, Meta(ge=0)] = 0
    rows: Annotated[int, Meta(ge=0)] = 1
    col: Annotated[int, Meta(ge=0)] = 0
    cols: Annotated[int, Meta(ge=0)] = 1

    def of(self, values: np.ndarray) -> np.ndarray:
        """A view with as many of the last two axes as the array has; what lies outside it is left out."""
        if not values.ndim:
            return values
        cols = slice(self.col, self.col + self.cols)
        if values.ndim == 1:
            return values[cols]
        used = _leading(values.shape, self.index)
        if used is None:
            return np.empty((0, 0), values.dtype)
        return values[used][self.row : self.row + self.rows, cols]


class RawArray(Struct, frozen=True):
    """An array in full, of at most `MAX_RAW` bytes: its numbers row by row, in this machine's byte order."""

    shape: Shape
    dtype: Annotated[str, Meta(pattern=r"\A(bool|u?int(8|16|32|64)|float(16|32|64)|complex(64|128))\Z")]
    data: Annotated[bytes, Meta(max_length=MAX_RAW)]

    def __post_init__(self) -> None:
        if len(self.data) != math.prod(self.shape) * np.dtype(self.dtype).itemsize:
            raise ValueError(f"{len(self.data)} bytes are no {self.dtype} of shape {self.shape}")
        self.array()  # raises ValueError for empty arrays with axes that no array can have

    @classmethod
    def of(cls, array: np.ndarray) -> RawArray:
        """Raises ValueError for an array that is too large or has a dtype of another kind."""
        if array.nbytes > MAX_RAW:
            raise ValueError(f"{array.nbytes} bytes are too many")
        return msgspec.convert(
            {"shape": array.shape, "dtype": str(array.dtype), "data": array.tobytes()}, cls
        )

    def array(self) -> np.ndarray:
        """The numbers, read-only."""
        return np.frombuffer(self.data, dtype=self.dtype).reshape(self.shape)


def norm_of(values: np.ndarray) -> float:
    """The Euclidean norm over finite elements, in float64; infinite where it leaves float64's range."""
    core = without_repeats(values).ravel("K")
    with np.errstate(over="ignore"):
        squares = sum(float(np.dot(part, part)) for part in map(_finite, _parts(core)))
        return math.sqrt(squares) * math.sqrt(values.size // core.size if core.size else 1)


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
    image, used = _slice(values, index)
    grid, row_step, col_step = _shrink(image, max(1, rows), max(1, cols))
    core = without_repeats(values).ravel("K")
    times = values.size // core.size if core.size else 1
    found = _moments(core)
    return Summary(
        shape=tuple(int(length) for length in values.shape),
        dtype=str(values.dtype),
        nbytes=int(values.nbytes),
        minimum=found.minimum,
        maximum=found.maximum,
        mean=found.mean if found.size else np.nan,
        std=float(np.sqrt(found.deviations / found.size)) if found.size else np.nan,
        norm=float(np.sqrt(found.squares) * np.sqrt(times)),
        zeros=found.zeros * times,
        nans=found.nans * times,
        infs=(core.size - found.size - found.nans) * times,
        index=used,
        rows=grid.shape[0],
        cols=grid.shape[1],
        row_step=row_step,
        col_step=col_step,
        grid=np.ascontiguousarray(grid, dtype=np.float32).tobytes(),
        counts=[count * times for count in _histogram(core, found, bins)],
    )


class _Moments(NamedTuple):
    """Of the finite elements: how many there are, and what they come to."""

    size: int = 0
    zeros: int = 0
    nans: int = 0
    minimum: float = np.nan
    maximum: float = np.nan
    mean: float = 0.0
    squares: float = 0.0
    deviations: float = 0.0  # squared, from the mean

    def joined(self, other: _Moments) -> _Moments:
        """Of the elements of both. After Chan, Golub and LeVeque, Updating Formulae and a Pairwise Algorithm
        for Computing Sample Variances (1979)."""
        size, gap = self.size + other.size, other.mean - self.mean
        if not (self.size and other.size):
            full = other if other.size else self
            return full._replace(nans=self.nans + other.nans)
        return _Moments(
            size,
            self.zeros + other.zeros,
            self.nans + other.nans,
            min(self.minimum, other.minimum),
            max(self.maximum, other.maximum),
            self.mean + gap * other.size / size,
            self.squares + other.squares,
            self.deviations + other.deviations + gap * gap * self.size * other.size / size,
        )


def _moments(flat: np.ndarray) -> _Moments:
    found = _Moments()
    for given in _parts(flat):
        part = _finite(given)
        nans = int(np.isnan(given).sum()) if part.size < given.size else 0
        if not part.size:
            found = found._replace(nans=found.nans + nans)
            continue
        mean = part.mean()
        part_of = _Moments(
            part.size,
            int(part.size - np.count_nonzero(part)),
            nans,
            float(part.min()),
            float(part.max()),
            float(mean),
            float(np.dot(part, part)),
            float(np.square(part - mean).sum()),
        )
        found = found.joined(part_of)
    return found


def _parts(flat: np.ndarray) -> Iterator[np.ndarray]:
    """All elements in pieces: what is computed from them stays small beside a large array."""
    for start in range(0, flat.size, PART):
        yield flat[start : start + PART]


def _finite(part: np.ndarray) -> np.ndarray:
    """The finite elements as float64, magnitudes of complex ones."""
    if part.dtype.kind in "fc" and not np.isfinite(part.sum(dtype=np.result_type(part, np.float64))):
        part = part[np.isfinite(part)]
    return (np.abs(part) if np.iscomplexobj(part) else part).astype(np.float64)


def _slice(values: np.ndarray, index: tuple[int, ...]) -> tuple[np.ndarray, tuple[int, ...]]:
    """The two-dimensional slice to draw, and the index on the leading axes that was really used."""
    if np.iscomplexobj(values):
        values = np.abs(values)
    if values.ndim < 2:
        return values.reshape(1, -1), ()
    used = _leading(values.shape, index)
    if used is None:
        return np.empty((0, 0), np.float32), (0,) * (values.ndim - 2)
    return values[used], used


def _leading(shape: tuple[int, ...], index: tuple[int, ...]) -> tuple[int, ...] | None:
    """The index on the axes before the last two, filled with 0 and clipped; None where an axis is empty."""
    leading = shape[:-2]
    if 0 in leading:
        return None
    padded = (*index, *(0,) * len(leading))[: len(leading)]
    return tuple(min(max(i, 0), length - 1) for i, length in zip(padded, leading, strict=True))


def _shrink(image: np.ndarray, rows: int, cols: int) -> tuple[np.ndarray, int, int]:
    """Means over equal blocks; what is left over at the lower and right edge makes smaller blocks. Of a very
    large image, means over some rows of each block."""
    height, width = image.shape
    row_step, col_step = -(-height // rows) or 1, -(-width // cols) or 1
    if row_step == col_step == 1 or 0 in image.shape:
        return image[:rows, :cols], 1, 1
    if height > 1 and image.strides[0] == 0:
        line, _, _ = _shrink(image[:1], 1, cols)
        return np.broadcast_to(line, (-(-height // row_step), line.shape[1])), row_step, col_step
    if abs(image.strides[0]) < abs(image.strides[1]):  # summed up as it lies in memory
        turned, _, _ = _shrink(image.T, cols, rows)
        return turned.T, row_step, col_step
    starts, sampled = np.arange(0, height, row_step), image
    if image.size > MAX_READ and row_step > 1:
        kept = max(1, MAX_READ // width // len(starts))
        places = starts[:, None] + np.arange(0, row_step, -(-row_step // kept))
        chosen = places < height
        sampled = image[places[chosen]]
        starts = np.append(0, np.cumsum(chosen.sum(1)))[:-1]
    sums = np.add.reduceat(sampled, np.arange(0, width, col_step), axis=1, dtype=np.float64)
    sums = np.add.reduceat(sums, starts, axis=0)
    heights = np.diff(np.append(starts, len(sampled)))
    widths = np.diff(np.append(np.arange(0, width, col_step), width))
    return sums / np.outer(heights, widths), row_step, col_step


def _histogram(flat: np.ndarray, found: _Moments, bins: int) -> list[int]:
    """Of very many elements some are counted, evenly spread."""
    minimum, maximum = found.minimum, found.maximum
    if not bins or not found.size:
        return []
    if minimum == maximum:
        return [found.size]
    scale = 1.0 if np.isfinite(maximum - minimum) else 0.5  # if the range itself overflows, halve everything
    span = (minimum * scale, maximum * scale)
    counts = np.zeros(min(bins, MAX_BINS), np.int64)
    every = -(-flat.size // MAX_READ)
    for part in _parts(flat[::every]):
        counts += np.histogram(_finite(part) * scale, bins=len(counts), range=span)[0]
    return (counts * every).tolist()
