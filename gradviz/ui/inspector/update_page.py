"""The inspector's page Update: what an optimizer did to a leaf. Old value, gradient, new value."""

from __future__ import annotations

from functools import partial

import numpy as np
from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QGridLayout,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from gradviz.session.protocol import Fetched
from gradviz.trace import ArrayRef, Node, Summary
from gradviz.trace.values import MAX_CELLS, Part
from gradviz.ui.heatmap import scale_of
from gradviz.ui.inspector.array_export import ArrayExport, Deliver
from gradviz.ui.inspector.cells import Cells, lay_out, wanted_cells
from gradviz.ui.inspector.heatmap_view import HeatmapView
from gradviz.ui.inspector.index_slider import AxisSliders
from gradviz.ui.inspector.labels import ElidedLabel, NoteLabel
from gradviz.ui.model import SessionModel
from gradviz.ui.numbers import compact
from gradviz.ui.scroll_bar import use_slim_scroll_bars
from gradviz.ui.theme import font

PARTS = ("old", "gradient", "new")
LARGEST = 8


class UpdatePage(QWidget):
    """Three heat maps with their norms, and the elements that changed most. A click on a cell, and Enter on a
    row, ask why."""

    element_chosen = Signal(object, object, int)  # ArrayRef, index, event

    def __init__(self, model: SessionModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._node: Node | None = None
        self._key = ""
        self._drawn: tuple[Summary, ...] = ()
        self._cells: tuple[Cells, ...] = ()
        self._places: list[int] = []  # of the cells in the rows of the table
        self._absent = HeatmapView()
        self._content = QWidget()
        self._axes = AxisSliders()
        self._captions = {part: ElidedLabel(text_font=font(9, bold=True)) for part in PARTS}
        self._maps = {part: HeatmapView(minimum_height=48) for part in PARTS}
        self._norms = {part: ElidedLabel("dim", font(8.5, mono=True)) for part in PARTS}
        self.readout = ElidedLabel(text_font=font(9, mono=True))
        self.change = NoteLabel("text")
        self._heading = ElidedLabel(text_font=font(9, bold=True))
        self.table = QTableWidget(0, 4)
        use_slim_scroll_bars(self.table)
        self._copy = QAction(self)
        self._set_up_table()
        self._lay_out_widgets()
        self._axes.index_changed.connect(self._refetch)
        self.table.cellActivated.connect(lambda row, _column: self._choose_row(row))
        for part, view in self._maps.items():
            view.cell_hovered.connect(self._show_readout)
            view.cell_chosen.connect(partial(self._choose, part))
            ArrayExport(view, partial(self._fetch_part, part, False), partial(self._fetch_part, part, True))
        self._retranslate()

    def _lay_out_widgets(self) -> None:
        maps = QGridLayout()
        maps.setHorizontalSpacing(8)
        maps.setVerticalSpacing(2)
        maps.setColumnStretch(0, 1)
        for place, part in enumerate(PARTS):
            maps.addWidget(self._captions[part], 2 * place, 0)
            maps.addWidget(self._norms[part], 2 * place, 1)
            maps.addWidget(self._maps[part], 2 * place + 1, 0, 1, 2)
            maps.setRowStretch(2 * place + 1, 1)
        content = QVBoxLayout(self._content)
        content.setContentsMargins(0, 0, 0, 0)
        content.setSpacing(4)
        content.addLayout(maps, 1)
        for widget in (self._axes, self.readout, self.change, self._heading):
            content.addWidget(widget)
        content.addWidget(self.table)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 8)
        layout.addWidget(self._absent, 1)
        layout.addWidget(self._content, 1)
        self._content.hide()

    def _set_up_table(self) -> None:
        table = self.table
        table.setFont(font(8.5, mono=True))
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setTabKeyNavigation(False)
        table.setShowGrid(False)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(20)
        table.verticalHeader().setMinimumSectionSize(20)
        table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        table.horizontalHeader().setHighlightSections(False)
        table.horizontalHeader().setMinimumSectionSize(24)
        table.setFixedHeight(20 * LARGEST + 28)
        table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._copy.setShortcut(QKeySequence(QKeySequence.StandardKey.Copy))
        self._copy.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        self._copy.triggered.connect(self._copy_rows)
        table.addAction(self._copy)
        table.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)

    # ── what is shown ─────────────────────────────────────────────────────────────────────────────────────

    def show_node(self, node: Node) -> None:
        """Shows the latest update of a leaf by the model's moment."""
        self._node = node
        states = self._model.states
        event = states.at(node.id, self._model.moment.event).update if states else None
        self._absent.setVisible(event is None)
        self._content.setVisible(event is not None)
        if event is None:
            self._absent.show_words(
                self.tr("Not updated yet: the optimizer has not changed {0}.").format(node.name)
            )
            return
        self._axes.set_shape(node.shape)
        summaries = self._summaries(node, event)
        if summaries is not None and summaries != self._drawn:
            self._drawn, self._key = summaries, node.key
            self._draw()
        elif summaries is None and (node.key != self._key or not self._model.started):
            self._drawn, self._cells = (), ()
            for view in self._maps.values():
                view.show_words("…")
            self._clear_numbers()

    def _summaries(self, node: Node, event: int) -> tuple[Summary, ...] | None:
        """Old value, gradient, new value, in full where they are not too large; None while one is missing, or
        has another shape than the others."""
        shape = node.shape
        matrix = shape[-2:] if len(shape) > 1 else (1, *shape, 1)[:2]
        rows, cols = matrix if matrix[0] * matrix[1] <= MAX_CELLS else wanted_cells(shape)
        found = [
            self._model.summary(ref, max(rows, 1), max(cols, 1), 0, self._axes.index)
            for ref in self._refs(node, event)
        ]
        summaries = tuple(summary for summary in found if summary is not None)
        alike = len({(summary.shape, summary.rows, summary.cols) for summary in summaries}) == 1
        return summaries if len(summaries) == len(PARTS) and alike else None

    def _refs(self, node: Node, event: int) -> tuple[ArrayRef, ArrayRef, ArrayRef]:
        ref = self._model.ref
        return (
            ref(node, "value", event=event - 1),
            ref(node, "grad", event=event),
            ref(node, "value", event=event),
        )

    def _fetch_part(self, part: str, whole: bool, deliver: Deliver) -> None:
        """For the clipboard or a file: one of the three arrays, or the slice of it that is drawn."""
        node, states = self._node, self._model.states
        event = states.at(node.id, self._model.moment.event).update if node and states else None
        if node is None or event is None or not self._drawn or not self._model.started:
            deliver(Fetched(0, None))
            return
        rows, cols = (1, 1, *node.shape)[-2:]
        drawn = None if whole else Part(self._axes.index, 0, rows, 0, cols)
        self._model.fetch(self._refs(node, event)[PARTS.index(part)], deliver, drawn)

    def _refetch(self) -> None:
        if self._node is not None:
            self.show_node(self._node)

    def _draw(self) -> None:
        old, gradient, new = self._cells = tuple(lay_out(summary) for summary in self._drawn)
        values = scale_of(old.values, new.values, signed=True)  # one, so that old and new can be compared
        scales = (values, scale_of(gradient.values, signed=True), values)
        for part, cells, scale, summary in zip(PARTS, self._cells, scales, self._drawn, strict=True):
            self._maps[part].show_cells(cells, scale)
            self._norms[part].set_text(f"‖·‖ {compact(summary.norm)}")
        with np.errstate(invalid="ignore", over="ignore"):
            change = new.values.astype(np.float64) - old.values
        self._show_change(change, old)
        self._fill_table(change)
        self._show_readout(None)

    def _show_change(self, change: np.ndarray, old: Cells) -> None:
        whole = len(old.summary.shape) <= 2 and old.block == (1, 1)
        self.change.setVisible(whole)  # means, or one slice of many, give no norm of the change
        finite = np.where(np.isfinite(change), change, 0.0)
        norm = float(np.linalg.norm(finite))
        before = float(np.linalg.norm(np.nan_to_num(old.values.astype(np.float64), posinf=0.0, neginf=0.0)))
        words = self.tr("‖new - old‖ = {0}, that is {1} % of ‖old‖") if before else "‖new - old‖ = {0}"
        self.change.setText(words.format(compact(norm), compact(100 * norm / (before or 1), 3)))

    def _fill_table(self, change: np.ndarray) -> None:
        old, gradient, new = self._cells
        count = change.size - old.padding
        size = np.abs(change.reshape(-1)[:count])
        size[np.isnan(size)] = np.inf  # what became NaN comes first
        places = np.argsort(-size, kind="stable")[:LARGEST]
        self._places = places.tolist()
        self.table.setRowCount(len(places))
        for row, place in enumerate(places):
            cell = (int(place) // old.cols, int(place) % old.cols)
            texts = [old.index_text(*cell), *(compact(float(c.values[cell])) for c in (old, gradient, new))]
            for col, text in enumerate(texts):
                item = QTableWidgetItem(text)
                item.setToolTip(text)
                if col:
                    item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                self.table.setItem(row, col, item)

    def _clear_numbers(self) -> None:
        for norm in self._norms.values():
            norm.set_text("")
        self.change.setText("")
        self.readout.set_text("")
        self.table.setRowCount(0)

    def _show_readout(self, cell: tuple[int, int] | None) -> None:
        """The hovered element in all three maps, in a line that is always there."""
        if cell is None or not self._cells or not self._cells[0].contains(*cell):
            self.readout.set_text("")
            return
        old, gradient, new = (compact(float(cells.values[cell])) for cells in self._cells)
        index = self._cells[0].index_text(*cell)
        self.readout.set_text(self.tr("{0}  {1} → {2}  gradient {3}").format(index, old, new, gradient))

    def _choose(self, part: str, row: int, col: int) -> None:
        """Asks why an element of one of the three arrays is what it is."""
        node, states = self._node, self._model.states
        event = states.at(node.id, self._model.moment.event).update if node and states else None
        if node is not None and event is not None and self._cells and self._cells[0].contains(row, col):
            ref = self._refs(node, event)[PARTS.index(part)]
            at = event - 1 if part == "old" else event
            self.element_chosen.emit(ref, self._cells[0].index(row, col), at)

    def _choose_row(self, row: int) -> None:
        if self._cells and row < len(self._places):
            self._choose("new", *divmod(self._places[row], self._cells[0].cols))

    def _copy_rows(self) -> None:
        """The selected rows (all rows when none is selected), tab-separated, to the clipboard."""
        chosen = sorted({index.row() for index in self.table.selectedIndexes()})
        rows = chosen or range(self.table.rowCount())
        model = self.table.model()
        lines = ["\t".join(model.index(row, col).data() for col in range(4)) for row in rows]
        QGuiApplication.clipboard().setText("\n".join(lines))

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)

    def _retranslate(self) -> None:
        names = {"old": self.tr("old value"), "gradient": self.tr("gradient"), "new": self.tr("new value")}
        for part, name in names.items():
            self._captions[part].set_text(name)
            self._maps[part].setAccessibleName(name)
        self._heading.set_text(self.tr("Largest changes"))
        self.table.setAccessibleName(self.tr("Largest changes"))
        self.table.setHorizontalHeaderLabels(
            [self.tr("index"), self.tr("old"), self.tr("gradient"), self.tr("new")]
        )
        self._copy.setText(self.tr("Copy"))
        if self._drawn:
            self._draw()
