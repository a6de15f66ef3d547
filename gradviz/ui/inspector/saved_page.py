"""The inspector's page Saved: what an operation keeps for its backward pass."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtWidgets import QAbstractItemView, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from gradviz.trace import Node
from gradviz.ui.inspector.array_view import ArrayView, Shown
from gradviz.ui.inspector.labels import NoteLabel
from gradviz.ui.inspector.saved_facts import SavedFacts
from gradviz.ui.model import SessionModel
from gradviz.ui.numbers import byte_size, shape_text
from gradviz.ui.scroll_bar import use_slim_scroll_bars
from gradviz.ui.theme import font
from gradviz.ui.tips import plain_tip

ROW_HEIGHT = 24
MAX_ROWS = 5  # of the list; more are scrolled


class SavedPage(QWidget):
    """A list of saved arrays; the chosen one is drawn under it."""

    def __init__(self, model: SessionModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._node: Node | None = None
        self._note = NoteLabel()
        self.list = QListWidget()
        use_slim_scroll_bars(self.list)
        self.list.setFont(font(9))
        self.list.setUniformItemSizes(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerItem)
        self.facts = SavedFacts()
        self.array = ArrayView(model)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self._note)
        layout.addWidget(self.list)
        layout.addWidget(self.facts)
        layout.addWidget(self.array, 1)
        self.list.currentRowChanged.connect(self._show_chosen)
        self.facts.event_chosen.connect(model.seek)
        self.facts.node_chosen.connect(model.select)
        self._retranslate()

    def show_node(self, node: Node) -> None:
        """Lists what the node saves; keeps the chosen row while the list is the same."""
        if self._node is None or node.saved != self._node.saved or node.key != self._node.key:
            self._node = node
            self._fill(node)
        self._node = node
        self._show_chosen()

    def _fill(self, node: Node) -> None:
        self.list.blockSignals(True)
        self.list.clear()
        for saved in node.saved:
            words = f"{saved.name}   {saved.dtype} {shape_text(saved.shape)}   {byte_size(saved.nbytes)}"
            item = QListWidgetItem(words)
            item.setToolTip(plain_tip(words))
            item.setSizeHint(QSize(0, ROW_HEIGHT))
            self.list.addItem(item)
        self.list.setFixedHeight(ROW_HEIGHT * min(self.list.count(), MAX_ROWS) + 4)
        self.list.setCurrentRow(0)
        self.list.blockSignals(False)
        self._retranslate()

    def _show_chosen(self) -> None:
        node, row = self._node, self.list.currentRow()
        if node is None or not 0 <= row < len(node.saved):
            return
        self.facts.show_facts(self._model.iteration, node, node.saved[row].name)
        if not self._model.has_value(node):
            self.array.show_words(
                self.tr("Not saved yet: the program has not reached {0}.").format(node.name)
            )
            return
        saved = node.saved[row]
        ref = self._model.ref(node, "saved", name=saved.name)
        self.array.show_array(Shown(ref, saved.shape, f"{node.key}/saved/{saved.name}", color="saved"))

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
            self._show_chosen()
        super().changeEvent(event)

    def _retranslate(self) -> None:
        self.list.setAccessibleName(self.tr("Saved for backward"))
        total = sum(saved.nbytes for saved in self._node.saved) if self._node else 0
        self._note.setText(self.tr("Kept for the backward pass: {0}").format(byte_size(total)))
