"""Live bytes over the events of an iteration, kinds stacked on each other."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLabel, QWidget

from gradviz.trace.memory import KINDS, LiveBytes, StorageKind
from gradviz.ui.memory_words import ROLES
from gradviz.ui.numbers import byte_size
from gradviz.ui.theme import font, set_color, theme

LEFT, TOP, BOTTOM, RIGHT = 66, 18, 20, 6  # pixels around the drawing
PATTERNS: dict[StorageKind, Qt.BrushStyle] = {
    "optimizer": Qt.BrushStyle.Dense4Pattern,
    "earlier": Qt.BrushStyle.DiagCrossPattern,
    "saved": Qt.BrushStyle.BDiagPattern,
    "gradient": Qt.BrushStyle.FDiagPattern,
    "temporary": Qt.BrushStyle.Dense6Pattern,
}
"""So that no kind is told by its colour alone; the others are plain."""
CUT = 0.6
"""If this share of the most stays all the time, the axis begins above it."""


def paint_kind(painter: QPainter, box: QRectF, kind: StorageKind) -> None:
    """Fills a box in the colour and pattern of a kind."""
    painter.fillRect(box, theme.color(ROLES[kind], 0.35))
    painter.fillRect(box, QBrush(theme.color(ROLES[kind]), PATTERNS.get(kind, Qt.BrushStyle.Dense7Pattern)))


class MemoryPlot(QWidget):
    """A bar an event, or the highest of those that share a pixel. A click wants the event under the mouse."""

    event_wanted = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._live: LiveBytes | None = None
        self._now = -1
        self._hovered: int | None = None
        self._shown = np.zeros(0, np.int64)  # the column of every bar
        self.setFont(font(8))
        self.setMouseTracking(True)
        self.setMinimumSize(120, 72)
        self.readout = QLabel(self)
        self.readout.setFont(font(8.5))
        self.readout.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.readout.setAutoFillBackground(True)
        self.readout.hide()
        theme.changed.connect(self._recolor)
        self._recolor()

    def sizeHint(self) -> QSize:
        return QSize(240, 120)

    def show_live(self, live: LiveBytes | None, now: int) -> None:
        """`now`: the event that the window shows."""
        if live is not self._live:
            self._hide_readout()
        self._live, self._now = live, now
        self._choose_bars()
        self.update()

    @property
    def floor(self) -> int:
        """Where the axis begins: 0, or what stays all the time if that would flatten all else."""
        if self._live is None:
            return 0
        always, most = int(self._live.by_kind.min(axis=1).sum()), self._live.peak.nbytes
        return always if CUT * most < always < most else 0

    # ── where things are ──────────────────────────────────────────────────────────────────────────────────

    def _area(self) -> QRectF:
        return QRectF(self.rect()).adjusted(LEFT, TOP, -RIGHT, -BOTTOM)

    def _choose_bars(self) -> None:
        """One column of `by_kind` a bar: of several that share a pixel, the highest."""
        total = self._live.total if self._live is not None else np.zeros(0, np.int64)
        bars = max(int(self._area().width()), 1)
        if len(total) <= bars:
            self._shown = np.arange(len(total))
            return
        starts = np.linspace(0, len(total), bars, endpoint=False).astype(np.int64)
        ends = np.append(starts[1:], len(total))
        pairs = zip(starts.tolist(), ends.tolist(), strict=True)
        self._shown = np.array([start + int(total[start:end].argmax()) for start, end in pairs])

    def event_at(self, x: float) -> int | None:
        """The event whose bar is there; -1 is before the first."""
        area, bars = self._area(), len(self._shown)
        if not bars or not area.left() <= x <= area.right():
            return None
        return int(self._shown[min(int((x - area.left()) / area.width() * bars), bars - 1)]) - 1

    def x_of(self, event: int) -> float:
        """The middle of an event's place."""
        area, events = self._area(), len(self._live.total) if self._live is not None else 1
        return area.left() + area.width() * (event + 1.5) / events

    # ── drawing ───────────────────────────────────────────────────────────────────────────────────────────

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.color("panel"))
        if self._live is None:
            return
        area, floor, peak = self._area(), self.floor, self._live.peak
        span = max(peak.nbytes - floor, 1)
        self._draw_bars(painter, area, floor, span)
        self._draw_axis(painter, area, floor, peak.nbytes)
        painter.setPen(QPen(theme.color("selection"), 1.5))
        painter.drawLine(QLineF(self.x_of(self._now), area.top(), self.x_of(self._now), area.bottom()))
        if self._hovered is not None:
            painter.setPen(QPen(theme.color("dim"), 1, Qt.PenStyle.DotLine))
            painter.drawLine(
                QLineF(self.x_of(self._hovered), area.top(), self.x_of(self._hovered), area.bottom())
            )
        painter.setPen(theme.color("text"))
        x = self.x_of(peak.event)
        painter.setBrush(theme.color("text"))
        painter.drawPolygon(
            [QPointF(x - 4, area.top() - 7), QPointF(x + 4, area.top() - 7), QPointF(x, area.top() - 1)]
        )
        words = self.tr("peak")
        width = painter.fontMetrics().horizontalAdvance(words)
        left = x + 7 if x + 7 + width < area.right() else x - 7 - width
        painter.drawText(QPointF(left, area.top() - 3), words)

    def _draw_bars(self, painter: QPainter, area: QRectF, floor: int, span: int) -> None:
        assert self._live is not None
        stacked = np.cumsum(self._live.by_kind[:, self._shown], axis=0)
        heights = np.clip((stacked - floor) / span, 0, 1) * area.height()
        width = area.width() / len(self._shown)
        for number, kind in enumerate(KINDS):
            below = heights[number - 1] if number else np.zeros(len(self._shown))
            painter.save()
            for bar in np.flatnonzero(heights[number] > below).tolist():
                left, high = area.left() + bar * width, float(heights[number, bar])
                box = QRectF(left, area.bottom() - high, width, high - float(below[bar]))
                paint_kind(painter, box, kind)
            painter.restore()

    def _draw_axis(self, painter: QPainter, area: QRectF, floor: int, most: int) -> None:
        painter.setPen(theme.color("line"))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        painter.setPen(theme.color("dim"))
        for share, bytes_there in ((0.0, floor), (0.5, (floor + most) // 2), (1.0, most)):
            y = area.bottom() - share * area.height()
            box = QRectF(0, y - 8, LEFT - 6, 16)
            painter.drawText(
                box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, byte_size(bytes_there)
            )
        below = QRectF(area.left(), area.bottom() + 2, area.width(), BOTTOM - 2)
        words = self.tr("events")
        if floor:
            words = self.tr("▼ {0} are there all the time").format(byte_size(floor))
        painter.drawText(
            below,
            Qt.AlignmentFlag.AlignLeft,
            painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, int(below.width())),
        )

    # ── mouse ─────────────────────────────────────────────────────────────────────────────────────────────

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        found = self.event_at(event.position().x())
        if found is None or self._live is None:
            self._hide_readout()
            return
        self._hovered = found
        there = byte_size(int(self._live.total[found + 1]))
        self.readout.setText(self.tr("event {0}: {1}").format(found + 1, there))
        self.readout.adjustSize()
        self.readout.move(LEFT, self.height() - self.readout.height())
        self.readout.show()
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        found = self.event_at(event.position().x())
        if event.button() == Qt.MouseButton.LeftButton and found is not None:
            self.event_wanted.emit(found)

    def leaveEvent(self, event: QEvent) -> None:
        self._hide_readout()
        super().leaveEvent(event)

    def _hide_readout(self) -> None:
        self._hovered = None
        self.readout.hide()
        self.update()

    def resizeEvent(self, _event: QEvent) -> None:
        self._choose_bars()

    def _recolor(self) -> None:
        set_color(self.readout, "text")
        set_color(self.readout, "raised", self.readout.backgroundRole())
        self.update()
