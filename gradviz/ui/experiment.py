"""An experiment: one number of the shown iteration is another one, and all that follows is computed anew.

It is a branch of the run that has only this iteration. While a number is being tried, only the newest wish is
remembered. The true run stays where it is: it comes back with `undo`, also when another iteration is wanted.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal

from gradviz.session.protocol import (
    Advance,
    Command,
    Fork,
    Hits,
    Metrics,
    Output,
    Problem,
    Recorded,
    Report,
    Scan,
    Seek,
    Status,
    Try,
    Unforked,
)
from gradviz.trace import Node, Summary
from gradviz.trace.branches import Branch, SetNumber
from gradviz.ui.branch import BranchModel
from gradviz.ui.branch_look import FIRST_EXPERIMENT
from gradviz.ui.branches import Branches
from gradviz.ui.differences import Differences
from gradviz.ui.fork_draft import ForkDraft
from gradviz.ui.workers import Workers


class Experiment(QObject):
    """At most one at a time. `edit` is what is tried, None while there is no experiment."""

    changed = Signal()

    def __init__(
        self,
        branches: Branches,
        differences: Differences,
        draft: ForkDraft,
        workers: Workers,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._branches, self._differences = branches, differences
        self._draft, self._workers = draft, workers
        self.edit: SetNumber | None = None
        self.before = 0.0
        """What the number truly is."""
        self.problem: Problem | None = None
        """Why the number could not be set, or how the program ended with it."""
        self.refused = False
        """Whether the last experiment could not begin, because the program cannot be copied."""
        self.branch: BranchModel | None = None
        self.base: BranchModel | None = None
        """The branch of the true run that it leaves."""
        self._tried: SetNumber | None = None  # last, by the program
        self._waiting = False  # for what comes of that
        self._compared: BranchModel | None = None  # before it began
        self._differences_shown = False
        self._count = 0

    # ── what views read ───────────────────────────────────────────────────────────────────────────────────

    @property
    def active(self) -> bool:
        return self.branch is not None

    @property
    def possible(self) -> bool:
        """Whether there is a program that could be asked."""
        true = self.base or self._branches.shown
        runs = true.send is not None and true.kept is None and not self._workers.runs_rehearsal
        return runs and true.iteration is not None

    @property
    def true(self) -> BranchModel:
        """The branch of the true run that is shown, or that the experiment leaves."""
        return self.base or self._branches.shown

    def true_value(self, node: Node) -> Summary | None:
        """What a small value is in the true run at the shown moment, if that is known by now."""
        partner = self.true.node(node.key)
        if partner is None or not self.true.has_value(partner):
            return None
        return self.true.asked.summary(self.true.ref(partner, "value"))

    def sets(self, key: str, role: str, index: tuple[int, ...]) -> bool:
        """Whether this is the number that is tried."""
        edit = self.edit
        return edit is not None and (edit.key, edit.role, edit.index) == (key, role, index)

    @property
    def losses(self) -> tuple[float | None, float | None]:
        """The loss of the iteration, truly and in the experiment."""
        found = [branch.iteration and branch.iteration.loss for branch in (self.base, self.branch) if branch]
        return (*found, None, None)[:2]  # type: ignore[return-value]

    # ── intents ───────────────────────────────────────────────────────────────────────────────────────────

    def attempt(self, edit: SetNumber, before: float) -> None:
        """Sets the number, in place of the one that was tried before. `before`: what it truly is."""
        if not self.possible:
            return
        self.edit, self.before = edit, before
        if self.branch is None:
            self._begin(edit)
        else:
            self._go_on()
        self.changed.emit()

    def undo(self) -> None:
        """The true run is shown again."""
        branch, self.branch = self.branch, None
        self.edit, self.problem = None, None
        if branch is not None:
            if branch in self._branches.all:
                self._branches.drop(branch)
                self._branches.compare(self._compared if self._compared in self._branches.all else None)
            self._workers.drop(branch.id)
            self._differences.show(self._differences_shown)
            self.base = self._compared = None
        self.changed.emit()

    def keep(self) -> None:
        """Makes it a branch of the run, which goes on from here."""
        edit, base = self.edit, self.base
        if edit is None or base is None or base.iteration is None:
            return
        iteration = base.iteration.index
        self.undo()
        if not self._branches.full:
            self._draft.fork_at(iteration, (edit,))

    # ── the worker's reports ──────────────────────────────────────────────────────────────────────────────

    def receive(self, report: Report) -> None:
        """Takes in what the experiment's program says."""
        assert self.branch is not None
        match report:
            case Unforked():
                self.refused = True
                self.undo()
            case Problem():
                self.problem = report
                self.changed.emit()
            case Output() | Metrics() | Hits():
                pass  # of the true run these are known
            case Recorded():
                self.branch.edition += 1  # arrays of the iteration before it are not what they were
                self.branch.receive(report)
                self.changed.emit()
            case Status():
                self.branch.receive(report)
                if report.state in ("holding", "finished", "failed"):
                    self._waiting = False
                    self._go_on()
                    self.changed.emit()
            case _:
                self.branch.receive(report)

    # ── inside ────────────────────────────────────────────────────────────────────────────────────────────

    def _begin(self, edit: SetNumber) -> None:
        base = self._branches.shown
        assert base.iteration is not None
        self.refused, self.problem = False, None
        self._count += 1
        index = base.iteration.index
        parent = self._branches.origin_at(index, "", ()).parent
        origin = Branch(FIRST_EXPERIMENT + self._count, "", parent, index, (edit,))
        self.base, self._compared = base, self._branches.compared
        self._differences_shown = self._differences.wanted
        self._tried, self._waiting = edit, True
        self.branch = self._branches.add(origin)
        self.branch.send = partial(self._send, self._count)
        self._differences.show(True)
        self._workers.fork(Fork(origin, self._branches.all_edits_of(origin), experiment=True))

    def _go_on(self) -> None:
        """Tries the newest wish once what came of the one before is there."""
        if (
            self.branch is not None
            and self.edit is not None
            and not self._waiting
            and self.edit != self._tried
        ):
            self._tried, self._waiting, self.problem = self.edit, True, None
            self._workers.send(Try(self.edit), self.branch.id)

    def _send(self, count: int, command: Command) -> None:
        """There is no other iteration in it: the true run goes there."""
        if self.branch is None or count != self._count:
            return
        after: Callable[[BranchModel], None]
        match command:
            case Seek():
                iteration = command.iteration
                after = lambda true: true.come_to(iteration)  # noqa: E731
            case Advance():
                until = command.until
                after = lambda true: true.advance(until)  # noqa: E731
            case Scan():
                after = lambda _true: None  # noqa: E731
            case _:
                self._workers.send(command, self.branch.id)
                return
        QTimer.singleShot(0, self, partial(self._leave_for, count, after))

    def _leave_for(self, count: int, after: Callable[[BranchModel], None]) -> None:
        if self.branch is not None and count == self._count:
            self.undo()
            after(self._branches.shown)
