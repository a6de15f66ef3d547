"""Lays out off the GUI thread. Only the answer to the latest request is heard."""

from __future__ import annotations

from contextlib import suppress

from PySide6.QtCore import QObject, QThreadPool, Signal

from gradviz.ui.graph.layout import Placement, Request, lay_out


class LayoutRunner(QObject):
    """One worker thread, which ends with this object."""

    placed = Signal(object, object)  # Request, Placement
    _done = Signal(int, object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._generation = 0
        self._pool = QThreadPool(self)  # waits for its thread when it is destroyed
        self._pool.setMaxThreadCount(1)
        self._done.connect(self._on_done)

    def request(self, request: Request, kept: Placement | None) -> None:
        """Asks for a placement; `placed` follows unless another request comes first."""
        self._generation += 1
        generation = self._generation
        self._pool.clear()
        self._pool.start(lambda: self._work(generation, request, kept))

    def cancel(self) -> None:
        """Nothing that is under way will be heard."""
        self._generation += 1
        self._pool.clear()

    def _work(self, generation: int, request: Request, kept: Placement | None) -> None:
        if generation != self._generation:
            return
        placement = lay_out(request, kept)
        with suppress(RuntimeError):  # the view was closed meanwhile
            self._done.emit(generation, request, placement)

    def _on_done(self, generation: int, request: Request, placement: Placement) -> None:
        if generation == self._generation:
            self.placed.emit(request, placement)
