"""The one model that every view looks at: which branch of the run is shown, what is selected, what plays.

Views call its intents (`play`, `step_forward`, `select`, …) and redraw on its signals; they never talk to
each other. What belongs to one branch of the run (its iterations, its moment, its curves) is in `branch.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal

from gradviz.session.protocol import (
    DEFAULT_BYTES,
    Because,
    Break,
    Exported,
    Fetched,
    Output,
    Problem,
    Report,
    Start,
    Status,
    Unreachable,
)
from gradviz.trace import ArrayRef, Event, Hit, Iteration, Moment, Node, Run, Summary
from gradviz.trace.branches import MAIN
from gradviz.trace.file import TraceFile
from gradviz.trace.iteration import States
from gradviz.trace.reasons import Path
from gradviz.trace.values import Part, Role
from gradviz.ui.array_layouts import Layout
from gradviz.ui.branch import BranchModel, Grain, Landing
from gradviz.ui.branches import Branches
from gradviz.ui.breakpoints import Breakpoints
from gradviz.ui.differences import Differences
from gradviz.ui.experiment import Experiment
from gradviz.ui.fork_draft import ForkDraft
from gradviz.ui.gradient_check import GradientCheckRun
from gradviz.ui.origins import OriginSearch
from gradviz.ui.overlays import Overlays
from gradviz.ui.pins import Pins
from gradviz.ui.problems import Problems
from gradviz.ui.search import HitSearch
from gradviz.ui.workers import Workers

GRAINS: tuple[Grain, ...] = ("op", "phase", "step", "epoch")
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
    hits_changed = Signal()  # where breakpoints hit, or which are switched on
    playing_changed = Signal()  # playing, grain or speed
    summaries_changed = Signal()  # answers to `summary` have arrived
    answered = Signal()  # an answer to `because` has arrived
    output_received = Signal(str, str)  # stream, text
    problem_found = Signal(object)  # protocol.Problem
    exported = Signal(object, object)  # BranchModel, protocol.Exported
    absent = Signal(int)  # this iteration is not in the file that the run comes from
    scopes_changed = Signal()  # other boxes are closed on the graph
    restarted = Signal()  # a program starts: consoles and problems of the last one are stale

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.selected_key: str | None = None
        self.program = ""
        """Path of the program, or recorded run, that is on view."""
        self.playing = False
        self.grain: Grain = "op"
        self.speed = DEFAULT_SPEED
        self._start = Start("", "")
        self.options: dict[str, object] = {}
        """Keyword arguments of `Start` that come from the command line: seed, batch_size, data."""
        self.layouts: dict[str, Layout] = {}
        """How the arrays of a node, by its key, are drawn in the inspector, where that was chosen."""
        self.workers = Workers(self)
        self.breakpoints = Breakpoints(self)
        """Those of the program on view."""
        self.problems = Problems(self)
        self.gradient_check = GradientCheckRun(self)
        self.status_changed.connect(self._check_quietly)
        self.restarted.connect(self.gradient_check.clear)
        self.search = HitSearch(self)
        self.origins = OriginSearch(self)
        self.origins.arrived.connect(lambda station: self.select(station.key))
        self.branches = Branches(self)
        self.branches.run_changed.connect(self.run_changed)
        self.branches.shown_changed.connect(self._on_shown_changed)
        self.pins = Pins(self)
        self.overlays = Overlays(self)
        self.differences = Differences(self.branches, self)
        self.draft = ForkDraft(self.branches, self.workers, self)
        """The fork that is being put together."""
        self.experiment = Experiment(self.branches, self.differences, self.draft, self.workers, self)
        """The number that is being tried."""
        self._followed = self.shown
        self._follow(self.shown)
        self._ticks = QTimer(self)
        self._ticks.timeout.connect(self.step_forward)
        self.workers.reported.connect(self._on_report)
        self.workers.ended.connect(self._on_end)
        self.breakpoints.changed.connect(self._set_breakpoints)

    def _follow(self, branch: BranchModel) -> None:
        """Makes the changes of a branch those of this model."""
        self._followed = branch
        branch.iteration_changed.connect(self.iteration_changed)
        branch.moment_changed.connect(self.moment_changed)
        branch.status_changed.connect(self.status_changed)
        branch.summaries_changed.connect(self.summaries_changed)
        branch.hits_changed.connect(self.hits_changed)
        branch.asked.answered.connect(self.answered)
        branch.absent.connect(self.absent)
        branch.interrupted.connect(self._stop_playing)
        branch.stopped.connect(self._on_stopped)

    def _on_shown_changed(self) -> None:
        before = self._followed
        if before is not self.shown:
            if self.live:
                before.advance("iteration")  # the others do not run on unseen
            self._set_playing(False)
            self.search.cancel()
            before.iteration_changed.disconnect(self.iteration_changed)
            before.moment_changed.disconnect(self.moment_changed)
            before.status_changed.disconnect(self.status_changed)
            before.summaries_changed.disconnect(self.summaries_changed)
            before.hits_changed.disconnect(self.hits_changed)
            before.asked.answered.disconnect(self.answered)
            before.absent.disconnect(self.absent)
            before.interrupted.disconnect(self._stop_playing)
            before.stopped.disconnect(self._on_stopped)
            self._follow(self.shown)
        self.iteration_changed.emit()
        self.moment_changed.emit()
        self.status_changed.emit()
        self.hits_changed.emit()

    # ── what views read ───────────────────────────────────────────────────────────────────────────────────

    @property
    def shown(self) -> BranchModel:
        """The branch that views look at."""
        return self.branches.shown

    @property
    def started(self) -> bool:
        """The shown branch has a program that was not stopped; it may have finished."""
        return self.shown.send is not None

    @property
    def seed(self) -> int:
        """From which the random numbers of the run began, or will begin."""
        return int(str(self.options.get("seed", 0)))

    @property
    def history_bound(self) -> int:
        """Bytes that the checkpoints of a run may take."""
        return int(str(self.options.get("history_bytes", DEFAULT_BYTES)))

    @property
    def live(self) -> bool:
        """Playing at full speed: training runs, and an iteration is shown now and then."""
        return self.playing and self.speed == LIVE

    @property
    def status(self) -> Status:
        return self.shown.status

    @property
    def run(self) -> Run:
        """The curves of the shown branch."""
        return self.shown.run

    @property
    def iteration(self) -> Iteration | None:
        return self.shown.iteration

    @property
    def moment(self) -> Moment:
        return self.shown.moment

    @property
    def states(self) -> States | None:
        """What had happened to a node by an event of the shown iteration."""
        return self.shown.states

    @property
    def at_end(self) -> bool:
        """Whether the last event of what has run is shown, or there is none."""
        return self.shown.at_end

    @property
    def at_beginning(self) -> bool:
        """Whether there is nothing before the shown moment that could be gone back to."""
        return self.shown.at_beginning

    @property
    def furthest(self) -> int:
        """The last iteration that has run and can be gone to: without a program, the one that is shown."""
        return self.shown.furthest

    @property
    def nodes(self) -> list[Node]:
        return self.iteration.nodes if self.iteration else []

    @property
    def current_event(self) -> Event | None:
        """The event that the shown moment has just seen, or None before the first."""
        return self.shown.current_event

    @property
    def hits_here(self) -> list[Hit]:
        """The hits of breakpoints that are switched on at the shown moment."""
        return self.shown.hits_here

    @property
    def selected(self) -> Node | None:
        """The selected node of the shown iteration, if it has one with that key."""
        return self.shown.node(self.selected_key)

    def node(self, key: str) -> Node | None:
        return self.shown.node(key)

    def has_value(self, node: Node) -> bool:
        """Whether the node's value exists at the shown moment."""
        return self.shown.has_value(node)

    def has_gradient(self, node: Node) -> bool:
        """Whether the node's gradient has been computed by the shown moment (False is not zero!)."""
        return self.shown.has_gradient(node)

    def ref(
        self, node: Node, role: Role, *, event: int | None = None, output: int = 0, name: str = ""
    ) -> ArrayRef:
        """The address of an array of the shown iteration; see BranchModel.ref."""
        return self.shown.ref(node, role, event=event, output=output, name=name)

    def summary(
        self, ref: ArrayRef, rows: int = 10, cols: int = 16, bins: int = 0, index: tuple[int, ...] = ()
    ) -> Summary | None:
        """The summary if it is here; else None, and it is asked for: `summaries_changed` follows."""
        return self.shown.asked.summary(ref, rows, cols, bins, index)

    def fetch(self, ref: ArrayRef, deliver: Callable[[Fetched], None], part: Part | None = None) -> None:
        """Asks for an array, or a part of it. Nothing is delivered once the worker is gone."""
        self.shown.asked.fetch(ref, deliver, part)

    def because(self, ref: ArrayRef, index: tuple[int, ...], path: Path | None = None) -> Because | None:
        """Why an element is what it is, if the answer is here; else it is asked for: `answered` follows."""
        return self.shown.asked.because(ref, index, path)

    # ── intents: the program ──────────────────────────────────────────────────────────────────────────────

    def start(self, text: str, path: str) -> None:
        """Runs a program from its beginning, up to the first recorded iteration. Ends the one before."""
        self.stop()
        self.breakpoints.use(path)
        self.breakpoints.restart()
        self.origins.clear()
        self.branches.clear()
        self._set_breakpoints()
        self.program = path
        self.restarted.emit()
        self.workers.start(Start(text, path, **self.options))  # type: ignore[arg-type]
        self.shown.send = self.workers.send
        self.shown.advance("iteration")

    def show_rehearsal(self, reports: list[Report]) -> None:
        """Shows the loss that was rehearsed, of which these are the reports, in place of the run before."""
        again = self.shows_rehearsal
        self.stop()
        self.origins.clear()
        if not again:  # else what is shown stays until the new graph is there
            self.branches.clear()
        self.workers.adopt_rehearsal()
        self.restarted.emit()
        self.shown.succeed()
        self.shown.send = self.workers.send
        for report in reports:
            self._on_report(MAIN, report)

    @property
    def shows_rehearsal(self) -> bool:
        """Whether what is on view is a loss on one batch, which nobody has started as a run."""
        return self.workers.runs_rehearsal

    def open_run(self, file: TraceFile) -> None:
        """Shows a recorded run in place of a program. Nothing of it is executed; it gives later runs its
        seed, and its batch size."""
        self.stop()
        program = file.manifest.program
        self.options |= {"seed": program.seed, "batch_size": program.batch_size}
        self.origins.clear()
        self.branches.clear()
        self.program = str(file.path)
        self.restarted.emit()
        self.workers.open(file)
        for run in file.manifest.branches:
            branch = self.shown if run.branch is None else self.branches.add(run.branch)
            branch.send = partial(self.workers.send, branch=run.id)
            branch.set_breakpoints(self.breakpoints)
            branch.kept = file.iterations(run.id)
            branch.advance("iteration", "last")
        self.breakpoints.restart()
        self.breakpoints.take(file.manifest.breakpoints)

    @property
    def start_of_run(self) -> Start:
        """How the run that is on view began."""
        return self.workers.start_of(self.branches.all[0].id)

    @property
    def from_file(self) -> bool:
        """Whether the run comes from a file, so that nothing runs."""
        return self.shown.kept is not None

    def stop(self) -> None:
        """Ends the program and its process group. What was recorded stays on view."""
        self.experiment.undo()
        self._set_playing(False)
        self.workers.release()
        for branch in self.branches.all:
            if branch.send is not None:
                branch.hang_up()
                branch.receive(Status("ready"))
        self.search.cancel()
        self.draft.close()

    def close(self) -> None:
        """Ends every process and thread of this session; returns when they are gone (about a second)."""
        self.stop()
        self.workers.close()

    # ── intents: branches ─────────────────────────────────────────────────────────────────────────────────

    def drop_branch(self, branch: BranchModel) -> None:
        """Ends a branch and forgets it; the others go on."""
        if branch is self.experiment.base:
            self.experiment.undo()
        self.branches.drop(branch)
        self.workers.drop(branch.id)

    # ── intents: time ─────────────────────────────────────────────────────────────────────────────────────

    def toggle_play(self) -> None:
        self.pause() if self.playing or self.search.direction else self.play()

    def play(self) -> None:
        if not self.started:
            return
        self.search.cancel()
        self._set_playing(True)
        if self.live:
            self.shown.advance("end")

    def pause(self) -> None:
        """Stops on a real operation: at full speed the next iteration is recorded, and shown once its loss is
        known, with all its values and before any gradient."""
        was_live = self.live
        self._set_playing(False)
        self.search.cancel()
        if was_live:
            self.shown.advance("iteration", "phase")

    def continue_(self) -> None:
        """To the next hit of a breakpoint."""
        self._set_playing(False)
        self.search.forward(self.shown)

    def reverse_continue(self) -> None:
        """Back to the last hit of a breakpoint."""
        self.pause()
        self.search.backward(self.shown)

    def find_origin(self, node: Node) -> None:
        """Follows the NaN or infinite numbers of a node back to where they came from."""
        self._set_playing(False)
        self.search.cancel()
        self.origins.find(self.shown, node)

    def find_origin_of_loss(self, iteration: int) -> None:
        """Follows the loss of an iteration that is no number back to where that came from."""
        self._set_playing(False)
        self.search.cancel()
        self.origins.find_loss(self.shown, iteration)

    def go_to_hit(self, hit: Hit) -> None:
        """Shows the moment of a hit, and selects its node."""
        self.search.cancel()
        self.shown.go_to_hit(hit)

    def set_grain(self, grain: Grain) -> None:
        self.grain = grain
        self.playing_changed.emit()

    def set_speed(self, speed: int) -> None:
        """Chooses an entry of SPEEDS, also while playing."""
        speed = min(max(speed, 0), LIVE)
        if speed == self.speed:
            return
        was_live = self.live
        self.speed = speed
        self._set_playing(self.playing)
        if self.live:
            self.shown.advance("end")
        elif was_live:
            self.shown.advance("iteration")

    def step_forward(self, grain: Grain | None = None) -> None:
        """One step of the grain; past the last event of an iteration into the next. It ends at a hit."""
        self.search.cancel()
        self.shown.step_forward(grain or self.grain)

    def step_back(self, grain: Grain | None = None) -> None:
        """One step of the grain back; past the beginning of an iteration into the one before."""
        self.search.cancel()
        self.shown.step_back(grain or self.grain)

    @property
    def can_check_gradients(self) -> bool:
        """Whether there is a program that can compute, and something to check."""
        return self.started and self.iteration is not None

    def check_gradients(self) -> None:
        """Compares the backward of every operation of the shown iteration with finite differences."""
        if self.can_check_gradients and self.iteration is not None:
            self.gradient_check.begin(self.shown, self.iteration)

    def _check_quietly(self) -> None:
        if self.status.state in ("holding", "finished") and not self.live:
            self.gradient_check.begin_quietly(self.shown, self.iteration)

    def cancel(self) -> None:
        """Ends the experiment, the search for a hit, or the way to another iteration."""
        if self.experiment.active:
            self.experiment.undo()
        elif self.search.direction is not None:
            self.search.cancel()
        else:
            self.shown.cancel()

    def first(self) -> None:
        """To the beginning of the run."""
        self.go_to(0, "first")

    def last(self) -> None:
        """To the last event of what has run."""
        self.go_to(self.furthest, "last")

    def go_to(self, iteration: int, landing: Landing = "last") -> None:
        """Shows another iteration of the run; see BranchModel.go_to."""
        self.search.cancel()
        self.shown.go_to(iteration, landing)

    def seek(self, event: int) -> None:
        """Shows the moment after `event` of the shown iteration; clipped into its range."""
        self.search.cancel()
        self.shown.seek(event)

    def select(self, key: str | None) -> None:
        """Selects a node by its key, which survives from iteration to iteration."""
        if key != self.selected_key:
            self.selected_key = key
            self.selection_changed.emit()

    def close_scopes(self, scopes: frozenset[str]) -> None:
        """The scopes that the graph shows as one box: a step over one of them is one step."""
        if scopes != self.shown.closed_scopes:
            self.shown.closed_scopes = scopes
            self.scopes_changed.emit()

    # ── the worker's reports ──────────────────────────────────────────────────────────────────────────────

    def _on_report(self, number: int, report: Report) -> None:
        branch = self.branches.with_id(number)
        if branch is None:
            return
        if branch.is_experiment:
            self.experiment.receive(report)
            return
        if (problem := branch.replays.examine(report, branch.run)) is not None:
            self._on_report(number, problem)
        match report:
            case Exported():
                self.exported.emit(branch, report)
            case Unreachable():
                self.workers.run_again(number, branch.furthest, branch.errand(report.iteration))
            case Output():
                self.output_received.emit(report.stream, report.text)
            case Problem() if branch.replays.hear(report):
                self.problem_found.emit(self.branches.say_whose(branch, report))
                if report.severity == "error" and branch is self.shown:
                    self._set_playing(False)
                    self.seek(self.shown.event_of("last"))
            case _:
                branch.receive(report)
        if isinstance(report, Status):
            if report.state == "holding":
                self.workers.warm_up_soon()
            if branch is self.shown and branch.over:
                self._come_to_an_end()

    def _on_end(self, number: int, code: int) -> None:
        """A branch's process is gone although nobody stopped it."""
        branch = self.branches.with_id(number)
        if branch is None:
            return
        if branch is self.shown:
            self._set_playing(False)
        branch.fail(code)
        self.branches.changed.emit()

    # ── inside ────────────────────────────────────────────────────────────────────────────────────────────

    def _come_to_an_end(self) -> None:
        """The shown program has ended. What was recorded is played on; after training at full speed the last
        iteration is shown, unless the program would have to run again for it."""
        was_live = self.live
        self._set_playing(self.playing and not was_live and not self.at_end)
        if was_live and not self.at_end and self.status.history_bytes:
            self.last()

    def _stop_playing(self) -> None:
        self._set_playing(False)

    def _on_stopped(self, hit: Hit) -> None:
        """The shown branch has come to a hit."""
        self._set_playing(False)
        if (event := self.current_event) is not None:
            self.select(self.nodes[event.node].key)

    def _set_breakpoints(self) -> None:
        self.workers.break_at(Break(self.breakpoints.as_run()))
        for branch in self.branches.all:
            branch.set_breakpoints(self.breakpoints)

    def _set_playing(self, playing: bool) -> None:
        self.playing = playing
        if playing and self.speed != LIVE:
            self._ticks.start(int(1000 / SPEEDS[self.speed]))
        else:
            self._ticks.stop()
        self.playing_changed.emit()
