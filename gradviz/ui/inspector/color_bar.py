"""The legend of a heat map: its colours with their limits as numbers."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gradviz.ui.heatmap import Scale
from gradviz.ui.numbers import compact
from gradviz.ui.theme import font, theme

BAR_HEIGHT = 8


class ColorBar(QWidget):
    """`low ▭▭▭▭ high`; empty while there is no scale."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scale: Scale | None = None
        self.setFont(font(8.5))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(200, QFontMetrics(self.font()).height() + 2)

    def show_scale(self, scale: Scale | None) -> None:
        if scale != self._scale:
            self._scale = scale
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._scale is None:
            return
        painter = QPainter(self)
        low, high = compact(self._scale.low), compact(self._scale.high)
        metrics = painter.fontMetrics()
        left, right = metrics.horizontalAdvance(low) + 8, metrics.horizontalAdvance(high) + 8
        painter.setPen(theme.color("dim"))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, low)
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, high)
        bar = QRectF(left, (self.height() - BAR_HEIGHT) / 2, self.width() - left - right, BAR_HEIGHT)
        if bar.width() < 16:
            return
        colors = self._scale.colors()
        painter.drawImage(bar, QImage(colors.tobytes(), len(colors), 1, QImage.Format.Format_RGBA8888))
        if self._scale.kind == "diverging":
            painter.setPen(theme.color("dim"))
            middle = int(bar.center().x())
            painter.drawLine(middle, int(bar.top()) - 2, middle, int(bar.bottom()) + 2)
