"""The names of several curves with their lines and latest values."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QWidget

from gradviz.ui.numbers import compact
from gradviz.ui.plots.plot import Curve
from gradviz.ui.scroll_bar import use_slim_scroll_bars
from gradviz.ui.theme import font, theme

ROW, SWATCH, MARGIN = 16, 28, 8


class Legend(QScrollArea):
    """Scrolls when there are more curves than room."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows = _Rows()
        self.setWidget(self._rows)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        use_slim_scroll_bars(self)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)

    def sizeHint(self) -> QSize:
        return QSize(158, 60)

    def show_curves(self, curves: list[Curve]) -> None:
        self._rows.curves = curves
        self._rows.setMinimumHeight(ROW * len(curves))
        words = ", ".join(f"{curve.name} {compact(float(curve.y[-1]), 3)}" for curve in curves)
        self.setAccessibleDescription(words)
        self._rows.update()


class _Rows(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.curves: list[Curve] = []
        self.setFont(font(8))
        theme.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        metrics = painter.fontMetrics()
        first, last = event.rect().top() // ROW, event.rect().bottom() // ROW
        for place, curve in list(enumerate(self.curves))[first : last + 1]:
            row = QRect(0, place * ROW, self.width() - MARGIN, ROW)
            painter.setPen(curve.pen(2))
            painter.drawLine(2, row.center().y(), SWATCH - 4, row.center().y())
            value = compact(float(curve.y[-1]), 3)
            painter.setPen(theme.color("text"))
            painter.drawText(row, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, value)
            room = row.adjusted(SWATCH, 0, -metrics.horizontalAdvance(value) - 8, 0)
            name = metrics.elidedText(curve.name, Qt.TextElideMode.ElideMiddle, room.width())
            painter.setPen(theme.color("text" if curve.strong else "dim"))
            painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)
