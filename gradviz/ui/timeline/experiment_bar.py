"""What is tried, what came of it, and the two ways to end it."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from gradviz.session.protocol import Problem
from gradviz.ui.edits import place_of
from gradviz.ui.inspector.keys import let_go_of_focus
from gradviz.ui.inspector.labels import ElidedLabel, NoteLabel
from gradviz.ui.model import SessionModel
from gradviz.ui.numbers import compact
from gradviz.ui.theme import font, theme

HEIGHT = 26
PADDING = 12  # left and right of a button's text


class ExperimentBar(QWidget):
    """`Experiment: net.fc1.bias[3] 0.12 → 0.4 · loss 0.58 → 0.60  [Keep as a branch] [Undo]`; else hidden."""

    def __init__(self, model: SessionModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._title = QLabel()
        self._title.setFont(font(9.5, bold=True))
        self.words = ElidedLabel(text_font=font(9, mono=True))
        self.keep, self.undo = QPushButton(), QPushButton()
        self.loss = ElidedLabel("warning", font(9, mono=True))
        self.problem = NoteLabel("error")
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._title)
        row.addWidget(self.words, 1)
        row.addWidget(self.loss)
        for button in (self.keep, self.undo):
            button.setFont(font(9))
            button.setFixedHeight(HEIGHT)
            button.setAutoDefault(True)
            row.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 2, 4, 2)
        layout.setSpacing(4)
        layout.addLayout(row)
        layout.addWidget(self.problem)
        self.keep.clicked.connect(self._keep)
        self.undo.clicked.connect(self._undo)
        model.experiment.changed.connect(self.refresh)
        theme.changed.connect(self.update)
        self._retranslate()

    def refresh(self) -> None:
        """Brings everything to the model's experiment."""
        experiment = self._model.experiment
        if not experiment.active:
            let_go_of_focus(self)
        self.setVisible(experiment.active)
        if experiment.edit is None:
            return
        value = compact(experiment.edit.value)
        self.words.set_text(f"{place_of(experiment.edit)}  {compact(experiment.before)} → {value}")
        true, now = experiment.losses
        self.loss.setVisible(true is not None and now is not None)
        if true is not None and now is not None:
            self.loss.set_text(self.tr("loss {0} → {1}").format(compact(true, 5), compact(now, 5)))
        self.problem.setText(_words_of(experiment.problem) if experiment.problem is not None else "")
        self.problem.setVisible(experiment.problem is not None)
        self.updateGeometry()

    def _keep(self) -> None:
        let_go_of_focus(self)
        self._model.experiment.keep()

    def _undo(self) -> None:
        let_go_of_focus(self)
        self._model.experiment.undo()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(event.rect(), theme.color("card"))
        painter.fillRect(0, 0, 3, self.height(), theme.color("warning"))

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)

    def _retranslate(self) -> None:
        self._title.setText(self.tr("Experiment"))
        self.keep.setText(self.tr("Keep (B)"))
        self.keep.setToolTip(self.tr("Go on from this step with the number as it is now, as a second branch"))
        self.undo.setText(self.tr("Undo (Esc)"))
        self.undo.setToolTip(self.tr("Back to the run as it truly was"))
        for button in (self.keep, self.undo):
            button.setFixedWidth(button.fontMetrics().horizontalAdvance(button.text()) + 2 * PADDING)
        self.refresh()


def _words_of(problem: Problem) -> str:
    """What went wrong, and what to do about it."""
    hint = QCoreApplication.translate("hints", problem.hint).format(*problem.hint_arguments)
    message = f"{problem.kind}: {problem.message}" if problem.message else ""
    return "  ".join(filter(None, (message, hint)))
