"""A fork of the past that a person is putting together: where it leaves the run, and what it changes."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from gradviz.trace.branches import MAX_EDITS, Edit, SetSample
from gradviz.ui.edits import same_place


class ForkDraft(QObject):
    """Closed until `open` is called. While it is open, changes can be added from anywhere in the window."""

    changed = Signal()
    begun = Signal()  # a person wants to say what is to be changed

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.iteration: int | None = None
        """The first iteration of the branch, counted from 0; None while nothing is being put together."""
        self.edits: list[Edit] = []

    @property
    def full(self) -> bool:
        return len(self.edits) >= MAX_EDITS

    def open(self, iteration: int) -> None:
        """Begins to put a fork together, or moves the one that is; samples of another batch are left out."""
        if self.iteration not in (None, iteration):
            self.edits = [edit for edit in self.edits if not isinstance(edit, SetSample)]
        self.iteration = iteration
        self.changed.emit()

    def put(self, edit: Edit) -> None:
        """Adds a change; another one of the same thing gives way to it."""
        edits = [known for known in self.edits if not same_place(known, edit)]
        if len(edits) < MAX_EDITS:
            self.edits = [*edits, edit]
        self.changed.emit()

    def remove(self, edit: Edit) -> None:
        self.edits = [known for known in self.edits if known != edit]
        self.changed.emit()

    def close(self) -> None:
        """Nothing is forked."""
        self.iteration, self.edits = None, []
        self.changed.emit()
