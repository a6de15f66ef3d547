"""Numbers as colours: the cells of a summary as a picture, one pixel a cell, for whoever draws it larger.

Data of both signs, and data that may have both (parameters, gradients), gets the diverging map with limits
symmetric about zero, so that the surface colour always means zero; data of one sign the sequential map;
pictures (MNIST digits) grey. NaN and infinity have colours of their own, which no number gets.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from PySide6.QtGui import QImage

from gradviz.trace import Summary
from gradviz.ui.theme import diverging_map, sequential_map, theme

NAN_ROLE = "nan"
INF_ROLE = "error"
"""The theme's colours of cells that are not a number, and of cells that are infinite."""


@dataclass(frozen=True)
class Scale:
    """Which colours stand for which numbers: `low` gets the map's first colour, `high` its last."""

    kind: str
    """ "diverging", "sequential" or "grey"."""
    low: float
    high: float

    def colors(self) -> np.ndarray:
        """uint8 [256, 4] RGBA, from `low` to `high`."""
        if self.kind == "grey":
            return _grey_map()
        return diverging_map() if self.kind == "diverging" else sequential_map()


def scale_of(*grids: np.ndarray, image: bool = False, signed: bool = False) -> Scale:
    """The scale that shows all these cells together, so that their pictures can be compared.

    `signed` data keeps the diverging map when all of it happens to have one sign.
    """
    finite = np.concatenate([cells[np.isfinite(cells)] for cells in grids]).astype(np.float64)
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    if image:
        return Scale("grey", low, high)
    if signed or low < 0 < high or low == high:
        reach = max(-low, high)
        return Scale("diverging", -reach, reach)
    return Scale("sequential", low, high)


def looks_like_images(kind: str, shape: tuple[int, ...]) -> bool:
    """Whether a node's value may be pictures: an input whose last axes look like pixels ([N, 1, 28, 28])."""
    return (
        kind == "input"
        and 3 <= len(shape) <= 4
        and min(shape[-2:]) >= 8
        and 0.5 <= shape[-1] / shape[-2] <= 2
        and (len(shape) == 3 or shape[1] in (1, 3))
    )


def colorize(cells: np.ndarray, scale: Scale) -> QImage:
    """Float cells [rows, cols] as a QImage of cols × rows pixels; a null image when there are no cells."""
    if not cells.size:
        return QImage()
    finite = np.where(np.isfinite(cells), cells, scale.low).astype(np.float64)
    place = (finite - scale.low) / ((scale.high - scale.low) or 1.0)
    if scale.kind == "diverging" and scale.low == scale.high:
        place += 0.5  # nothing but zeros: the middle of the map
    levels = (np.clip(place, 0, 1) * 255).astype(np.uint8)
    pixels = scale.colors()[levels]
    pixels[np.isnan(cells)] = theme.color(NAN_ROLE).getRgb()
    pixels[np.isinf(cells)] = theme.color(INF_ROLE).getRgb()
    rows, cols = cells.shape
    return QImage(pixels.tobytes(), cols, rows, 4 * cols, QImage.Format.Format_RGBA8888).copy()


def rgb_image(cells: np.ndarray) -> QImage:
    """Cells [rows, cols, 3] of red, green and blue from 0 to 1, one pixel a cell."""
    pixels = np.ascontiguousarray((np.clip(cells, 0, 1) * 255).astype(np.uint8))
    rows, cols, _ = pixels.shape
    return QImage(pixels.tobytes(), cols, rows, 3 * cols, QImage.Format.Format_RGB888).copy()


def heatmap_image(summary: Summary, *, image: bool = False, signed: bool = False) -> QImage:
    """The summary's cells on their own scale, one pixel a cell; `image` draws them as a grey picture.

    A null image when the summary has no cells (an empty array). Scale it up without smoothing.
    """
    cells = summary.cells()
    return colorize(cells, scale_of(cells, image=image, signed=signed))


@cache
def _grey_map() -> np.ndarray:
    levels = np.arange(256, dtype=np.uint8)
    return np.stack([levels, levels, levels, np.full(256, 255, np.uint8)], axis=1)
