"""A fork of the past that a person is putting together: where it leaves the run, and what it changes."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, Signal

from gradviz.session.protocol import Fork
from gradviz.trace.branches import MAX_EDITS, Edit, SetSample
from gradviz.ui.branches import Branches
from gradviz.ui.edits import name_of, same_place
from gradviz.ui.workers import Workers

MAX_NAME = 200  # characters


class ForkDraft(QObject):
    """Closed until something opens it. While it is open, changes can be added from anywhere in the window."""

    changed = Signal()
    begun = Signal()  # a person wants to say what is to be changed

    def __init__(self, branches: Branches, workers: Workers, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._branches, self._workers = branches, workers
        self.iteration: int | None = None
        """The first iteration of the branch, counted from 0; None while nothing is being put together."""
        self.edits: list[Edit] = []

    @property
    def possible(self) -> bool:
        """Whether there is a moment to fork at, and room for another branch."""
        shown = self._branches.shown
        runs = shown.send is not None and shown.kept is None and not self._workers.runs_rehearsal
        return runs and not shown.is_experiment and shown.iteration is not None and not self._branches.full

    @property
    def here(self) -> int:
        """The first iteration of a branch that leaves the run at the shown moment: once the shown iteration
        has begun to update, the next one, if the program has one."""
        shown = self._branches.shown
        iteration, now = shown.iteration, shown.moment.event
        assert iteration is not None
        ended = iteration.complete and now == len(iteration.events) - 1
        updates = any(event.kind == "update" for event in iteration.events[: now + 1])
        last = shown.over and iteration.index >= shown.furthest
        return iteration.index + (not last and (ended or updates))

    # ── intents ───────────────────────────────────────────────────────────────────────────────────────────

    def begin(self) -> None:
        """Begins to put together a fork at the shown moment."""
        if self.possible:
            self._open(self.here)
            self.begun.emit()

    def change(self, edit: Edit) -> None:
        """Adds a change, and begins a fork at the shown moment if there is none yet. A later change of the
        same thing takes the place of an earlier one; a sample belongs to the batch that is shown."""
        iteration = self._branches.shown.iteration
        if not self.possible or iteration is None:
            return
        if isinstance(edit, SetSample):
            self._open(iteration.index)
        elif self.iteration is None:
            self._open(self.here)
        edits = [known for known in self.edits if not same_place(known, edit)]
        if len(edits) < MAX_EDITS:
            self.edits = [*edits, edit]
        self.changed.emit()

    def remove(self, edit: Edit) -> None:
        """Takes a change back."""
        self.edits = [known for known in self.edits if known != edit]
        self.changed.emit()

    def close(self) -> None:
        """Nothing is forked."""
        self.iteration, self.edits = None, []
        self.changed.emit()

    def fork(self) -> None:
        """Lets another branch of the run begin with the changes."""
        if self.iteration is None or not self.edits or not self.possible:
            return
        iteration, edits = self.iteration, tuple(self.edits)
        self.close()
        self.fork_at(iteration, edits)

    def fork_at(self, iteration: int, edits: tuple[Edit, ...]) -> None:
        """Lets another branch begin at an iteration of the shown one, with these changes."""
        origin = self._branches.origin_at(iteration, name_of(edits)[:MAX_NAME], edits)
        self._branches.add(origin).send = partial(self._workers.send, branch=origin.id)
        self._workers.fork(Fork(origin, self._branches.all_edits_of(origin)))

    def _open(self, iteration: int) -> None:
        """Leaves the run there, from now on; samples of another batch mean nothing there."""
        if self.iteration not in (None, iteration):
            self.edits = [edit for edit in self.edits if not isinstance(edit, SetSample)]
        self.iteration = iteration
        self.changed.emit()
