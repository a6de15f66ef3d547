"""The branches of the run: which there are, which one is shown, and which one it is compared with."""

from __future__ import annotations

from msgspec.structs import replace
from PySide6.QtCore import QObject, Signal

from gradviz.session.protocol import Problem
from gradviz.trace.branches import MAIN, Branch, DatedEdit, Edit, edits_of
from gradviz.trace.lockstep import Lockstep
from gradviz.ui.branch import BranchModel
from gradviz.ui.branch_look import FIRST_EXPERIMENT, look_of

MAX_BRANCHES = 16


class Branches(QObject):
    """The compared branch follows the shown one: to the same iteration, and to the same place in it."""

    changed = Signal()  # one came or went, was renamed, shown or compared
    shown_changed = Signal()  # another one is shown
    summaries_changed = Signal()  # answers to a branch's `summary` have arrived
    moved = Signal()  # one stands at another moment, or its program stands otherwise
    run_changed = Signal()  # the curves of one have new points, or were cleared

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.all = [BranchModel(self)]
        """In the order in which they came to be; the first is the one that the program began with."""
        self.shown = self.all[0]
        self.compared: BranchModel | None = None
        self._coming: BranchModel | None = None  # to be shown with its first recording
        self._lockstep: tuple[object, object, Lockstep] | None = None
        self._origins: dict[int, Branch] = {}  # of all branches that there ever were in this run
        self._listen(self.shown)

    # ── what views read ───────────────────────────────────────────────────────────────────────────────────

    def name_of(self, branch: BranchModel) -> str:
        """What the branch is called on screen."""
        return self.tr("experiment") if branch.is_experiment else branch.name or self.tr("main")

    def is_coming(self, branch: BranchModel) -> bool:
        """Whether nothing of the branch has been recorded yet."""
        return branch.iteration is None and branch.send is not None

    @property
    def lasting(self) -> list[BranchModel]:
        """Those that are no experiment."""
        return [branch for branch in self.all if not branch.is_experiment]

    def with_id(self, number: int) -> BranchModel | None:
        return next((branch for branch in self.all if branch.id == number), None)

    def say_whose(self, branch: BranchModel, problem: Problem) -> Problem:
        """The problem; where there are several branches, with the branch's letter before its message."""
        if len(self.lasting) == 1:
            return problem
        return replace(problem, message=f"{look_of(branch.id).letter}: {problem.message}")

    @property
    def together(self) -> bool:
        """Whether the compared branch stands in the iteration that is shown."""
        one, other = self.shown.iteration, self.compared and self.compared.iteration
        return one is not None and other is not None and one.index == other.index

    @property
    def full(self) -> bool:
        return len(self.lasting) >= MAX_BRANCHES

    def origin_at(self, iteration: int, name: str, edits: tuple[Edit, ...]) -> Branch:
        """A branch that would leave the shown one there, or the ancestor that this then still was."""
        parent = self.shown.id
        while parent != MAIN and self._origins[parent].iteration > iteration:
            parent = self._origins[parent].parent
        return Branch(max(self._origins, default=MAIN) + 1, name, parent, iteration, edits)

    def all_edits_of(self, origin: Branch) -> tuple[DatedEdit, ...]:
        """What a branch and its ancestors change, in order."""
        return edits_of(origin, self._origins)

    # ── intents ───────────────────────────────────────────────────────────────────────────────────────────

    def clear(self) -> None:
        """Another program begins: one branch is left, and it is empty."""
        for branch in self.all[1:]:
            self._forget(branch)
        del self.all[1:]
        self._origins.clear()
        self.compared = self._coming = None
        self.shown = self.all[0]
        self.shown.name = ""
        self.shown_changed.emit()
        self.shown.clear()
        self.changed.emit()

    def add(self, origin: Branch) -> BranchModel:
        """A branch that begins now. It is shown once something of it is recorded, and its parent compared."""
        if origin.id < FIRST_EXPERIMENT:
            self._origins[origin.id] = origin
        branch = self._coming = BranchModel(self, origin)
        self.all.append(branch)
        self._listen(branch)
        self.changed.emit()
        return branch

    def show(self, branch: BranchModel) -> None:
        """Shows a branch at the moment where the one before stood. If it was compared, they swap."""
        before = self.shown
        if branch is before or branch.iteration is None:
            return  # one that is on its way is shown when it comes
        self.shown = branch
        if branch is self.compared:
            self.compared = before
        self._meet(branch, before)
        self.shown_changed.emit()
        self.changed.emit()

    def compare(self, branch: BranchModel | None) -> None:
        """Compares the shown branch with another one, or with none."""
        self.compared = None if branch is self.shown else branch
        self._keep_up()
        self.changed.emit()

    def rename(self, branch: BranchModel, name: str) -> None:
        """An empty name gives it back the window's."""
        branch.name = " ".join(name.split())[:200] or (branch.origin.name if branch.origin else "")
        self.changed.emit()

    def drop(self, branch: BranchModel) -> None:
        """Forgets a branch that is not the first one. Its worker is its owner's business."""
        self.all.remove(branch)
        if branch is self.compared:
            self.compared = None
        if branch is self.shown:
            parent = self.with_id(branch.origin.parent) if branch.origin else None
            self.show(self.compared or parent or self.all[0])
            self.compared = None
        self._forget(branch)
        self.changed.emit()

    # ── lockstep ──────────────────────────────────────────────────────────────────────────────────────────

    def _listen(self, branch: BranchModel) -> None:
        branch.run_changed.connect(self.run_changed)
        branch.summaries_changed.connect(self.summaries_changed)
        branch.moment_changed.connect(self._arrive)
        branch.moment_changed.connect(self._keep_up)
        branch.moment_changed.connect(self.moved)
        branch.status_changed.connect(self._keep_up)
        branch.status_changed.connect(self.moved)

    def _forget(self, branch: BranchModel) -> None:
        if branch is self._coming:
            self._coming = None
        branch.hang_up()
        branch.deleteLater()

    def _arrive(self) -> None:
        """Shows the newest branch, now that there is something to see of it, beside the one it left."""
        branch = self._coming
        if branch is None or branch.iteration is None:
            return
        self._coming = None
        self.compared, self.shown = self.shown, branch
        if self.together:  # else its first operation is where it begins to be another run
            self._meet(branch, self.compared)
        self.shown_changed.emit()
        self.changed.emit()

    def _keep_up(self) -> None:
        """Brings the compared branch to where the shown one stands."""
        if self.compared is not None:
            self._meet(self.compared, self.shown)

    def _meet(self, follower: BranchModel, leader: BranchModel) -> None:
        if leader.iteration is None or follower.iteration is None:
            return  # what begins now comes with its first recording
        if follower.iteration.index != leader.iteration.index:
            follower.come_to(leader.iteration.index)
            return
        pair = self._lockstep
        if pair is None or pair[0] is not leader.iteration or pair[1] is not follower.iteration:
            pair = leader.iteration, follower.iteration, Lockstep(leader.iteration, follower.iteration)
            self._lockstep = pair
        follower.seek(pair[2].event(leader.moment.event))
