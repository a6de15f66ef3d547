"""The inspector's page "A - B": how a node differs between the shown branch and the compared one."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QVBoxLayout, QWidget

from gradviz.session.protocol import Fetched
from gradviz.trace import ArrayRef, Node, Summary
from gradviz.trace.difference import Difference
from gradviz.trace.values import Part, Role
from gradviz.ui.bar_button import BarButton, Segments
from gradviz.ui.branch_look import look_of
from gradviz.ui.difference_words import Answer, relative_text
from gradviz.ui.differences import Gap, Moment, Size
from gradviz.ui.inspector.array_view import ArrayView, Shown
from gradviz.ui.inspector.labels import ElidedLabel, NoteLabel
from gradviz.ui.inspector.output_choice import OutputChoice
from gradviz.ui.model import SessionModel
from gradviz.ui.numbers import byte_size, compact, grouped
from gradviz.ui.theme import font

PARTS: dict[str, tuple[Role, Moment]] = {
    "value": ("value", "now"),
    "gradient": ("grad", "now"),
    "updated": ("value", "updated"),
}
BUTTON_HEIGHT = 26


class DifferencePage(QWidget):
    """Value, gradient or, of a leaf that is updated, its new value: norms, and a heat map of A - B."""

    def __init__(self, model: SessionModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._node: Node | None = None
        self._part = "value"
        self._outputs = OutputChoice()
        self.buttons = {part: BarButton(text=True, segment=True) for part in PARTS}
        self.sentence = NoteLabel("text", font(9.5, bold=True))
        self.norms = ElidedLabel("dim", font(9, mono=True))
        self.array = ArrayView(model, self)
        self._lay_out()
        self._outputs.currentIndexChanged.connect(self._refresh)
        self._retranslate()

    def _lay_out(self) -> None:
        parts = Segments()
        row = QHBoxLayout(parts)
        row.setContentsMargins(1, 1, 1, 1)
        row.setSpacing(0)
        group = QButtonGroup(self)
        for part, button in self.buttons.items():
            button.setCheckable(True)
            button.setChecked(part == self._part)
            button.setFont(font(9))
            button.setFixedHeight(BUTTON_HEIGHT)
            group.addButton(button)
            row.addWidget(button)
        group.buttonClicked.connect(self._on_part_chosen)
        choice = QHBoxLayout()
        choice.addWidget(parts)
        choice.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(choice)
        for widget in (self._outputs, self.sentence, self.norms):
            layout.addWidget(widget)
        layout.addWidget(self.array, 1)

    # ── what is shown ─────────────────────────────────────────────────────────────────────────────────────

    def show_node(self, node: Node) -> None:
        """Shows how the node differs as of the model's moment."""
        self._node = node
        self._outputs.show_node(node)
        self._offer_parts(node)
        answer = self._answer(Size())
        self.sentence.setText(self._sentence(answer))
        self.norms.set_text(self._norms(answer))
        if isinstance(answer, Difference) and answer.summary is None:
            self.array.show_words(self.tr("Arrays of different shapes cannot be subtracted."))
        elif isinstance(answer, str):
            self.array.show_words(self._gap_words(answer))
        else:
            role, output = PARTS[self._part][0], self._outputs.output
            self.array.show_array(
                Shown(
                    self._model.ref(node, role, output=output),
                    node.outputs[output].shape,
                    f"{node.key}/{self._part}/{output}/{self._pair()}",
                    signed=True,
                    color="backward" if role == "grad" else "forward",
                )
            )

    def _offer_parts(self, node: Node) -> None:
        iteration, states = self._model.iteration, self._model.states
        assert iteration is not None and states is not None
        updated = states.at(node.id, len(iteration.events)).update is not None
        applies = {"value": True, "gradient": node.requires_grad, "updated": updated}
        if not applies[self._part]:
            self._part = "value"
        for part, button in self.buttons.items():
            button.setVisible(applies[part])
            button.setChecked(part == self._part)

    def _answer(self, size: Size) -> Answer:
        if self._node is None:
            return "missing"
        role, at = PARTS[self._part]
        return self._model.differences.of(self._node, role, output=self._outputs.output, at=at, size=size)

    def summary(
        self, ref: ArrayRef, rows: int = 10, cols: int = 16, bins: int = 0, index: tuple[int, ...] = ()
    ) -> Summary | None:
        """Of the difference; `ref` is the shown branch's array."""
        answer = self._answer(Size(rows, cols, bins, index))
        return answer.summary if isinstance(answer, Difference) else None

    def fetch(self, ref: ArrayRef, deliver: Callable[[Fetched], None], part: Part | None = None) -> None:
        """The difference itself, or a part of it."""
        if self._node is not None:
            role, at = PARTS[self._part]
            self._model.differences.fetch(self._node, role, deliver, part, self._outputs.output, at)

    # ── words ─────────────────────────────────────────────────────────────────────────────────────────────

    def _sentence(self, answer: Answer) -> str:
        if not isinstance(answer, Difference):
            return ""
        if answer.kind == "same":
            return self.tr("The same in both branches, bit for bit.")
        if answer.kind == "shapes":
            return self.tr("The shapes differ.")
        if answer.broken:
            words = self.tr("{0} elements are NaN or infinite in only one of the branches.")
            return words.format(grouped(answer.broken))
        if answer.norm == 0:
            return self.tr("Equal numbers, but not the same bits.")
        return self.tr("Differs by {0} of ‖{1}‖.").format(relative_text(answer), self._pair()[0])

    def _norms(self, answer: Answer) -> str:
        """ "‖B‖ 6.74  ‖A‖ 6.743  ‖B - A‖ 1.2e-3" """
        a, b = self._pair()
        if isinstance(answer, Difference):
            norms = {a: answer.norm_a, b: answer.norm_b}
            if answer.summary is not None:
                norms[f"{a} - {b}"] = answer.norm
        elif answer == "large":
            norms = {letter: summary.norm for letter, summary in self._summaries().items()}
        else:
            return ""
        return "   ".join(f"‖{name}‖ {compact(norm)}" for name, norm in norms.items())

    def _summaries(self) -> dict[str, Summary]:
        """Statistics of both arrays, by the branch's letter, as far as they are here."""
        role, at = PARTS[self._part]
        found = {}
        for branch in (self._model.shown, self._model.branches.compared):
            node = branch.node(self._node.key) if branch is not None and self._node is not None else None
            if branch is not None and branch.iteration is not None and node is not None:
                event = None if at == "now" else len(branch.iteration.events) - 1
                summary = branch.asked.summary(
                    branch.ref(node, role, event=event, output=self._outputs.output)
                )
                if summary is not None:
                    found[look_of(branch.id).letter] = summary
        return found

    def _gap_words(self, gap: Gap) -> str:
        other, node = self._model.branches.compared, self._node
        name = self._model.branches.name_of(other) if other is not None else ""
        if gap == "away":
            return self.tr("{0} does not stand at this step.").format(name)
        if gap == "missing":
            return self.tr("{0} has no such operation.").format(name)
        if gap == "pending":
            return self.tr("Not computed yet in both branches.")
        size = byte_size(max((summary.nbytes for summary in self._summaries().values()), default=0))
        label = node.name if node is not None else ""
        return self.tr("{0} is too large to be compared element by element ({1}).").format(label, size)

    def _pair(self) -> tuple[str, str]:
        """The letters of the shown branch and of the compared one."""
        branches = self._model.branches
        return look_of(branches.shown.id).letter, look_of((branches.compared or branches.shown).id).letter

    # ── choices ───────────────────────────────────────────────────────────────────────────────────────────

    def _on_part_chosen(self) -> None:
        self._part = next(part for part, button in self.buttons.items() if button.isChecked())
        self._refresh()

    def _refresh(self) -> None:
        if self._node is not None:
            self.show_node(self._node)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)

    def _retranslate(self) -> None:
        self.buttons["value"].set_text(self.tr("Value"))
        self.buttons["gradient"].set_text(self.tr("Gradient"))
        self.buttons["updated"].set_text(self.tr("After update"))
