"""The sign of a breakpoint, in the editor's margin and on the graph's cards."""

from __future__ import annotations

from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainter, QPen

from gradviz.ui.theme import theme


def draw_breakpoint(painter: QPainter, center: QPointF, *, enabled: bool = True, alpha: float = 1.0) -> None:
    """A filled disc, a ring while it is switched off; 11 px wide."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setOpacity(alpha)
    painter.setPen(QPen(theme.color("breakpoint"), 1.5))
    painter.setBrush(theme.color("breakpoint" if enabled else "card"))
    painter.drawEllipse(center, 4.75, 4.75)
    painter.restore()
