"""The inspector's page Backward: a node of the backward graph, what comes to it and where that goes."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtWidgets import QAbstractItemView, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from gradviz.trace import Node
from gradviz.trace.backward_graph import (
    NextFunction,
    backward_key,
    backward_name,
    next_functions,
    previous_functions,
)
from gradviz.ui.inspector.labels import NoteLabel
from gradviz.ui.model import SessionModel
from gradviz.ui.numbers import byte_size, compact, shape_text
from gradviz.ui.scroll_bar import use_slim_scroll_bars
from gradviz.ui.theme import font
from gradviz.ui.tips import plain_tip

ROW_HEIGHT = 22
MAX_ROWS = 500
"""Of a section: a weight of an LSTM over 1,000 steps gets its gradient from 1,000 nodes."""


class BackwardPage(QWidget):
    """Its name, the gradients that come in, the next functions and what it saved. A click or Enter on another
    backward node goes there."""

    def __init__(self, model: SessionModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._node: Node | None = None
        self._shown: list[tuple[str, str]] = []
        self._name = NoteLabel("text")
        self._name.setFont(font(10, bold=True))
        self._of = NoteLabel()
        self.list = QListWidget()
        use_slim_scroll_bars(self.list)
        self.list.setFont(font(9))
        self.list.setUniformItemSizes(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 8)
        layout.setSpacing(4)
        for widget in (self._name, self._of):
            layout.addWidget(widget)
        layout.addWidget(self.list, 1)
        self.list.itemClicked.connect(self._go_to)
        self.list.itemActivated.connect(self._go_to)
        self._retranslate()

    def show_node(self, node: Node) -> None:
        """Shows the backward of a node as of the model's moment."""
        self._node = node
        self._name.setText(backward_name(node))
        self._of.setText(self.tr("backward of {0}").format(node.qualified_name))
        rows = self._rows(node)
        if rows != self._shown:
            self._shown = rows
            self._fill(rows)

    def _fill(self, rows: list[tuple[str, str]]) -> None:
        """(words, key of the node that they lead to); a heading has no key but "#"."""
        row, position = self.list.currentRow(), self.list.verticalScrollBar().value()
        self.list.clear()
        for words, key in rows:
            item = QListWidgetItem(words if key == "#" else f"   {words}")
            item.setToolTip(plain_tip(words))
            item.setSizeHint(QSize(0, ROW_HEIGHT))
            item.setData(Qt.ItemDataRole.UserRole, key)
            if key == "#":
                item.setFlags(Qt.ItemFlag.NoItemFlags | Qt.ItemFlag.ItemIsEnabled)
                item.setFont(font(9, bold=True))
            self.list.addItem(item)
        self.list.setCurrentRow(min(row, len(rows) - 1))
        self.list.verticalScrollBar().setValue(position)

    def _rows(self, node: Node) -> list[tuple[str, str]]:
        nodes, iteration = self._model.nodes, self._model.iteration
        if iteration is None:
            return []
        rows = [(self.tr("Gradient in"), "#")]
        rows += [
            (self._gradient(node, number), "")
            for number, output in enumerate(node.outputs)
            if output.requires_grad
        ]
        came = previous_functions(iteration, node)
        if came:
            rows.append((self.tr("It comes from"), "#"))
            rows += [(self._function(each), nodes[each.node].key) for each in came[:MAX_ROWS]]
        goes = next_functions(nodes, node)
        if goes:
            rows.append((self.tr("Next functions"), "#"))
            rows += [(self._next(each), nodes[each.node].key) for each in goes[:MAX_ROWS]]
        if node.saved:
            rows.append((self.tr("Saved for backward"), "#"))
            rows += [
                (f"{each.name}  {each.dtype} {shape_text(each.shape)}  {byte_size(each.nbytes)}", "")
                for each in node.saved
            ]
        return rows

    def _function(self, function: NextFunction) -> str:
        """ "mat1 → TBackward0 of net.fc1/t"."""
        of = self.tr("{0} of {1}").format(function.name, self._model.nodes[function.node].qualified_name)
        return f"{function.argument} → {of}" if function.argument else of

    def _next(self, function: NextFunction) -> str:
        """With the gradient that has come there, from all that send one."""
        return f"{self._function(function)} · {self._norm(self._model.nodes[function.node], function.output)}"

    def _gradient(self, node: Node, output: int) -> str:
        return f"{shape_text(node.outputs[output].shape)}  {self._norm(node, output)}"

    def _norm(self, node: Node, output: int) -> str:
        """The gradient that has come to an output so far, summed over all its uses."""
        if not self._model.has_gradient(node):
            return self.tr("not yet")
        summary = self._model.summary(self._model.ref(node, "grad", output=output))
        if summary is None:
            return "‖∇‖ …"
        return "NaN" if summary.nans else "inf" if summary.infs else f"‖∇‖ {compact(summary.norm)}"

    def _go_to(self, item: QListWidgetItem) -> None:
        key = item.data(Qt.ItemDataRole.UserRole)
        if key and key != "#":
            self._model.select(backward_key(key))

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)

    def _retranslate(self) -> None:
        self.list.setAccessibleName(self.tr("Backward node"))
        if self._node is not None:
            self.show_node(self._node)
