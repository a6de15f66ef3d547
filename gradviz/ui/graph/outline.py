"""The graph as a tree of modules and nodes: for the keyboard, for screen readers, for deep nets."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QPalette, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QHeaderView, QTreeView, QWidget

from gradviz.trace import Iteration, Node
from gradviz.trace.backward_graph import forward_key
from gradviz.trace.folding import Folding, ancestors, fold, parent_of
from gradviz.ui.graph.diagram import box_key
from gradviz.ui.graph.layout import ROOT
from gradviz.ui.model import SessionModel
from gradviz.ui.numbers import shape_text
from gradviz.ui.scroll_bar import use_slim_scroll_bars
from gradviz.ui.theme import set_color, theme

KEY = Qt.ItemDataRole.UserRole
MAX_FIRST = 200
"""Rows beyond which no further branch is opened at first."""

Index = QModelIndex | QPersistentModelIndex
NO_INDEX = QModelIndex()


class _Tree(QStandardItemModel):
    """Fills a branch when it is opened: a graph may have 100,000s of nodes."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(0, 2, parent)
        self._nodes: list[Node] = []
        self._folding = Folding()
        self._items: dict[str, QStandardItem] = {}
        self._filled: set[str] = set()

    def show(self, iteration: Iteration | None) -> None:
        self._items.clear()
        self._filled.clear()
        self.removeRows(0, self.rowCount())
        self._nodes = iteration.nodes if iteration else []
        self._folding = fold(iteration) if iteration else Folding()
        self._fill(ROOT)

    def item_of(self, key: str, node: Node | None) -> QStandardItem | None:
        """The row of a node or box; the branches around it are filled for that."""
        scopes = self._folding.scopes
        path = self._folding.of[node.id] if node is not None else parent_of(key.removesuffix("/"), scopes)
        for around in reversed(ancestors(path, scopes)):
            self._fill(box_key(around))
        return self._items.get(key)

    def hasChildren(self, index: Index = NO_INDEX) -> bool:
        return self.canFetchMore(index) or super().hasChildren(index)

    def canFetchMore(self, index: Index) -> bool:
        key = index.siblingAtColumn(0).data(KEY)
        return key is not None and key.endswith("/") and key not in self._filled

    def fetchMore(self, index: Index) -> None:
        self._fill(index.siblingAtColumn(0).data(KEY))

    def _fill(self, box: str) -> None:
        if box in self._filled:
            return
        self._filled.add(box)
        path = box.removesuffix("/")
        for inside in self._folding.inside.get(path, ()):
            scope = self._folding.scopes[inside]
            self._add(box, box_key(inside), scope.title, scope.detail)
        for number in self._folding.nodes_in(path):
            node = self._nodes[number]
            self._add(box, node.key, node.name, shape_text(node.shape), node)

    def _add(self, parent: str, key: str, name: str, detail: str, node: Node | None = None) -> None:
        row = [QStandardItem(name), QStandardItem(detail)]
        for item in row:
            item.setData(key, KEY)
            item.setEditable(False)  # else the window would take it for a text field, which letters belong to
        if node is not None:
            row[0].setAccessibleDescription(f"{node.kind} {node.qualified_name} {detail}")
        self._items[key] = row[0]
        (self._items.get(parent) or self.invisibleRootItem()).appendRow(row)


class OutlineView(QTreeView):
    """Mirrors scopes and nodes of the shown iteration. Its selection is the model's."""

    def __init__(self, model: SessionModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        use_slim_scroll_bars(self)
        self.session = model
        self._structure: tuple[list[str], list[tuple[int, ...]]] = [], []
        self._tree = _Tree(self)
        self.setModel(self._tree)
        self.setEditTriggers(QTreeView.EditTrigger.NoEditTriggers)
        self.setUniformRowHeights(True)
        self.setFrameShape(QTreeView.Shape.NoFrame)
        self.setHeaderHidden(True)
        self.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.header().setStretchLastSection(False)
        self.selectionModel().currentChanged.connect(self._on_current)
        model.iteration_changed.connect(self._rebuild)
        model.selection_changed.connect(self._follow)
        theme.changed.connect(self._on_theme)
        self._on_theme()
        self._retranslate()
        self._rebuild()

    def _on_theme(self) -> None:
        set_color(self, "panel", QPalette.ColorRole.Base)

    def _rebuild(self) -> None:
        """Only when nodes came or went: in live training the tree stays still."""
        nodes = self.session.nodes
        structure = [node.key for node in nodes], [node.outputs[0].shape for node in nodes]
        if structure == self._structure:
            return
        self._structure = structure
        self._tree.show(self.session.iteration)
        self._expand_first()
        self._follow()

    def _expand_first(self) -> None:
        """Opens branches, outer ones first, while there are not too many rows."""
        reached = [self._tree.index(row, 0) for row in range(self._tree.rowCount())]
        for index in reached:
            if len(reached) > MAX_FIRST:
                break
            if self._tree.canFetchMore(index):
                self._tree.fetchMore(index)
                self.expand(index)
                reached += [self._tree.index(row, 0, index) for row in range(self._tree.rowCount(index))]

    def _on_current(self, index: QModelIndex) -> None:
        if index.isValid():
            self.session.select(index.data(KEY))

    def _follow(self) -> None:
        key = forward_key(self.session.selected_key or "")
        item = self._tree.item_of(key, self.session.selected) if key else None
        if item is None:
            self.selectionModel().clearSelection()
        elif item.index() != self.currentIndex():
            self.setCurrentIndex(item.index())

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)

    def _retranslate(self) -> None:
        self._tree.setHorizontalHeaderLabels([self.tr("Node"), self.tr("Shape")])
        self.setAccessibleName(self.tr("Outline of the graph"))
