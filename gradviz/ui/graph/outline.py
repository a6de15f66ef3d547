"""The graph as a tree of modules and nodes: for the keyboard, for screen readers, for deep nets."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, Qt
from PySide6.QtGui import QPalette, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QHeaderView, QTreeView, QWidget

from gradviz.trace import Node
from gradviz.trace.folding import Folding, fold
from gradviz.ui.graph.diagram import box_key, parent_of
from gradviz.ui.model import SessionModel
from gradviz.ui.numbers import shape_text
from gradviz.ui.scroll_bar import use_slim_scroll_bars
from gradviz.ui.theme import set_color, theme

KEY = Qt.ItemDataRole.UserRole


class OutlineView(QTreeView):
    """Mirrors scopes and nodes of the shown iteration. Its selection is the model's."""

    def __init__(self, model: SessionModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        use_slim_scroll_bars(self)
        self.session = model
        self._items: dict[str, QStandardItem] = {}
        self._structure: list[tuple[str, str]] = []
        self._tree = QStandardItemModel(0, 2, self)
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
        structure = [(node.key, shape_text(node.shape)) for node in self.session.nodes]
        if structure == self._structure:
            return
        self._structure = structure
        self._items.clear()
        self._tree.removeRows(0, self._tree.rowCount())
        iteration = self.session.iteration
        folding = fold(iteration) if iteration else Folding()
        scopes = folding.scopes
        for path, scope in scopes.items():
            self._add(box_key(parent_of(path, scopes)), box_key(path), scope.title, scope.detail)
        for node in self.session.nodes:
            self._add(box_key(folding.of[node.id]), node.key, node.name, shape_text(node.shape), node)
        self.expandToDepth(1)
        self._follow()

    def _add(self, parent: str, key: str, name: str, detail: str, node: Node | None = None) -> None:
        row = [QStandardItem(name), QStandardItem(detail)]
        for item in row:
            item.setData(key, KEY)
        if node is not None:
            row[0].setAccessibleDescription(f"{node.kind} {node.qualified_name} {detail}")
        self._items[key] = row[0]
        (self._items.get(parent) or self._tree.invisibleRootItem()).appendRow(row)

    def _on_current(self, index: QModelIndex) -> None:
        if index.isValid():
            self.session.select(index.data(KEY))

    def _follow(self) -> None:
        item = self._items.get(self.session.selected_key or "")
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
