"""How open boxes look: a frame, and in its uppermost stripe what a closed one says, as far as there is room.

Stateless: every function draws what it is given, in pixels at 100 %.
"""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen

from gradviz.ui.graph.cards import GLYPHS, READABLE, count_text, paint_gradient, shapes_text
from gradviz.ui.graph.diagram import Card
from gradviz.ui.graph.faces import Face
from gradviz.ui.graph.layout import HEADER
from gradviz.ui.graph.text import PRINT, TITLE, draw_text, elided, fitting, scene_font
from gradviz.ui.theme import theme

LEAST_PRINT = 5.0
"""Pixels on screen below which the title of a box is not drawn."""
GAP = 10.0
GRADIENT = 84.0
"""Width of the gradient's norm."""


def has_title(scale: float) -> bool:
    """Whether titles of boxes are drawn at all: else no corner can be seen to be round, either."""
    return _title_pixels(scale) * scale >= LEAST_PRINT


def has_summary(scale: float) -> bool:
    """Whether more than the title is drawn."""
    return scale >= READABLE


def _title_pixels(scale: float) -> int:
    return TITLE if has_summary(scale) else min(26, round(9 / scale))


def paint_far_boxes(painter: QPainter, rects: list[QRectF], scale: float) -> None:
    """Open boxes without their titles, outer ones first."""
    painter.setPen(QPen(theme.color("line", 0.9), 1 / scale))
    painter.setBrush(theme.color("raised", 0.3))
    painter.drawRects(rects)


def paint_box(painter: QPainter, name: str, rect: QRectF, room: tuple[float, float], scale: float) -> QRectF:
    """A frame with its name; inner ones are a shade lighter. `room` is where there is room for what it says,
    from the frame's left side. Gives what is left of that."""
    painter.setPen(QPen(theme.color("line", 0.9), 1 / min(scale, 1)))
    painter.setBrush(theme.color("raised", 0.3))
    painter.drawRoundedRect(rect, 8, 8)
    start, end = room[0] + 6, min(room[1], rect.width() - 32)
    line = QRectF(rect.x() + start, rect.y() + 2, max(end - start, 0), HEADER - 2)
    least = min(_title_pixels(scale), round(7 / scale))
    pixels = max(fitting(name, _title_pixels(scale), int(line.width()), True), least)
    name = elided(name, pixels, int(line.width()), True)
    painter.setFont(scene_font(pixels, bold=True))
    painter.setPen(theme.color("dim"))
    painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, name)
    if has_summary(scale):
        painter.setPen(QPen(theme.color("dim"), 1.5))
        x, y = rect.right() - 18, rect.y() + HEADER / 2
        painter.drawLine(QLineF(x - 4, y, x + 4, y))
    used = min(_width(name, pixels, bold=True) + GAP, line.width())
    return line.adjusted(used, 0, 0, 0)


def paint_summary(painter: QPainter, card: Card, face: Face, line: QRectF, words: dict[str, str]) -> None:
    """What runs in the box and the norm of its gradient, at the right; before that what it is, how much of it
    is learned, and the shapes that go in and come out: what there is room for."""
    if face.running and line.width() > 14:
        painter.setFont(scene_font(11, bold=True))
        painter.setPen(theme.color(face.running))
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.drawText(line, flags, GLYPHS[face.running])
        line = line.adjusted(0, 0, -18, 0)
    if face.gradient and line.width() > GRADIENT:
        paint_gradient(painter, face, line.adjusted(line.width() - GRADIENT, 5, 0, -5), words)
        line = line.adjusted(0, 0, -GRADIENT - GAP, 0)
    said = ""
    for part in _parts(card, words):
        more = f"{said} · {part}" if said else part
        if said and _width(more, PRINT) > line.width():
            break
        said = more
    if line.width() > 40:
        draw_text(painter, said, line, PRINT, "dim")


def _parts(card: Card, words: dict[str, str]) -> Iterator[str]:
    if card.module is not None and card.module.description:
        yield card.module.description
    if card.parameters:
        yield words["parameters"].format(count_text(card.parameters))
    yield shapes_text(card)


def _width(text: str, pixels: int, *, bold: bool = False) -> float:
    return QFontMetricsF(scene_font(pixels, bold=bold)).horizontalAdvance(text)
