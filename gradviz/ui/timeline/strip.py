"""The events of the shown iteration as a strip that time is moved on."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QHelpEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from gradviz.trace import Event
from gradviz.trace.iteration import PHASE_OF
from gradviz.ui.theme import font, theme
from gradviz.ui.timeline.ticks import Ticks
from gradviz.ui.tips import plain_tip

PHASES = ("forward", "backward", "update")
_PLACE = {kind: PHASES.index(phase) for kind, phase in PHASE_OF.items()}
BAR_TOP, BAR_HEIGHT = 6, 20
MARGIN = 6  # left and right of the strip: room for the marker's head
SEPARATE_ABOVE = 4  # pixels an event needs to be drawn by itself
AHEAD = 0.32  # opacity of what has not happened yet
MAX_BLOCK = 120  # pixels: few events do not become broad slabs


class EventStrip(QWidget):
    """Draws one block an event, or, when there are more than pixels for that, one run of a phase."""

    event_wanted = Signal(int)  # the mouse points at this event; -1 is before the first

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._phases = np.empty(0, np.int8)
        self._hits = np.empty(0, np.int64)  # events at which breakpoints hit
        self._current = -1
        self._words = dict.fromkeys(PHASES, "")
        self._describe: Callable[[int], str] = lambda _event: ""
        self.setFont(font(8.5))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(400, BAR_TOP + BAR_HEIGHT + 6 + self.fontMetrics().height())

    def set_words(self, forward: str, backward: str, update: str) -> None:
        """The words under the strip for its three phases."""
        self._words = dict(zip(PHASES, (forward, backward, update), strict=True))
        self.update()

    def show_events(self, events: list[Event], describe: Callable[[int], str]) -> None:
        """Takes the events of another iteration; `describe(index)` gives the tooltip of one."""
        self._phases = np.array([_PLACE[event.kind] for event in events], np.int8)
        self._describe = describe
        self.update()

    def show_hits(self, events: list[int]) -> None:
        """Takes the events at which breakpoints hit, ascending."""
        self._hits = np.array(events, np.int64)
        self.update()

    def show_current(self, current: int, description: str) -> None:
        """Marks the event that has just happened, -1 for none yet; `description` is for screen readers."""
        if description != self.accessibleDescription():
            self.setAccessibleDescription(description)
            QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.DescriptionChanged))
        if current != self._current:
            self._current = current
            self.update()

    # ── geometry ──────────────────────────────────────────────────────────────────────────────────────────

    @property
    def _count(self) -> int:
        return len(self._phases)

    def _block(self) -> float:
        """The width of an event in pixels."""
        return min((self.width() - 2 * MARGIN) / max(self._count, 1), MAX_BLOCK)

    def x_of(self, event: int) -> float:
        """Where the marker stands once `event` has happened: at its right edge."""
        return MARGIN + (event + 1) * self._block()

    def event_at(self, x: float) -> int:
        """The event at a position, clipped into the strip; -1 left of it."""
        place = int(np.floor((x - MARGIN) / self._block()))
        return min(max(place, -1), self._count - 1)

    def _runs(self) -> list[tuple[int, int, str]]:
        """(first, end, phase) of neighbouring events of one phase; at most about one run a pixel."""
        if not self._count:
            return []
        step = max(1, ceil(1 / self._block()))
        seen = self._phases[::step]
        starts = np.flatnonzero(np.diff(seen, prepend=-1))
        ends = np.append(starts[1:], len(seen))
        return [
            (int(start) * step, min(int(end) * step, self._count), PHASES[seen[start]])
            for start, end in zip(starts, ends, strict=True)
        ]

    # ── painting ──────────────────────────────────────────────────────────────────────────────────────────

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        if not self._count:
            empty = QRectF(MARGIN, BAR_TOP, self.width() - 2 * MARGIN, BAR_HEIGHT)
            painter.fillRect(empty, theme.color("raised"))
            return
        runs = self._runs()
        for first, end, phase in runs:
            self._paint_run(painter, first, end, phase)
        self._paint_words(painter, runs)
        self._paint_hits(painter)
        self._paint_marker(painter)
        if self.hasFocus():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            painter.setPen(QPen(theme.color("selection"), 1, Qt.PenStyle.DotLine))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def _paint_run(self, painter: QPainter, first: int, end: int, phase: str) -> None:
        if self._block() >= SEPARATE_ABOVE:
            for event in range(first, end):
                alpha = 1.0 if event <= self._current else AHEAD
                self._paint_bar(painter, event, event + 1, phase, alpha, gap=1.5)
            return
        happened = min(max(self._current + 1, first), end)
        self._paint_bar(painter, first, happened, phase, 1.0)
        self._paint_bar(painter, happened, end, phase, AHEAD)

    def _paint_bar(
        self, painter: QPainter, first: int, end: int, phase: str, alpha: float, gap: float = 0.0
    ) -> None:
        if first == end:
            return
        left, right = MARGIN + first * self._block(), MARGIN + end * self._block()
        box = QRectF(left, BAR_TOP, right - left - gap, BAR_HEIGHT)
        painter.fillRect(box, theme.color(phase, alpha))

    def _paint_words(self, painter: QPainter, runs: list[tuple[int, int, str]]) -> None:
        """The phase's word under each run that has room for it."""
        y, metrics = BAR_TOP + BAR_HEIGHT + 4, painter.fontMetrics()
        free_from = 0.0
        for first, _, phase in runs:
            x, word = MARGIN + first * self._block(), self._words[phase]
            width = metrics.horizontalAdvance(word)
            if x < free_from or x + width > self.width():
                continue
            painter.setPen(theme.color(phase))
            painter.drawText(QPointF(x, y + metrics.ascent()), word)
            free_from = x + width + 8

    def _paint_hits(self, painter: QPainter) -> None:
        """On the lower edge of the events' blocks."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        Ticks(MARGIN + (self._hits + 0.5) * self._block()).paint(painter, BAR_TOP + BAR_HEIGHT)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _paint_marker(self, painter: QPainter) -> None:
        x = round(self.x_of(self._current)) - 0.5
        painter.setPen(QPen(theme.color("selection"), 2))
        painter.drawLine(QPointF(x, BAR_TOP - 2), QPointF(x, BAR_TOP + BAR_HEIGHT + 2))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("selection"))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.drawPolygon(QPolygonF([QPointF(x - 5, 0), QPointF(x + 5, 0), QPointF(x, BAR_TOP + 1)]))

    # ── mouse ─────────────────────────────────────────────────────────────────────────────────────────────

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._count:
            self.event_wanted.emit(self.event_at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton and self._count:
            self.event_wanted.emit(self.event_at(event.position().x()))

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent) and self._count:
            place = self.event_at(event.pos().x())
            QToolTip.showText(event.globalPos(), plain_tip(self._describe(place)) if place >= 0 else "", self)
            return True
        return super().event(event)
