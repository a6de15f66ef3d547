"""A row under the editor's text: what came of the loss that is being written."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from gradviz.trace import Node
from gradviz.ui.live_loss import LiveLoss
from gradviz.ui.model import SessionModel
from gradviz.ui.numbers import compact
from gradviz.ui.problem_words import hint_of, message_of
from gradviz.ui.theme import font, set_color, theme
from gradviz.ui.tips import plain_tip

OUTPUTS = "outputs"  # the name of the loss's first argument in the session that rehearses it


class LiveBar(QWidget):
    """Hidden while there is nothing to say. A click on an error goes to its line."""

    def __init__(self, live: LiveLoss, model: SessionModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._live, self._model = live, model
        self._words = QLabel()
        self._words.setFont(font(9))
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setWordWrap(True)
        self._words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 5, 12, 5)
        layout.addWidget(self._words)
        live.changed.connect(self._refresh)
        model.summaries_changed.connect(self._refresh)
        theme.changed.connect(self._refresh)
        self.hide()

    def text(self) -> str:
        """What is said."""
        return self._words.text()

    def _refresh(self) -> None:
        text = {"idle": "", "waiting": self._waiting(), "right": self._numbers(), "wrong": self._wrong()}[
            self._live.state
        ]
        problem = self._live.problem
        set_color(self._words, "error" if problem else "dim")
        self._words.setText(text)
        self._words.setToolTip(plain_tip(hint_of(problem)) if problem else "")
        self.setAccessibleName(text)
        goes = problem is not None and problem.source is not None
        self.setCursor(Qt.CursorShape.PointingHandCursor if goes else Qt.CursorShape.ArrowCursor)
        self.setVisible(bool(text))

    def _waiting(self) -> str:
        return self.tr("Live loss: waits until the run is stopped (Shift+F5)")

    def _numbers(self) -> str:
        _, losses = self._model.run.curve("loss")
        words = self.tr("Live loss on one batch: {0}").format(compact(losses[-1], 5) if len(losses) else "?")
        node = next((node for node in self._model.nodes if _is_outputs(node)), None)
        summary = self._model.summary(self._model.ref(node, "grad"), 1, 1) if node else None
        if summary is not None:
            words += "   " + self.tr("‖∂L/∂outputs‖ {0}").format(compact(summary.norm, 4))
        return words

    def _wrong(self) -> str:
        problem = self._live.problem
        if problem is None:
            return ""
        said = " — ".join(filter(None, (message_of(problem), hint_of(problem))))
        if problem.source is not None:
            said = self.tr("✗ Line {0}: {1}").format(problem.source.line, said)
        else:
            said = f"✗ {said}"
        if self._model.shows_rehearsal:
            said += "  ·  " + self.tr("the graph is of the text before")
        return said

    def mousePressEvent(self, event: QMouseEvent) -> None:
        problem = self._live.problem
        if problem is not None and problem.source is not None:
            self._live.line_wanted.emit(problem.source)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._refresh()
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(event.rect(), theme.color("card"))
        painter.fillRect(0, 0, self.width(), 1, theme.color("line"))


def _is_outputs(node: Node) -> bool:
    return node.name == OUTPUTS and not node.scope
