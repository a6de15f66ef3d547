"""Records iterations, keeps those whose arrays may be asked for, and shows them to the window."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

import numpy as np

from gradviz.engine.nn import Module
from gradviz.session.clock import Clock
from gradviz.session.hints import TOO_LARGE
from gradviz.session.interventions import Interventions
from gradviz.session.names import Names
from gradviz.session.protocol import Problem, Recorded, Report
from gradviz.session.recording import Recording
from gradviz.session.wishes import Wishes
from gradviz.trace import ArrayRef, Iteration
from gradviz.trace.change import change_of

RECORD_EVERY = 0.2  # seconds between the iterations that are recorded while training at full speed
SHOW_EVERY = 0.15  # seconds between those that are shown: all of them, unless the window has no time
MAX_HASH_SHARE = 0.02  # of that time, to hash the program's state for it: else they are recorded more rarely
RECORD_ALL_FOR = 0.1  # seconds in which all are recorded: a short run ends on its very last
MAX_NEIGHBOURS = 24  # recordings that are kept so that a step back into them takes no time …
MAX_NEIGHBOUR_BYTES = 256 << 20  # … while they are light


class Recorder:
    """`current` is the recording of the present iteration, if it is recorded."""

    def __init__(self, send: Callable[[Report], None], names: Names, wishes: Wishes, clock: Clock) -> None:
        self.current: Recording | None = None
        self._shown: Recording | None = None  # the window asks for its arrays
        # of iterations in a row, the last one that was held at and those before it
        self._neighbours: tuple[Recording, ...] = ()
        self._unshown: Recording | None = None  # a later one, recorded at full speed
        self._for_window = True  # the present recording is
        self._fullness_reported = False
        self._send, self._names, self._wishes, self._clock = send, names, wishes, clock

    @property
    def kept(self) -> list[Recording]:
        """All whose arrays may be asked for."""
        recordings = (self.current, self._shown, self._unshown, *self._neighbours)
        return list(dict.fromkeys(recording for recording in recordings if recording is not None))

    @property
    def nbytes(self) -> int:
        """Memory that the recordings keep alive."""
        return sum(recording.arrays.nbytes for recording in self.kept)

    def is_due(self) -> bool:
        """Whether, at full speed, the next iteration is to be recorded."""
        pause = max(RECORD_EVERY, self._clock.hash_seconds / MAX_HASH_SHARE)
        return self._wishes.seconds() < RECORD_ALL_FOR or self._clock.record_is_due(pause)

    def begin(
        self,
        iteration: Iteration,
        running: Iterable[Module],
        whole: bool,
        for_window: bool,
        interventions: Interventions | None = None,
    ) -> None:
        """Records an iteration from here on, in which those modules are running.

        `whole`: from its beginning. Not `for_window`: only to be examined, and shown if that makes it hold.
        """
        self.current = Recording(iteration, self._names, whole, interventions, self.kept)
        self._for_window = for_window
        for module in running:
            self.current.enter(module)
        if for_window:
            self._clock.recorded()

    def end(self, trains: bool, holds: bool) -> Recording | None:
        """The iteration has ended; returns its recording, if it was made for the window.

        It is shown when the program holds at it, or when it is time to show one.
        """
        recording, self.current = self.current, None
        if recording is None:
            return None
        recording.end()
        if holds or self._wishes.is_near_end_of_scan(recording.iteration.index, MAX_NEIGHBOURS):
            self._add_neighbour(recording)
        if holds:
            self._show(recording)
        elif self._for_window and trains and recording.iteration.events:
            recording.set_aside()
            self._unshown, self._neighbours = recording, ()
            if not self._wishes.busy and self._clock.since_show() > SHOW_EVERY:
                self._show(recording)
        return recording if self._for_window or holds else None

    def show_last(self) -> None:
        """Shows the last iteration that was recorded, if that is still to come."""
        if self._unshown is not None:
            self._show(self._unshown)

    def show_again(self, iteration: int) -> bool:
        """Reports the iteration once more if it is kept."""
        for recording in self.showable:
            if recording.iteration.index == iteration:
                self._shown = recording
                self._report(recording)
                return True
        return False

    def show_partial(self, at_once: bool = False) -> None:
        """Shows an iteration that takes long while it grows, ever more rarely as it gets larger."""
        recording = self.current
        if recording is None or not self._for_window or self._wishes.until == "end" or self._wishes.busy:
            return
        if (at_once or self._clock.partial_is_due()) and recording.has_news():
            started = time.monotonic()
            self._report(recording)
            self._clock.partial_took(time.monotonic() - started)

    def show_fullness(self, recording: Recording) -> None:
        """Says, once a run, that an iteration is larger than what is shown of it."""
        if self._fullness_reported:
            return
        self._fullness_reported = True
        self._report(recording)
        shown = sum(node.kind == "operation" for node in recording.iteration.nodes)
        arguments = (str(recording.iteration.index + 1), str(shown))
        place = self._names.source()
        self._send(Problem("warning", "size", "", place, hint=TOO_LARGE, hint_arguments=arguments))

    def forget(self) -> None:
        """Nothing that is kept is to be asked for any more."""
        self._shown = self._unshown = None
        self._neighbours = ()

    def of(self, iteration: int) -> Recording | None:
        """The recording of an iteration, if it is kept."""
        return next((r for r in self.kept if r.iteration.index == iteration), None)

    @property
    def showable(self) -> list[Recording]:
        """Those of complete iterations that can be shown again, oldest first."""
        recordings = dict.fromkeys((*self._neighbours, self._shown))
        return [recording for recording in recordings if recording and recording.iteration.complete]

    def find(self, ref: ArrayRef) -> np.ndarray | None:
        """The recorded array that `ref` names, or None."""
        if ref.change:
            return change_of(ref, self._iteration, self.find)
        recording = self.of(ref.iteration)
        return None if recording is None else recording.find(ref)

    def _iteration(self, index: int) -> Iteration | None:
        recording = self.of(index)
        return None if recording is None else recording.iteration

    def _add_neighbour(self, recording: Recording) -> None:
        """Keeps a recording beside those of the iterations before it."""
        before = self._neighbours
        if not recording.whole or (before and before[-1].iteration.index + 1 != recording.iteration.index):
            before = ()
        if before:
            before[-1].set_aside()
        kept = (*before, recording)[-MAX_NEIGHBOURS:]
        while len(kept) > 1 and sum(neighbour.arrays.nbytes for neighbour in kept) > MAX_NEIGHBOUR_BYTES:
            kept = kept[1:]
        self._neighbours = kept

    def _show(self, recording: Recording) -> None:
        self._shown, self._unshown = recording, None
        self._clock.shown()
        self._report(recording)

    def _report(self, recording: Recording) -> None:
        recording.finish()
        self._wishes.sent()
        self._send(Recorded(recording.iteration))
