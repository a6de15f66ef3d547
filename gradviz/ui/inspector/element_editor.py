"""Changing one element of an array: all that follows from it in the shown iteration is computed anew."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QPalette
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QSizePolicy, QToolButton, QWidget

from gradviz.session.protocol import Fetched
from gradviz.trace import Node
from gradviz.trace.branches import Edit, SetElement, SetNumber, SetSample
from gradviz.trace.samples import part_of_batch
from gradviz.trace.values import Part
from gradviz.ui.inspector.inquiry import Step
from gradviz.ui.inspector.keys import let_go_of_focus
from gradviz.ui.inspector.labels import NoteLabel
from gradviz.ui.inspector.number_slider import NumberSlider, reach
from gradviz.ui.model import SessionModel
from gradviz.ui.number_field import NumberField
from gradviz.ui.numbers import compact
from gradviz.ui.theme import font, set_color, theme

HEIGHT = 26


class ElementEditor(QWidget):
    """`[index]  old → [new]`, a slider, `[Change in a fork] [Undo]`; hidden until an element is clicked."""

    def __init__(self, model: SessionModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._node: Node | None = None
        self._step: Step | None = None
        self._old: float | None = None
        self._asked: SetNumber | None = None  # what `_old` is, or will be, the number of
        self.index = QLineEdit()
        self.old = QLabel()
        self.new = NumberField()
        self.slider = NumberSlider()
        self.fork, self.undo = QToolButton(), QToolButton()
        self.note = NoteLabel("warning")
        self._lay_out()
        self.index.textEdited.connect(self._on_index)
        self.new.number_changed.connect(self._attempt)
        self.new.returnPressed.connect(lambda: self._attempt(self.new.number))
        self.slider.number_changed.connect(self._slide)
        self.fork.clicked.connect(self._put_into_fork)
        self.undo.clicked.connect(self._undo)
        model.experiment.changed.connect(self._refresh)
        model.moment_changed.connect(self._refresh)
        theme.changed.connect(self._refresh)
        self.hide()
        self._retranslate()

    def _lay_out(self) -> None:
        self.index.setFont(font(9, mono=True))
        self.old.setFont(font(9, mono=True))
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 4, 0, 8)
        grid.setSpacing(6)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(2, 1)
        for column, widget in enumerate((self.index, self.old, self.new)):
            grid.addWidget(widget, 0, column)
        grid.addWidget(self.slider, 1, 0, 1, 3)
        grid.addWidget(self.note, 2, 0, 1, 3)
        grid.addWidget(self.fork, 3, 0, 1, 2)
        grid.addWidget(self.undo, 3, 2)
        for field in (self.index, self.old, self.new, self.fork, self.undo):
            field.setFixedHeight(HEIGHT)
        for button in (self.fork, self.undo):
            button.setFont(font(9))
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def ask(self, node: Node, step: Step) -> None:
        """Offers to change an element of one of the node's arrays, if there is a program to do it."""
        possible = step.path is None and step.role != "saved" and self._model.experiment.possible
        self.setVisible(possible)
        self._node, self._step = (node, step) if possible else (None, None)
        self._old = self._asked = None
        if possible:
            self.index.setText(", ".join(map(str, step.index)))
            self.new.clear()
            self._refresh()

    # ── what is typed ─────────────────────────────────────────────────────────────────────────────────────

    @property
    def _shape(self) -> tuple[int, ...]:
        assert self._node is not None and self._step is not None
        return self._node.outputs[min(self._step.output, len(self._node.outputs) - 1)].shape

    def _index(self) -> tuple[int, ...] | None:
        """The index in the field, or None where the array has no such element."""
        shape = self._shape
        words = self.index.text().replace("[", " ").replace("]", " ").replace(",", " ").split()
        if len(words) != len(shape) or not all(word.isascii() and word.isdigit() for word in words):
            return None
        index = tuple(int(word) for word in words)
        inside = all(place < length for place, length in zip(index, shape, strict=True))
        return index if inside else None

    def _edit(self, value: float) -> SetNumber | None:
        """The element that is meant, as of the moment that was asked about, with that number."""
        node, step = self._node, self._step
        index = self._index() if node is not None else None
        iteration = self._model.iteration
        if index is None or node is None or step is None or iteration is None:
            return None
        event = self._model.moment.event if step.event is None else step.event
        kinds = ("backward", "accumulate") if step.role == "grad" else ("forward", "update")
        made = sum(heard.node == node.id and heard.kind in kinds for heard in iteration.events[: event + 1])
        first = step.role == "value" and node.kind != "operation"  # a leaf has a value from the beginning
        nth = max(made - (not first), 0)
        return SetNumber(node.key, step.role, index, value, step.output, nth)  # type: ignore[arg-type]

    def _fork_edit(self) -> Edit | None:
        """The same for a fork: for good, where it can be found at the beginning of an iteration."""
        node, step, value = self._node, self._step, self.new.number
        index = self._index() if node is not None else None
        if value is None or index is None or node is None or step is None or step.role != "value":
            return None
        iteration = self._model.iteration
        if node.kind in ("parameter", "buffer"):
            return SetElement(node.qualified_name, index, value)
        if node.kind != "input" or not node.shape or iteration is None or not iteration.batches:
            return None  # it is of no batch
        if part_of_batch(self._model.nodes, node) == "label":
            return SetSample(index[0], label=value)
        return SetSample(index[0], index=index[1:], value=value)

    # ── what it is ────────────────────────────────────────────────────────────────────────────────────────

    def _refresh(self) -> None:
        if self._node is None or self.isHidden():
            return
        index, experiment = self._index(), self._model.experiment
        set_color(self.index, "text" if index is not None else "error", QPalette.ColorRole.Text)
        wrong = self.tr("There is no such element. The shape is {0}.").format(list(self._shape))
        self.index.setToolTip("" if index is not None else wrong)
        edit = self._edit(0.0)
        mine = (
            edit is not None
            and experiment.edit is not None
            and experiment.edit == self._edit(experiment.edit.value)
        )
        if edit is not None and edit != self._asked:
            self._ask_old(edit)
        for field in (self.new, self.slider):
            field.setEnabled(index is not None and self._old is not None)
        self.old.setText("→" if self._old is None else f"{compact(self._old)} →")
        self.undo.setEnabled(experiment.active)
        self.fork.setVisible(self._fork_edit() is not None)
        self.fork.setEnabled(self._fork_edit() is not None)
        if mine and experiment.edit is not None and self.new.number != experiment.edit.value:
            self.new.show_number(experiment.edit.value)
        elif not mine and not experiment.active and self._old is not None and not self.new.hasFocus():
            self.new.clear()
            self.slider.show_number(self._old)
        self.note.setVisible(experiment.refused)

    def _ask_old(self, edit: SetNumber) -> None:
        """Asks the true run for the one number."""
        self._asked, self._old = edit, None
        true, node = self._model.experiment.true, self._node
        partner = true.node(edit.key)
        assert node is not None and self._step is not None
        if partner is None:
            return
        ref = true.ref(partner, self._step.role, event=self._step.event, output=edit.output)
        row, col = (0, 0, *edit.index)[-2:]
        part = Part(edit.index[:-2], row, 1, col, 1)
        true.asked.fetch(ref, lambda fetched: self._take_old(edit, fetched), part)

    def _take_old(self, edit: SetNumber, fetched: Fetched) -> None:
        numbers = fetched.array.array().reshape(-1) if fetched.array is not None else np.zeros(0)
        if edit != self._asked or not numbers.size:
            return
        self._old = old = float(np.real(numbers[0]))
        whole = numbers.dtype.kind in "iub"
        far = reach(old, 3.0 if whole else 0.3 if edit.role == "value" else 0.0)
        low, high = old - far, old + far
        if not math.isfinite(old):
            low, high = -far, far
        if numbers.dtype.kind in "ub":
            low, high = max(low, 0.0), 1.0 if numbers.dtype.kind == "b" else high
        self.slider.set_range(
            math.floor(low) if whole else low, math.ceil(high) if whole else high, whole=whole
        )
        self.slider.show_number(old)
        self._refresh()

    # ── what is wanted ────────────────────────────────────────────────────────────────────────────────────

    def _on_index(self) -> None:
        self.new.clear()
        self._refresh()

    def _slide(self, number: float) -> None:
        self.new.show_number(float(f"{number:.4g}"))
        self._attempt(self.new.number)

    def _attempt(self, value: float | None) -> None:
        if value is None or self._old is None or (edit := self._edit(value)) is None:
            return
        if not self.slider.isSliderDown():
            self.slider.show_number(value)
        self._model.experiment.attempt(edit, self._old)

    def _put_into_fork(self) -> None:
        edit = self._fork_edit()
        if edit is not None:
            self._model.experiment.undo()
            self._model.draft.change(edit)

    def _undo(self) -> None:
        """The true number again; without an experiment, nothing is to be changed after all."""
        let_go_of_focus(self)
        if self._model.experiment.active:
            self._model.experiment.undo()
        else:
            self.hide()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._undo()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)

    def _retranslate(self) -> None:
        self.index.setAccessibleName(self.tr("Index of the element"))
        self.new.setAccessibleName(self.tr("New value of the element"))
        self.slider.setAccessibleName(self.tr("New value of the element"))
        self.new.setPlaceholderText(self.tr("try a number"))
        self.new.setToolTip(self.tr("All that follows is computed anew with this number, as an experiment"))
        self.fork.setText(self.tr("Change in a fork"))
        self.undo.setText(self.tr("Undo (Esc)"))
        self.note.setText(
            self.tr(
                "No experiment is possible: this program cannot be copied here, because it computes on a GPU"
                " or in several threads, or the system cannot do it. Change the number in a fork, where"
                " that is offered: then the program runs again from its beginning."
            )
        )
