"""Values that travel along edges when a single step is shown, so that the eye sees what caused what."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QElapsedTimer, QObject, QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPainterPath

from gradviz.ui.theme import theme

DURATION = 240
"""Milliseconds."""
FRAME = 16
REACH = 9.0


@dataclass
class _Traveller:
    path: QPainterPath
    role: str


class Travel(QObject):
    """The dots that are under way. `moved` says which part of the drawing has to be drawn again."""

    moved = Signal(QRectF)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._travellers: list[_Traveller] = []
        self._clock = QElapsedTimer()
        self._frames = QTimer(self, interval=FRAME)
        self._frames.timeout.connect(self._on_frame)

    @property
    def active(self) -> bool:
        return bool(self._travellers)

    def start(self, paths: list[QPainterPath], role: str) -> None:
        """Sends a dot in the colour of `role` along each path, in place of those under way."""
        self.stop()
        if not paths:
            return
        self._travellers = [_Traveller(path, role) for path in paths]
        self._clock.start()
        self._frames.start()

    def stop(self) -> None:
        self._frames.stop()
        self._repaint()
        self._travellers.clear()

    def paint(self, painter: QPainter) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        for traveller in self._travellers:
            place = self._place(traveller)
            for radius, alpha in ((REACH - 1, 0.2), (6.0, 0.4), (4.0, 1.0)):
                painter.setBrush(theme.color(traveller.role, alpha))
                painter.drawEllipse(place, radius, radius)

    def _on_frame(self) -> None:
        if self._clock.elapsed() >= DURATION:
            self.stop()
        else:
            self._repaint()

    def _repaint(self) -> None:
        """What a dot covers now and may have covered a frame ago."""
        for traveller in self._travellers:
            place = self._place(traveller)
            before = self._place(traveller, 3 * FRAME)
            around = QRectF(before, place).normalized()
            self.moved.emit(around.adjusted(-2 * REACH, -2 * REACH, 2 * REACH, 2 * REACH))

    def _place(self, traveller: _Traveller, ago: int = 0) -> QPointF:
        time = min(max((self._clock.elapsed() - ago) / DURATION, 0.0), 1.0)
        eased = time * time * (3 - 2 * time)
        return traveller.path.pointAtPercent(eased)
