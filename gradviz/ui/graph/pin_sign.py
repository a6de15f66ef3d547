"""The sign of a card or box that somebody has put where it is."""

from __future__ import annotations

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from gradviz.ui.theme import theme


def draw_pin(painter: QPainter, corner: QPointF) -> None:
    """A drawing pin, 17 px high, stuck into the corner from the upper right."""
    painter.save()
    painter.translate(corner)
    painter.rotate(35)
    painter.scale(1.25, 1.25)
    painter.setPen(QPen(theme.color("text"), 1.5, c=Qt.PenCapStyle.RoundCap))
    painter.drawLine(QLineF(0, 3, 0, -3))
    painter.setPen(QPen(theme.color("background"), 1))
    painter.setBrush(theme.color("selection"))
    painter.drawRoundedRect(QRectF(-3.5, -4.5, 7, 3), 1, 1)
    painter.drawRect(QRectF(-2, -9, 4, 5))
    painter.drawRoundedRect(QRectF(-3.5, -11, 7, 2.5), 1, 1)
    painter.restore()
