"""The terms of a number as a table: each with its size as a bar, and the elements that it is made of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from gradviz.trace import ArrayRef
from gradviz.trace.reasons import Place, Reasons, Term
from gradviz.ui.inspector.keys import keep_arrow_keys
from gradviz.ui.numbers import compact, shape_text
from gradviz.ui.scroll_bar import use_slim_scroll_bars
from gradviz.ui.theme import font, theme

ROW_HEIGHT = 22
VALUE_WIDTH = 84
MAX_PLACES = 4
_Index = QModelIndex | QPersistentModelIndex


class TermsModel(QAbstractTableModel):
    """A row a term: its value, then its places. `named` says what to call the array of a place."""

    def __init__(self, named: Callable[[Place], str], parent: QWidget) -> None:
        super().__init__(parent)
        self._named = named
        self._common: list[tuple[str, ArrayRef | None]] = []  # by column: name and array in its heading
        self._headings: list[str] = []
        self.terms: tuple[Term, ...] = ()
        self.largest = 0.0
        self.heading = ""

    def show(self, reasons: Reasons | None) -> None:
        self.beginResetModel()
        self.terms = reasons.terms if reasons else ()
        self.largest = max((abs(term.value) for term in self.terms), default=0.0)
        width = max((len(places_of(term)) for term in self.terms), default=0)
        columns = [[p[i] for p in map(places_of, self.terms) if i < len(p)] for i in range(width)]
        self._common = [
            Counter((place.name, place.ref) for place in column).most_common(1)[0][0] for column in columns
        ]
        self._headings = [
            f"{name} = {self._named(Place(name, 0.0, ref))}" if ref is not None else name
            for name, ref in self._common
        ]
        self.endResetModel()

    def text(self, column: int, place: Place) -> str:
        """ "[3, 42] 0.73", with the name of the array where it is not the heading's."""
        if place.path is not None:
            return self._named(place)
        index = shape_text(place.index) if place.ref is not None and place.index else ""
        heading, array = self._common[column - 1]
        said = place.ref == array and (array is not None or place.name == heading)
        return f"{'' if said else self._named(place)}{index} {compact(place.value)}".strip()

    def place(self, index: _Index) -> Place | None:
        """The element that a cell of the table names, if it can be asked about."""
        places = places_of(self.terms[index.row()])
        found = places[index.column() - 1] if 0 < index.column() <= len(places) else None
        return found if found is not None and found.ref is not None else None

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self.terms)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else 1 + len(self._headings)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> object:
        shown = role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole)
        if orientation == Qt.Orientation.Horizontal and shown:
            return self.heading if section == 0 else self._headings[section - 1]
        return None

    def data(self, index: _Index, role: int = 0) -> object:
        term, column = self.terms[index.row()], index.column()
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            if not column:
                return compact(term.value)
            places = places_of(term)
            return self.text(column, places[column - 1]) if column <= len(places) else ""
        if role == Qt.ItemDataRole.ForegroundRole and self.place(index) is not None:
            return theme.color("forward")
        if role == Qt.ItemDataRole.TextAlignmentRole and not column:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None


def places_of(term: Term) -> tuple[Place, ...]:
    return (*term.factors, *term.context)[:MAX_PLACES]


class _Bars(QStyledItemDelegate):
    """Draws how large a term is behind its number, in the colours of positive and negative."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        model = index.model()
        if isinstance(model, TermsModel) and model.largest:
            value = model.terms[index.row()].value
            box = QRectF(option.rect).adjusted(2, 3, -2, -3)
            width = box.width() * min(abs(value) / model.largest, 1.0)
            role = "positive" if value >= 0 else "negative"
            painter.fillRect(QRectF(box.x(), box.y(), width, box.height()), theme.color(role, 0.45))
        super().paint(painter, option, index)


class TermsTable(QTableView):
    """A click or Enter on an element asks why that one is what it is."""

    place_chosen = Signal(object)  # Place

    def __init__(self, named: Callable[[Place], str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.terms = TermsModel(named, self)
        self.setModel(self.terms)
        self.setFont(font(8.5, mono=True))
        self.setItemDelegateForColumn(0, _Bars(self))
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setMouseTracking(True)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.terms.modelReset.connect(self._narrow_first_column)
        self.horizontalHeader().setDefaultAlignment(
            Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        )
        self.horizontalHeader().setMinimumSectionSize(24)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        use_slim_scroll_bars(self)
        keep_arrow_keys(self)
        self.clicked.connect(self._choose)
        self.entered.connect(self._show_cursor)

    def _narrow_first_column(self) -> None:
        if self.terms.columnCount() > 1:
            self.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Fixed)
            self.horizontalHeader().resizeSection(0, VALUE_WIDTH)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self._choose(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def _choose(self, index: QModelIndex) -> None:
        place = self.terms.place(index)
        if place is not None:
            self.place_chosen.emit(place)

    def _show_cursor(self, index: QModelIndex) -> None:
        link = self.terms.place(index) is not None
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if link else Qt.CursorShape.ArrowCursor)
