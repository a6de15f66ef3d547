"""How often which value occurs: a histogram with numbers on its axis."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from gradviz.trace import Summary
from gradviz.ui.numbers import compact
from gradviz.ui.theme import font, theme

BINS = 48
TOWER = 4.0
"""A bin this many times as high as the next is cut off and labelled: relu's zeros must not hide the rest."""


class Histogram(QWidget):
    """Bars over [minimum, maximum] of a summary that was asked for with `BINS` bins."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._summary: Summary | None = None
        self._role = "forward"
        self.setFont(font(8.5))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(200, 76)

    def show_summary(self, summary: Summary | None, role: str) -> None:
        """Draws the summary's counts in the theme's colour `role`; nothing for None."""
        self._summary, self._role = summary, role
        self.update()

    @property
    def _counts(self) -> list[int]:
        return self._summary.counts if self._summary else []

    def _text_height(self) -> int:
        return QFontMetrics(self.font()).height()

    def _plot(self) -> QRectF:
        """Where the bars are: the labels of towers above, the axis below."""
        text = self._text_height()
        return QRectF(0, text, self.width(), self.height() - 2 * text - 2)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        plot = self._plot()
        painter.setPen(theme.color("line"))
        painter.drawLine(plot.bottomLeft(), plot.bottomRight())
        if self._summary is None or not self._counts:
            return
        self._paint_bars(painter, plot)
        self._paint_axis(painter, plot, self._summary)

    def _paint_bars(self, painter: QPainter, plot: QRectF) -> None:
        counts = self._counts
        ordered = sorted(counts, reverse=True)
        tower = len(counts) > 2 and ordered[1] > 0 and ordered[0] > TOWER * ordered[1]
        top = ordered[1] * 1.25 if tower else ordered[0]
        if len(counts) == 1:  # all elements are equal
            painter.fillRect(
                QRectF(plot.center().x() - 4, plot.y(), 8, plot.height()), theme.color(self._role)
            )
            return
        width = plot.width() / len(counts)
        for place, count in enumerate(counts):
            height = min(count / top, 1.0) * plot.height()
            height = max(height, 1.0) if count else 0.0
            left, right = int(place * width), int((place + 1) * width)
            box = QRectF(left, plot.bottom() - height, max(right - left - 1, 1), height)
            painter.fillRect(box, theme.color(self._role))
            if tower and count == ordered[0]:
                self._paint_tower(painter, box, count)

    def _paint_tower(self, painter: QPainter, box: QRectF, count: int) -> None:
        painter.fillRect(QRectF(box.x(), box.y() + 4, box.width(), 2), theme.color("panel"))
        text = f"↑ {count}"
        width = painter.fontMetrics().horizontalAdvance(text)
        x = min(max(box.center().x() - width / 2, 0), self.width() - width)
        painter.setPen(theme.color("dim"))
        painter.drawText(QRectF(x, 0, width + 1, self._text_height()), Qt.AlignmentFlag.AlignLeft, text)

    def _paint_axis(self, painter: QPainter, plot: QRectF, summary: Summary) -> None:
        painter.setPen(theme.color("dim"))
        low, high = compact(summary.minimum), compact(summary.maximum)
        labels = QRectF(0, plot.bottom() + 2, self.width(), self._text_height())
        if low == high:
            painter.drawText(labels, Qt.AlignmentFlag.AlignHCenter, low)
            return
        painter.drawText(labels, Qt.AlignmentFlag.AlignLeft, low)
        painter.drawText(labels, Qt.AlignmentFlag.AlignRight, high)
        if summary.minimum < 0 < summary.maximum:
            metrics = painter.fontMetrics()
            x = -summary.minimum / (summary.maximum - summary.minimum) * plot.width()
            painter.drawLine(int(x), int(plot.bottom()), int(x), int(plot.bottom()) + 3)
            if metrics.horizontalAdvance(low) + 8 < x < self.width() - metrics.horizontalAdvance(high) - 8:
                painter.drawText(
                    QRectF(x - 20, labels.y(), 40, labels.height()), Qt.AlignmentFlag.AlignHCenter, "0"
                )

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self._tooltip_at(event.pos().x()), self)
            return True
        return super().event(event)

    def _tooltip_at(self, x: float) -> str:
        if self._summary is None or not self._counts:
            return ""
        place = min(max(int(x / self.width() * len(self._counts)), 0), len(self._counts) - 1)
        low, high = self._summary.minimum, self._summary.maximum
        width = (high - low) / len(self._counts)
        return self.tr("{0} elements from {1} to {2}").format(
            self._counts[place], compact(low + place * width), compact(low + (place + 1) * width)
        )
