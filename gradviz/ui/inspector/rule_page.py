"""The inspector's page Rule: what an operation computes, and how gradients go back through it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from gradviz.trace import Node
from gradviz.trace.values import Role
from gradviz.ui.formula import FormulaLabel, formula_latex, rule_latex
from gradviz.ui.inspector.check_row import CheckRow
from gradviz.ui.inspector.labels import NoteLabel
from gradviz.ui.inspector.node_page import backward_is_over
from gradviz.ui.model import SessionModel
from gradviz.ui.numbers import compact, shape_text
from gradviz.ui.theme import font


class RulePage(QWidget):
    """The formula of a node, and for every argument its vector-Jacobian product."""

    def __init__(self, model: SessionModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._node: Node | None = None
        self._formula = FormulaLabel()
        self._forward_heading, self._backward_heading = _heading(), _heading()
        self._inputs = NoteLabel()
        self._meaning = NoteLabel()
        self._words = NoteLabel()
        self.check = CheckRow(model)
        self._rules = QVBoxLayout()
        self._rules.setSpacing(4)
        self._shown_rules: list[tuple[str, FormulaLabel, NoteLabel]] = []
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 8)
        layout.setSpacing(4)
        layout.addWidget(self._forward_heading)
        layout.addWidget(self._formula)
        layout.addWidget(self._inputs)
        layout.addSpacing(8)
        layout.addWidget(self._backward_heading)
        layout.addWidget(self._meaning)
        layout.addLayout(self._rules)
        layout.addWidget(self._words)
        layout.addWidget(self.check)
        layout.addStretch(1)
        self._retranslate()

    def plain_text(self) -> str:
        """All formulas and numbers, line by line, for screen readers."""
        lines = [self._formula.latex, self._inputs.text()]
        for _, formula, numbers in self._shown_rules:
            lines += [formula.latex, numbers.text()]
        lines.append(self.check.result.text())
        return "\n".join(line for line in lines if line)

    def show_node(self, node: Node) -> None:
        if self._node is None or (node.key, node.formula, node.vjp) != (
            self._node.key,
            self._node.formula,
            self._node.vjp,
        ):
            self._build(node)
        self._node = node
        for argument, _, numbers in self._shown_rules:
            numbers.setText(self._numbers(node, argument))
        self.check.show_node(node)
        self.setAccessibleDescription(self.plain_text())

    def _build(self, node: Node) -> None:
        while self._shown_rules:
            for widget in self._shown_rules.pop()[1:]:
                self._rules.removeWidget(widget)
                widget.hide()
                widget.deleteLater()
        self._formula.set_latex(formula_latex(node.formula) if node.formula else "")
        rules = [(name, rule) for name, rule in zip(node.arguments, node.vjp, strict=False) if rule]
        for argument, rule in rules:
            formula, numbers = FormulaLabel(), NoteLabel(text_font=font(8.5, mono=True))
            formula.set_latex(rule_latex(argument, rule))
            self._rules.addWidget(formula)
            self._rules.addWidget(numbers)
            self._shown_rules.append((argument, formula, numbers))
        self._forward_heading.setVisible(bool(node.formula))
        self._formula.setVisible(bool(node.formula))
        self._inputs.setText(self._inputs_text(node))
        self._inputs.setVisible(bool(node.formula and node.inputs))
        self._backward_heading.setVisible(bool(rules))
        self._meaning.setVisible(bool(rules))
        self._words.setText(self._words_about(node, bool(rules)))
        self._words.setVisible(bool(self._words.text()))

    def _words_about(self, node: Node, has_rules: bool) -> str:
        if node.kind != "operation":
            if node.requires_grad:
                return self.tr(
                    "A leaf: no operation made it. Gradients that reach it are added to its .grad."
                )
            return self.tr("A leaf that needs no gradient: the backward pass ends here.")
        if has_rules:
            return ""
        if not node.requires_grad:
            return self.tr("No gradient flows through this operation: none of its inputs needs one.")
        return self.tr("{0} brings its own backward; there is no formula to show.").format(node.name)

    def _inputs_text(self, node: Node) -> str:
        """Which node each argument is, a line each: "x  net.fc1.weight [128, 784]"."""
        lines = []
        for edge in node.inputs:
            source = self._node_with_id(edge.node)
            if source is not None and edge.output < len(source.outputs):
                shape = shape_text(source.outputs[edge.output].shape)
                lines.append(f"{edge.argument} = {source.qualified_name} {shape}")
        return "\n".join(lines)

    # ── the numbers ───────────────────────────────────────────────────────────────────────────────────────

    def _numbers(self, node: Node, argument: str) -> str:
        """One line under a rule: what goes in, and what comes out, as far as it exists at the moment."""
        edge = next((edge for edge in node.inputs if edge.argument == argument), None)
        source = self._node_with_id(edge.node) if edge else None
        if source is None or not source.requires_grad:
            return self.tr("{0} needs no gradient.").format(argument)
        if not self._model.has_gradient(node):
            over = backward_is_over(self._model)
            return self.tr("No gradient flowed here.") if over else self.tr("Not computed yet.")
        going_in = [self._number(node, "grad", "g")]
        if not node.shape:  # a scalar: put the values in
            going_in += [
                self._number(self._node_with_id(other.node), "value", other.argument) for other in node.inputs
            ]
        result = self._number(source, "grad", f"∂L/∂{argument}")
        if not result:
            return self.tr("{0}; the result is on its way.").format(", ".join(filter(None, going_in)))
        uses = sum(
            edge.node == source.id and self._model.has_gradient(user)
            for user in self._model.nodes
            for edge in user.inputs
        )
        line = f"{', '.join(filter(None, going_in))}  →  {result}"
        return self.tr("{0} (sum over {1} uses)").format(line, uses) if uses > 1 else line

    def _number(self, node: Node | None, role: Role, name: str) -> str:
        """ "g = 0.5" for a scalar, "‖g‖ = 0.0213" for anything larger; "" while it is not known."""
        exists = self._model.has_gradient if role == "grad" else self._model.has_value
        if node is None or not exists(node):
            return ""
        summary = self._model.summary(self._model.ref(node, role))
        if summary is None:
            return ""
        if summary.size == 1 and summary.cells().size == 1:
            return f"{name} = {compact(float(summary.cells()[0, 0]))}"
        return f"‖{name}‖ = {compact(summary.norm)}"

    def _node_with_id(self, node: int) -> Node | None:
        nodes = self._model.nodes
        return nodes[node] if node < len(nodes) and nodes[node].id == node else None

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)

    def _retranslate(self) -> None:
        self._forward_heading.setText(self.tr("Forward"))
        self._backward_heading.setText(self.tr("Backward"))
        self._meaning.setText(self.tr("g = ∂L/∂out, the gradient that arrives from the operations after it"))
        self.setAccessibleName(self.tr("Backward rule"))
        if self._node is not None:
            self._build(self._node)
            self.show_node(self._node)


def _heading() -> QLabel:
    label = QLabel()
    label.setFont(font(9, bold=True))
    label.setAlignment(Qt.AlignmentFlag.AlignLeft)
    return label
