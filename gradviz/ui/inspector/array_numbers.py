"""The numbers of a slice as a table's model, which asks for the blocks that are in sight and no others."""

from __future__ import annotations

from collections import OrderedDict
from functools import partial

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, QTimer

from gradviz.session.protocol import Fetched
from gradviz.trace import ArrayRef
from gradviz.trace.values import Part
from gradviz.ui.inspector.source import Source
from gradviz.ui.numbers import shape_text
from gradviz.ui.numpy_text import exact

PAGE_ROWS, PAGE_COLS = 50_000, 2_000
"""Rows and columns of a page: a table's headers take memory and time for each, and pixels are 32 bits."""
BLOCK_ROWS, BLOCK_COLS = 64, 32
MAX_BLOCKS = 64
MAX_UNDER_WAY = 4
_Index = QModelIndex | QPersistentModelIndex
_Block = tuple[int, int]  # its first row and column


class ArrayNumbers(QAbstractTableModel):
    """Rows and columns are those of the array's last two axes; a vector is one column."""

    def __init__(self, source: Source, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._source = source
        self._ref: ArrayRef | None = None
        self._shape: tuple[int, ...] = ()
        self._leading: tuple[int, ...] = ()
        self._showing = 0  # how many times `show` was called: answers of an earlier one are too late
        self._first = (0, 0)  # row and column that the page begins with
        self._blocks: OrderedDict[_Block, np.ndarray | None] = OrderedDict()
        self._fresh: set[_Block] = set()  # those that are of the present array, not of the one before
        self._wanted: list[_Block] = []
        self._under_way: set[_Block] = set()
        self._ask_soon = QTimer(self, singleShot=True, interval=0)
        self._ask_soon.timeout.connect(self._ask)

    # ── what is shown ─────────────────────────────────────────────────────────────────────────────────────

    @property
    def extent(self) -> tuple[int, int]:
        """Rows and columns of the whole slice."""
        return extent_of(self._shape)

    def show(
        self, ref: ArrayRef, shape: tuple[int, ...], leading: tuple[int, ...], first: tuple[int, int]
    ) -> None:
        """Shows a slice from row and column `first` on. Numbers of the same place stay until the new come."""
        self._showing += 1
        resized = (shape, first) != (self._shape, self._first)
        if resized:
            self.beginResetModel()
        self._ref, self._shape, self._leading, self._first = ref, shape, leading, first
        self._fresh.clear()
        self._wanted.clear()
        self._under_way.clear()
        if resized:
            self._blocks.clear()
            self.endResetModel()
        else:
            self._tell_changed(0, 0, self.rowCount(), self.columnCount())

    def place(self, index: _Index) -> tuple[int, ...]:
        """The element that a cell shows."""
        row, col = self._first[0] + index.row(), self._first[1] + index.column()
        return (*self._leading, row, col) if len(self._shape) > 1 else (row,)[: len(self._shape)]

    def part(self, rows: range, cols: range) -> Part:
        """What to ask for, to get these rows and columns of the page."""
        row, col = self._first[0] + rows.start, self._first[1] + cols.start
        if len(self._shape) > 1:
            return Part(self._leading, row, len(rows), col, len(cols))
        return Part(col=row, cols=len(rows))

    def number(self, index: _Index) -> np.generic | None:
        """The number in a cell, or None while it is on its way."""
        row, col = index.row() % BLOCK_ROWS, index.column() % BLOCK_COLS
        block = self._blocks.get(_block_of(index))
        if block is None or row >= block.shape[0] or col >= block.shape[1]:
            return None
        number: np.generic = block[row, col]
        return number

    def _text(self, index: _Index) -> str:
        number = self.number(index)
        if number is None:
            return "–" if _block_of(index) in self._fresh else "…"
        return exact(number)

    # ── Qt's model ────────────────────────────────────────────────────────────────────────────────────────

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else min(self.extent[0] - self._first[0], PAGE_ROWS)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else min(self.extent[1] - self._first[1], PAGE_COLS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> object:
        if role == Qt.ItemDataRole.DisplayRole:
            vertical = orientation == Qt.Orientation.Vertical
            return str(section + self._first[0 if vertical else 1])
        return None

    def data(self, index: _Index, role: int = 0) -> object:
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        spoken = role == Qt.ItemDataRole.AccessibleTextRole
        if not spoken and role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return None
        self._want(_block_of(index))
        text = self._text(index)
        return f"{shape_text(self.place(index))} {text}" if spoken else text

    # ── blocks on their way ───────────────────────────────────────────────────────────────────────────────

    def _want(self, block: _Block) -> None:
        if block not in self._fresh and block not in self._under_way and block not in self._wanted:
            self._wanted.append(block)
            self._ask_soon.start()

    def _ask(self) -> None:
        """Asks for what was looked at last; what was only scrolled past is left until it is seen again."""
        del self._wanted[:-MAX_BLOCKS]
        while self._wanted and len(self._under_way) < MAX_UNDER_WAY and self._ref is not None:
            row, col = block = self._wanted.pop()
            self._under_way.add(block)
            rows = range(row, min(row + BLOCK_ROWS, self.rowCount()))
            cols = range(col, min(col + BLOCK_COLS, self.columnCount()))
            self._source.fetch(self._ref, partial(self._take, block, self._showing), self.part(rows, cols))

    def _take(self, block: _Block, showing: int, fetched: Fetched) -> None:
        if showing != self._showing:
            return
        self._under_way.discard(block)
        array = None if fetched.array is None else fetched.array.array()
        if array is not None and array.ndim < 2:
            array = array.reshape(-1, 1)
        self._blocks[block] = array
        self._blocks.move_to_end(block)
        self._fresh.add(block)
        while len(self._blocks) > MAX_BLOCKS:
            self._fresh.discard(self._blocks.popitem(last=False)[0])
        self._tell_changed(*block, BLOCK_ROWS, BLOCK_COLS)
        if self._wanted:
            self._ask_soon.start()

    def _tell_changed(self, row: int, col: int, rows: int, cols: int) -> None:
        last = self.index(min(row + rows, self.rowCount()) - 1, min(col + cols, self.columnCount()) - 1)
        if last.isValid():
            self.dataChanged.emit(self.index(row, col), last)


def _block_of(index: _Index) -> _Block:
    return index.row() // BLOCK_ROWS * BLOCK_ROWS, index.column() // BLOCK_COLS * BLOCK_COLS


def extent_of(shape: tuple[int, ...]) -> tuple[int, int]:
    """Rows and columns of an array's slice as a table."""
    if 0 in shape:
        return 0, 0
    if len(shape) < 2:
        return (*shape, 1)[0], 1
    return shape[-2], shape[-1]
