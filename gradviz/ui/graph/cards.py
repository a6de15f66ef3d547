"""How cards look. Stateless: every function draws what it is given, in pixels at 100 %."""

from __future__ import annotations

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QPainter, QPen, QPolygonF

from gradviz.ui.graph.diagram import Card
from gradviz.ui.graph.faces import Face
from gradviz.ui.graph.marks import paint_marks, paint_marks_from_afar
from gradviz.ui.graph.text import (
    LEFT,
    LINE,
    PRINT,
    RIGHT,
    TITLE,
    TITLE_LINE,
    TOP,
    draw_text,
    elided,
    scene_font,
)
from gradviz.ui.numbers import grouped, shape_text
from gradviz.ui.theme import theme

READABLE = 0.5
"""Scale from which a card's small print is drawn."""
NAMED = 0.22
"""Scale from which a card has a name and a picture; below it is a coloured block."""
ROLE_COLORS = {
    "parameter": "parameter",
    "buffer": "parameter",
    "input": "input",
    "operation": "dim",
    "loss": "saved",
    "backward": "backward",
    "scope": "dim",
}
GLYPHS = {"forward": "▶", "backward": "◀", "update": "✓"}
RADIUS = 6.0
TINT = 0.28
"""Opacity of a card's colour where its marks say as much as they can."""
PICTURE = (42.0, 30.0)


# ── cards ─────────────────────────────────────────────────────────────────────────────────────────────────


def paint_card(
    painter: QPainter, card: Card, face: Face, rect: QRectF, scale: float, words: dict[str, str]
) -> None:
    """One card at the detail that a `scale` from NAMED on allows. `words` are the translated texts a card can
    carry."""
    if card.role == "backward":
        _paint_backward_card(painter, card, face, rect, scale, words)
        return
    role = theme.color(ROLE_COLORS[card.role], 1.0 if face.ready else 0.55)
    _paint_glow(painter, face, rect)
    border = _border(card, face)
    painter.setPen(border)
    painter.setBrush(theme.color("panel" if card.quiet else "card"))
    painter.drawRoundedRect(rect, RADIUS, RADIUS)
    if face.marks:
        _paint_tint(painter, face, rect)
    if card.role == "scope":  # a second sheet behind the first: there is more inside
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawLine(QLineF(rect.x() + 6, rect.bottom() + 3, rect.right() - 6, rect.bottom() + 3))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(role)
    painter.drawRoundedRect(QRectF(rect.x() + 3, rect.y() + 6, 3, rect.height() - 12), 1.5, 1.5)
    if scale < READABLE:
        if face.marks:
            paint_marks_from_afar(painter, face.marks, rect)
            rect = QRectF(rect.x(), rect.y(), rect.width(), rect.height() / 2)
        _paint_name(painter, card, rect)
        return
    _paint_text(painter, card, face, rect, words)
    if face.marks:
        return
    if face.picture is not None:
        _paint_picture(painter, face, rect, tall=card.role == "scope")
    elif not face.ready and not card.quiet:
        paint_hatching(painter, QRectF(rect.right() - RIGHT - PICTURE[0], rect.bottom() - 38, *PICTURE))


def _paint_tint(painter: QPainter, face: Face, rect: QRectF) -> None:
    """The more its marks say, the deeper a card's colour: that is seen among many."""
    mark = max(face.marks, key=lambda mark: mark.share)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color(mark.role, TINT * mark.share))
    painter.drawRoundedRect(rect, RADIUS, RADIUS)


def _paint_backward_card(
    painter: QPainter, card: Card, face: Face, rect: QRectF, scale: float, words: dict[str, str]
) -> None:
    """The backward of the card above: its name, and the gradient that has come to it."""
    known = face.gradient == "known"
    _paint_glow(painter, face, rect)
    coral = theme.color("backward", 0.8 if known else 0.4)
    style = Qt.PenStyle.SolidLine if known else Qt.PenStyle.DashLine
    painter.setPen(_border(card, face) if face.running or face.alarming else QPen(coral, 1, style))
    painter.setBrush(theme.color("panel"))
    painter.drawRoundedRect(rect, RADIUS, RADIUS)
    title = words["functions"].format(card.functions) if card.module else card.title
    inside = rect.adjusted(8, 2, -6, -2)
    if scale < READABLE:
        draw_text(painter, title, inside, TITLE, "backward" if known else "dim")
        return
    upper, lower = QRectF(inside), QRectF(inside)
    upper.setHeight(inside.height() / 2)
    lower.setTop(upper.bottom())
    draw_text(painter, title, upper, PRINT - 1, "text" if known else "dim")
    if face.gradient:
        paint_gradient(painter, face, lower, words)


def _border(card: Card, face: Face) -> QPen:
    if face.running:
        return QPen(theme.color(face.running), 2)
    if face.alarming:
        return QPen(theme.color("nan"), 1.5)
    style = Qt.PenStyle.SolidLine if face.ready else Qt.PenStyle.DashLine
    return QPen(theme.color("line", 0.6 if card.quiet else 1.0), 1, style)


def _paint_glow(painter: QPainter, face: Face, rect: QRectF) -> None:
    if not face.running:
        return
    painter.setPen(Qt.PenStyle.NoPen)
    for reach, alpha in ((7, 0.08), (4.5, 0.14), (2.5, 0.22)):
        painter.setBrush(theme.color(face.running, alpha))
        painter.drawRoundedRect(rect.adjusted(-reach, -reach, reach, reach), RADIUS + reach, RADIUS + reach)


def _paint_name(painter: QPainter, card: Card, rect: QRectF) -> None:
    """From afar only the name, large."""
    pixels = 16 if card.quiet else 17
    painter.setFont(scene_font(pixels, bold=not card.quiet))
    painter.setPen(theme.color("dim" if card.quiet else "text"))
    inside = rect.adjusted(LEFT, 0, -RIGHT, 0)
    name = elided(card.title, pixels, int(inside.width()), not card.quiet)
    painter.drawText(inside, Qt.AlignmentFlag.AlignVCenter, name)


def _paint_text(painter: QPainter, card: Card, face: Face, rect: QRectF, words: dict[str, str]) -> None:
    x, y, width = rect.x() + LEFT, rect.y() + TOP, rect.width() - LEFT - RIGHT
    paint_role(painter, card.role, QPointF(x + 3.5, y + 9))
    badge = 16.0 if face.running or card.role == "scope" else 0.0
    title_width = width - 12 - badge
    if face.is_image and not face.marks:
        title_width -= PICTURE[0] + 2
    draw_text(
        painter,
        card.title,
        QRectF(x + 12, y, title_width, 18),
        TITLE,
        "dim" if card.quiet else "text",
        bold=not card.quiet,
    )
    if badge:
        mark, color = (GLYPHS[face.running], face.running) if face.running else ("+", "dim")
        painter.setFont(scene_font(14 if mark == "+" else 11, bold=True))
        painter.setPen(theme.color(color))
        painter.drawText(QRectF(rect.right() - 21, y, 16, 18), Qt.AlignmentFlag.AlignCenter, mark)
    column = width if card.quiet else width - PICTURE[0] - 3
    y += TITLE_LINE
    if card.role == "parameter" and face.norm:
        color = "update" if face.updated else "dim"
        text = f"‖·‖ {face.norm}"
        draw_text(painter, text, QRectF(x, y + 2 * LINE, width, LINE), PRINT, color, mono=True)
    if face.marks:
        paint_marks(painter, face.marks, rect)
        return
    if card.role == "scope":
        draw_text(painter, shapes_text(card), QRectF(x, y, width, LINE), PRINT, "dim", mono=True)
        y += LINE
        learned = words["parameters"].format(count_text(card.parameters)) if card.parameters else ""
        draw_text(painter, learned, QRectF(x, y, column, LINE), PRINT, "dim")
    else:
        shape = _shape(card.output.shape) or words["scalar"]
        draw_text(painter, shape, QRectF(x, y, column, LINE), PRINT, "dim", mono=True)
    if face.scalar:
        bold = card.role == "loss"
        draw_text(
            painter,
            face.scalar,
            QRectF(x + 42, y, width - 42, LINE),
            TITLE,
            "text",
            mono=True,
            bold=bold,
            right=True,
        )
    y += LINE
    if face.gradient:
        paint_gradient(painter, face, QRectF(x, y, column, LINE), words)


def _shape(shape: tuple[int, ...]) -> str:
    return shape_text(shape).replace(" ", "") if shape else ""


def shapes_text(card: Card) -> str:
    """What goes in and what comes out of a closed scope."""
    out = shape_text(card.output.shape).replace(" ", "")
    return out if card.entering is None else f"{shape_text(card.entering).replace(' ', '')} → {out}"


def count_text(number: int) -> str:
    """ "100,480", "1.24 M": short enough for a card."""
    return grouped(number) if number < 1_000_000 else f"{number / 1e6:.3g} M"


def paint_gradient(painter: QPainter, face: Face, rect: QRectF, words: dict[str, str]) -> None:
    """The gradient's norm, or hatching for one that is not computed: that is never a zero."""
    if face.gradient == "known":
        color = "nan" if face.gradient_norm in ("NaN", "inf") else "backward"
        draw_text(painter, f"∇ {face.gradient_norm or '…'}", rect, PRINT, color, bold=True)
        return
    swatch = QRectF(rect.x(), rect.y() + 4, 14, 9)
    paint_hatching(painter, swatch)
    draw_text(painter, words["pending"], rect.adjusted(19, 0, 0, 0), PRINT, "dim")


def paint_hatching(painter: QPainter, rect: QRectF) -> None:
    """Stripes for what is not computed."""
    painter.setPen(QPen(theme.color("dim", 0.55), 1))
    step = 4.0
    lines = []
    x = rect.x() - rect.height() + step
    while x < rect.right():
        # from the lower left to the upper right, clipped to the rectangle
        x0, x1 = max(x, rect.x()), min(x + rect.height(), rect.right())
        lines.append(QLineF(x0, rect.bottom() - (x0 - x), x1, rect.bottom() - (x1 - x)))
        x += step
    painter.drawLines(lines)


def _paint_picture(painter: QPainter, face: Face, rect: QRectF, *, tall: bool) -> None:
    picture = face.picture
    if picture is None or picture.isNull():
        return
    if face.is_image:
        side = min(rect.height() - 12, PICTURE[0] + 4)
        width, height = side * min(1, picture.width() / picture.height()), side
        top = rect.y() + (rect.height() - height) / 2
    else:
        cell = min(PICTURE[0] / picture.width(), PICTURE[1] / picture.height())
        width, height = max(cell * picture.width(), 8), max(cell * picture.height(), 8)
        top = rect.y() + (44 if tall else 26) + (PICTURE[1] - height) / 2
    place = QRectF(rect.right() - RIGHT - width, top, width, height)
    painter.drawImage(place, picture)
    painter.setPen(QPen(theme.color("line", 0.8), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(place)


def paint_role(painter: QPainter, role: str, center: QPointF) -> None:
    """A mark for every role (diamond, circle, square, triangle): colour alone does not reach everybody."""
    x, y, r = center.x(), center.y(), 3.5
    color = theme.color(ROLE_COLORS[role])
    painter.setPen(QPen(color, 1.2) if role == "buffer" else Qt.PenStyle.NoPen)
    painter.setBrush(Qt.BrushStyle.NoBrush if role == "buffer" else QBrush(color))
    if role in ("parameter", "buffer"):
        painter.drawPolygon(
            QPolygonF(
                [
                    QPointF(x, y - r - 0.5),
                    QPointF(x + r + 0.5, y),
                    QPointF(x, y + r + 0.5),
                    QPointF(x - r - 0.5, y),
                ]
            )
        )
    elif role == "input":
        painter.drawEllipse(center, r, r)
    elif role == "loss":
        painter.drawPolygon(QPolygonF([QPointF(x - r, y - r), QPointF(x + r, y - r), QPointF(x, y + r)]))
    else:
        painter.drawRect(QRectF(x - 3, y - 3, 6, 6))
