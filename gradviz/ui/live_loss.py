"""The loss that is being written, computed on one batch whenever the keys rest."""

from __future__ import annotations

import ast
import warnings
from typing import Literal

from msgspec.structs import replace
from PySide6.QtCore import QObject, QTimer, Signal

from gradviz.session.hints import STUCK, TOO_SLOW, WORKER_ENDED
from gradviz.session.kinds import kind_of, parse
from gradviz.session.protocol import Output, Problem, Recorded, Report, Start, Status
from gradviz.trace import Iteration, Source
from gradviz.ui.editor import EditorPanel
from gradviz.ui.model import SessionModel

CALM_MS = 500  # after the last key
DEADLINE = 2.0  # seconds that a loss may take
GRACE_MS = 1500  # after which a worker is ended that did not end itself
SLACK_MS = 500  # by which the window may hear of a worker's beginning later than it was
MAX_TEXT = 100_000  # characters: what is longer is no loss
MAX_REPORTS = 1000  # of one run that are kept

State = Literal["idle", "waiting", "right", "wrong"]
"""Nothing is known, a person's run has the worker, the loss was computed, it could not be."""


class LiveLoss(QObject):
    """Never disturbs a run that a person has started: while there is one, it waits."""

    changed = Signal()
    shown = Signal()  # the graph is now that of the editor's text
    line_wanted = Signal(object)  # trace.Source: a person wants to see it

    def __init__(self, model: SessionModel, editor: EditorPanel) -> None:
        super().__init__(editor)
        self._model, self._editor = model, editor
        self.enabled = True
        self.state: State = "idle"
        self.problem: Problem | None = None
        self._path = ""  # of the text that the state is about
        self._is_loss = False  # as far as could be seen when it could last be read
        self._reports: list[Report] = []
        self._iteration: Iteration | None = None
        self._soon = QTimer(self, singleShot=True, interval=CALM_MS)
        self._soon.timeout.connect(self._rehearse)
        self._deadline = QTimer(self, singleShot=True, interval=int(DEADLINE * 1000) + GRACE_MS)
        self._deadline.timeout.connect(self._give_up)
        editor.text_edited.connect(self._on_edited)
        editor.current_changed.connect(self._on_current)
        model.workers.rehearsed.connect(self._on_report)
        model.restarted.connect(self._on_restarted)

    def enable(self, on: bool) -> None:
        """Turns it on, beginning with the text as it is, or off."""
        self.enabled = on
        if on:
            self._rehearse()
        else:
            self._end("idle")

    # ── when it runs ──────────────────────────────────────────────────────────────────────────────────────

    def _on_edited(self) -> None:
        if self.enabled:
            self._model.workers.end_rehearsal()
            self._deadline.stop()
            self._soon.start()

    def _on_current(self) -> None:
        if self._editor.current_path() != self._path:
            self._is_loss = False
            self._end("idle")

    def _on_restarted(self) -> None:
        """A program starts: if a person wanted it, the loss waits for its end."""
        self._end("idle")

    def _rehearse(self) -> None:
        text, self._path = self._editor.current_text(), self._editor.current_path()
        tree = self._read(text)
        if tree is not None:
            self._is_loss = kind_of(tree) == "loss"
        if not self._is_loss or not self._editor.holds_program or self._editor.is_foreign:
            self._end("idle")
        elif self._model.workers.in_use and not self._model.shows_rehearsal:
            self._end("waiting")
        elif tree is not None:
            options = self._model.options
            start = Start(text, self._path, **options, checkpoints=False, rehearsal=DEADLINE)  # type: ignore[arg-type]
            self._reports, self._iteration, self.problem = [], None, None
            self._model.workers.rehearse(start)

    def _read(self, text: str) -> ast.Module | None:
        """The syntax tree; without one, what is wrong with a text that was a loss is told."""
        if len(text) > MAX_TEXT:
            return ast.Module([], [])
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return parse(text, self._path)
        except (SyntaxError, ValueError) as error:
            if self._is_loss:
                place = Source(self._path, getattr(error, "lineno", None) or 1)
                words = str(getattr(error, "msg", error))
                self._end("wrong", Problem("error", type(error).__name__, words, place))
            return None

    # ── what comes of it ──────────────────────────────────────────────────────────────────────────────────

    def _on_report(self, report: Report | None) -> None:
        match report:
            case None:
                self._end("wrong", self.problem or Problem("error", "worker", "", words=STUCK))
            case Problem(severity="error"):
                self.problem = self.problem or self._in_words(report)
                return
            case Recorded():
                self._iteration = report.iteration  # the last has all that those before have
                return
            case Status(state="running"):
                self._deadline.start()
            case Status(state="finished" | "failed"):
                self._conclude(report)
                return
            case Output() if len(self._reports) >= MAX_REPORTS:
                return
        if report is not None:
            self._reports.append(report)

    def _conclude(self, status: Status) -> None:
        self._deadline.stop()
        if self.problem is None and (status.state == "failed" or self._iteration is None):
            code = (str(status.exit_code),)
            self.problem = Problem("error", "worker", "", hint=WORKER_ENDED, hint_arguments=code)
        if self.problem is not None or self._iteration is None:
            self._end("wrong", self.problem)
            return
        self._model.show_rehearsal([*self._reports, Recorded(self._iteration), status])
        self._show("right", None)
        self.shown.emit()

    def _in_words(self, problem: Problem) -> Problem:
        """What a person needs to know of it: a process that ended too late was ended for that; and lines of
        gradviz itself are of no use."""
        if problem.hint == WORKER_ENDED and 0 <= self._deadline.remainingTime() < GRACE_MS + SLACK_MS:
            problem = Problem(
                "error", "deadline", "", problem.source, words=TOO_SLOW, arguments=(f"{DEADLINE:g}",)
            )
        if problem.source is not None and problem.source.file != self._path:
            problem = replace(problem, source=None)
        return problem

    def _give_up(self) -> None:
        """The worker does not end in time."""
        self._end("wrong", Problem("error", "deadline", "", words=STUCK))

    def _end(self, state: State, problem: Problem | None = None) -> None:
        self._soon.stop()
        self._deadline.stop()
        self._model.workers.end_rehearsal()
        self._reports = []
        self._show(state, problem)

    def _show(self, state: State, problem: Problem | None) -> None:
        self.state, self.problem = state, problem
        self._editor.show_draft_problem(problem)
        self.changed.emit()
