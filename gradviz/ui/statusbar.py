"""The bottom row: how the program stands, what happened last, language and theme."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QSizePolicy, QWidget

from gradviz.ui.actions import Actions
from gradviz.ui.bar_button import BarButton
from gradviz.ui.check_words import summary_words
from gradviz.ui.hit_words import stop_words
from gradviz.ui.language import LANGUAGES, current_language
from gradviz.ui.model import SessionModel
from gradviz.ui.numbers import byte_size, grouped
from gradviz.ui.seed_field import SeedField
from gradviz.ui.theme import font, theme
from gradviz.ui.tips import plain_tip

_HEIGHT = 28
_MESSAGE_TIME = 8000  # milliseconds


class StatusBar(QWidget):
    """Shows the program's state in a colour and in words, and messages that want no answer."""

    def __init__(self, model: SessionModel, actions: Actions) -> None:
        super().__init__()
        self.setFixedHeight(_HEIGHT)
        self._model = model
        self._state = _StateLabel()
        self._rate = QLabel()
        self._memory = QLabel()
        self._edited = BarButton(text=True)
        self._edited.dot = "warning"
        self._edited.hide()
        self.seed = SeedField(actions)
        self._history = BarButton(menu=actions.menu("history", self), text=True)
        self._edited.clicked.connect(actions["run"].trigger)
        self._message = QLabel()
        self._message.setTextFormat(Qt.TextFormat.PlainText)  # it may name a stranger's file
        self._message.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._said = ""  # by show_message
        self._way = QProgressBar(textVisible=False)
        self._way.setFixedSize(96, 8)
        self._way.hide()
        self._cancel = BarButton(actions["cancel"], text=True)
        self._cancel.hide()
        self._language = BarButton(menu=actions.menu("language", self), text=True)
        self._theme = BarButton(menu=actions.menu("theme", self), text=True)
        self._forget_message = QTimer(self, singleShot=True, interval=_MESSAGE_TIME)
        self._forget_message.timeout.connect(lambda: self.show_message(""))
        self._lay_out()
        model.status_changed.connect(self._show_status)
        model.playing_changed.connect(self._show_status)
        for signal in (
            model.moment_changed,
            model.hits_changed,
            model.search.changed,
            model.gradient_check.changed,
        ):
            signal.connect(self._show_words)
        model.restarted.connect(lambda: self.seed.show_seed(model.seed))
        self.seed.show_seed(model.seed)
        theme.changed.connect(self._retranslate)
        self._retranslate()

    def show_message(self, text: str) -> None:
        """Says something for a while."""
        self._said = text
        self._forget_message.start() if text else self._forget_message.stop()
        self._show_words()

    def show_edited(self, edited: bool) -> None:
        """Whether the text differs from the one that runs."""
        self._edited.setVisible(edited)

    def sizeHint(self) -> QSize:
        return QSize(800, _HEIGHT)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.color("panel"))
        painter.fillRect(0, 0, self.width(), 1, theme.color("line", 0.6))

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 1, 8, 0)
        row.setSpacing(16)
        for label in (self._state, self._rate, self._memory, self._edited):
            label.setFont(font(9))
            row.addWidget(label)
        row.addWidget(self.seed)
        self._message.setFont(font(9))
        row.addWidget(self._message, 1)
        row.addWidget(self._way)
        for button in (self._cancel, self._history, self._language, self._theme):
            button.setFont(font(9))
            button.setFixedHeight(_HEIGHT - 3)
            row.addWidget(button)
        self._edited.setFixedHeight(_HEIGHT - 3)

    def _show_words(self) -> None:
        """What is being searched for, else what was said last, else why the run stands where it does."""
        model, hits = self._model, self._model.hits_here
        heading = model.shown.heading if model.shown.slow else None
        self._cancel.setVisible(model.search.direction is not None or heading is not None)
        self._way.setVisible(heading is not None)
        words = self._said
        if model.search.direction is not None:
            words = self._search_words()
        elif heading is not None:
            words = self._way_words(heading)
        elif not words and hits and not model.live:
            words = " · ".join(stop_words(hit, model.breakpoints) for hit in hits)
        elif not words:
            words = summary_words(model.gradient_check)
        self._message.setText(words)
        self._message.setToolTip(plain_tip(words))

    def _way_words(self, heading: int) -> str:
        """How far the program has come on its way to an iteration."""
        reached = min(self._model.status.iteration, heading)
        self._way.setRange(0, 1000)  # Qt counts to two billion, runs may go on
        self._way.setValue(1000 * max(reached, 0) // max(heading, 1))
        return self.tr("On the way to step {0}: {1}").format(grouped(heading + 1), grouped(reached + 1))

    def _search_words(self) -> str:
        search = self._model.search
        if search.direction == "forward":
            words = self.tr("Running to the next hit: iteration {0}")
        else:
            words = self.tr("Looking back for a hit: iteration {0}")
        return words.format(grouped(search.reached + 1))

    def _show_status(self) -> None:
        status = self._model.status
        self._state.show_state(*self._state_words())
        running = status.state == "running" and status.iterations_per_second > 0
        self._rate.setVisible(running)
        if running:
            self._rate.setText(self.tr("{0} iterations/s").format(f"{status.iterations_per_second:,.0f}"))
        self._memory.setVisible(status.recorded_bytes > 0)
        if status.recorded_bytes:
            self._memory.setText(self.tr("recording {0}").format(byte_size(status.recorded_bytes)))
        self._show_history()
        self._show_words()

    def _show_history(self) -> None:
        """How much of the memory for checkpoints is in use."""
        used, bound = self._model.status.history_bytes >> 20, self._model.history_bound >> 20
        text = self.tr("history {0} of {1} MiB").format(used, bound)
        if text != self._history.text():
            tip = self.tr(
                "Memory that checkpoints take, by which any moment is reached quickly; and their bound"
            )
            self._history.set_text(text, tip)

    def _state_words(self) -> tuple[str, str]:
        """(words, role of their colour) for how the program stands."""
        status, model = self._model.status, self._model
        if model.from_file:
            return self.tr("from a file: F5 runs its program"), "parameter"
        if status.state == "failed":
            code = status.exit_code
            return (self.tr("failed (exit code {0})").format(code) if code else self.tr("failed")), "error"
        if status.state == "finished":
            if self._model.shows_rehearsal:
                return self.tr("live loss: F5 trains with it"), "parameter"
            return self.tr("finished: F5 runs it again"), "parameter"
        if not model.started:
            return (self.tr("stopped") if model.iteration else self.tr("ready")), "dim"
        if model.live:
            return self.tr("training live"), "update"
        if model.playing:
            return self.tr("playing"), "forward"
        return (self.tr("running") if status.state == "running" else self.tr("paused")), "saved"

    def _retranslate(self) -> None:
        self._edited.set_text(self.tr("edited: F5 runs the new text"))
        self._language.set_text(LANGUAGES[current_language()], self.tr("Language"))
        names = {"dark": self.tr("Dark"), "light": self.tr("Light")}
        self._theme.set_text(names[theme.name], self.tr("Theme"))
        self._show_status()
        self._show_words()


class _StateLabel(QLabel):
    """A dot and a word."""

    def __init__(self) -> None:
        super().__init__()
        self._role = "dim"
        self.setContentsMargins(14, 0, 0, 0)

    def show_state(self, text: str, role: str) -> None:
        self._role = role
        self.setText(text)
        self.setAccessibleName(text)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color(self._role))
        painter.drawEllipse(QRectF(0, self.height() / 2 - 4, 8, 8))
