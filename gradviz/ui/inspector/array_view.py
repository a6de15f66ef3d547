"""An array in full: heat map with its legend, the cell under the mouse, histogram and statistics."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np
from msgspec.structs import replace
from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QTextDocumentFragment
from PySide6.QtWidgets import QLabel, QStackedWidget, QVBoxLayout, QWidget

from gradviz.session.protocol import Fetched
from gradviz.trace import ArrayRef, Summary
from gradviz.trace.tiles import Tiles
from gradviz.trace.values import Part
from gradviz.ui.array_layouts import Layout, axes_side_by_side, layout_at_first, tiles_of
from gradviz.ui.heatmap import INF_ROLE, NAN_ROLE, scale_of
from gradviz.ui.inspector.array_export import ArrayExport, Deliver
from gradviz.ui.inspector.array_table import ArrayTable, extent_of
from gradviz.ui.inspector.cells import Cells, in_colors, lay_out, wanted_cells
from gradviz.ui.inspector.color_bar import ColorBar
from gradviz.ui.inspector.heatmap_view import HeatmapView
from gradviz.ui.inspector.histogram import BINS, Histogram
from gradviz.ui.inspector.index_slider import AxisSliders
from gradviz.ui.inspector.layout_choice import LayoutChoice
from gradviz.ui.inspector.source import Source
from gradviz.ui.inspector.statistics import Statistics
from gradviz.ui.model import SessionModel
from gradviz.ui.numbers import compact
from gradviz.ui.theme import font, theme

MAX_SIDE = 512  # cells of a mosaic, up and across
PATIENCE_MS = 200
"""How long the picture before may stay while the numbers of another array are on their way."""
LONG_PATIENCE_MS = 1500
"""The same, when the picture before is of the same array at another moment."""


@dataclass(frozen=True)
class Shown:
    """Which array is on view. `identity` is the same for the same array at another moment."""

    ref: ArrayRef
    shape: tuple[int, ...]
    identity: str
    key: str = ""
    """Of the node: how its arrays are laid out is remembered by it."""
    image: bool = False
    filters: bool = False
    signed: bool = False
    color: str = "forward"


class ArrayView(QWidget):
    """Fetches the summary of an array from the model and draws it; or says in words why there is none."""

    element_chosen = Signal(object, object)  # ArrayRef, index: of a block its first

    def __init__(
        self, model: SessionModel, source: Source | None = None, parent: QWidget | None = None
    ) -> None:
        """`source` gives the numbers in place of the model."""
        super().__init__(parent)
        self._model = model
        self._source = source or model
        self._shown: Shown | None = None
        self._summary: Summary | None = None
        self._parts: list[Summary] = []  # the summary, and what else is drawn
        self._cells: Cells | None = None
        self._hovered: tuple[int, int] | None = None
        self._late = QTimer(self, singleShot=True)
        self._late.timeout.connect(self._say_waiting)

        self.heatmap = HeatmapView()
        self.table = ArrayTable(self._source)
        self._views = QStackedWidget()  # the picture, or the numbers
        for view in (self.heatmap, self.table):
            self._views.addWidget(view)
        ArrayExport(self.heatmap, self._fetch_shown, self._fetch_whole)
        self._axes = AxisSliders()
        self.choices = LayoutChoice()
        self._color_bar = ColorBar()
        self.readout = QLabel()
        self.readout.setFont(font(9, mono=True))
        self.readout.setTextFormat(Qt.TextFormat.RichText)
        self.readout.setFixedHeight(20)
        self.readout.setMinimumWidth(1)
        self.histogram = Histogram()
        self.statistics = Statistics()

        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 8)
        layout.setSpacing(4)
        layout.addWidget(self._views, 1)
        for widget in (self._axes, self._color_bar, self.readout):
            layout.addWidget(widget)
        layout.addWidget(self.choices)
        layout.addWidget(self.histogram)
        layout.addSpacing(4)
        layout.addWidget(self.statistics)

        self._axes.index_changed.connect(self._refetch)
        self.heatmap.cell_hovered.connect(self._on_hovered)
        self.heatmap.cell_chosen.connect(self._on_chosen)
        self.table.chosen.connect(self._choose)
        self.choices.layout_changed.connect(self._on_layout_chosen)
        theme.changed.connect(self._show_readout)
        self._retranslate()

    # ── what is shown ─────────────────────────────────────────────────────────────────────────────────────

    def show_array(self, shown: Shown) -> None:
        """Shows an array as soon as its summary is here; what was shown of it before stays until then."""
        same = self._shown is not None and shown.identity == self._shown.identity
        self._shown = shown
        self._set_up_controls()
        self._fetch(keep=same)

    def show_words(self, words: str) -> None:
        """Shows a hatched place with words, and no numbers."""
        self._late.stop()
        self._shown = self._summary = self._cells = None
        self._set_up_controls()
        self._say(words)
        self._show_numbers()

    def _fetch(self, *, keep: bool, redraw: bool = False) -> None:
        """Draws what is known. A mosaic's statistics are those of the array."""
        assert self._shown is not None
        shape, tiles = self._shown.shape, self._tiles
        rows, cols = wanted_cells(shape)
        parts = [self._source.summary(self._shown.ref, max(rows, 1), max(cols, 1), BINS, self._index)]
        if tiles is not None:
            parts.append(self._source.summary(replace(self._shown.ref, tiles=tiles), MAX_SIDE, MAX_SIDE))
        elif self._in_colors:
            channels = [(*self._index[:-1], channel) for channel in (1, 2)]
            parts += [self._source.summary(self._shown.ref, rows, cols, BINS, index) for index in channels]
        found = [part for part in parts if part is not None]
        if len(found) < len(parts):
            if not self._model.started:
                self._say_waiting()
            elif not self._late.isActive() or not keep:
                self._late.start(LONG_PATIENCE_MS if keep and self._summary else PATIENCE_MS)
            return
        self._late.stop()
        if redraw or found != self._parts:
            self._summary, self._parts = found[0], found
            self._show_summary()

    def _show_summary(self) -> None:
        summary, shown = self._summary, self._shown
        assert summary is not None and shown is not None
        drawn, tiles, image = self._parts[-1], self._tiles, shown.image
        if tiles is not None:
            self._cells = Cells(drawn.cells(), drawn, tiles=tiles, array_shape=summary.shape)
            # One scale for all rows, so that they can be compared; what has no sign may well be a picture.
            image |= len(summary.shape) == 2 and summary.minimum >= 0 and not shown.signed
            extent = np.array([summary.minimum, summary.maximum])
            scale = scale_of(extent, image=image, signed=shown.signed)
        else:
            self._cells = in_colors(self._parts) if self._in_colors else lay_out(summary)
            scale = scale_of(summary.cells(), image=image, signed=shown.signed)
        if self._cells.values.size:
            self.heatmap.show_cells(self._cells, scale)
            self._show_table(summary)
        else:
            self._say(self.tr("This array has no elements."))
        plain = self._cells.rgb is None and not self._layout.numbers
        colored = scale.low < scale.high and self._cells.values.size > 1 and plain
        self._color_bar.show_scale(scale if colored else None)
        self._show_numbers()

    def _show_table(self, summary: Summary) -> None:
        """The numbers in place of the picture, if they are wanted."""
        if self._layout.numbers and not self._model.started:
            self._say(self._ended_words())
        elif self._layout.numbers and self._shown is not None:
            self.table.show_slice(self._shown.ref, summary.shape, summary.dtype, summary.index)
            self._views.setCurrentWidget(self.table)
        else:
            self._views.setCurrentWidget(self.heatmap)

    def _say(self, words: str) -> None:
        """Words in place of numbers."""
        self.heatmap.show_words(words)
        self._views.setCurrentWidget(self.heatmap)

    def _show_numbers(self) -> None:
        if self._summary is None:
            self._color_bar.show_scale(None)
        color = self._shown.color if self._shown else "forward"
        self.histogram.show_summary(self._summary, color)
        self.statistics.show_summary(self._summary)
        self._show_readout()

    def _say_waiting(self) -> None:
        if self._model.started:
            words = self.tr("Waiting for the numbers…")
        else:
            words = self._ended_words()
        self._summary = self._cells = None
        self._say(words)
        self._show_numbers()

    def _ended_words(self) -> str:
        return self.tr("The program has ended, and its numbers with it. Press F5 to run it again.")

    # ── controls ──────────────────────────────────────────────────────────────────────────────────────────

    @property
    def _layout(self) -> Layout:
        return self.choices.layout_

    @property
    def _tiles(self) -> Tiles | None:
        """The mosaic that is drawn in place of the last two axes, or None."""
        if self._shown is None or self._layout.numbers:
            return None
        return tiles_of(self._shown.shape, self._layout, self._axes.index, self._shown.filters)

    @property
    def _in_colors(self) -> bool:
        """Whether three channels are drawn as one picture."""
        if not (self._has_colors and self._layout.colors and self._layout.kind == "plane"):
            return False
        return not self._layout.numbers

    @property
    def _has_colors(self) -> bool:
        shape = self._shown.shape if self._shown is not None else ()
        return self._shown is not None and self._shown.image and len(shape) > 2 and shape[-3] == 3

    @property
    def _index(self) -> tuple[int, ...]:
        """On the leading axes; of channels that are drawn as one picture the first."""
        index = self._axes.index
        return (*index[:-1], 0) if self._in_colors else index

    def _set_up_controls(self) -> None:
        """Sliders for the leading axes, and what the shape can be laid out as."""
        shown = self._shown
        shape = shown.shape if shown is not None else ()
        chosen = self._layout
        if shown is not None:
            chosen = self._model.layouts.get(shown.key) or layout_at_first(shape, shown.filters)
        layout = dataclasses.replace(chosen, numbers=self._layout.numbers)  # wanted of any array
        self.choices.show_layout(shape, layout, in_colors=self._has_colors)
        fixed = 0
        if shown is not None and self._tiles is not None:
            fixed = axes_side_by_side(shape, shown.filters)
        self._axes.set_shape(shape, 1 if self._in_colors else fixed)

    def _on_layout_chosen(self) -> None:
        if self._shown is not None:
            self._model.layouts[self._shown.key] = self._layout
            self._set_up_controls()
            self._refetch()

    def _refetch(self) -> None:
        if self._shown is not None:
            self._fetch(keep=True, redraw=True)

    # ── the cell under the mouse ──────────────────────────────────────────────────────────────────────────

    def _on_hovered(self, cell: tuple[int, int] | None) -> None:
        self._hovered = cell
        self._show_readout()

    def _on_chosen(self, row: int, col: int) -> None:
        if self._cells is not None:
            self._choose(self._cells.index(row, col))

    def _choose(self, index: tuple[int, ...]) -> None:
        waiting = self._late.isActive()  # then this is still the picture of another array
        if self._shown is not None and not waiting:
            self.element_chosen.emit(replace(self._shown.ref, change=False), index)

    # ── taking numbers along ──────────────────────────────────────────────────────────────────────────────

    def _fetch_shown(self, deliver: Deliver) -> None:
        """What is drawn: the slice, the one row of it that is drawn as a picture, or, of a mosaic, all."""
        if self._cells is None:
            deliver(Fetched(0, None))
            return
        shape, layout = self._cells.array_shape or self._cells.summary.shape, self._layout
        rows, cols = extent_of(shape) if len(shape) > 1 else extent_of(shape)[::-1]
        if self._cells.tiles is not None and layout.kind == "mosaic":
            self._request(deliver, None)
        elif self._cells.tiles is not None:
            self._request(deliver, Part((), min(layout.row, rows - 1), 1, 0, cols))
        else:
            self._request(deliver, Part(self._cells.summary.index, 0, rows, 0, cols))

    def _fetch_whole(self, deliver: Deliver) -> None:
        self._request(deliver, None)

    def _request(self, deliver: Deliver, part: Part | None) -> None:
        if self._cells is None or self._shown is None or not self._model.started:
            deliver(Fetched(0, None))
        else:
            self._source.fetch(self._shown.ref, deliver, part)

    # ── the cell under the mouse, in words ────────────────────────────────────────────────────────────────

    def _show_readout(self) -> None:
        text = self._readout_text()
        self.readout.setText(text)
        self.heatmap.setAccessibleDescription(QTextDocumentFragment.fromHtml(text).toPlainText())

    def _readout_text(self) -> str:
        cells, cell = self._cells, self._hovered
        if cells is None:
            return ""
        rows, cols = cells.block
        block = f"{rows}×{cols}" if len(cells.summary.shape) > 1 else str(cols)
        dim = theme.color("dim").name()
        if cell is not None and cells.contains(*cell):
            value = " ".join(compact(float(number)) for number in self._numbers_at(cell))
            text = f"{cells.index_text(*cell)}&nbsp; <b>{value}</b>"
            if rows * cols > 1:
                words = self.tr("mean of {0}").format(block)
                text += f"&nbsp; <span style='color:{dim}'>{words}</span>"
            return text
        notes = []
        if cells.summary.nans:
            notes.append(_swatch(NAN_ROLE) + self.tr("{0} NaN").format(cells.summary.nans))
        if cells.summary.infs:
            notes.append(_swatch(INF_ROLE) + self.tr("{0} Inf").format(cells.summary.infs))
        if rows * cols > 1 and not self._layout.numbers:
            note = self.tr("a cell is the mean of {0}").format(block)
            notes.append(f"<span style='color:{dim}'>{note}</span>")
        return "&nbsp;&nbsp;".join(notes)

    def _numbers_at(self, cell: tuple[int, int]) -> list[float]:
        """The cell's number; of a picture in colours those of its channels."""
        assert self._cells is not None
        if self._cells.rgb is None:
            return [self._cells.values[cell]]
        return [summary.cells()[cell] for summary in self._parts]

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)

    def _retranslate(self) -> None:
        self.heatmap.setAccessibleName(self.tr("Heat map"))
        self.histogram.setAccessibleName(self.tr("Histogram"))
        self._set_up_controls()


def _swatch(role: str) -> str:
    return f"<span style='color:{theme.color(role).name()}'>■</span>&nbsp;"
