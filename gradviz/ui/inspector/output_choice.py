"""Which output of a node with several of them is on view."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QComboBox, QWidget

from gradviz.trace import Node, TensorInfo
from gradviz.ui.numbers import shape_text
from gradviz.ui.theme import font


class OutputChoice(QComboBox):
    """Hidden for a node with one output. `currentIndexChanged` comes only when a person chooses."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._outputs: tuple[TensorInfo, ...] = ()
        self.setFont(font(9))
        self.hide()
        self._retranslate()

    @property
    def output(self) -> int:
        return max(self.currentIndex(), 0)

    def show_node(self, node: Node) -> None:
        """Offers the node's outputs; the choice stays while they are the same."""
        if node.outputs == self._outputs:
            return
        self._outputs = node.outputs
        blocked = self.blockSignals(True)
        self.clear()
        for place, out in enumerate(node.outputs):
            self.addItem(self.tr("output {0}: {1} {2}").format(place, out.dtype, shape_text(out.shape)))
        self.setVisible(len(node.outputs) > 1)
        self.blockSignals(blocked)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)

    def _retranslate(self) -> None:
        self.setAccessibleName(self.tr("Output"))
