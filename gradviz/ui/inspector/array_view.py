"""An array in full: heat map with its legend, the cell under the mouse, histogram and statistics."""

from __future__ import annotations

from dataclasses import dataclass

from msgspec.structs import replace
from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QTextDocumentFragment
from PySide6.QtWidgets import QLabel, QStackedWidget, QVBoxLayout, QWidget

from gradviz.session.protocol import Fetched
from gradviz.trace import ArrayRef, Summary
from gradviz.trace.values import MAX_CELLS, Part
from gradviz.ui.flow_layout import FlowRow
from gradviz.ui.heatmap import INF_ROLE, NAN_ROLE, scale_of
from gradviz.ui.inspector.array_export import ArrayExport, Deliver
from gradviz.ui.inspector.array_table import ArrayTable, extent_of
from gradviz.ui.inspector.cells import Cells, lay_out, picture_side, row_as_picture, wanted_cells
from gradviz.ui.inspector.color_bar import ColorBar
from gradviz.ui.inspector.heatmap_view import HeatmapView
from gradviz.ui.inspector.histogram import BINS, Histogram
from gradviz.ui.inspector.index_slider import AxisSliders, IndexSlider
from gradviz.ui.inspector.labels import mark_choice, small_button
from gradviz.ui.inspector.source import Source
from gradviz.ui.inspector.statistics import Statistics
from gradviz.ui.model import SessionModel
from gradviz.ui.numbers import compact
from gradviz.ui.theme import font, theme

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
    image: bool = False
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
        self.as_numbers = small_button(checkable=True)
        self._as_picture = small_button(checkable=True)
        self._row = IndexSlider()
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
        self.choices = FlowRow()
        for choice in (self.as_numbers, self._as_picture, self._row):
            self.choices.flow.addWidget(choice)
        layout.addWidget(self.choices)
        layout.addWidget(self.histogram)
        layout.addSpacing(4)
        layout.addWidget(self.statistics)

        self._axes.index_changed.connect(self._on_layout_chosen)
        self.heatmap.cell_hovered.connect(self._on_hovered)
        self.heatmap.cell_chosen.connect(self._on_chosen)
        self.table.chosen.connect(self._choose)
        self.as_numbers.toggled.connect(self._on_layout_chosen)
        self._as_picture.toggled.connect(self._on_layout_chosen)
        self._row.value_changed.connect(self._on_layout_chosen)
        theme.changed.connect(self._show_readout)
        self._row.hide()
        self._as_picture.hide()
        self._retranslate()

    # ── what is shown ─────────────────────────────────────────────────────────────────────────────────────

    def show_array(self, shown: Shown) -> None:
        """Shows an array as soon as its summary is here; what was shown of it before stays until then."""
        if self._shown is None or shown.shape != self._shown.shape:
            self._set_up_controls(shown.shape)
        same = self._shown is not None and shown.identity == self._shown.identity
        self._shown = shown
        self._fetch(keep=same)

    def show_words(self, words: str) -> None:
        """Shows a hatched place with words, and no numbers."""
        self._late.stop()
        self._shown = self._summary = self._cells = None
        self._set_up_controls(())
        self._say(words)
        self._show_numbers()

    def _fetch(self, *, keep: bool, redraw: bool = False) -> None:
        assert self._shown is not None
        shape = self._shown.shape
        rows, cols = shape if self._picture_chosen else wanted_cells(shape)
        summary = self._source.summary(self._shown.ref, max(rows, 1), max(cols, 1), BINS, self._axes.index)
        if summary is None:
            if not self._model.started:
                self._say_waiting()
            elif not self._late.isActive() or not keep:
                self._late.start(LONG_PATIENCE_MS if keep and self._summary else PATIENCE_MS)
            return
        self._late.stop()
        if redraw or summary is not self._summary:
            self._summary = summary
            self._show_summary()

    def _show_summary(self) -> None:
        summary, shown = self._summary, self._shown
        assert summary is not None and shown is not None
        if self._picture_chosen and picture_side(summary.shape) and summary.row_step == summary.col_step == 1:
            self._cells = row_as_picture(summary, self._row.value)
            # One scale for all rows, so that they can be compared; what has no sign may well be a picture.
            scale = scale_of(
                summary.cells(), image=summary.minimum >= 0 and not shown.signed, signed=shown.signed
            )
        else:
            self._cells = lay_out(summary)
            scale = scale_of(summary.cells(), image=shown.image, signed=shown.signed)
        if self._cells.values.size:
            self.heatmap.show_cells(self._cells, scale)
            self._show_table(summary)
        else:
            self._say(self.tr("This array has no elements."))
        colored = scale.low < scale.high and self._cells.values.size > 1 and not self.as_numbers.isChecked()
        self._color_bar.show_scale(scale if colored else None)
        self._show_numbers()

    def _show_table(self, summary: Summary) -> None:
        """The numbers in place of the picture, if they are wanted."""
        if self.as_numbers.isChecked() and not self._model.started:
            self._say(self._ended_words())
        elif self.as_numbers.isChecked() and self._shown is not None:
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
    def _picture_chosen(self) -> bool:
        return self._as_picture.isChecked() and not self._as_picture.isHidden()

    def _set_up_controls(self, shape: tuple[int, ...]) -> None:
        """Sliders for the leading axes; the choice to see rows as pictures where they may be some."""
        self._axes.set_shape(shape)
        numbers = self.as_numbers.isChecked()
        mark_choice(self.as_numbers, self.tr("Numbers"), self.tr("Show the numbers themselves, as a table"))
        side = picture_side(shape)
        fits = bool(side) and shape[0] * shape[1] <= MAX_CELLS and not numbers
        self._as_picture.setVisible(fits)
        words = self.tr("Draw one row as a picture of {0}×{0} cells").format(side)
        mark_choice(self._as_picture, f"{side}×{side}", words)
        self._row.setVisible(fits and self._as_picture.isChecked())
        if fits:
            self._row.set_axis(self.tr("row"), shape[0])

    def _on_layout_chosen(self) -> None:
        if self._shown is not None:
            self._set_up_controls(self._shown.shape)
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
        """What is drawn: the slice, or the one row of it that is drawn as a picture."""
        if self._cells is None:
            deliver(Fetched(0, None))
            return
        shape, row = self._cells.summary.shape, self._cells.picture_row
        rows, cols = extent_of(shape) if len(shape) > 1 else extent_of(shape)[::-1]
        first, count = (0, rows) if row is None else (row, 1)
        self._request(deliver, Part(self._cells.summary.index, first, count, 0, cols))

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
            value = compact(float(cells.values[cell]))
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
        if rows * cols > 1 and not self.as_numbers.isChecked():
            note = self.tr("a cell is the mean of {0}").format(block)
            notes.append(f"<span style='color:{dim}'>{note}</span>")
        return "&nbsp;&nbsp;".join(notes)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)

    def _retranslate(self) -> None:
        self.heatmap.setAccessibleName(self.tr("Heat map"))
        self.histogram.setAccessibleName(self.tr("Histogram"))
        self._set_up_controls(self._shown.shape if self._shown else ())


def _swatch(role: str) -> str:
    return f"<span style='color:{theme.color(role).name()}'>■</span>&nbsp;"
