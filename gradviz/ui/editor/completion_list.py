"""The list of names that can stand at the caret, and what the chosen one is."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import (
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from gradviz.session.language.protocol import Completion, Description
from gradviz.ui.editor.floating import Floating
from gradviz.ui.editor.name_card import NameCard
from gradviz.ui.scroll_bar import use_slim_scroll_bars
from gradviz.ui.theme import font, theme

WIDTH = 250
ROW = 22
MAX_ROWS = 9
KIND = Qt.ItemDataRole.UserRole
MARKS = {
    "function": ("f", "forward"),
    "class": ("C", "parameter"),
    "module": ("M", "input"),
    "keyword": ("k", "dim"),
    "variable": ("v", "saved"),
}
"""The letter of a kind, and the role of its colour."""


class CompletionList(Floating):
    """The keyboard stays in the text: whoever shows the list moves the choice."""

    chosen = Signal(str)  # another name is marked
    accepted = Signal(str)  # a name was clicked

    def __init__(self) -> None:
        super().__init__()
        self._list = QListWidget()
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.setFrameShape(QListWidget.Shape.NoFrame)
        self._list.setUniformItemSizes(True)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setItemDelegate(_Row(self._list))
        use_slim_scroll_bars(self._list)
        self._list.viewport().setAutoFillBackground(False)
        self._list.setFont(font(9, mono=True))
        self._card = NameCard()
        self._card.hide()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(4, 4, 4, 4)
        layout.setSpacing(0)
        layout.addWidget(self._list, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self._card, 0, Qt.AlignmentFlag.AlignTop)
        self._list.currentItemChanged.connect(self._on_current)
        self._list.itemClicked.connect(lambda item: self.accepted.emit(item.text()))
        self._retranslate()

    @property
    def current(self) -> str:
        """The marked name."""
        item = self._list.currentItem()
        return item.text() if item else ""

    def set_items(self, items: list[Completion]) -> None:
        """Shows these names, the first one marked."""
        self._list.clear()
        for completion in items:
            item = QListWidgetItem(completion.name, self._list)
            item.setData(KIND, completion.kind)
            item.setData(
                Qt.ItemDataRole.AccessibleTextRole, f"{completion.name}, {self._kinds[completion.kind]}"
            )
        self._list.setFixedSize(WIDTH, ROW * min(len(items), MAX_ROWS))
        self._list.setCurrentRow(0)

    def move_choice(self, rows: int) -> None:
        """Marks another name, from the last on to the first and back; a page stops at the ends."""
        count, row = self._list.count(), self._list.currentRow() + rows
        self._list.setCurrentRow(row % count if abs(rows) == 1 else max(0, min(row, count - 1)))

    def describe(self, description: Description) -> None:
        """Says beside the list what the marked name is."""
        self._card.setVisible(self._card.show_description(description))

    def _on_current(self, item: QListWidgetItem | None) -> None:
        self._card.hide()
        if item is not None:
            self.chosen.emit(item.text())

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)

    def _retranslate(self) -> None:
        self._list.setAccessibleName(self.tr("Names that can stand here"))
        self._kinds = {
            "function": self.tr("function"),
            "class": self.tr("class"),
            "module": self.tr("module"),
            "keyword": self.tr("keyword"),
            "variable": self.tr("variable"),
        }


class _Row(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(0, ROW)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        area: QRect = option.rect
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, theme.color("line"))
        letter, role = MARKS[index.data(KIND)]
        painter.setFont(font(8, mono=True, bold=True))
        painter.setPen(theme.color(role))
        painter.drawText(
            QRect(area.left(), area.top(), 24, area.height()), Qt.AlignmentFlag.AlignCenter, letter
        )
        painter.setFont(font(9, mono=True))
        painter.setPen(theme.color("text"))
        room = area.adjusted(26, 0, -8, 0)
        name = painter.fontMetrics().elidedText(index.data(), Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, name)
