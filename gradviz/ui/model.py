"""The one model that every view looks at: what has been recorded, which moment is shown, what is selected.

Views call its intents (`play`, `step_forward`, `select`, …) and redraw on its signals; they never talk to
each other. A recorded iteration is walked here, without the worker; the worker is asked for the next
iteration, and for summaries of the arrays that a view wants to draw.
"""

from __future__ import annotations

from typing import Literal

from msgspec.structs import replace
from PySide6.QtCore import QObject, QTimer, Signal

from gradviz.session.protocol import (
    Acknowledge,
    Advance,
    Look,
    Metrics,
    Output,
    Problem,
    Recorded,
    Report,
    Seek,
    Seen,
    Start,
    Status,
    Unreachable,
    Until,
)
from gradviz.trace import ArrayRef, Event, Iteration, Moment, Node, Run, Summary
from gradviz.trace.iteration import States
from gradviz.trace.values import Role
from gradviz.ui.summaries import SummaryCache
from gradviz.ui.workers import Workers

Landing = Literal["op", "phase", "first", "last"]
"""Where the shown moment comes to be in another iteration: after its first operation, its first phase, before
the first, after the last."""

GRAINS = ("op", "phase", "step", "epoch")
SPEEDS = (0.5, 1, 2, 4, 8, 16, 32, 64, 128, float("inf"))
"""Steps a second; the last one is live training at full speed."""
LIVE = len(SPEEDS) - 1
DEFAULT_SPEED = 3


class SessionModel(QObject):
    """State of the session as the window shows it; see the signals for what can change."""

    iteration_changed = Signal()  # another iteration is shown, or the shown one has grown
    moment_changed = Signal()  # the shown moment moved (also emitted after iteration_changed)
    selection_changed = Signal()
    run_changed = Signal()  # curves have new points, or were cleared
    status_changed = Signal()  # worker state, speed, batch …
    playing_changed = Signal()  # playing, grain or speed
    summaries_changed = Signal()  # answers to `summary` have arrived
    output_received = Signal(str, str)  # stream, text
    problem_found = Signal(object)  # protocol.Problem
    restarted = Signal()  # a program starts: consoles and problems of the last one are stale

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.status = Status("ready")
        self.run = Run()
        self.iteration: Iteration | None = None
        self.moment = Moment(0, -1)
        self.selected_key: str | None = None
        self.playing = False
        self.grain = "op"
        self.speed = DEFAULT_SPEED
        self._start = Start("", "")
        self.options: dict[str, object] = {}
        """Keyword arguments of `Start` that come from the command line: seed, batch_size, data."""
        self.workers = Workers(self)
        self._states: States | None = None
        self._nodes: dict[str, Node] = {}
        self._awaiting = False  # the worker was asked for an iteration and has not recorded it yet
        self._landing: Landing = "op"  # where in that iteration the shown moment will be
        self._destination: tuple[int, Landing] | None = None  # where to go once that one has arrived
        self._summaries = SummaryCache()
        self._ticks = QTimer(self)
        self._ticks.timeout.connect(self.step_forward)
        self._look_soon = QTimer(self, singleShot=True, interval=0)
        self._look_soon.timeout.connect(self._send_looks)
        self.workers.reported.connect(self._on_report)
        self.workers.ended.connect(self._on_end)

    # ── what views read ───────────────────────────────────────────────────────────────────────────────────

    @property
    def started(self) -> bool:
        """A program has been started and not stopped; it may have finished."""
        return self.workers.in_use

    @property
    def live(self) -> bool:
        """Playing at full speed: training runs, and an iteration is shown now and then."""
        return self.playing and self.speed == LIVE

    @property
    def at_end(self) -> bool:
        """Whether the last event of what has run is shown, or there is none."""
        if self.iteration is None:
            return True
        return self.moment >= Moment(self.furthest, len(self.iteration.events) - 1)

    @property
    def at_beginning(self) -> bool:
        """Whether there is nothing before the shown moment that could be gone back to."""
        if self.iteration is None:
            return True
        return self.moment.event < 0 and (self.moment.iteration == 0 or not self.started)

    @property
    def furthest(self) -> int:
        """The last iteration that has run and can be gone to: without a program, the one that is shown."""
        shown = self.iteration.index if self.iteration else 0
        return max(shown, self.run.last_iteration) if self.started else shown

    @property
    def nodes(self) -> list[Node]:
        return self.iteration.nodes if self.iteration else []

    @property
    def current_event(self) -> Event | None:
        """The event that the shown moment has just seen, or None before the first."""
        if self.iteration is None or not 0 <= self.moment.event < len(self.iteration.events):
            return None
        return self.iteration.events[self.moment.event]

    @property
    def selected(self) -> Node | None:
        """The selected node of the shown iteration, if it has one with that key."""
        return self._nodes.get(self.selected_key) if self.selected_key else None

    def node(self, key: str) -> Node | None:
        return self._nodes.get(key)

    @property
    def states(self) -> States | None:
        """What had happened to a node by an event of the shown iteration."""
        return self._states

    def has_value(self, node: Node) -> bool:
        """Whether the node's value exists at the shown moment."""
        return self._states is not None and self._states.has_value(node.id, self.moment.event)

    def has_gradient(self, node: Node) -> bool:
        """Whether the node's gradient has been computed by the shown moment (False is not zero!)."""
        return self._states is not None and self._states.has_gradient(node.id, self.moment.event)

    def ref(
        self, node: Node, role: Role, *, event: int | None = None, output: int = 0, name: str = ""
    ) -> ArrayRef:
        """The address of an array of the shown iteration as of the shown moment, or as of `event`.

        An array only changes at events of its node, so the reference names the latest of them: it stays the
        same while other nodes run, and with it what was already fetched.
        """
        at = self.moment.event if event is None else event
        if self._states is not None:
            state = self._states.at(node.id, at)
            changes = (state.backward,) if role == "grad" else (state.forward, state.update)
            at = max((change for change in changes if change is not None), default=-1)
        return ArrayRef(self.moment.iteration, at, node.id, role, output, name)

    def summary(
        self, ref: ArrayRef, rows: int = 10, cols: int = 16, bins: int = 0, index: tuple[int, ...] = ()
    ) -> Summary | None:
        """The summary if it is here; else None, and it is asked for: `summaries_changed` follows."""
        key = (ref, rows, cols, bins, index)
        found = self._summaries.get(key)
        if found is None and self.started and self._summaries.want(key):
            self._look_soon.start()
        return found

    # ── intents: the program ──────────────────────────────────────────────────────────────────────────────

    def start(self, text: str, path: str) -> None:
        """Runs a program from its beginning, up to the first recorded iteration. Ends the one before."""
        self.stop()
        self.status = Status("ready")  # also when the last program took its process with it
        self.run = Run()
        self.iteration, self._states, self._nodes = None, None, {}
        self.moment = Moment(0, -1)
        self._landing, self._destination = "op", None  # whatever the last program was asked for
        self._summaries.clear()
        self.restarted.emit()
        self.iteration_changed.emit()
        self.moment_changed.emit()
        self.run_changed.emit()
        self.workers.take()
        self._start = Start(text, path, **self.options)  # type: ignore[arg-type]
        self.workers.send(self._start)
        self._advance("iteration")

    def stop(self) -> None:
        """Ends the program and its process group. What was recorded stays on view."""
        self._set_playing(False)
        self._awaiting, self._destination = False, None
        if self.started:
            self.workers.release()
            self.status = Status("ready")
            self.status_changed.emit()

    def close(self) -> None:
        """Ends every process and thread of this session; returns when they are gone (about a second)."""
        self.stop()
        self.workers.close()

    # ── intents: time ─────────────────────────────────────────────────────────────────────────────────────

    def toggle_play(self) -> None:
        self.pause() if self.playing else self.play()

    def play(self) -> None:
        if not self.started:
            return
        self._set_playing(True)
        if self.live:
            self._advance("end")

    def pause(self) -> None:
        """Stops on a real operation: at full speed the next iteration is recorded, and shown once its loss is
        known, with all its values and before any gradient."""
        was_live = self.live
        self._set_playing(False)
        if was_live:
            self._landing = "phase"
            self._advance("iteration")

    def set_grain(self, grain: str) -> None:
        self.grain = grain
        self.playing_changed.emit()

    def set_speed(self, speed: int) -> None:
        """Chooses an entry of SPEEDS, also while playing."""
        speed = min(max(speed, 0), LIVE)
        if speed == self.speed:
            return
        was_live = self.live
        self.speed = speed
        if self.live:
            self._advance("end")
        elif was_live:
            self._advance("iteration")
        self._set_playing(self.playing)

    def step_forward(self, grain: str | None = None) -> None:
        """One step of the grain; past the last event of an iteration into the next."""
        grain = grain or self.grain
        if self.iteration is None:
            return
        last = len(self.iteration.events) - 1
        event = self.moment.event
        if self._awaiting and (grain == "epoch" or event >= last):
            return
        if grain == "epoch" or event >= last:
            self._landing = "phase" if grain == "phase" else "last" if grain in ("step", "epoch") else "op"
            self._advance("epoch" if grain == "epoch" else "iteration")
        elif grain == "step":
            self.seek(last)
        elif grain == "phase":
            self.seek(next(end for end in self.iteration.phase_ends() if end > event))
        else:
            self.seek(event + 1)

    def step_back(self, grain: str | None = None) -> None:
        """One step of the grain back; past the beginning of an iteration into the one before."""
        if self.iteration is None:
            return
        grain = grain or self.grain
        index, event = self.moment
        whole = grain in ("step", "epoch") and event >= len(self.iteration.events) - 1
        if event < 0 or (whole and index):
            if index:
                self.go_to(index - 1, "last")
        elif grain == "op":
            self.seek(event - 1)
        elif grain == "phase":
            self.seek(max((end for end in self.iteration.phase_ends() if end < event), default=-1))
        else:
            self.seek(-1)

    def first(self) -> None:
        """To the beginning of the run."""
        self.go_to(0, "first")

    def last(self) -> None:
        """To the last event of what has run."""
        self.go_to(self.furthest, "last")

    def go_to(self, iteration: int, landing: Landing = "last") -> None:
        """Shows another iteration of the run, which its program computes again. While one is on its way,
        only the newest wish is remembered."""
        if self.iteration is None:
            return
        iteration = min(max(iteration, 0), self.furthest)
        self._destination = None
        if self._awaiting:
            self._destination = iteration, landing
        elif iteration == self.iteration.index:
            self.seek(self._event_of(landing))
        elif self.started:
            self._set_playing(False)
            self._awaiting, self._landing = True, landing
            self._send(Seek(iteration))

    def _run_again_to(self, iteration: int) -> None:
        """Goes back the long way: the program runs again from its beginning."""
        self.workers.release()
        self.workers.take()
        self.workers.send(replace(self._start, furthest=self.furthest))
        self._send(Seek(iteration))

    def _event_of(self, landing: Landing) -> int:
        """The event of the shown iteration that such a landing leads to."""
        assert self.iteration is not None
        last = len(self.iteration.events) - 1
        if landing == "phase":
            return next(iter(self.iteration.phase_ends()), last)
        return {"first": -1, "op": min(0, last), "last": last}[landing]

    def seek(self, event: int) -> None:
        """Shows the moment after `event` of the shown iteration; clipped into its range."""
        if self.iteration is None:
            return
        event = min(max(event, -1), len(self.iteration.events) - 1)
        if event != self.moment.event:
            self.moment = Moment(self.moment.iteration, event)
            self.moment_changed.emit()

    def select(self, key: str | None) -> None:
        """Selects a node by its key, which survives from iteration to iteration."""
        if key != self.selected_key:
            self.selected_key = key
            self.selection_changed.emit()

    # ── the worker's reports ──────────────────────────────────────────────────────────────────────────────

    def _on_report(self, report: Report) -> None:
        match report:
            case Recorded():
                self._show(report.iteration)
                self._send(Acknowledge())
            case Unreachable():
                self._run_again_to(report.iteration)
            case Status():
                self.status = report
                if report.state == "holding":
                    self.workers.warm_up_soon()
                if report.state in ("finished", "failed"):
                    self._awaiting = False
                    self._set_playing(self.playing and not self.at_end)
                self.status_changed.emit()
            case Metrics():
                for metric in report.metrics:
                    self.run.extend(metric)
                self.run_changed.emit()
            case Seen():
                self._summaries.answer(report.request, report.summaries)
                self.summaries_changed.emit()
            case Output():
                self.output_received.emit(report.stream, report.text)
            case Problem():
                self.problem_found.emit(report)
                if report.severity == "error":
                    self._set_playing(False)
                    self.seek(self._event_of("last") if self.iteration else -1)

    def _on_end(self, code: int) -> None:
        """The worker process is gone although nobody stopped it."""
        self._set_playing(False)
        self._awaiting, self._destination = False, None
        self.status = Status("failed", exit_code=code)
        self.status_changed.emit()

    def _show(self, iteration: Iteration) -> None:
        """Takes in a recorded iteration and moves the shown moment into it."""
        same = self.iteration is not None and self.iteration.index == iteration.index
        growing = same and not iteration.complete
        self.iteration = iteration
        self._states = States(iteration)
        self._nodes = {node.key: node for node in iteration.nodes}
        last = len(iteration.events) - 1
        if self.live or not same or self._landing in ("first", "last"):
            event = self._event_of("last" if self.live else self._landing)
        else:
            event = min(self.moment.event, last)
        if not growing:
            self._awaiting, self._landing = False, "op"
        self.moment = Moment(iteration.index, event)
        self.iteration_changed.emit()
        self.moment_changed.emit()
        if not self._awaiting and self._destination is not None:
            self.go_to(*self._destination)

    # ── inside ────────────────────────────────────────────────────────────────────────────────────────────

    def _advance(self, until: Until) -> None:
        if self.status.state in ("finished", "failed"):
            self._set_playing(False)
            if self.iteration is not None and self.iteration.index < self.furthest:
                self.go_to(self.iteration.index + 1, self._landing)
            return
        self._awaiting = until != "end"
        self._send(Advance(until))

    def _send(self, command: Acknowledge | Advance | Look | Seek) -> None:
        self.workers.send(command)

    def _set_playing(self, playing: bool) -> None:
        self.playing = playing
        if playing and self.speed != LIVE:
            self._ticks.start(int(1000 / SPEEDS[self.speed]))
        else:
            self._ticks.stop()
        self.playing_changed.emit()

    def _send_looks(self) -> None:
        for request, (refs, rows, cols, bins, index) in self._summaries.requests():
            self._send(Look(request, refs, rows, cols, bins, index))
