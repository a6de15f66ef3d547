"""One plot of curves over the steps of a run, in the window's colours."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QLabel, QWidget

from gradviz.ui.branch_look import dashed_pen
from gradviz.ui.numbers import compact
from gradviz.ui.plots.curves import broken, decimate, robust_limits, smooth
from gradviz.ui.theme import font, set_color, theme

MOST_READ = 5  # curves whose values are shown under the mouse
FEW = 40  # so few points are drawn as they are, with dots


@dataclass(frozen=True)
class Curve:
    """`y[i]` was measured in step `x[i]`, counted from 1. Colour and dashes together tell curves apart."""

    name: str
    x: np.ndarray
    y: np.ndarray
    role: str = "forward"
    dashes: tuple[float, ...] = ()
    strong: bool = True
    """Whether it is what the window shows; others step back behind it."""
    raw: bool = False
    """Whether the numbers themselves are drawn behind their trend."""

    def pen(self, width: float = 1.5) -> QPen:
        return dashed_pen(self.role, self.dashes, width, 1.0 if self.strong else 0.75)


class _StepAxis(pg.AxisItem):
    """Steps are whole numbers."""

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        return [f"{value:.0f}" if value == int(value) else "" for value in values]


class _ValueAxis(pg.AxisItem):
    """On a logarithmic scale only 1, 2 and 5 are written; of more than two decades only the decades."""

    def logTickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        steps = (1,) if self.range[1] - self.range[0] > 2 else (1, 2, 5)
        return [compact(10**value) if round(10 ** (value % 1), 3) in steps else "" for value in values]


class CurvePlot(pg.PlotWidget):
    """Draws curves smoothed, one of them raw, too, if it says so; marks what is not a number."""

    _curves: tuple[Curve, ...] = ()  # pyqtgraph resizes the widget while it is being built

    step_wanted = Signal(int)  # a step that was clicked

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, axisItems={"left": _ValueAxis("left"), "bottom": _StepAxis("bottom")})
        self._suffix = ""
        self._log = False
        self._items: list[pg.PlotDataItem] = []
        self._now: float | None = None
        self._hovered: int | None = None  # the step that the mouse points at
        self.setMinimumSize(120, 72)
        self.setMenuEnabled(False)
        self.setMouseEnabled(False, False)
        self.hideButtons()
        self.plotItem.getViewBox().setMouseEnabled(False, False)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMouseTracking(True)
        self._now_line = pg.InfiniteLine(angle=90)
        self._hover_line = pg.InfiniteLine(angle=90)
        self._broken = pg.ScatterPlotItem(symbol="x", size=8)
        for item in (self._now_line, self._hover_line, self._broken):
            self.addItem(item, ignoreBounds=True)
            item.hide()
        self.readout = QLabel(self)
        self.readout.setFont(font(8.5))
        self.readout.setTextFormat(Qt.TextFormat.PlainText)  # curves have the program's names
        self.readout.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.readout.setAutoFillBackground(True)
        self.readout.hide()
        self.note = QLabel(self)
        self.note.setFont(font(8))
        self.note.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.note.hide()
        theme.changed.connect(self._recolor)
        self._recolor()

    # ── what is shown ─────────────────────────────────────────────────────────────────────────────────────

    def show_curves(self, curves: list[Curve], *, log: bool = False, suffix: str = "") -> None:
        """Replaces what is drawn; `suffix` follows every number ("%")."""
        self._curves, self._log, self._suffix = tuple(curves), log, suffix
        self._draw()

    def show_now(self, step: float | None) -> None:
        """The vertical line at the step that the window shows; None for none."""
        if step != self._now:
            self._now = step
            self._now_line.setVisible(step is not None)
            if step is not None:
                self._now_line.setValue(step)

    @property
    def drawn_points(self) -> int:
        """How many points are really drawn, of all curves together."""
        return sum(len(item.xData) for item in self._items if item.xData is not None)

    def _draw(self) -> None:
        width = max(self.width(), 100)
        lines = []
        for curve in sorted(self._curves, key=lambda curve: curve.strong):  # what is shown lies on top
            pen, y = curve.pen(), self._scaled(curve.y)
            if len(curve.x) <= FEW:
                lines.append((curve.x, y, pen, True))
                continue
            if curve.raw:
                faint = theme.color(curve.role, 0.4)
                lines.append((*decimate(curve.x, y, width), pg.mkPen(faint, width=1), False))
                pen.setWidthF(2.0)
            usual = np.minimum(y, robust_limits(y)[1])  # a spike shows in the raw line, not in the trend
            lines.append((*smooth(curve.x, usual, width), pen, False))
        self._set_lines(lines)
        self._set_limits()
        self._mark_broken(width)

    def _scaled(self, y: np.ndarray) -> np.ndarray:
        """The numbers as they lie on the axis: logarithms on demand, NaN where there is none."""
        y = np.where(np.isfinite(y), y, np.nan)
        if not self._log:
            return y
        return np.log10(np.where(y > 0, y, np.nan))

    def _set_lines(self, lines: list[tuple[np.ndarray, np.ndarray, QPen, bool]]) -> None:
        while len(self._items) > len(lines):
            self.removeItem(self._items.pop())
        while len(self._items) < len(lines):
            item = pg.PlotDataItem(connect="finite", skipFiniteCheck=False)
            self.addItem(item)
            self._items.append(item)
        for item, (x, y, pen, dots) in zip(self._items, lines, strict=True):
            item.setData(
                x,
                y,
                pen=pen,
                antialias=len(x) < 4 * FEW,
                symbol="o" if dots and np.isfinite(y).any() else None,
                symbolSize=4,
                symbolBrush=pen.color(),
                symbolPen=None,
            )

    def _set_limits(self) -> None:
        if not self._curves:
            return
        y = self._scaled(np.concatenate([curve.y for curve in self._curves]))
        low, high, cut = robust_limits(y)
        low, high = max(low, -1e300), min(high, 1e300)  # so that their distance is a number, too
        room = (high - low) * 0.06 or abs(high) * 0.1 or 0.5
        first = min(float(curve.x[0]) for curve in self._curves)
        last = max(float(curve.x[-1]) for curve in self._curves)
        self.setXRange(first, max(last, first + 1), padding=0.01)
        self.setYRange(low - room, high + room, padding=0)
        self.getAxis("left").setLogMode(self._log)
        if cut is not None:
            text = self.tr("▲ up to {0}").format(self._number(10**cut if self._log else cut))
            self._say(self.note, text)
        self.note.setVisible(cut is not None)

    def _mark_broken(self, width: int) -> None:
        """A cross at the lower edge for every value that is NaN or infinite."""
        places = np.concatenate([np.empty(0), *(broken(curve.x, curve.y, width) for curve in self._curves)])
        bottom = self.plotItem.getViewBox().viewRange()[1][0]
        top = self.plotItem.getViewBox().viewRange()[1][1]
        self._broken.setData(places, np.full(len(places), bottom + (top - bottom) * 0.06))
        self._broken.setVisible(bool(len(places)))

    def _number(self, value: float) -> str:
        return compact(value) + self._suffix

    # ── hover ─────────────────────────────────────────────────────────────────────────────────────────────

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        box = self.plotItem.getViewBox()
        scene = self.mapToScene(event.position().toPoint())
        if self._curves and box.sceneBoundingRect().contains(scene):
            self._show_hover(box.mapSceneToView(QPointF(scene)).x())
        else:
            self._hide_hover()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click wants the step that the mouse points at."""
        if event.button() == Qt.MouseButton.LeftButton and self._hovered is not None:
            self.step_wanted.emit(self._hovered)

    def leaveEvent(self, event: QEvent) -> None:
        self._hide_hover()
        super().leaveEvent(event)

    def _show_hover(self, x: float) -> None:
        """The step nearest to the mouse, and the curves' values there (the first few), a line each."""
        step, texts = None, []
        for curve in self._curves[:MOST_READ]:
            place = min(int(np.searchsorted(curve.x, x)), len(curve.x) - 1)
            if place and abs(curve.x[place - 1] - x) < abs(curve.x[place] - x):
                place -= 1
            step = int(curve.x[place]) if step is None else step
            name = f"{curve.name} " if len(self._curves) > 1 else ""
            texts.append(f"{name}{self._number(float(curve.y[place]))}")
        self._hovered = step
        self._hover_line.setValue(step)
        self._hover_line.show()
        between = "\n" if len(texts) > 1 else " "
        self._say(self.readout, between.join([self.tr("step {0}:").format(step), *texts]))
        if len(texts) > 1 and self._middle() < self._hover_line.value():  # keep off the line
            self.readout.move(self._left_edge(), 2)
        self.readout.show()

    def _hide_hover(self) -> None:
        self._hovered = None
        self._hover_line.hide()
        self.readout.hide()

    def _say(self, label: QLabel, text: str) -> None:
        """Puts a label's text into its place: the readout at the right, the note at the left of the top."""
        label.setText(text)
        label.adjustSize()
        left = self._left_edge()
        room = self.width() - left - 4
        label.resize(min(label.width(), room), label.height())
        label.move(self.width() - label.width() - 4 if label is self.readout else left, 2)

    def _left_edge(self) -> int:
        return int(self.getAxis("left").width()) + 6

    def _middle(self) -> float:
        """The step in the middle of the plot."""
        return sum(self.plotItem.getViewBox().viewRange()[0]) / 2

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._curves:
            self._draw()

    def _recolor(self) -> None:
        self.setBackground(theme.color("panel"))
        for name in ("left", "bottom"):
            axis = self.getAxis(name)
            axis.setPen(theme.color("line"))
            axis.setTextPen(theme.color("dim"))
            axis.setStyle(tickFont=font(8), tickLength=-4, tickTextOffset=4)
        self.getAxis("left").setWidth(44)
        self.showGrid(x=False, y=True, alpha=0.15)
        self._now_line.setPen(pg.mkPen(theme.color("selection"), width=1))
        self._hover_line.setPen(pg.mkPen(theme.color("dim"), width=1, style=Qt.PenStyle.DotLine))
        self._broken.setPen(pg.mkPen(theme.color("nan"), width=2))
        for label, role in ((self.readout, "text"), (self.note, "warning")):
            set_color(label, role)
            set_color(label, "raised", label.backgroundRole())
        if self._curves:
            self._draw()
