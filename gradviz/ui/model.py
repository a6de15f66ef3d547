"""The one model that every view looks at: what has been recorded, which moment is shown, what is selected.

Views call its intents (`play`, `step_forward`, `select`, …) and redraw on its signals; they never talk to
each other. A recorded iteration is walked here, without the worker; the worker is asked for the next
iteration, and for summaries of the arrays that a view wants to draw.
"""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from gradviz.session.client import SessionClient
from gradviz.session.protocol import (
    Acknowledge,
    Advance,
    Look,
    Metrics,
    Output,
    Problem,
    Recorded,
    Report,
    Seen,
    Start,
    Status,
)
from gradviz.trace import ArrayRef, Event, Iteration, Moment, Node, Run, Summary
from gradviz.trace.iteration import States

GRAINS = ("op", "phase", "step", "epoch")
SPEEDS = (0.5, 1, 2, 4, 8, 16, 32, 64, 128, float("inf"))
"""Steps a second; the last one is live training at full speed."""
LIVE = len(SPEEDS) - 1
MAX_CACHED_CELLS = 16 << 20


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
    _reported = Signal(object)  # from the client's reader thread
    _ended = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.status = Status("ready")
        self.run = Run()
        self.iteration: Iteration | None = None
        self.moment = Moment(0, -1)
        self.selected_key: str | None = None
        self.playing = False
        self.grain = "op"
        self.speed = 3
        self.options: dict[str, object] = {}
        """Keyword arguments of `Start` that come from the command line: seed, batch_size, data."""
        self._states: States | None = None
        self._nodes: dict[str, Node] = {}
        self._awaiting = False  # the worker was asked to advance and has not recorded yet
        self._land_on_last = False
        self._summaries = _SummaryCache()
        self._client: SessionClient | None = None
        self._generation = 0
        self._ticks = QTimer(self)
        self._ticks.timeout.connect(self._tick)
        self._look_soon = QTimer(self, singleShot=True, interval=0)
        self._look_soon.timeout.connect(self._send_looks)
        self._reported.connect(self._on_report)
        self._ended.connect(self._on_end)

    # ── what views read ───────────────────────────────────────────────────────────────────────────────────

    @property
    def started(self) -> bool:
        """A program has been started and not stopped; it may have finished."""
        return self._client is not None

    @property
    def live(self) -> bool:
        """Playing at full speed: training runs, and an iteration is shown now and then."""
        return self.playing and self.speed == LIVE

    @property
    def nodes(self) -> list[Node]:
        return self.iteration.nodes if self.iteration else []

    @property
    def event(self) -> Event | None:
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
        self, node: Node, role: str, *, event: int | None = None, output: int = 0, name: str = ""
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
        return ArrayRef(self.moment.iteration, at, node.id, role, output, name)  # type: ignore[arg-type]

    def summary(
        self, ref: ArrayRef, rows: int = 10, cols: int = 16, bins: int = 0, index: tuple[int, ...] = ()
    ) -> Summary | None:
        """The summary if it is here; else None, and it is asked for: `summaries_changed` follows."""
        key = (ref, rows, cols, bins, index)
        found = self._summaries.get(key)
        if found is None and self._client is not None and self._summaries.want(key):
            self._look_soon.start()
        return found

    # ── intents: the program ──────────────────────────────────────────────────────────────────────────────

    def start(self, text: str, path: str) -> None:
        """Runs a program from its beginning, up to the first recorded iteration. Ends the one before."""
        self.stop()
        self.run = Run()
        self.iteration, self._states, self._nodes = None, None, {}
        self.moment = Moment(0, -1)
        self._summaries.clear()
        self.restarted.emit()
        self.iteration_changed.emit()
        self.moment_changed.emit()
        self.run_changed.emit()
        self._generation += 1
        generation = self._generation
        self._client = SessionClient(
            on_report=lambda report: self._reported.emit((generation, report)),
            on_end=lambda code: self._ended.emit((generation, code)),
        )
        self._client.send(Start(text, str(Path(path)), **self.options))  # type: ignore[arg-type]
        self._advance("iteration")

    def stop(self) -> None:
        """Ends the program and its process group. What was recorded stays on view."""
        self._set_playing(False)
        self._awaiting = False
        if self._client is None:
            return
        client, self._client = self._client, None
        self._generation += 1
        client.close()
        self.status = Status("ready")
        self.status_changed.emit()

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
        """Stops on a real operation: at full speed the next iteration is recorded and shown."""
        was_live = self.live
        self._set_playing(False)
        if was_live:
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
        """One step of the grain; past the last recorded event the program runs on."""
        grain = grain or self.grain
        if self.iteration is None or self._awaiting:
            return
        last = len(self.iteration.events) - 1
        event = self.moment.event
        if grain == "epoch" or (grain == "step" and event >= last) or event >= last:
            self._land_on_last = grain != "op" and grain != "phase"
            self._advance("epoch" if grain == "epoch" else "iteration")
        elif grain == "step":
            self.seek(last)
        elif grain == "phase":
            self.seek(next(end for end in self.iteration.phase_ends() if end > event))
        else:
            self.seek(event + 1)

    def step_back(self, grain: str | None = None) -> None:
        """One step back within the shown iteration."""
        if self.iteration is None:
            return
        grain = grain or self.grain
        event = self.moment.event
        if grain == "op":
            self.seek(event - 1)
        elif grain == "phase":
            self.seek(max((end for end in self.iteration.phase_ends() if end < event), default=-1))
        else:
            self.seek(-1)

    def first(self) -> None:
        self.seek(-1)

    def last(self) -> None:
        self.seek(len(self.iteration.events) - 1 if self.iteration else -1)

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

    def _on_report(self, tagged: tuple[int, Report]) -> None:
        generation, report = tagged
        if generation != self._generation:
            return  # from a worker that was stopped meanwhile
        match report:
            case Recorded():
                self._show(report.iteration)
                self._send(Acknowledge())
            case Status():
                self.status = report
                if report.state in ("finished", "failed"):
                    self._awaiting = False
                    self._set_playing(self.playing and not self._at_end())
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
                    self.last()

    def _on_end(self, tagged: tuple[int, int | None]) -> None:
        """The worker process is gone although nobody stopped it."""
        generation, code = tagged
        if generation != self._generation:
            return
        self.stop()
        if self.status.state != "failed":
            self.status = Status("failed", exit_code=code or 0)
        self.problem_found.emit(
            Problem(
                "error",
                "worker",
                "",
                hint="The program ended its own process (exit code {0}). Press F5 to run it again.",
                hint_arguments=(str(code),),
            )
        )
        self.status_changed.emit()

    def _show(self, iteration: Iteration) -> None:
        """Takes in a recorded iteration and moves the shown moment into it."""
        same = self.iteration is not None and self.iteration.index == iteration.index
        growing = same and not iteration.complete
        self.iteration = iteration
        self._states = States(iteration)
        self._nodes = {node.key: node for node in iteration.nodes}
        last = len(iteration.events) - 1
        if self.live or self._land_on_last:
            event = last
        elif same:
            event = min(self.moment.event, last)
        else:
            event = min(0, last)
        if not growing:
            self._awaiting = self._land_on_last = False
        self.moment = Moment(iteration.index, event)
        self.iteration_changed.emit()
        self.moment_changed.emit()

    # ── inside ────────────────────────────────────────────────────────────────────────────────────────────

    def _at_end(self) -> bool:
        return self.iteration is None or self.moment.event >= len(self.iteration.events) - 1

    def _advance(self, until: str) -> None:
        if self.status.state in ("finished", "failed"):
            self._set_playing(False)
            return
        self._awaiting = until != "end"
        self._send(Advance(until))  # type: ignore[arg-type]

    def _send(self, command: Acknowledge | Advance | Look) -> None:
        if self._client is not None:
            self._client.send(command)

    def _set_playing(self, playing: bool) -> None:
        self.playing = playing
        if playing and self.speed != LIVE:
            self._ticks.start(int(1000 / SPEEDS[self.speed]))
        else:
            self._ticks.stop()
        self.playing_changed.emit()

    def _tick(self) -> None:
        self.step_forward()

    def _send_looks(self) -> None:
        for request, (refs, rows, cols, bins, index) in self._summaries.requests():
            self._send(Look(request, refs, rows, cols, bins, index))


SummaryKey = tuple[ArrayRef, int, int, int, tuple[int, ...]]


class _SummaryCache:
    """Summaries by what was asked, the least recently used forgotten first; and what is still under way."""

    def __init__(self) -> None:
        self._found: OrderedDict[SummaryKey, Summary | None] = OrderedDict()
        self._wanted: list[SummaryKey] = []
        self._asked: dict[int, list[SummaryKey]] = {}
        self._pending: set[SummaryKey] = set()
        self._cells = 0
        self._next_request = 0

    def clear(self) -> None:
        self._found.clear()
        self._wanted.clear()
        self._asked.clear()
        self._pending.clear()
        self._cells = 0

    def get(self, key: SummaryKey) -> Summary | None:
        if key in self._found:
            self._found.move_to_end(key)
            return self._found[key]
        return None

    def want(self, key: SummaryKey) -> bool:
        """Notes that a summary is wanted; False when it was already asked for or is known not to exist."""
        if key in self._pending or key in self._found:
            return False
        self._pending.add(key)
        self._wanted.append(key)
        return True

    def requests(self) -> list[tuple[int, tuple[list[ArrayRef], int, int, int, tuple[int, ...]]]]:
        """What is wanted and not yet asked for, one request for all arrays of one size."""
        groups: dict[tuple[int, int, int, tuple[int, ...]], list[SummaryKey]] = {}
        for key in self._wanted:
            groups.setdefault(key[1:], []).append(key)
        self._wanted.clear()
        requests = []
        for size, keys in groups.items():
            self._next_request += 1
            self._asked[self._next_request] = keys
            requests.append((self._next_request, ([key[0] for key in keys], *size)))
        return requests

    def answer(self, request: int, summaries: list[Summary | None]) -> None:
        for key, summary in zip(self._asked.pop(request, ()), summaries, strict=False):
            self._pending.discard(key)
            self._found[key] = summary
            self._cells += summary.rows * summary.cols if summary else 0
        while self._cells > MAX_CACHED_CELLS:
            _, oldest = self._found.popitem(last=False)
            self._cells -= oldest.rows * oldest.cols if oldest else 0
