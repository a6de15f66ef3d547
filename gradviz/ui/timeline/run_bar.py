"""The whole run as a bar: how far training has come, and which of its steps is on view."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QApplication, QSizePolicy, QToolTip, QWidget

from gradviz.ui.theme import theme
from gradviz.ui.timeline.ticks import Ticks
from gradviz.ui.tips import plain_tip

MARGIN = 6
BAR_HEIGHT = 6
MIN_TICK_DISTANCE = 6


class RunBar(QWidget):
    """Steps are counted from 1; with a known epoch length the bar ends where the epoch ends."""

    step_wanted = Signal(int)  # the mouse points at this step, one of those that have run
    hit_wanted = Signal(int)  # the mouse was pressed on the tick of this hit, the first one if of several

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._done = self._shown = 0
        self._epoch_length = 0
        self._description = ""
        self._hits = np.empty(0)  # the steps of the hits, ascending
        self._describe_hits: Callable[[range], str] = lambda _hits: ""
        self._on_tick_at: float | None = (
            None  # where the mouse was pressed on a tick, until it is dragged off
        )
        self._heading = 0  # the step that is on its way
        self._wanted = 0  # the step under the pressed mouse, which may still be on its way
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(400, 16)

    def show_run(self, done: int, shown: int, epoch_length: int, description: str) -> None:
        """`done` steps have run, step `shown` is on view; an epoch has `epoch_length` steps (0: unknown)."""
        if (done, shown, epoch_length) != (self._done, self._shown, self._epoch_length):
            self._done, self._shown, self._epoch_length = done, shown, epoch_length
            self._description = description
            self.setAccessibleDescription(description)
            self.update()

    def show_heading(self, step: int) -> None:
        """The handle stands at a step that is on its way already; 0: none is."""
        if step != self._heading:
            self._heading = step
            self.update()

    def show_hits(self, steps: np.ndarray, describe: Callable[[range], str]) -> None:
        """Takes the steps in which breakpoints hit, ascending; `describe` gives the tooltip of some."""
        self._hits, self._describe_hits = steps, describe
        self.update()

    @property
    def length(self) -> int:
        """How many steps the bar stands for."""
        done = max(self._done, self._shown, 1)
        return -(-done // self._epoch_length) * self._epoch_length if self._epoch_length else done

    def _ticks(self) -> Ticks:
        return Ticks(MARGIN + self._hits / self.length * (self.width() - 2 * MARGIN))

    def _x_of(self, step: int) -> float:
        return MARGIN + step / self.length * (self.width() - 2 * MARGIN)

    def step_at(self, x: float) -> int:
        """The step at a position, one of those that have run."""
        share = (x - MARGIN) / max(self.width() - 2 * MARGIN, 1)
        return min(max(round(share * self.length), 1), max(self._done, 1))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or not self._done:
            return
        ticks = self._ticks()
        tick = ticks.at(event.position().x())
        if tick is None:
            self._want(event.position().x())
        else:
            self._on_tick_at = event.position().x()
            self.hit_wanted.emit(ticks.members(tick)[0])

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        x, still = event.position().x(), QApplication.startDragDistance()
        if not event.buttons() & Qt.MouseButton.LeftButton or not self._done:
            return
        if self._on_tick_at is None or abs(x - self._on_tick_at) > still:
            self._on_tick_at = None
            self._want(x)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._wanted, self._on_tick_at = 0, None
            self.update()

    def _want(self, x: float) -> None:
        step = self.step_at(x)
        if step != self._wanted:
            self._wanted = step
            self.step_wanted.emit(step)
            self.update()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            ticks = self._ticks()
            tick = ticks.at(event.pos().x())
            words = self._description if tick is None else self._describe_hits(ticks.members(tick))
            QToolTip.showText(event.globalPos(), plain_tip(words), self)
            return True
        return super().event(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        y = self.height() / 2
        painter.setPen(Qt.PenStyle.NoPen)
        for end, role in ((self.length, "raised"), (self._done, "dim")):
            painter.setBrush(theme.color(role))
            bar = QRectF(MARGIN, y - BAR_HEIGHT / 2, self._x_of(end) - MARGIN, BAR_HEIGHT)
            painter.drawRoundedRect(bar, BAR_HEIGHT / 2, BAR_HEIGHT / 2)
        self._paint_epochs(painter, y)
        self._ticks().paint(painter, y)
        marked = self._wanted or self._heading or self._shown
        if marked:
            painter.setPen(QPen(theme.color("selection"), 2))
            x = round(self._x_of(marked)) - 0.5
            painter.drawLine(QPointF(x, y - BAR_HEIGHT), QPointF(x, y + BAR_HEIGHT))

    def _paint_epochs(self, painter: QPainter, y: float) -> None:
        """A tick at the end of every epoch, as far as they can be told apart."""
        length = self._epoch_length
        if not length or self._x_of(length) - MARGIN < MIN_TICK_DISTANCE:
            return
        painter.setPen(QPen(theme.color("dim"), 1))
        for step in range(length, self.length, length):
            x = round(self._x_of(step)) + 0.5
            painter.drawLine(QPointF(x, y - BAR_HEIGHT), QPointF(x, y + BAR_HEIGHT))
