"""Slim scroll bars, without arrows."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QEnterEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractScrollArea, QScrollBar, QWidget

from gradviz.ui.theme import theme

THICKNESS = 10
SHORTEST = 24
"""Length of the handle, in pixels, that can still be caught."""


def use_slim_scroll_bars(area: QAbstractScrollArea) -> None:
    """Gives a view both of its scroll bars."""
    area.setVerticalScrollBar(SlimScrollBar(Qt.Orientation.Vertical))
    area.setHorizontalScrollBar(SlimScrollBar(Qt.Orientation.Horizontal))
    area.setCornerWidget(QWidget())  # Qt would draw a box there


class SlimScrollBar(QScrollBar):
    """A rounded handle; a press beside it moves it there. Wheel and menu are Qt's."""

    def __init__(self, orientation: Qt.Orientation) -> None:
        super().__init__(orientation)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent, False)
        self._grip: float | None = None  # distance of the mouse from the handle's start, while it is dragged
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        size = QSize(THICKNESS, 3 * SHORTEST)
        return size if self._is_vertical else size.transposed()

    def handle(self) -> QRectF:
        """Where the handle is."""
        length, room = self._handle_length(), self._length() - self._handle_length()
        span = self.maximum() - self.minimum()
        start = room * (self.value() - self.minimum()) / span if span else 0.0
        if self._is_vertical:
            return QRectF(2, start, THICKNESS - 4, length)
        return QRectF(start, 2, length, THICKNESS - 4)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        start = self.handle().top() if self._is_vertical else self.handle().left()
        grip = self._along(event) - start
        on_handle = 0 <= grip <= self._handle_length()
        self._grip = grip if on_handle else self._handle_length() / 2
        self.setSliderDown(True)
        self._drag(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._grip is not None:
            self._drag(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._grip = None
        self.setSliderDown(False)
        self.update()

    def enterEvent(self, event: QEnterEvent) -> None:
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.maximum() <= self.minimum():
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("dim" if self._grip is not None or self.underMouse() else "line"))
        painter.drawRoundedRect(self.handle(), THICKNESS / 2 - 2, THICKNESS / 2 - 2)

    def _drag(self, event: QMouseEvent) -> None:
        room = self._length() - self._handle_length()
        if room > 0 and self._grip is not None:
            share = (self._along(event) - self._grip) / room
            self.setValue(round(self.minimum() + share * (self.maximum() - self.minimum())))
        self.update()

    @property
    def _is_vertical(self) -> bool:
        return self.orientation() == Qt.Orientation.Vertical

    def _along(self, event: QMouseEvent) -> float:
        return event.position().y() if self._is_vertical else event.position().x()

    def _length(self) -> int:
        return self.height() if self._is_vertical else self.width()

    def _handle_length(self) -> float:
        shown = self.pageStep() / max(self.pageStep() + self.maximum() - self.minimum(), 1)
        return min(max(self._length() * shown, SHORTEST), self._length())
