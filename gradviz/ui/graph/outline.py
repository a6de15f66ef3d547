"""The graph as a tree of modules and nodes: for the keyboard, for screen readers, for deep nets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QPalette, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QHeaderView, QTreeView, QWidget

from gradviz.trace import Iteration, Node
from gradviz.trace.backward_graph import forward_key
from gradviz.trace.folding import Folding, ancestors, fold, parent_of
from gradviz.ui.graph.diagram import box_key
from gradviz.ui.graph.layout import ROOT
from gradviz.ui.graph.outline_words import box_words, node_words
from gradviz.ui.graph.text import one_line
from gradviz.ui.model import SessionModel
from gradviz.ui.numbers import shape_text
from gradviz.ui.scroll_bar import use_slim_scroll_bars
from gradviz.ui.theme import set_color, theme
from gradviz.ui.tips import plain_tip

KEY = Qt.ItemDataRole.UserRole
MAX_FIRST = 200
"""Rows beyond which no further branch is opened at first."""
MAX_TIP = 500
"""Characters of a name that a tip shows."""
MAX_AT_ONCE = 1_000
"""Rows that open here at once with boxes on the graph."""

Index = QModelIndex | QPersistentModelIndex
NO_INDEX = QModelIndex()


class _Tree(QStandardItemModel):
    """Fills a branch when it is opened: a graph may have 100,000s of nodes."""

    def __init__(self, session: SessionModel, parent: QWidget) -> None:
        super().__init__(0, 2, parent)
        self._session = session
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

    def filled_item(self, key: str) -> QStandardItem | None:
        """The row of a node or box, if its branch is filled."""
        return self._items.get(key)

    def hasChildren(self, index: Index = NO_INDEX) -> bool:
        return self.canFetchMore(index) or super().hasChildren(index)

    def canFetchMore(self, index: Index) -> bool:
        key = index.siblingAtColumn(0).data(KEY)
        return key is not None and key.endswith("/") and key not in self._filled

    def fetchMore(self, index: Index) -> None:
        self._fill(index.siblingAtColumn(0).data(KEY))

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role == Qt.ItemDataRole.AccessibleTextRole and index.column() == 0:
            return self._words(index.data(KEY))
        return super().data(index, role)

    def _words(self, key: str) -> str:
        """What a screen reader says of a row, at the shown moment."""
        if scope := self._folding.scopes.get(key.removesuffix("/")) if key.endswith("/") else None:
            return box_words(self._session, scope)
        node = self._session.node(key)
        return node_words(self._session, node) if node else ""

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
            self._add(box, node.key, node.name, shape_text(node.shape))

    def _add(self, parent: str, key: str, name: str, detail: str) -> None:
        row = [QStandardItem(one_line(name)), QStandardItem(one_line(detail))]
        for item in row:
            item.setData(key, KEY)
            item.setToolTip(plain_tip(name[:MAX_TIP]))
            item.setEditable(False)  # else the window would take it for a text field, which letters belong to
        self._items[key] = row[0]
        (self._items.get(parent) or self.invisibleRootItem()).appendRow(row)


class OutlineView(QTreeView):
    """Mirrors scopes and nodes of the shown iteration. Its selection is the model's. What was opened in it,
    and where it was scrolled to, stays so while nodes come and go."""

    toggle_wanted = Signal(str)  # key of a box that shall open or close on the graph
    node_wanted = Signal(object)  # trace.Node: it is to be seen on the graph

    def __init__(self, model: SessionModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        use_slim_scroll_bars(self)
        self.session = model
        self._structure: tuple[list[str], list[tuple[int, ...]]] = [], []
        self._known: set[str] = set()
        """Boxes of this run, and …"""
        self._open: set[str] = set()
        """… those that are open in the tree."""
        self._closed_on_graph: frozenset[str] = frozenset()
        self._rebuilding = False
        self._tree = _Tree(model, self)
        self.setModel(self._tree)
        self.setEditTriggers(QTreeView.EditTrigger.NoEditTriggers)
        self.setUniformRowHeights(True)
        self.setExpandsOnDoubleClick(False)
        self.setFrameShape(QTreeView.Shape.NoFrame)
        self.setHeaderHidden(True)
        self.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.header().setStretchLastSection(False)
        self.selectionModel().currentChanged.connect(self._on_current)
        self.expanded.connect(lambda index: self._open.add(index.data(KEY)))
        self.collapsed.connect(lambda index: self._open.discard(index.data(KEY)))
        self.activated.connect(self._on_activated)
        model.restarted.connect(self._forget)
        model.iteration_changed.connect(self._rebuild)
        model.selection_changed.connect(self._follow)
        model.scopes_changed.connect(self._follow_graph)
        theme.changed.connect(self._on_theme)
        self._on_theme()
        self._retranslate()
        self._rebuild()

    def _on_theme(self) -> None:
        set_color(self, "panel", QPalette.ColorRole.Base)

    # ── nodes come and go ─────────────────────────────────────────────────────────────────────────────────

    def _forget(self) -> None:
        """Another program."""
        self._known, self._open = set(), set()
        self._structure = [], []

    def _rebuild(self) -> None:
        """Only when nodes came or went: in live training the tree stays still."""
        nodes = self.session.nodes
        structure = [node.key for node in nodes], [node.outputs[0].shape for node in nodes]
        if structure == self._structure:
            return
        self._structure = structure
        with self._staying():
            self._tree.show(self.session.iteration)
            self._reopen()
        self._follow()

    @contextmanager
    def _staying(self) -> Iterator[None]:
        """Brings the current row and the uppermost one back to where they were, if they are there again."""
        current, uppermost = self.currentIndex().data(KEY), self.indexAt(QPoint(1, 1)).data(KEY)
        self._rebuilding = True
        yield
        if (item := self._tree.filled_item(current or "")) is not None:
            self.selectionModel().setCurrentIndex(item.index(), self.selectionModel().SelectionFlag.NoUpdate)
        if (item := self._tree.filled_item(uppermost or "")) is not None:
            self.scrollTo(item.index(), QTreeView.ScrollHint.PositionAtTop)
        self._rebuilding = False

    def _reopen(self) -> None:
        """Opens what was open; of what is new outer branches first, while there are not too many rows."""
        was_open = set(self._open)
        reached = [self._tree.index(row, 0) for row in range(self._tree.rowCount())]
        for index in reached:
            key = index.data(KEY)
            if not key.endswith("/"):
                continue
            wanted = key in was_open if key in self._known else len(reached) <= MAX_FIRST
            self._known.add(key)
            if wanted:
                self._tree.fetchMore(index)
                self.expand(index)
                reached += [self._tree.index(row, 0, index) for row in range(self._tree.rowCount(index))]

    # ── the graph ─────────────────────────────────────────────────────────────────────────────────────────

    def _follow_graph(self) -> None:
        """A branch opens and closes with its box on the graph; not the other way round, for one can look for
        something here without shuffling the picture. Of thousands that open at once only outer ones do so."""
        before, now = self._closed_on_graph, self.session.shown.closed_scopes
        self._closed_on_graph = now
        self.scheduleDelayedItemsLayout()  # once for all: it takes as long as there are rows
        shown = 0
        for path in sorted(before ^ now, key=lambda path: path.count(".")):
            item = self._tree.filled_item(box_key(path))
            opens = path not in now
            if item is None or (opens and shown > MAX_AT_ONCE):
                continue
            if opens:
                self._tree.fetchMore(item.index())
                shown += item.rowCount()
            self.setExpanded(item.index(), opens)

    def _on_activated(self, index: QModelIndex) -> None:
        """Enter or a double-click: a box opens or closes, a node is brought into view."""
        key = index.data(KEY)
        if key.endswith("/"):
            self.toggle_wanted.emit(key)
        elif (node := self.session.node(key)) is not None:
            self.node_wanted.emit(node)

    def _on_current(self, index: QModelIndex) -> None:
        if index.isValid() and not self._rebuilding:
            self.session.select(index.data(KEY))

    def _follow(self) -> None:
        key = forward_key(self.session.selected_key or "")
        item = self._tree.item_of(key, self.session.selected) if key else None
        if item is None:
            self.selectionModel().clearSelection()
        elif item.index() != self.currentIndex() or not self.selectionModel().isSelected(item.index()):
            self.setCurrentIndex(item.index())

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)

    def _retranslate(self) -> None:
        self._tree.setHorizontalHeaderLabels([self.tr("Node"), self.tr("Shape")])
        self.setAccessibleName(self.tr("Outline of the graph"))
