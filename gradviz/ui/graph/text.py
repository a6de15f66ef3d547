"""Text on the graph: fonts that belong to the drawing, and lines that shrink or are cut to fit."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter

from gradviz.ui.theme import font, theme

LEFT, RIGHT, TOP = 11.0, 7.0, 5.0
TITLE, PRINT, SMALLEST = 14, 12, 10
"""Heights of text in pixels at 100 %: a card's name, its other lines, and what both may shrink to."""
TITLE_LINE, LINE = 19.0, 16.0


def scene_font(pixels: float, *, bold: bool = False, mono: bool = False) -> QFont:
    """The window's font at a size that belongs to the drawing, not to the screen."""
    return _font(round(pixels), bold, mono)


@lru_cache(maxsize=64)
def _font(pixels: int, bold: bool, mono: bool) -> QFont:
    chosen = font(9, bold=bold, mono=mono)
    chosen.setPixelSize(max(pixels, 1))
    return chosen


def one_line(text: str) -> str:
    """The text with a sign for every line break."""
    return "⏎".join(text.splitlines())


@lru_cache(maxsize=8192)
def elided(text: str, pixels: int, width: int, bold: bool = False, mono: bool = False) -> str:
    """The text in one line, shortened in its middle if it is wider than `width`."""
    metrics = QFontMetricsF(_font(pixels, bold, mono))
    return metrics.elidedText(one_line(text), Qt.TextElideMode.ElideMiddle, width)


@lru_cache(maxsize=8192)
def fitting(text: str, pixels: int, width: int, bold: bool = False, mono: bool = False) -> int:
    """The largest text height up to `pixels`, not below SMALLEST, at which the text fits into `width`."""
    while pixels > SMALLEST and QFontMetricsF(_font(pixels, bold, mono)).horizontalAdvance(text) > width:
        pixels -= 1
    return pixels


def draw_text(
    painter: QPainter,
    text: str,
    rect: QRectF,
    pixels: int,
    color: str,
    *,
    bold: bool = False,
    mono: bool = False,
    right: bool = False,
) -> None:
    pixels = fitting(text, pixels, int(rect.width()), bold, mono)
    painter.setFont(_font(pixels, bold, mono))
    painter.setPen(theme.color(color))
    side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
    painter.drawText(
        rect, side | Qt.AlignmentFlag.AlignVCenter, elided(text, pixels, int(rect.width()), bold, mono)
    )
