"""Is this backward right? A button that asks finite differences, and what they say."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gradviz.session.protocol import Checked
from gradviz.trace import Node
from gradviz.trace.checks import GradientCheck
from gradviz.ui.inspector.labels import NoteLabel, small_button
from gradviz.ui.model import SessionModel
from gradviz.ui.numbers import compact, shape_text

SHOWN = 3  # differing elements of an argument


class CheckRow(QWidget):
    """Checks the operation on view, at a click and never by itself: it is computed many times for that."""

    def __init__(self, model: SessionModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._node: Node | None = None
        self._waiting: tuple[int, str] | None = None  # iteration and node that were asked about last
        self.button = small_button()
        self.result = NoteLabel("text")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.button, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(self.result)
        self.button.clicked.connect(self._ask)
        self._retranslate()

    def show_node(self, node: Node) -> None:
        """Shows the verdict on a node, if it has been asked for in this iteration."""
        self._node = node
        self.setVisible(node.kind == "operation" and node.requires_grad)
        found = self._model.shown.asked.checked(self._model.moment.iteration, node.id)
        waits = self._waiting == (self._model.moment.iteration, node.key)
        self.button.setEnabled(self._model.started and (found is not None or not waits))
        if found is not None:
            self._waiting = None if waits else self._waiting
            self.result.setText(self._text(found))
        else:
            self.result.setText(self.tr("Computing…") if waits else "")
        self.result.setVisible(bool(self.result.text()))

    def _ask(self) -> None:
        if self._node is not None:
            self._waiting = self._model.moment.iteration, self._node.key
            self._model.shown.asked.check(self._model.moment.iteration, self._node.id)
            self.show_node(self._node)

    def _text(self, checked: Checked) -> str:
        if checked.words:
            return QCoreApplication.translate("hints", checked.words)
        if not checked.verdicts:
            return self.tr("None of its inputs needs a gradient.")
        return "\n".join(self._line(verdict) for verdict in checked.verdicts)

    def _line(self, verdict: GradientCheck) -> str:
        if verdict.state == "right":
            text = self.tr("✓ ∂L/∂{0} agrees with finite differences ({1} elements)")
            text = text.format(verdict.argument, verdict.checked)
            kinks = self.tr("; {0} of them at a kink, where several slopes are right").format(verdict.kinks)
            return text + kinks if verdict.kinks else text
        words = QCoreApplication.translate("hints", verdict.words).replace("{0}", verdict.given)
        if verdict.state == "unchecked":
            return self.tr("– ∂L/∂{0} was not judged: {1}").format(verdict.argument, words)
        if verdict.state == "surrogate":
            return self.tr("≈ ∂L/∂{0} is not the derivative: {1}").format(verdict.argument, words)
        if verdict.words and not verdict.worst:
            return self.tr("✗ ∂L/∂{0} cannot be computed: {1}").format(verdict.argument, words)
        if verdict.words:
            return self.tr("✗ ∂L/∂{0} is wrong: {1}").format(verdict.argument, words)
        lines = [self.tr("✗ ∂L/∂{0} is wrong. For random gradients of the output:").format(verdict.argument)]
        lines += [
            self.tr("   {0}: expected {1}, found {2}").format(
                shape_text(d.index), compact(d.expected), compact(d.found)
            )
            for d in verdict.worst[:SHOWN]
        ]
        return "\n".join(lines)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)

    def _retranslate(self) -> None:
        self.button.setText(self.tr("Check this backward"))
        self.button.setToolTip(
            self.tr("Compare with finite differences: each input is moved a little, in float64")
        )
        self.result.setAccessibleName(self.tr("Result of the check"))
        if self._node is not None:
            self.show_node(self._node)
