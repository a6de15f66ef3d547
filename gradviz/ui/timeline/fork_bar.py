"""A fork of the past in the making: from which step, what is changed, and the two ways to end it."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QPushButton, QVBoxLayout, QWidget

from gradviz.examples import list_examples
from gradviz.trace.branches import Edit, SetLearningRate, SetLoss
from gradviz.ui.bar_button import BarButton
from gradviz.ui.edits import words_of
from gradviz.ui.flow_layout import FlowRow
from gradviz.ui.inspector.keys import let_go_of_focus
from gradviz.ui.inspector.labels import ElidedLabel
from gradviz.ui.language import current_language
from gradviz.ui.model import SessionModel
from gradviz.ui.number_field import NumberField
from gradviz.ui.numbers import compact, grouped
from gradviz.ui.theme import font, set_color, theme
from gradviz.ui.tips import plain_tip

HEIGHT = 26
PADDING = 12  # left and right of a button's text


class ForkBar(QWidget):
    """Hidden while nothing is being put together. Weights and samples are changed in the inspector."""

    editor_loss_wanted = Signal()  # the text in the editor is to be the loss

    def __init__(self, model: SessionModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.title = QLabel()
        self.title.setFont(font(9.5, bold=True))
        self.rate_label = QLabel()
        self.rate_label.setFont(font(9))
        self.rate = NumberField()
        self.rate.setFixedSize(72, HEIGHT)
        self.rate.number_changed.connect(self._set_rate)
        self.losses = QMenu(self)
        self.losses.aboutToShow.connect(self._fill_losses)
        self.loss = BarButton(menu=self.losses, text=True)
        self.loss.setFixedHeight(HEIGHT)
        self.fork, self.cancel = QPushButton(), QPushButton()
        for button in (self.fork, self.cancel):
            button.setFont(font(9))
            button.setFixedHeight(HEIGHT)
            button.setAutoDefault(True)
        self.fork.clicked.connect(model.draft.fork)
        self.cancel.clicked.connect(model.draft.close)
        self.hint = ElidedLabel("dim", font(8.5))
        self.chips: dict[Edit, EditChip] = {}
        """Of all changes but the learning rate, which has a field."""
        self._chip_row = FlowRow(spacing=4)
        self._lay_out()
        model.draft.changed.connect(self.refresh)
        model.draft.begun.connect(self._start)
        theme.changed.connect(self._recolor)
        self._retranslate()
        self._recolor()

    def _lay_out(self) -> None:
        controls = FlowRow(spacing=8)
        rate = QWidget()
        pair = QHBoxLayout(rate)
        pair.setContentsMargins(0, 0, 0, 0)
        pair.addWidget(self.rate_label)
        pair.addWidget(self.rate)
        for widget in (self.title, rate, self.loss, self.fork, self.cancel):
            controls.flow.addWidget(widget)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 5, 8, 5)
        layout.setSpacing(4)
        layout.addWidget(controls)
        layout.addWidget(self._chip_row)
        layout.addWidget(self.hint)

    def _start(self) -> None:
        """Puts the keyboard where the most frequent change is typed."""
        self.rate.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def refresh(self) -> None:
        """Brings everything to the model's draft."""
        draft = self._model.draft
        if draft.iteration is None:
            let_go_of_focus(self)
        self.setVisible(draft.iteration is not None)
        if draft.iteration is None:
            self.rate.show_number(None)
        else:
            self.title.setText(self.tr("Fork at step {0}").format(grouped(draft.iteration + 1)))
            self.rate_label.setText(self._rate_words(draft.iteration))
        for edit in [known for known in self.chips if known not in draft.edits]:
            chip = self.chips.pop(edit)
            self._chip_row.flow.removeWidget(chip)
            chip.hide()
            chip.deleteLater()  # its click may be what is being handled
        for edit in draft.edits:
            if edit not in self.chips and not isinstance(edit, SetLearningRate):
                self.chips[edit] = self._new_chip(edit)
        rates = [edit.value for edit in draft.edits if isinstance(edit, SetLearningRate)]
        self.rate.show_number(rates[0] if rates else None)
        self._chip_row.setVisible(bool(self.chips))
        self.hint.setVisible(not self.chips)
        self.fork.setEnabled(bool(draft.edits))
        self.updateGeometry()

    def _rate_words(self, iteration: int) -> str:
        """ "learning rate 0.01 →", as far as it is known what it was before the iteration."""
        steps, rates = self._model.run.curve("learning_rate")
        known = rates[steps <= iteration]
        if not len(known):
            return self.tr("learning rate")
        return self.tr("learning rate {0} →").format(compact(float(known[-1])))

    def _new_chip(self, edit: Edit) -> EditChip:
        chip = EditChip(edit, self._chip_row)
        chip.removed.connect(partial(self._model.draft.remove, edit))
        self._chip_row.flow.addWidget(chip)
        chip.show()
        return chip

    def _set_rate(self, value: float | None) -> None:
        draft = self._model.draft
        if value is not None:
            draft.change(SetLearningRate(value))
        else:
            for edit in [edit for edit in draft.edits if isinstance(edit, SetLearningRate)]:
                draft.remove(edit)

    def _fill_losses(self) -> None:
        change = self._model.draft.change
        self.losses.clear()
        self.losses.addAction(self.tr("The text in the editor"), self.editor_loss_wanted.emit)
        self.losses.addSeparator()
        for example in list_examples():
            if example.kind == "loss":
                loss = SetLoss(example.path.read_text("utf-8"), example.path.name)
                self.losses.addAction(example.title[current_language()], partial(change, loss))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._model.draft.close()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.fork.isEnabled():
            self._model.draft.fork()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(event.rect(), theme.color("card"))
        painter.fillRect(0, 0, 3, self.height(), theme.color("forward"))

    def _recolor(self) -> None:
        set_color(self.rate_label, "dim")

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)

    def _retranslate(self) -> None:
        self.rate.setPlaceholderText(self.tr("as it is"))
        self.rate.setAccessibleName(self.tr("Learning rate of the branch"))
        self.loss.set_text(self.tr("loss"), self.tr("Train the branch with another loss"))
        self.fork.setText(self.tr("Fork"))
        self.fork.setToolTip(self.tr("Go on from this step as a second branch"))
        self.cancel.setText(self.tr("Cancel"))
        for button in (self.fork, self.cancel):
            button.setFixedWidth(button.fontMetrics().horizontalAdvance(button.text()) + 2 * PADDING)
        self.hint.set_text(self.tr("Weights and samples: click a cell in the inspector"))
        for edit, chip in self.chips.items():
            chip.show_words(words_of(edit))
        self.refresh()


class EditChip(BarButton):
    """A change in words; a click takes it back."""

    removed = Signal()

    def __init__(self, edit: Edit, parent: QWidget) -> None:
        super().__init__(text=True, parent=parent)
        self.glyph = "close"
        self.setFont(font(9))
        self.setFixedHeight(HEIGHT - 2)
        self.clicked.connect(self.removed)
        self.show_words(words_of(edit))

    def show_words(self, words: str) -> None:
        self.set_text(words, self.tr("Take this change back: {0}").format(words))
        self.setToolTip(plain_tip(self.toolTip()))  # the words have the program's names
