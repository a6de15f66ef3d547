"""Lays out off the GUI thread. Only the answer to the latest request is heard."""

from __future__ import annotations

from threading import Lock, Thread

from PySide6.QtCore import QObject, Signal

from gradviz.ui.graph.layout import Placement, Request, lay_out


class LayoutRunner(QObject):
    """A thread for each request, one working at a time; it ends with its answer.

    Has no parent, so that it outlives a view that is closed meanwhile: the thread keeps it until it is done.
    (A QThreadPool would wait for the thread while it is destroyed, and hold the lock that Python needs to
    go on.)
    """

    placed = Signal(object, object)  # Request, Placement
    _done = Signal(int, object, object)

    def __init__(self) -> None:
        super().__init__()
        self._generation = 0
        self._working = Lock()
        self._done.connect(self._on_done)

    def request(self, request: Request, kept: Placement | None) -> None:
        """Asks for a placement; `placed` follows unless another request comes first."""
        self._generation += 1
        Thread(target=self._work, args=(self._generation, request, kept), daemon=True).start()

    def cancel(self) -> None:
        """Nothing that is under way will be heard."""
        self._generation += 1

    def _work(self, generation: int, request: Request, kept: Placement | None) -> None:
        with self._working:
            if generation == self._generation:
                self._done.emit(generation, request, lay_out(request, kept))

    def _on_done(self, generation: int, request: Request, placement: Placement) -> None:
        if generation == self._generation:
            self.placed.emit(request, placement)
