"""Changing one element of a parameter, or of the batch, for a fork of the past."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QPalette
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QSizePolicy, QToolButton, QWidget

from gradviz.trace import Node
from gradviz.trace.branches import Edit, SetElement, SetSample
from gradviz.trace.samples import part_of_batch
from gradviz.trace.values import MAX_CELLS
from gradviz.ui.inspector.keys import let_go_of_focus
from gradviz.ui.model import SessionModel
from gradviz.ui.number_field import NumberField
from gradviz.ui.numbers import compact
from gradviz.ui.theme import font, set_color, theme

HEIGHT = 26


class ElementEditor(QWidget):
    """`[index]  old → [new]  [Fork with it]`; hidden until an element is clicked that can be changed."""

    def __init__(self, model: SessionModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._node: Node | None = None
        self.index = QLineEdit()
        self.old = QLabel()
        self.new = NumberField()
        self.add, self.leave = QToolButton(), QToolButton()
        self.index.setFont(font(9, mono=True))
        self.old.setFont(font(9, mono=True))
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 4, 0, 8)
        grid.setSpacing(6)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(2, 1)
        for column, widget in enumerate((self.index, self.old, self.new)):
            grid.addWidget(widget, 0, column)
        grid.addWidget(self.add, 1, 0, 1, 2)
        grid.addWidget(self.leave, 1, 2)
        for field in (self.index, self.old, self.new, self.add, self.leave):
            field.setFixedHeight(HEIGHT)
        for button in (self.add, self.leave):
            button.setFont(font(9))
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.index.textEdited.connect(self._refresh)
        self.new.textEdited.connect(self._refresh)
        for field in (self.index, self.new):
            field.returnPressed.connect(self._put)
        self.add.clicked.connect(self._put)
        self.leave.clicked.connect(self._close)
        model.summaries_changed.connect(self._refresh)
        model.moment_changed.connect(self._refresh)
        theme.changed.connect(self._refresh)
        self.hide()
        self._retranslate()

    def ask(self, node: Node, index: tuple[int, ...]) -> None:
        """Asks for a new value of an element of the node's value, if a fork could change it."""
        self._node = node if self._can_change(node) else None
        self.setVisible(self._node is not None)
        if self._node is not None:
            self.index.setText(", ".join(map(str, index)))
            self.new.clear()
            self.new.setFocus()
            self._refresh()

    def _can_change(self, node: Node) -> bool:
        iteration = self._model.iteration
        if node.kind == "operation" or iteration is None or not self._model.draft.possible:
            return False
        return node.kind != "input" or bool(node.shape and iteration.batches)  # else it is of no batch

    # ── what is typed ─────────────────────────────────────────────────────────────────────────────────────

    def _index(self) -> tuple[int, ...] | None:
        """The index in the field, or None where the array has no such element."""
        shape = self._node.shape if self._node is not None else ()
        words = self.index.text().replace("[", " ").replace("]", " ").replace(",", " ").split()
        if len(words) != len(shape) or not all(word.isascii() and word.isdigit() for word in words):
            return None
        index = tuple(int(word) for word in words)
        inside = all(place < length for place, length in zip(index, shape, strict=True))
        return index if inside else None

    def _value(self, index: tuple[int, ...]) -> float | None:
        """What the element is at the shown moment, once that is known."""
        node = self._node
        assert node is not None
        rows, cols = (1, 1, *node.shape)[-2:]
        if rows * cols > MAX_CELLS:
            return None
        ref = self._model.ref(node, "value")
        summary = self._model.summary(ref, max(rows, 1), max(cols, 1), 0, index[:-2])
        row, col = (0, 0, *index)[-2:]
        return float(summary.cells()[row, col]) if summary is not None else None

    def _edit(self) -> Edit | None:
        index, value, node = self._index(), self.new.number, self._node
        if index is None or value is None or node is None:
            return None
        if node.kind != "input":
            return SetElement(node.qualified_name, index, value)
        if part_of_batch(self._model.nodes, node) == "label":
            return SetSample(index[0], label=value)
        return SetSample(index[0], index=index[1:], value=value)

    def _refresh(self) -> None:
        if self._node is None or self.isHidden():
            return
        index = self._index()
        set_color(self.index, "text" if index is not None else "error", QPalette.ColorRole.Text)
        wrong = self.tr("There is no such element. The shape is {0}.").format(list(self._node.shape))
        self.index.setToolTip("" if index is not None else wrong)
        value = self._value(index) if index is not None else None
        self.old.setText("→" if value is None else f"{compact(value)} →")
        self.add.setEnabled(self._edit() is not None)

    def _put(self) -> None:
        edit = self._edit()
        if edit is not None:
            self._model.draft.change(edit)
            self._close()

    def _close(self) -> None:
        let_go_of_focus(self)
        self.hide()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._close()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)

    def _retranslate(self) -> None:
        self.index.setAccessibleName(self.tr("Index of the element"))
        self.new.setAccessibleName(self.tr("New value of the element"))
        self.new.setPlaceholderText(self.tr("new value"))
        self.add.setText(self.tr("Change in a fork"))
        self.leave.setText(self.tr("Cancel"))
