"""What is laid over the graph: one of OVERLAYS, and whether the backward graph is there as well."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from gradviz.trace.overlays import OVERLAYS, Overlay


class Overlays(QObject):
    """Kept from run to run."""

    changed = Signal()  # another overlay is shown
    backward_changed = Signal()  # whether the backward graph is shown

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.shown: Overlay = "values"
        self.backward = False
        """Whether the backward graph is shown with its own nodes."""

    def show(self, overlay: Overlay) -> None:
        """Lays that over the graph, in place of what is there."""
        if overlay != self.shown:
            self.shown = overlay
            self.changed.emit()

    def show_next(self) -> None:
        """The one after it; after the last one none."""
        self.show(OVERLAYS[(OVERLAYS.index(self.shown) + 1) % len(OVERLAYS)])

    def show_backward(self, shown: bool) -> None:
        """Shows the backward graph beside the forward one, or the forward one alone."""
        if shown != self.backward:
            self.backward = shown
            self.backward_changed.emit()
