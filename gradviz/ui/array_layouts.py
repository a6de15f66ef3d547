"""The ways in which an array of a shape can be laid out on the plane beside its last two axes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from gradviz.trace.tiles import MAX_CELLS, Tiles

MIN_PICTURE = 4  # cells of a row that is drawn as a picture, in either direction …
MIN_OFFERED = 8  # … and of the one that is offered without a word
MAX_COLUMNS = 64  # of a mosaic whose axes say how many it has

Kind = Literal["plane", "picture", "mosaic"]


@dataclass(frozen=True)
class Layout:
    """What a person has chosen for an array. `row` is drawn as a picture; `height` × `width` is what the rows
    of a two-dimensional array are drawn as, 0 for the squarest."""

    kind: Kind = "plane"
    numbers: bool = False
    colors: bool = True
    row: int = 0
    height: int = 0
    width: int = 0


def pictures_of(shape: tuple[int, ...]) -> list[tuple[int, int]]:
    """(height, width) of the pictures that a row of a two-dimensional array may be, the squarest first."""
    if len(shape) != 2 or not shape[0]:
        return []
    length = shape[1]
    heights = [n for n in range(MIN_PICTURE, math.isqrt(length) + 1) if not length % n]
    pairs = [(n, length // n) for n in heights] + [(length // n, n) for n in heights if n * n != length]
    pairs.sort(key=lambda pair: (max(pair) / min(pair), pair))
    return pairs if pairs and min(pairs[0]) >= MIN_OFFERED else []


def picture_of(shape: tuple[int, ...], layout: Layout) -> tuple[int, int] | None:
    """What a row is drawn as."""
    pictures = pictures_of(shape)
    wanted = (layout.height, layout.width)
    return wanted if wanted in pictures else pictures[0] if pictures else None


def tiles_of(shape: tuple[int, ...], layout: Layout, index: tuple[int, ...], filters: bool) -> Tiles | None:
    """The chosen mosaic or picture; None for the plane, and where the shape has no such.

    A mosaic shows the last two axes of all entries of the axis before them: of a batch of pictures with one
    channel the batch, of `filters` both axes. On others it is of the entry `index`.
    """
    if not math.prod(shape):
        return None
    if len(shape) == 2:
        picture = picture_of(shape, layout)
        if picture is None or layout.kind == "plane":
            return None
        if layout.kind == "picture":
            return Tiles(*picture, first=min(layout.row, shape[0] - 1) * shape[1])
        return _fitting(Tiles(*picture, _columns(shape[0], picture), shape[0]))
    if layout.kind != "mosaic" or len(shape) < 3:
        return None
    height, width = shape[-2:]
    *leading, count = shape[:-2]
    columns = _columns(count, (height, width))
    if leading and axes_side_by_side(shape, filters) == 2:
        columns = count if 1 < count <= MAX_COLUMNS else _columns(count * leading[-1], (height, width))
        count *= leading.pop()
    place = 0
    for i, length in zip(index, leading, strict=False):
        place = place * length + min(i, length - 1)
    if count == 1:
        return None
    return _fitting(Tiles(height, width, columns, count, place * count * height * width))


def axes_side_by_side(shape: tuple[int, ...], filters: bool) -> int:
    """How many axes before the last two a mosaic lays side by side."""
    leading = shape[:-2]
    return min(len(leading), 2 if leading and (filters or leading[-1] == 1) else 1)


def layout_at_first(shape: tuple[int, ...], filters: bool) -> Layout:
    """Of an array for which nothing was chosen: filters are tiles."""
    return Layout("mosaic" if filters and len(shape) > 3 else "plane")


def _fitting(tiles: Tiles) -> Tiles | None:
    return tiles if math.prod(tiles.shape) <= MAX_CELLS else None


def _columns(count: int, picture: tuple[int, int]) -> int:
    """How many pictures side by side make a mosaic about as high as wide."""
    height, width = picture
    return max(1, min(count, round(math.sqrt(count * height / width))))
