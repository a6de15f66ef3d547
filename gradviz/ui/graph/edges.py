"""How edges look: data going there, gradients coming back beside it."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF

from gradviz.ui.graph.beside import beside
from gradviz.ui.graph.cards import NAMED
from gradviz.ui.graph.faces import Flow
from gradviz.ui.graph.layout import Point
from gradviz.ui.graph.readings import norm_share
from gradviz.ui.theme import theme


def rounded(points: list[Point], radius: float = 7.0) -> QPainterPath:
    """A path along the points with rounded corners."""
    path = QPainterPath(QPointF(*points[0]))
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        arrive, leave = math.dist(before, corner), math.dist(corner, after)
        cut = min(radius, arrive / 2, leave / 2)
        if cut <= 0:
            continue
        path.lineTo(_towards(corner, before, cut / arrive))
        path.quadTo(QPointF(*corner), _towards(corner, after, cut / leave))
    path.lineTo(QPointF(*points[-1]))
    return path


def gradient_width(norm: float) -> float:
    """Pixels for a gradient of that norm: 1.2 for 1e-6 and less, 5 for 10 and more, by its logarithm."""
    return 1.2 + 3.8 * norm_share(norm) if math.isfinite(norm) else 1.2


class EdgePaths:
    """The paths of one edge, made once for a placement: there, and beside it the way back."""

    BESIDE = 5.0

    def __init__(self, points: list[Point]) -> None:
        self.points = points
        self.forward = rounded(points)
        self.back_points = beside(points, -self.BESIDE)[::-1]
        self.backward = rounded(self.back_points)
        self.bounds = self.forward.boundingRect().adjusted(-12, -12, 12, 12)


def paint_edge(painter: QPainter, paths: EdgePaths, flow: Flow, scale: float) -> None:
    """Grey until data has flowed, then violet; the gradient's way back in coral, as wide as its norm says. An
    edge of the backward graph is that way alone, dashed until the gradient has come."""
    if flow.returning:
        _paint_return(painter, paths, flow, scale)
        return
    color = theme.color("forward", 0.75) if flow.forward else theme.color("line")
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(color, max(1.4, 0.7 / scale)))
    painter.drawPath(paths.forward)
    if scale >= NAMED:
        _arrowhead(painter, paths.points[-2], paths.points[-1], color, 7)
    if flow.backward:
        width = gradient_width(flow.norm)
        coral = theme.color(flow.role)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(coral, max(width, 1 / scale), c=Qt.PenCapStyle.FlatCap))
        painter.drawPath(paths.backward)
        if scale >= NAMED:
            _arrowhead(painter, paths.back_points[-2], paths.back_points[-1], coral, 6 + width)


def _paint_return(painter: QPainter, paths: EdgePaths, flow: Flow, scale: float) -> None:
    width = gradient_width(flow.norm) if flow.backward else 1.2
    color = theme.color(flow.role, 1.0 if flow.backward else 0.45)
    style = Qt.PenStyle.SolidLine if flow.backward else Qt.PenStyle.DashLine
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(color, max(width, 1 / scale), style, Qt.PenCapStyle.FlatCap))
    painter.drawPath(paths.forward)
    if scale >= NAMED:
        _arrowhead(painter, paths.points[-2], paths.points[-1], color, 5 + width)


def _arrowhead(painter: QPainter, before: Point, tip: Point, color: QColor, size: float) -> None:
    length = math.dist(before, tip) or 1.0
    dx, dy = (tip[0] - before[0]) / length * size, (tip[1] - before[1]) / length * size
    base = (tip[0] - dx, tip[1] - dy)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    painter.drawPolygon(
        QPolygonF(
            [
                QPointF(*tip),
                QPointF(base[0] - dy * 0.5, base[1] + dx * 0.5),
                QPointF(base[0] + dy * 0.5, base[1] - dx * 0.5),
            ]
        )
    )


def _towards(start: Point, end: Point, share: float) -> QPointF:
    return QPointF(start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share)
