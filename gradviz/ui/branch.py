"""One branch of the run, as the window knows it: what was recorded, which moment of it is shown.

A recorded iteration is walked here, without the worker; the worker is asked for other iterations, and for
summaries of the arrays that a view wants to draw.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal

from PySide6.QtCore import QObject, QTimer, Signal

from gradviz.session.protocol import (
    Acknowledge,
    Advance,
    Command,
    Hits,
    Metrics,
    Recorded,
    Report,
    Scan,
    Seek,
    Status,
    Until,
)
from gradviz.trace import ArrayRef, Breakpoint, Event, Hit, HitList, Iteration, Moment, Node, Run
from gradviz.trace.branches import MAIN, Branch
from gradviz.trace.iteration import States
from gradviz.trace.steps import Stride
from gradviz.trace.values import Role
from gradviz.ui.asked import Asked
from gradviz.ui.branch_look import FIRST_EXPERIMENT
from gradviz.ui.replays import Replays
from gradviz.ui.shown import Shown

Landing = Stride | Literal["first", "last"] | int
"""Where the shown moment comes to be in another iteration: after a first step in it, before its first
operation, after its last, or after the event with that index."""
Grain = Stride | Literal["step", "epoch"]
"""How far a step goes: within an iteration, or to the end of one, or of the next epoch's first."""

SLOW = 400
"""Milliseconds after which the way to another iteration is slow: it is shown, and left for a newer wish."""
LEAD, LEAD_BACK = 1, 16
"""Iterations that the worker records before the one that is gone to; more when a person steps back."""


class BranchModel(QObject):
    """State of one branch, and its conversation with the worker that runs it.

    `send` takes commands to that worker; None while there is none: what was recorded can still be walked.
    """

    iteration_changed = Signal()  # another iteration is shown, or the shown one has grown
    moment_changed = Signal()  # the shown moment moved (also emitted after iteration_changed)
    run_changed = Signal()  # curves have new points, or were cleared
    status_changed = Signal()
    summaries_changed = Signal()  # answers to `summary` have arrived
    hits_changed = Signal()  # where breakpoints hit, or which are switched on
    stopped = Signal(object)  # trace.Hit: a way led there, or ends there
    examined = Signal(object)  # protocol.Hits
    scanned = Signal()  # the last iteration that was to be examined is
    absent = Signal(int)  # this iteration is not in the file that the run comes from
    interrupted = Signal()  # what plays does not go on: the program is over, or another iteration is wanted

    def __init__(self, parent: QObject | None = None, origin: Branch | None = None) -> None:
        super().__init__(parent)
        self.origin = origin
        """Where and with which edits it left another branch; None for the one that the program began with."""
        self.name = origin.name if origin else ""
        """What the person calls it; "" for the name that the window gives it."""
        self.asked = Asked(self)
        """What is known of the recorded arrays; it asks the worker for what is not."""
        self.status = Status("ready")
        self.run = Run()
        self.replays = Replays()
        self._shown = Shown()
        self.edition = 0
        """How often the shown iteration has become another one, see `ArrayRef.edition`."""
        self.closed_scopes: frozenset[str] = frozenset()
        """Paths of the scopes that the graph shows as one box: a step over one of them is one step."""
        self.hits = HitList()
        self.enabled: set[int] = set()
        """Ids of the breakpoints that are switched on."""
        self._hit: Hit | None = None  # where a way leads
        self._runs_on = False  # what comes is of running on, which ends at a hit
        self._at_full_speed = False  # … without a stop: every iteration that comes is shown at its end
        self._sought: int | None = None  # the one iteration that the worker was asked to go to
        self.kept: list[int] | None = None
        """The iterations that can be gone to, where the run comes from a file; None: all."""
        self.slow = False
        """Whether the worker has been on its way to an iteration for a while, because it has to run there."""
        self._patience = QTimer(self, singleShot=True, interval=SLOW)
        self._patience.timeout.connect(self._lose_patience)
        self._scans_to: int | None = None  # the last of those that it was asked to examine …
        self._scan_due: set[str] = set()  # … of which these reports are still to come
        self.awaiting = False
        """Whether the worker was asked for an iteration and has not recorded it yet."""
        self._landing: Landing = "op"  # where in that iteration the shown moment will be
        self._destination: tuple[int, Landing] | None = None  # where to go once that one has arrived
        self.asked.summaries_changed.connect(self.summaries_changed)

    # ── what is known ─────────────────────────────────────────────────────────────────────────────────────

    @property
    def send(self) -> Callable[[Command], None] | None:
        return self.asked.send

    @send.setter
    def send(self, send: Callable[[Command], None] | None) -> None:
        self.asked.send = send

    @property
    def iteration(self) -> Iteration | None:
        return self._shown.iteration

    @property
    def moment(self) -> Moment:
        return self._shown.moment

    @property
    def states(self) -> States | None:
        """What had happened to a node by an event of the shown iteration."""
        return self._shown.states

    @property
    def id(self) -> int:
        return self.origin.id if self.origin else MAIN

    @property
    def is_experiment(self) -> bool:
        """Whether it is not to last, see experiment.py."""
        return self.id >= FIRST_EXPERIMENT

    @property
    def begins(self) -> int:
        """The first iteration that is its own; what is before it belongs to its parent, too."""
        return self.origin.iteration if self.origin else 0

    @property
    def over(self) -> bool:
        """The program has ended."""
        return self.status.state in ("finished", "failed")

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
        return self.moment.event < 0 and (self.moment.iteration == 0 or self.send is None)

    @property
    def furthest(self) -> int:
        """The last iteration that has run and can be gone to: without a program, the one that is shown."""
        shown = self.iteration.index if self.iteration else 0
        return max(shown, self.run.last_iteration) if self.send is not None else shown

    @property
    def reached(self) -> int:
        """The iteration that the program itself has come to; it may be a later one than the shown."""
        shown = self.iteration.index if self.iteration else 0
        return max(shown, self.status.iteration) if self.status.state in ("holding", "finished") else shown

    @property
    def current_event(self) -> Event | None:
        """The event that the shown moment has just seen, or None before the first."""
        return self._shown.current_event

    @property
    def hits_here(self) -> list[Hit]:
        """The hits of breakpoints that are switched on at the shown moment."""
        return self.hits.at(self.moment, self.enabled)

    def node(self, key: str | None) -> Node | None:
        """The node of the shown iteration with that key."""
        return self._shown.node(key)

    def has_value(self, node: Node) -> bool:
        """Whether the node's value exists at the shown moment."""
        return self._shown.has_value(node)

    def has_gradient(self, node: Node) -> bool:
        """Whether the node's gradient has been computed by the shown moment (False is not zero!)."""
        return self._shown.has_gradient(node)

    def ref(
        self, node: Node, role: Role, *, event: int | None = None, output: int = 0, name: str = ""
    ) -> ArrayRef:
        """The address of an array of the shown iteration as of the shown moment, or as of `event`."""
        return self._shown.ref(node, role, event, output, name, self.edition)

    # ── intents ───────────────────────────────────────────────────────────────────────────────────────────

    def clear(self) -> None:
        """Forgets the run: another one begins."""
        self.status = Status("ready")  # also when the last program took its process with it
        self.run = Run()
        self.replays = Replays()
        self._shown = Shown()
        self._landing = "op"
        self.asked.clear()
        self.hits = HitList()
        self.hang_up()
        self.hits_changed.emit()
        self.iteration_changed.emit()
        self.moment_changed.emit()
        self.run_changed.emit()

    def succeed(self) -> None:
        """Another program comes in place of this one. What is shown stays until that has an iteration, which
        is shown at its end."""
        self.hang_up()
        self.run, self.replays, self.hits = Run(), Replays(), HitList()
        self.edition += 1
        self.awaiting, self._landing = True, "last"

    def hang_up(self) -> None:
        """The worker is gone, or no longer wanted; what was recorded stays."""
        self.asked.hang_up()
        self.kept = None
        self.awaiting, self.slow, self._destination = False, False, None
        self._sought = self._scans_to = None

    def set_breakpoints(self, breakpoints: Iterable[Breakpoint]) -> None:
        """The breakpoints are others now, or others of them are switched on."""
        breakpoints = list(breakpoints)
        self.enabled = {item.id for item in breakpoints if item.enabled}
        self.hits.keep(breakpoints)
        self.hits_changed.emit()

    @property
    def _behind(self) -> bool:
        """Whether the program holds at a later iteration than the shown one, which was recorded before it."""
        shown = self.iteration.index if self.iteration is not None else -1
        return self.status.state == "holding" and self.status.iteration > shown

    def advance(self, until: Until, landing: Landing | None = None) -> None:
        """Lets the program run on; what it comes to is shown as `landing` says, or as was said before."""
        if landing is not None:
            self._landing = landing
        if self.over:
            self.interrupted.emit()
            if self.iteration is not None and self.iteration.index < self.furthest:
                self.go_to(self.iteration.index + 1, self._landing)
            return
        if self.iteration is not None and self._behind and until != "end":
            ahead = 1 if until == "iteration" else self.iteration.batches - self.iteration.batch
            if self.iteration.index + ahead <= self.status.iteration:
                self.record(self.iteration.index + max(ahead, 1), self._landing)
                self._runs_on = True
                return
        self._at_full_speed = until == "end"
        self.awaiting, self._runs_on = not self._at_full_speed, True
        self._sought = self._hit = None
        self._send(Advance(until))

    def step_forward(self, grain: Grain) -> None:
        """One step of the grain; past the last event of an iteration into the next."""
        if self.iteration is None:
            return
        last = len(self.iteration.events) - 1
        if grain != "epoch" and self.moment.event < last:
            after = (
                None
                if grain == "step"
                else self._shown.steps(self.closed_scopes).after(self.moment.event, grain)
            )
            self._step_to(last if after is None else after)
        elif not self.awaiting:
            landing: Landing = "last" if grain == "step" or grain == "epoch" else grain
            self.advance("epoch" if grain == "epoch" else "iteration", landing)

    def _step_to(self, event: int) -> None:
        """Steps forward within the shown iteration, up to a hit if there is one on the way."""
        self._hit = self._hit_between(self.moment, event)
        self.seek(event if self._hit is None else self._hit.event)
        self._arrive()

    def _hit_between(self, moment: Moment, event: int) -> Hit | None:
        """The first hit after a moment, up to an event of the shown iteration."""
        hit = self.hits.after(moment, self.enabled)
        assert self.iteration is not None
        return hit if hit is not None and hit.moment <= Moment(self.iteration.index, event) else None

    def _arrive(self) -> None:
        """Tells of a hit that a way has led to."""
        hit = self._hit
        if hit is not None and hit.moment == self.moment:
            self._hit = None
            self.stopped.emit(hit)

    def step_back(self, grain: Grain) -> None:
        """One step of the grain back; past the beginning of an iteration into the one before."""
        if self.iteration is None:
            return
        index, event = self.moment
        whole = grain == "step" or grain == "epoch"
        if event < 0 or (whole and index and event >= len(self.iteration.events) - 1):
            if index:
                self.go_to(index - 1, "last")
        elif grain == "step" or grain == "epoch":
            self.seek(-1)
        else:
            before = self._shown.steps(self.closed_scopes).before(event, grain)
            self.seek(-1 if before is None else before)

    def go_to(self, iteration: int, landing: Landing = "last") -> None:
        """Shows another iteration of the run, which its program computes again. While one is on its way,
        only the newest wish is remembered."""
        self.come_to(min(iteration, self.furthest), landing)

    def come_to(self, iteration: int, landing: Landing = "last") -> None:
        """Like `go_to`; to an iteration that has not run yet the program runs on, unless it is over."""
        if self.iteration is None:
            return
        iteration = max(min(iteration, self.furthest) if self.over else iteration, 0)
        self._destination = self._hit = None
        if self.kept is not None and iteration not in self.kept:
            iteration = self._nearest_kept(iteration)
        if self.awaiting:
            self._destination = iteration, landing
            if not self._patience.isActive():
                self._patience.start()
        elif iteration == self.iteration.index:
            self.seek(self.event_of(landing))
        elif self.send is not None:
            self.interrupted.emit()
            self.record(iteration, landing)

    def _nearest_kept(self, wanted: int) -> int:
        """What is in the file instead of an iteration that is not: the next one in its direction."""
        assert self.iteration is not None and self.kept is not None
        self.absent.emit(wanted)
        here = self.iteration.index
        onward = [index for index in self.kept if (index > here) == (wanted > here) and index != here]
        return min(onward, key=lambda index: abs(index - wanted), default=here)

    def ask(self, command: Command) -> None:
        """Sends a command whose answer others listen to."""
        self._send(command)

    def go_to_hit(self, hit: Hit, *, afresh: bool = False) -> None:
        """Shows a hit; `stopped` follows once it is shown. `afresh`: the worker is to record it again."""
        if self.kept is not None and hit.iteration not in self.kept:
            self.absent.emit(hit.iteration)
            return
        if afresh:
            self.record(hit.iteration, hit.event)
        else:
            self.go_to(hit.iteration, hit.event)
        self._hit = hit
        if not self.awaiting:
            self._arrive()

    def record(self, iteration: int, landing: Landing) -> None:
        """Lets the worker go to an iteration and record it, also if it is the one that is shown."""
        self.awaiting, self._landing = True, landing
        self._runs_on = self._at_full_speed = False
        self._sought, self._scans_to = iteration, None
        self._patience.start()
        steps_back = self.iteration is not None and iteration == self.iteration.index - 1
        self._send(Seek(iteration, LEAD_BACK if steps_back else LEAD))

    @property
    def heading(self) -> int | None:
        """The iteration that the worker is on its way to, or that is to be gone to next."""
        if self._destination is not None:
            return self._destination[0]
        return self._sought if self.awaiting else None

    def cancel(self) -> None:
        """Ends the way to another iteration: the one that the program is in by now is shown at its end."""
        if self.heading is None:
            return
        self._destination = self._sought = None
        self._landing, self.slow = "last", False
        self._send(Advance("iteration"))
        self.status_changed.emit()

    def _lose_patience(self) -> None:
        """The worker is still on its way: leaves that way if another iteration is wanted by now."""
        if not self.awaiting or self._sought is None:
            return
        self.slow = True
        if self._destination is not None:
            destination, self._destination = self._destination, None
            self.record(*destination)
        self.status_changed.emit()

    def scan(self, first: int, last: int) -> None:
        """Lets the worker examine iterations. What it records on the way is not shown; `scanned` follows.

        Afterwards the worker has other arrays than those of the shown iteration: `record` gets them back.
        """
        self.awaiting, self._scans_to, self._scan_due = True, last, {"recorded", "hits"}
        self._send(Scan(first, last))

    def errand(self, iteration: int) -> Command:
        """What the worker is to do once its program, which cannot go back to an iteration, runs again: as it
        passes all of them, all are examined."""
        return Seek(iteration) if self._scans_to is None else Scan(0, self._scans_to)

    def _come_closer(self, report: str, iteration: int) -> None:
        """A report on a scanned iteration has come: the scan is over with both reports on the last one."""
        if self._scans_to is not None and iteration >= self._scans_to:
            self._scan_due.discard(report)
            if not self._scan_due:
                self.awaiting, self._scans_to = False, None
                self.scanned.emit()

    def seek(self, event: int) -> None:
        """Shows the moment after `event` of the shown iteration; clipped into its range."""
        if self.iteration is None:
            return
        event = min(max(event, -1), len(self.iteration.events) - 1)
        if event != self.moment.event:
            self._shown.moment = Moment(self.moment.iteration, event)
            self.moment_changed.emit()

    def event_of(self, landing: Landing) -> int:
        """The event of the shown iteration that such a landing leads to."""
        if self.iteration is None or landing == "first":
            return -1
        last = len(self.iteration.events) - 1
        if isinstance(landing, int):
            return min(landing, last)
        after = None if landing == "last" else self._shown.steps(self.closed_scopes).after(-1, landing)
        return last if after is None else after

    # ── the worker's reports ──────────────────────────────────────────────────────────────────────────────

    def receive(self, report: Report) -> None:
        """Takes in what the worker says about the run; what it says to the person is not for here."""
        match report:
            case Recorded():
                self._take(report.iteration)
                self._send(Acknowledge())
            case Status():
                self.status = report
                awaited = self._sought if self._scans_to is None else self._scans_to
                if self.over and (awaited is None or report.iteration < awaited):  # else it is from before
                    self._give_up(report.iteration)
                self.status_changed.emit()
            case Hits():
                self.hits.add(report.first, report.last, report.breakpoints, report.hits)
                self.examined.emit(report)
                self._come_closer("hits", report.last)
                self.hits_changed.emit()
            case Metrics():
                for metric in report.metrics:
                    self.run.extend(metric)
                self.run_changed.emit()
            case _:
                self.asked.receive(report)

    def _give_up(self, last: int) -> None:
        """The program is over: what was awaited does not come. On the way to an iteration that it does not
        have, it has let go of what was recorded; the last one is recorded again."""
        missed = self.awaiting and self._sought is not None and self._scans_to is None
        self.awaiting = self.slow = False
        self._sought = self._scans_to = None
        if missed:
            self.record(max(last, 0), "last")

    def fail(self, code: int) -> None:
        """The worker process is gone although nobody stopped it."""
        self.hang_up()
        self.status = Status("failed", exit_code=code)
        self.status_changed.emit()

    def _take(self, iteration: Iteration) -> None:
        """Shows a recorded iteration, unless another one was asked for meanwhile."""
        if self._scans_to is not None:
            if iteration.complete:
                self._come_closer("recorded", iteration.index)
        elif self._sought in (None, iteration.index):
            self._show(iteration)

    def _show(self, iteration: Iteration) -> None:
        """Takes in a recorded iteration and moves the shown moment into it."""
        same = self.iteration is not None and self.iteration.index == iteration.index
        growing = same and not iteration.complete
        before = self.moment if same else Moment(iteration.index, -1)
        self._shown = Shown(iteration, self.moment)
        if not same:
            self.asked.forget_absent()
        landing = "last" if self._at_full_speed else self._landing
        if not same or landing in ("first", "last") or isinstance(landing, int):
            event = self.event_of(landing)
        else:
            event = min(self.moment.event, len(iteration.events) - 1)
        if self._runs_on and (hit := self._hit_between(before, event)) is not None:
            event, self._hit = hit.event, hit
        if not growing:
            self.awaiting, self._landing, self._sought = False, "op", None
            self.slow = False
        self._shown.moment = Moment(iteration.index, event)
        self.iteration_changed.emit()
        self.moment_changed.emit()
        self._arrive()
        if not self.awaiting and self._destination is not None:
            self.come_to(*self._destination)

    def _send(self, command: Command) -> None:
        if self.send is not None:
            self.send(command)
