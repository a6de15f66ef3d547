"""The numbers of a slice as a table, of which only what is in sight is asked for."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QVBoxLayout, QWidget

from gradviz.trace import ArrayRef
from gradviz.ui.inspector.array_export import ArrayExport, Deliver
from gradviz.ui.inspector.array_numbers import PAGE_COLS, PAGE_ROWS, ArrayNumbers, extent_of
from gradviz.ui.inspector.index_slider import IndexSlider
from gradviz.ui.inspector.keys import keep_arrow_keys
from gradviz.ui.inspector.source import Source
from gradviz.ui.scroll_bar import use_slim_scroll_bars
from gradviz.ui.theme import font

ROW_HEIGHT = 20
DIGITS = {"bool": 5, "uint8": 5, "int8": 5, "float16": 10, "float64": 23, "complex64": 30, "complex128": 46}
"""Characters of the longest numbers; 15 for the other dtypes."""


class ArrayTable(QWidget):
    """The table, and sliders for its pages where an array has more rows or columns than one page has."""

    chosen = Signal(object)  # index of the element that was clicked, or that Enter was pressed on

    def __init__(self, source: Source, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._source = source
        self._ref: ArrayRef | None = None
        self._shape: tuple[int, ...] = ()
        self._leading: tuple[int, ...] = ()
        self.numbers = ArrayNumbers(source, self)
        self.table = _NumberGrid(self.numbers)
        self._pages = (IndexSlider(), IndexSlider())  # of rows, of columns
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.table, 1)
        for slider in self._pages:
            layout.addWidget(slider)
            slider.value_changed.connect(self._show_page)
        self.table.chosen.connect(lambda index: self.chosen.emit(self.numbers.place(index)))
        self._export = ArrayExport(self.table, self._fetch_selected, self._fetch_whole)
        self._retranslate()

    def show_slice(self, ref: ArrayRef, shape: tuple[int, ...], dtype: str, leading: tuple[int, ...]) -> None:
        """Shows the slice of the last two axes that `leading` names on the others."""
        self._ref, self._shape, self._leading = ref, shape, leading
        self.table.set_digits(DIGITS.get(dtype, 15))
        self._retranslate()
        self._show_page()

    def _show_page(self) -> None:
        if self._ref is not None:
            row, col = (slider.value for slider in self._pages)
            self.numbers.show(self._ref, self._shape, self._leading, (row * PAGE_ROWS, col * PAGE_COLS))

    def _fetch_selected(self, deliver: Deliver) -> None:
        """The rectangle of the selected numbers; all of the page where at most one is selected."""
        assert self._ref is not None
        rows, cols = range(self.numbers.rowCount()), range(self.numbers.columnCount())
        if self.table.count_selected() > 1:
            rows, cols = self.table.selected()
        self._source.fetch(self._ref, deliver, self.numbers.part(rows, cols))

    def _fetch_whole(self, deliver: Deliver) -> None:
        assert self._ref is not None
        self._source.fetch(self._ref, deliver)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)

    def _retranslate(self) -> None:
        self.table.setAccessibleName(self.tr("Numbers"))
        names = (self.tr("page of rows"), self.tr("page of columns"))
        lengths, sizes = extent_of(self._shape), (PAGE_ROWS, PAGE_COLS)
        for slider, name, length, size in zip(self._pages, names, lengths, sizes, strict=True):
            pages = -(-length // size)
            slider.set_axis(name, pages)
            slider.setVisible(pages > 1)


class _NumberGrid(QTableView):
    """A click or Enter on a number chooses it; dragging, or Shift and the arrow keys, select several."""

    chosen = Signal(QModelIndex)

    def __init__(self, numbers: ArrayNumbers) -> None:
        super().__init__()
        self.setModel(numbers)
        self.setFont(font(8.5, mono=True))
        self.setSelectionMode(QAbstractItemView.SelectionMode.ContiguousSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setShowGrid(False)
        self.setCornerButtonEnabled(False)
        self.setMinimumHeight(112)
        for header in (self.verticalHeader(), self.horizontalHeader()):
            header.setFont(font(8.5, mono=True))
            header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
            header.setSectionsClickable(False)
            header.setHighlightSections(True)
        self.verticalHeader().setMinimumSectionSize(ROW_HEIGHT)
        self.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
        self.verticalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        use_slim_scroll_bars(self)
        keep_arrow_keys(self)

    def set_digits(self, digits: int) -> None:
        """Makes columns wide enough for numbers of so many characters."""
        width = self.fontMetrics().horizontalAdvance("0") * digits + 12
        if width != self.horizontalHeader().defaultSectionSize():
            self.horizontalHeader().setDefaultSectionSize(width)

    def selected(self) -> tuple[range, range]:
        """Rows and columns of the selected rectangle; there is never more than one."""
        chosen = self.selectionModel().selection()
        if chosen.isEmpty():
            return range(0), range(0)
        area = chosen.at(0)
        return range(area.top(), area.bottom() + 1), range(area.left(), area.right() + 1)

    def count_selected(self) -> int:
        rows, cols = self.selected()
        return len(rows) * len(cols)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.chosen.emit(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        index = self.indexAt(event.position().toPoint())
        left = event.button() == Qt.MouseButton.LeftButton and not event.modifiers()
        if left and self.count_selected() == 1 and self.selectionModel().isSelected(index):
            self.chosen.emit(index)
