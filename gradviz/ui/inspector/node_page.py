"""The inspector's pages Value and Gradient: an array of a node, or why it does not exist at this moment."""

from __future__ import annotations

from msgspec.structs import replace
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gradviz.trace import ArrayRef, Node, Summary
from gradviz.trace.values import Role
from gradviz.ui.heatmap import looks_like_images
from gradviz.ui.inspector.array_view import ArrayView, Shown
from gradviz.ui.inspector.labels import NoteLabel, mark_choice, small_button
from gradviz.ui.inspector.output_choice import OutputChoice
from gradviz.ui.model import SessionModel
from gradviz.ui.numbers import compact, grouped
from gradviz.ui.pins import MAX_PINS, Pin


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
        self.change = small_button(checkable=True)
        self.keep = small_button(checkable=True)
        for choice in (self.change, self.keep):
            self.array.choices.flow.addWidget(choice)
        self.sentence = NoteLabel("text")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._outputs)
        layout.addWidget(self.sentence)
        layout.addWidget(self.array, 1)
        self._outputs.currentIndexChanged.connect(self._refresh)
        self.change.toggled.connect(self._on_change_wanted)
        self.keep.clicked.connect(self._on_keep_clicked)
        model.pins.changed.connect(self._show_pinned)
        self._on_change_wanted()

    def show_node(self, node: Node) -> None:
        """Shows the node's array as of the model's moment."""
        self._node = node
        self._outputs.show_node(node)
        self._show_pinned()
        if words := self._absence(node):
            self.sentence.setText("")
            self.array.show_words(words)
            return
        output = self._outputs.output
        ref = self._model.ref(node, self._role, output=output)
        if self.change.isChecked():
            self._show_change(node, ref)
            return
        shape = node.outputs[output].shape
        self.array.show_array(
            Shown(
                ref,
                shape,
                f"{node.key}/{self._role}/{output}",
                node.key,
                filters=node.kind == "parameter",
                image=self._role == "value" and looks_like_images(node.kind, shape),
                signed=self._role == "grad" or node.kind == "parameter",
                color=self._color,
            )
        )

    def _show_change(self, node: Node, now: ArrayRef) -> None:
        """The array less that of the step before, and the norms of both; or why it is not known."""
        change = replace(now, change=True)
        difference, value = self._model.summary(change, 1, 1), self._model.summary(now)
        if not now.iteration or self._model.shown.asked.is_absent(change):
            self.sentence.setText("")
            self.array.show_words(self._no_step_before(now.iteration))
            return
        self.sentence.setText(self._change_text(difference, value) if difference and value else "")
        shape, identity = node.outputs[now.output].shape, f"{node.key}/{self._role}/{now.output}/change"
        self.array.show_array(Shown(change, shape, identity, node.key, signed=True, color=self._color))

    @property
    def _color(self) -> str:
        return "forward" if self._role == "value" else "backward"

    def _change_text(self, change: Summary, now: Summary) -> str:
        if not change.norm and not change.nans and not change.infs:
            return self.tr("Nothing has changed since the step before.")
        words = self.tr("‖change‖ {0}: {1} % of its norm") if now.norm else self.tr("‖change‖ {0}")
        share = compact(100 * change.norm / now.norm, 3) if now.norm else ""
        return words.format(compact(change.norm), share)

    def _no_step_before(self, iteration: int) -> str:
        if not iteration:
            return self.tr("There is no step before the first.")
        if self._model.shown.kept is not None:
            return self.tr("Step {0} is not in this file, or had no such array.").format(grouped(iteration))
        words = self.tr(
            "Step {0} is not kept in memory, or had no such array."
            " Go back to it (Ctrl+←) and forward again: then both are kept."
        )
        return words.format(grouped(iteration))  # people count from 1

    def _on_change_wanted(self) -> None:
        self.sentence.setVisible(self.change.isChecked())
        mark_choice(
            self.change,
            self.tr("Change"),
            self.tr("Show how it has changed since the step before, at this place of the program"),
        )
        self._refresh()

    @property
    def _pin(self) -> Pin | None:
        return Pin(self._node.key, self._role, self._outputs.output) if self._node is not None else None

    def _show_pinned(self) -> None:
        """Whether this array is pinned, and whether there is room for it."""
        pins = self._model.pins
        pinned = self._pin in pins.items
        self.keep.setChecked(pinned)
        self.keep.setEnabled(pinned or not pins.full)
        full = self.tr("{0} arrays are kept in sight already: remove one of them").format(MAX_PINS)
        tip = self.tr("Keep this array in sight below, whatever is selected")
        mark_choice(self.keep, self.tr("Keep"), tip if self.keep.isEnabled() else full)

    def _on_keep_clicked(self) -> None:
        if (pin := self._pin) is not None:
            (self._model.pins.add if self.keep.isChecked() else self._model.pins.remove)(pin)

    def _refresh(self) -> None:
        if self._node is not None:
            self.show_node(self._node)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._on_change_wanted()
            self._show_pinned()
        super().changeEvent(event)

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
