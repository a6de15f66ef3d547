"""The bottom dock's left half: where in time the window is, and the handle to move it."""

from __future__ import annotations

from html import escape

import numpy as np
from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from gradviz.trace import Breakpoint, Event, Hit, Iteration, Moment
from gradviz.ui.actions import Actions
from gradviz.ui.bar_button import BarButton
from gradviz.ui.hit_words import hit_words, stop_words
from gradviz.ui.model import SessionModel
from gradviz.ui.numbers import grouped
from gradviz.ui.theme import font, set_color, theme
from gradviz.ui.timeline.branch_bar import BranchBar
from gradviz.ui.timeline.break_row import BreakRow
from gradviz.ui.timeline.experiment_bar import ExperimentBar
from gradviz.ui.timeline.flyout import ConditionFlyout
from gradviz.ui.timeline.fork_bar import ForkBar
from gradviz.ui.timeline.run_bar import RunBar
from gradviz.ui.timeline.strip import EventStrip

MAX_LISTED = 6  # hits in a tooltip
MARGIN = 8
NARROW = 460  # pixels; below that, the button that forks is an icon
WIDE = 600  # pixels; below that, the event is more important than epoch and batch


class TimelineView(QWidget):
    """A line of words, the events of the shown iteration, the run as a bar, and what it breaks at."""

    def __init__(self, model: SessionModel, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._shown_iteration: Iteration | None = None
        self._hits: list[Hit] = []  # of breakpoints that are switched on
        self.header = QLabel()
        self.header.setFont(font(9.5))
        self.header.setTextFormat(Qt.TextFormat.RichText)
        self.header.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.strip = EventStrip()
        self.run_bar = RunBar()
        self.branch_bar, self.fork_bar = BranchBar(model), ForkBar(model)
        self.experiment_bar = ExperimentBar(model)
        self.fork_button = BarButton(actions["fork"], text=True)
        self.fork_button.setFont(font(9))
        self.fork_button.setFixedHeight(24)
        self.break_row = BreakRow(model.breakpoints)
        self._flyout: ConditionFlyout | None = None
        self._run_name, self._run_length = QLabel(), QLabel()
        ends = QHBoxLayout()
        ends.setContentsMargins(6, 0, 6, 0)
        ends.addWidget(self._run_name)
        ends.addStretch(1)
        ends.addWidget(self._run_length)
        for label in (self._run_name, self._run_length):
            label.setFont(font(8.5))
        top = QHBoxLayout()
        top.addWidget(self.header, 1)
        top.addWidget(self.fork_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        layout.setSpacing(4)
        layout.addLayout(top)
        layout.addWidget(self.strip)
        layout.addSpacing(4)
        layout.addWidget(self.run_bar)
        layout.addLayout(ends)
        layout.addWidget(self.branch_bar)
        layout.addWidget(self.fork_bar)
        layout.addWidget(self.experiment_bar)
        layout.addSpacing(4)
        layout.addWidget(self.break_row)
        layout.addStretch(1)
        self.strip.event_wanted.connect(model.seek)
        self.run_bar.step_wanted.connect(self._go_to)
        self.break_row.condition_wanted.connect(self._ask_condition)
        self.run_bar.hit_wanted.connect(lambda place: model.go_to_hit(self._hits[place]))
        model.hits_changed.connect(self._show_hits)
        model.iteration_changed.connect(self.refresh)
        model.moment_changed.connect(self.refresh)
        model.status_changed.connect(self._show_status)
        model.experiment.changed.connect(self._make_room)
        model.run_changed.connect(self._show_run)
        theme.changed.connect(self._recolor)
        self._retranslate()
        self._recolor()

    def sizeHint(self) -> QSize:
        return QSize(600, 156)

    def resizeEvent(self, _event: QResizeEvent) -> None:
        self.fork_button.show_text(self.width() >= NARROW)
        self.header.setText(self._header_text())

    def add_breakpoint(self) -> None:
        """Lets a person choose or write a condition; returns at once."""
        self._ask_condition(None, self.break_row.add)

    def _ask_condition(self, edited: Breakpoint | None, anchor: QWidget) -> None:
        if self._flyout is None:
            self._flyout = ConditionFlyout(self._model, self.window())
        self._flyout.open_at(anchor, edited)

    def _go_to(self, step: int) -> None:
        """The handle goes ahead, the pictures follow."""
        self._model.go_to(step - 1)
        self._show_run()

    def refresh(self) -> None:
        """Brings everything to the model's moment."""
        iteration = self._model.iteration
        if iteration is not self._shown_iteration:
            self._shown_iteration = iteration
            self.strip.show_events(self._events, self._tip)
            self._show_hits_here()
        self.fork_button.setVisible(bool(self._events))  # else nothing to fork
        self.header.setText(self._header_text())
        self.strip.show_current(self._model.moment.event, self._describe(self._model.moment.event))
        self.break_row.show_stopped({hit.breakpoint for hit in self._model.hits_here})
        self._show_run()

    def _show_hits(self) -> None:
        """Brings the ticks to what is known of hits."""
        branch = self._model.shown
        self._hits = branch.hits.hits(branch.enabled)
        steps = np.array([hit.iteration + 1 for hit in self._hits])
        self.run_bar.show_hits(steps, self._describe_hits)
        self._show_hits_here()
        self.break_row.show_stopped({hit.breakpoint for hit in self._model.hits_here})

    def _show_hits_here(self) -> None:
        branch, index = self._model.shown, self._model.moment.iteration
        here = branch.hits.within(index, index, branch.enabled) if self._events else []
        self.strip.show_hits(sorted({hit.event for hit in here}))

    def _make_room(self) -> None:
        """An experiment has the breakpoints' place, so that nothing moves while a slider is dragged."""
        self.break_row.setVisible(not self._model.experiment.active)

    def _show_status(self) -> None:
        if not self._events:
            self.header.setText(self._header_text())
        self._show_run()

    @property
    def _events(self) -> list[Event]:
        return self._model.iteration.events if self._model.iteration else []

    # ── words ─────────────────────────────────────────────────────────────────────────────────────────────

    def _header_text(self) -> str:
        """Rich text: the step, epoch and batch, and the event with its kind in the phase's colour."""
        iteration = self._model.iteration
        dim = theme.color("dim").name()
        if iteration is None or not self._events:
            words, metrics = self._empty_words(), self.header.fontMetrics()
            shown = metrics.elidedText(words, Qt.TextElideMode.ElideRight, self.width() - 2 * MARGIN)
            return f"<span style='color:{dim}'>{escape(shown)}</span>"
        place = [self.tr("epoch {0}").format(iteration.epoch + 1)]
        if iteration.batches:
            place.append(self.tr("batch {0} of {1}").format(iteration.batch + 1, iteration.batches))
        step = self.tr("Step {0}").format(grouped(iteration.index + 1))
        text = f"<b>{step}</b>"
        if self.width() >= WIDE:
            text += f"&nbsp;&nbsp; <span style='color:{dim}'>{' · '.join(place)}</span>"
        text += "&nbsp;&nbsp; "
        event = self._model.current_event
        if event is None:
            words = self.tr("before the first operation")
            return f"{text}<span style='color:{dim}'>{words}</span>"
        color = theme.color(event.phase).name()
        number = self.tr("op {0} of {1}").format(self._model.moment.event + 1, len(iteration.events))
        words = escape(self._event_words(self._model.moment.event))
        return f"{text}<span style='color:{color}'><b>{number}</b> · {words}</span>"

    def _empty_words(self) -> str:
        model = self._model
        if model.started and model.status.state not in ("finished", "failed"):
            return self.tr("The program is running. Its operations appear here.")
        return self.tr("Every operation of a training step appears here. Press Space to begin.")

    def _event_words(self, index: int) -> str:
        """What happened at an event: "backward addmm"."""
        iteration = self._model.iteration
        assert iteration is not None
        event = iteration.events[index]
        node = iteration.nodes[event.node]
        templates = {
            "forward": self.tr("forward {0}"),
            "backward": self.tr("backward {0}"),
            "accumulate": self.tr("gradient of {0}"),
            "update": self.tr("update {0}"),
        }
        name = node.name if node.kind == "operation" else node.qualified_name
        return templates[event.kind].format(name)

    def _describe(self, index: int) -> str:
        """An event with its place, for tooltip and screen reader."""
        iteration = self._model.iteration
        if iteration is None or not 0 <= index < len(iteration.events):
            return self.tr("before the first operation")
        return self.tr("op {0} of {1}: {2}").format(
            index + 1, len(iteration.events), self._event_words(index)
        )

    def _tip(self, index: int) -> str:
        """An event, and what hit at it."""
        branch = self._model.shown
        hits = branch.hits.at(Moment(self._model.moment.iteration, index), branch.enabled)
        words = (stop_words(hit, self._model.breakpoints) for hit in hits)
        return "\n".join((self._describe(index), *words))

    def _describe_hits(self, places: range) -> str:
        """A line for each of some hits, as far as there is room."""
        shown = [self._hits[place] for place in places[:MAX_LISTED]]
        lines = [hit_words(hit, self._model.breakpoints) for hit in shown]
        if len(places) > len(shown):
            lines.append(self.tr("{0} more").format(grouped(len(places) - len(shown))))
        return "\n".join(lines)

    def _show_run(self) -> None:
        model = self._model
        shown = model.iteration.index + 1 if model.iteration and self._events else 0
        done = max(model.status.iteration, model.run.last_iteration, shown - 1) + 1 if shown else 0
        batches = max(model.status.batches, model.iteration.batches if model.iteration else 0)
        words = self.tr("step {0} of {1} that have run").format(grouped(shown), grouped(done))
        heading = model.shown.heading
        self.run_bar.show_run(done, shown, batches, words)
        self.run_bar.show_heading(0 if heading is None else heading + 1)
        self._run_length.setText(self.tr("up to step {0}").format(grouped(done)) if done else "")

    # ── theme and language ────────────────────────────────────────────────────────────────────────────────

    def _recolor(self) -> None:
        for label in (self._run_name, self._run_length):
            set_color(label, "dim")
        self.refresh()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)

    def _retranslate(self) -> None:
        self.strip.set_words(self.tr("forward"), self.tr("backward"), self.tr("update"))
        self.strip.setAccessibleName(self.tr("Events of this step"))
        self.run_bar.setAccessibleName(self.tr("The whole run"))
        self._run_name.setText(self.tr("run"))
        self.refresh()
