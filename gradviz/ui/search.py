"""Continue and reverse-continue: to the next hit of a breakpoint, or back to the last one."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QObject, Signal

from gradviz.session.protocol import Hits
from gradviz.trace import Hit, Moment
from gradviz.ui.branch import BranchModel

FIRST_CHUNK = 32
"""Iterations that are examined at first when going back; twice as many every time there is no hit in them."""

Direction = Literal["forward", "backward"]


class HitSearch(QObject):
    """Looks for a hit in one branch. Forward the program runs on until a hit holds it. Backward the worker
    examines earlier iterations piece by piece, as far as they have not been examined yet."""

    changed = Signal()  # it has begun, come further, or ended
    exhausted = Signal(str)  # Direction: there is none

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.direction: Direction | None = None
        """Where it is under way to, or None."""
        self._branch: BranchModel | None = None
        self._start = Moment(0, -1)
        self._chunk = FIRST_CHUNK
        self._since = 0  # all iterations from here to the start have been examined
        self._nearest: Hit | None = None  # of those in what is being examined
        self._strayed = False  # the worker is elsewhere than the window

    @property
    def reached(self) -> int:
        """The iteration that is being examined."""
        return self._branch.status.iteration if self._branch is not None else 0

    def forward(self, branch: BranchModel) -> None:
        """Shows the next hit after the shown moment; the program runs on if it is not known yet."""
        self._begin("forward", branch)
        here = self._start
        hit = branch.hits.after(here, branch.enabled)
        if branch.kept is not None:
            self._look_in_file([hit for hit in self._in_file() if hit.moment > here])
        elif hit is not None and branch.hits.examined(here.iteration, hit.iteration, branch.enabled):
            self._arrive(hit)
        elif branch.send is None:
            self._give_up()
        elif not branch.hits.examined(here.iteration, branch.reached, branch.enabled):
            self._scan(here.iteration, branch.reached)
        else:
            self._run_on()

    def backward(self, branch: BranchModel) -> None:
        """Shows the last hit before the shown moment."""
        self._begin("backward", branch)
        self._since = branch.hits.examined_since(self._start.iteration, branch.enabled)
        hit = branch.hits.before(self._start, branch.enabled)
        if branch.kept is not None:
            self._look_in_file([hit for hit in reversed(self._in_file()) if hit.moment < self._start])
        elif hit is not None and hit.iteration >= self._since:
            self._arrive(hit)
        elif branch.send is None:
            self._give_up()
        else:
            self._scan_on()

    def cancel(self) -> None:
        """Ends the search, if there is one. Forward the program is held where it is; backward the window goes
        back to what it showed."""
        branch, start, strayed, direction = self._branch, self._start, self._strayed, self.direction
        self._end()
        if branch is None or branch.send is None:
            return
        if strayed:
            branch.record(start.iteration, start.event)
        elif direction == "forward":
            branch.advance("iteration", "op")

    # ── inside ────────────────────────────────────────────────────────────────────────────────────────────

    def _begin(self, direction: Direction, branch: BranchModel) -> None:
        self._end()
        self.direction, self._branch, self._start = direction, branch, branch.moment
        self._chunk, self._nearest, self._strayed = FIRST_CHUNK, None, False
        branch.stopped.connect(self._end)
        branch.examined.connect(self._on_examined)
        branch.scanned.connect(self._on_scanned)
        branch.status_changed.connect(self._on_status)
        self.changed.emit()

    def _end(self) -> None:
        branch, self._branch, self.direction = self._branch, None, None
        if branch is not None:
            branch.stopped.disconnect(self._end)
            branch.examined.disconnect(self._on_examined)
            branch.scanned.disconnect(self._on_scanned)
            branch.status_changed.disconnect(self._on_status)
            self.changed.emit()

    def _in_file(self) -> list[Hit]:
        """The hits that can be gone to in a run that comes from a file: no program examines any more."""
        branch = self._branch
        assert branch is not None and branch.kept is not None
        return [hit for hit in branch.hits.hits(branch.enabled) if hit.iteration in branch.kept]

    def _look_in_file(self, ahead: list[Hit]) -> None:
        """Goes to the first of the hits on the way."""
        self._arrive(ahead[0]) if ahead else self._give_up()

    def _run_on(self) -> None:
        """Lets the program run until a hit holds it."""
        assert self._branch is not None
        if self._branch.over:
            self._give_up()
        else:
            self._strayed = False
            self._branch.advance("end", "last")

    def _scan_on(self) -> None:
        """Has the next piece before what is known examined; there is none before the first iteration."""
        if self._since == 0:
            self._give_up()
            return
        last = self._since - 1
        self._since = max(0, last - self._chunk + 1)
        self._chunk *= 2
        self._scan(self._since, last)

    def _scan(self, first: int, last: int) -> None:
        assert self._branch is not None
        self._strayed = True
        self._branch.scan(first, last)

    def _on_examined(self, report: Hits) -> None:
        """Keeps the hit that is nearest to the start. (The branch may forget it again, if there are many.)"""
        self._since = min(self._since, report.first)
        if self.direction == "backward":
            nearer = [hit for hit in report.hits if hit.moment < self._start][-1:]
            self._nearest = max([*nearer, *filter(None, [self._nearest])], default=None)
        else:
            nearer = [hit for hit in report.hits if hit.moment > self._start][:1]
            self._nearest = min([*nearer, *filter(None, [self._nearest])], default=None)

    def _on_scanned(self) -> None:
        if self._nearest is not None:
            self._arrive(self._nearest)
        elif self.direction == "backward":
            self._scan_on()
        else:
            self._run_on()

    def _arrive(self, hit: Hit) -> None:
        branch, strayed = self._branch, self._strayed
        assert branch is not None
        self._end()
        branch.go_to_hit(hit, afresh=strayed)

    def _give_up(self) -> None:
        """There is no such hit: back to where it began."""
        branch, start, strayed, direction = self._branch, self._start, self._strayed, self.direction
        assert branch is not None
        self._end()
        if strayed and branch.send is not None:
            branch.record(start.iteration, start.event)
        self.exhausted.emit(direction)

    def _on_status(self) -> None:
        branch = self._branch
        assert branch is not None
        if branch.send is None or (branch.over and not branch.awaiting):
            self._give_up()
        else:
            self.changed.emit()
