"""Every hit that is known, in a list: where, of which breakpoint, and why."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractListModel, QEvent, QModelIndex, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QShowEvent
from PySide6.QtWidgets import QListView, QVBoxLayout, QWidget

from gradviz.trace import Hit
from gradviz.ui.hit_words import hit_words
from gradviz.ui.model import SessionModel
from gradviz.ui.scroll_bar import use_slim_scroll_bars
from gradviz.ui.theme import font, set_color, theme
from gradviz.ui.tips import plain_tip

ROW_HEIGHT = 22

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


class HitsView(QWidget):
    """A click or Enter goes to a hit; the one that is shown is chosen in the list."""

    def __init__(self, model: SessionModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.list = _List()
        self._hits = _Hits(model, self.list)
        self.list.setModel(self._hits)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.list)
        self.list.clicked.connect(self._go)
        self.list.activated.connect(self._go)
        model.hits_changed.connect(self._show)
        model.moment_changed.connect(self._mark)
        self._retranslate()

    def _show(self) -> None:
        branch = self._model.shown
        self._hits.take(branch.hits.hits(branch.enabled))
        self._mark()

    def _mark(self) -> None:
        """Chooses the row of the shown moment."""
        here = self._model.hits_here
        row = self._hits.row_of(here[0]) if here and self.isVisible() else None
        if row is not None:
            self.list.setCurrentIndex(self._hits.index(row))
        else:
            self.list.clearSelection()

    def _go(self, index: QModelIndex) -> None:
        self._model.go_to_hit(self._hits.hit(index.row()))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._mark()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)

    def _retranslate(self) -> None:
        self.list.setAccessibleName(self.tr("Hits of breakpoints"))
        self.list.empty_words = self.tr(
            "Where breakpoints hit is listed here. Switch one on under the run, then press F8 to continue."
        )
        self._show()


class _Hits(QAbstractListModel):
    """Words are made for the rows that are seen: there may be tens of thousands."""

    def __init__(self, model: SessionModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._breakpoints = model.breakpoints
        self._hits: list[Hit] = []

    def take(self, hits: list[Hit]) -> None:
        """Shows other hits; rows that are the same at the beginning stay."""
        known = len(self._hits)
        if known and hits[:known] == self._hits:
            if len(hits) > known:
                self.beginInsertRows(QModelIndex(), known, len(hits) - 1)
                self._hits = hits
                self.endInsertRows()
            return
        self.beginResetModel()
        self._hits = hits
        self.endResetModel()

    def hit(self, row: int) -> Hit:
        return self._hits[row]

    def row_of(self, hit: Hit) -> int | None:
        return self._hits.index(hit) if hit in self._hits else None

    def rowCount(self, _parent: Index = _ROOT) -> int:
        return len(self._hits)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.DisplayRole:
            return hit_words(self._hits[index.row()], self._breakpoints)
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(hit_words(self._hits[index.row()], self._breakpoints))
        return QSize(0, ROW_HEIGHT) if role == Qt.ItemDataRole.SizeHintRole else None


class _List(QListView):
    def __init__(self) -> None:
        super().__init__()
        self.empty_words = ""
        self.setUniformItemSizes(True)
        self.setFont(font(9))
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        use_slim_scroll_bars(self)
        theme.changed.connect(self._recolor)
        self._recolor()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.model().rowCount() == 0:
            painter = QPainter(self.viewport())
            painter.setPen(theme.color("dim"))
            room = self.viewport().rect().adjusted(16, 12, -16, -12)
            painter.drawText(room, Qt.TextFlag.TextWordWrap, self.empty_words)

    def _recolor(self) -> None:
        set_color(self, "panel", QPalette.ColorRole.Base)
        set_color(self, "raised", QPalette.ColorRole.Highlight)
        set_color(self, "text", QPalette.ColorRole.HighlightedText)
