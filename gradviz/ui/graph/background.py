"""Work off the GUI thread. Only the answer to the latest wish is heard."""

from __future__ import annotations

import gc
from collections.abc import Callable
from functools import partial
from threading import Lock, Thread
from typing import Any

from PySide6.QtCore import QObject, Signal

Check = Callable[[], None]
"""To be called now and then by work in the background: raises `SupersededError` when nobody waits for it."""


class SupersededError(Exception):
    """Another wish has come, or none is left."""


def _uncollected(work: Callable[[Check], Any], check: Check) -> Any:
    """The work, without garbage being looked for in what it makes: that would stop all threads again and
    again, for most of a second. What is not used any more is freed as ever, by counting references."""
    gc.disable()
    try:
        return work(check)
    finally:
        gc.freeze()
        gc.enable()


class Background(QObject):
    """A thread for each wish, one working at a time; it ends with its answer.

    Has no parent, so that it outlives a view that is closed meanwhile: the thread keeps it until it is done.
    (A QThreadPool would wait for the thread while it is destroyed, and hold the lock that Python needs to
    go on.)
    """

    done = Signal(object)  # what the work gave
    failed = Signal(object)  # the exception that ended the work
    _done = Signal(int, object)
    _failed = Signal(int, object)

    def __init__(self) -> None:
        super().__init__()
        self._generation = self._answered = 0
        self._working = Lock()
        self._done.connect(self._on_done)
        self._failed.connect(self._on_failed)

    @property
    def busy(self) -> bool:
        """Whether an answer is to be expected."""
        return self._generation != self._answered

    def ask(self, work: Callable[[Check], Any], *, large: bool = False) -> None:
        """Starts the work; `done` or `failed` follows unless another wish comes first. `large`: it makes
        hundreds of thousands of objects that last."""
        self._generation += 1
        if large:
            work = partial(_uncollected, work)
        Thread(target=self._work, args=(self._generation, work), daemon=True).start()

    def cancel(self) -> None:
        """Nothing that is under way will be heard, and it ends soon."""
        self._generation += 1
        self._answered = self._generation

    def _work(self, generation: int, work: Callable[[Check], Any]) -> None:
        def check() -> None:
            if generation != self._generation:
                raise SupersededError

        with self._working:
            try:
                check()
                self._done.emit(generation, work(check))
            except SupersededError:
                pass
            except Exception as error:  # whoever waits must hear of it
                self._failed.emit(generation, error)

    def _on_done(self, generation: int, answer: Any) -> None:
        if generation == self._generation:
            self._answered = generation
            self.done.emit(answer)

    def _on_failed(self, generation: int, error: Exception) -> None:
        if generation == self._generation:
            self._answered = generation
            self.failed.emit(error)
