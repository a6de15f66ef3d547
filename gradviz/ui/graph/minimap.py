"""The whole graph in a corner, with a frame around what is seen."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QWidget

from gradviz.ui.graph.camera import Camera
from gradviz.ui.graph.canvas import Canvas
from gradviz.ui.graph.cards import ROLE_COLORS
from gradviz.ui.graph.far import fill
from gradviz.ui.graph.tables import Rectangles
from gradviz.ui.theme import theme

SIZE = QSize(168, 112)
LEAST_BOX = 2.0
"""Pixels below which a box is not drawn."""


class Minimap(QWidget):
    """Click or drag in it to move the canvas. Hidden while everything is in view."""

    def __init__(self, canvas: Canvas, parent: QWidget) -> None:
        super().__init__(parent)
        self._canvas = canvas
        self._camera = Camera()
        self._picture: QPixmap | None = None
        self.resize(SIZE)
        self.hide()
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        canvas.view_changed.connect(self.refresh)
        self._retranslate()

    def redraw(self) -> None:
        """The graph or the theme has changed."""
        self._picture = None
        self.refresh()

    def refresh(self) -> None:
        """Another part is seen: moves the frame, or hides when that is everything."""
        seen = self._canvas.camera.area(QRectF(self._canvas.rect()))
        bounds = self._canvas.bounds
        self.setVisible(not bounds.isEmpty() and not seen.contains(bounds))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self._picture is None:
            self._picture = self._draw()
        painter.drawPixmap(0, 0, self._picture)
        seen = self._camera.to_screen(self._canvas.camera.area(QRectF(self._canvas.rect())))
        painter.setPen(QPen(theme.color("selection"), 1.5))
        painter.setBrush(theme.color("selection", 0.08))
        painter.drawRect(seen.intersected(QRectF(self.rect()).adjusted(1, 1, -2, -2)))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._move(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._move(event.position())

    def _move(self, position: QPointF) -> None:
        self._canvas.center_on(self._camera.to_drawing(position))

    def _draw(self) -> QPixmap:
        """Boxes and cards, without their print."""
        ratio = self.devicePixelRatioF()
        picture = QPixmap(SIZE * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(theme.color("panel"))
        painter = QPainter(picture)
        painter.setPen(theme.color("line"))
        painter.drawRect(0, 0, SIZE.width() - 1, SIZE.height() - 1)
        self._camera.fit(self._canvas.bounds, QRectF(6, 6, SIZE.width() - 12, SIZE.height() - 12))
        placement, cards = self._canvas.drawing.placement, self._canvas.drawing.diagram.cards
        boxes = self._on_screen(placement.scope_table)
        for left, top, right, bottom in boxes[boxes[:, 2] - boxes[:, 0] >= LEAST_BOX].tolist():
            painter.drawRect(QRectF(left, top, right - left, bottom - top))
        blocks = np.round(self._on_screen(placement.card_table)).astype(np.int64)
        blocks[:, 2:] = np.maximum(blocks[:, 2:], blocks[:, :2] + 1)
        roles = np.array([ROLE_COLORS[cards[key].role] if key in cards else "dim" for key in placement.cards])
        for role in np.unique(roles).tolist():
            fill(painter, blocks[roles == role], theme.color(role, 0.8), QRect(QPoint(), SIZE))
        painter.end()
        return picture

    def _on_screen(self, table: Rectangles) -> np.ndarray:
        return table.corners * self._camera.scale + np.array([self._camera.x, self._camera.y] * 2)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)

    def _retranslate(self) -> None:
        self.setAccessibleName(self.tr("Overview of the graph"))
        self.setToolTip(self.tr("Click or drag to look at another part"))
