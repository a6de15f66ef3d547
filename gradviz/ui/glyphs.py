"""Small signs beside lines and on cards: what runs and what is wrong must not depend on colour alone."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPolygonF

from gradviz.ui.theme import theme


def draw_phase(painter: QPainter, phase: str, center: QPointF) -> None:
    """▸ forward, ◂ backward, ● update; 8 px wide."""
    _begin(painter, phase)
    if phase == "update":
        painter.drawEllipse(center, 3.5, 3.5)
    else:
        to = 4 if phase == "forward" else -4
        corners = (QPointF(-to, -4.5), QPointF(to, 0), QPointF(-to, 4.5))
        painter.drawPolygon(QPolygonF([center + corner for corner in corners]))
    painter.restore()


def draw_severity(painter: QPainter, severity: str, center: QPointF) -> None:
    """A disc with a "!" for "error", a triangle with one for "warning"; 12 px wide."""
    _begin(painter, severity)
    if severity == "error":
        painter.drawEllipse(center, 6, 6)
    else:
        corners = (QPointF(0, -6.5), QPointF(6.5, 5.5), QPointF(-6.5, 5.5))
        painter.drawPolygon(QPolygonF([center + corner for corner in corners]))
    painter.setBrush(theme.color("on_accent"))
    low = 0 if severity == "error" else 1
    painter.drawRect(QRectF(center.x() - 0.75, center.y() - 3.5 + low, 1.5, 4.25 - low / 2))
    painter.drawEllipse(center + QPointF(0, 2.75 + low / 2), 0.9, 0.9)
    painter.restore()


def _begin(painter: QPainter, role: str) -> None:
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color(role))
