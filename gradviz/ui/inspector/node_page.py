"""The inspector's pages Value and Gradient: an array of a node, or why it does not exist at this moment."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from gradviz.trace import Node
from gradviz.trace.values import Role
from gradviz.ui.heatmap import looks_like_images
from gradviz.ui.inspector.array_view import ArrayView, Shown
from gradviz.ui.inspector.output_choice import OutputChoice
from gradviz.ui.model import SessionModel


def backward_is_over(model: SessionModel) -> bool:
    """Whether gradients have been computed, and no more of them come in the shown iteration."""
    iteration, now = model.iteration, model.moment.event
    if iteration is None or not iteration.complete:
        return False
    past, coming = iteration.events[: now + 1], iteration.events[now + 1 :]
    if any(event.phase == "backward" for event in coming):
        return False
    return any(event.phase == "backward" for event in past)


class NodePage(QWidget):
    """Role "value" or "grad" of a node; a node with several outputs lets one choose."""

    def __init__(self, model: SessionModel, role: Role, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._role = role
        self._node: Node | None = None
        self._outputs = OutputChoice()
        self.array = ArrayView(model)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._outputs)
        layout.addWidget(self.array, 1)
        self._outputs.currentIndexChanged.connect(self._on_output_chosen)

    def show_node(self, node: Node) -> None:
        """Shows the node's array as of the model's moment."""
        self._node = node
        self._outputs.show_node(node)
        if words := self._absence(node):
            self.array.show_words(words)
            return
        output = self._outputs.output
        shape = node.outputs[output].shape
        self.array.show_array(
            Shown(
                self._model.ref(node, self._role, output=output),
                shape,
                f"{node.key}/{self._role}/{output}",
                image=self._role == "value" and looks_like_images(node.kind, shape),
                signed=self._role == "grad" or node.kind == "parameter",
                color="forward" if self._role == "value" else "backward",
            )
        )

    def _on_output_chosen(self) -> None:
        if self._node is not None:
            self.show_node(self._node)

    def _absence(self, node: Node) -> str:
        """Why there is no array at this moment; "" when there is one."""
        model = self._model
        if self._role == "value":
            if model.has_value(node):
                return ""
            return self.tr("Not computed yet: the program has not reached {0}.").format(node.name)
        if model.has_gradient(node):
            return ""
        if not node.requires_grad:
            return self.tr("{0} does not need a gradient.").format(node.name)
        if backward_is_over(self._model):
            return self.tr("No gradient flowed here: the loss does not depend on {0}.").format(node.name)
        return self.tr("Not computed yet: the backward pass has not reached {0}.").format(node.name)
