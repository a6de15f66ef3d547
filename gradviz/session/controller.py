"""Steers a running program: cuts its run into iterations, records some of them, holds it between them.

The controller is the engine's observer. It runs in the program's own thread, inside the engine's calls, so
"holding" the program is waiting in one of them. What the window wants arrives from another thread.
"""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, Literal, ParamSpec

import numpy as np

from gradviz.engine import Tensor, is_grad_enabled
from gradviz.engine.backend import Array
from gradviz.engine.nn import Module
from gradviz.engine.observer import Observer
from gradviz.engine.tape import Op
from gradviz.session.clock import Clock
from gradviz.session.hints import DIFFERS, TOO_LARGE
from gradviz.session.history import History
from gradviz.session.metrics import Curves
from gradviz.session.names import Names
from gradviz.session.program import Program
from gradviz.session.protocol import Problem, Recorded, Report, State, Status, Until
from gradviz.session.recording import Recording
from gradviz.trace import ArrayRef, Iteration

SHOW_EVERY = 0.1  # seconds between the iterations that are shown while training at full speed
RECORD_EVERY = 0.05  # seconds between those that are recorded, so that a run ends on a late one
RECORD_ALL_FOR = 0.3  # seconds in which all are: a short run ends on its very last
PAUSE_PATIENCE = 0.4  # seconds to wait for an iteration to begin before recording starts in the middle of one
MAX_UNACKNOWLEDGED = 2

P = ParamSpec("P")


def _one_at_a_time(
    event: Callable[Concatenate[Controller, P], None],
) -> Callable[Concatenate[Controller, P], None]:
    """A program may compute in several threads. While one is held, so are the others."""

    @wraps(event)
    def heard(self: Controller, *args: P.args, **kwargs: P.kwargs) -> None:
        with self._turn:
            event(self, *args, **kwargs)

    return heard


class Controller(Observer):
    """`send` takes reports; it is called from the program's thread.

    `leave_checkpoint` is called before every iteration. It returns a number when this process is a copy of
    the program that was made there and has now been woken: the iteration that the window wants to see.
    """

    def __init__(
        self,
        program: Program,
        send: Callable[[Report], None],
        leave_checkpoint: Callable[[int], int | None] = lambda _iteration: None,
        history: History | None = None,
    ) -> None:
        self._program = program
        self._send = send
        self._leave_checkpoint = leave_checkpoint
        self._history = history or History()
        self._names = Names(lambda: program.namespace, program.sources)
        self._curves = Curves(self._names)
        # What the window wants. The condition guards it; a hold waits on it.
        self._condition = threading.Condition()
        self._until: Until | None = None
        self._target: int | None = None  # the iteration to run to before anything is recorded
        self._wanted_at = 0.0
        self._unacknowledged = 0
        # Where the run stands. Only the program's threads write these, one at a time.
        self._turn = threading.RLock()
        self._iteration = Iteration(0)
        self._recording: Recording | None = None
        self._shown: Recording | None = None  # the window asks for its arrays
        self._unshown: Recording | None = None  # a later one, recorded at full speed
        self._computes = False  # the iteration has run an operation …
        self._trains = False  # … and one that needs a gradient
        self._went_back = False  # it has begun a backward pass
        self._updated = False  # it has changed a leaf that got a gradient
        self._has_batch = False  # a DataLoader has given a batch, in this iteration or before
        # leaves that got a gradient, and their arrays, by id; not kept alive, for an update may never come
        self._leaves: dict[int, weakref.ref[Any]] = {}
        self._fullness_reported = False
        self._stage: Literal["ready", "running", "over"] = "ready"
        self._operations = 0  # of the iteration
        self._stepping = 0  # depth of optimizer.step
        self._modules: list[Module] = []  # the modules that are running, innermost last
        self._called: set[int] = set()  # ids of those that the iteration has called by themselves
        # the first of an iteration that maps a batch to scores
        self._model: weakref.ref[Module] | None = None
        self._epochs: weakref.WeakKeyDictionary[Any, int] = weakref.WeakKeyDictionary()
        self._clock = Clock()

    # ── called by the thread that listens to the window ───────────────────────────────────────────────────

    def advance(self, until: Until, target: int | None = None) -> None:
        """Lets the program run; with `target` nothing is recorded before that iteration."""
        with self._condition:
            self._until, self._target = until, target
            self._wanted_at = time.monotonic()
            self._condition.notify_all()

    def acknowledge(self) -> None:
        with self._condition:
            self._unacknowledged = max(0, self._unacknowledged - 1)

    def comes_to(self, iteration: int) -> bool:
        """Whether the program, if it runs on, has that iteration before it."""
        return self._stage == "ready" or (self._stage == "running" and iteration > self._iteration.index)

    @property
    def present(self) -> int:
        """The iteration that the program is in or has just ended."""
        return self._iteration.index

    def show_again(self, iteration: int) -> bool:
        """Reports the iteration once more if it is the one that was shown last."""
        shown = self._shown
        if shown is None or shown.iteration.index != iteration or not shown.iteration.complete:
            return False
        self._report_iteration(shown.iteration)
        return True

    def find(self, ref: ArrayRef) -> np.ndarray | None:
        """The recorded array that `ref` names, or None."""
        for recording in self._recordings():
            if recording.iteration.index == ref.iteration:
                return recording.find(ref)
        return None

    def show_progress(self, *, at_once: bool = False) -> None:
        """Shows an iteration in which the program is busy with something that the engine does not hear of."""
        if self._turn.acquire(blocking=False):  # else the program is in the engine, which reports by itself
            try:
                self._report_partial(at_once)
            finally:
                self._turn.release()

    # ── the program's life ────────────────────────────────────────────────────────────────────────────────

    def begin(self) -> None:
        """Holds before the first line until the window lets the program run."""
        self._hold("ready")
        self._stage = "running"
        self._remember(0)
        self._start_iteration(new_epoch=True)
        self._send(self._status("running"))

    def finish(self, state: State, exit_code: int) -> None:
        """The program is over: its last iteration ends with it."""
        self._stage = "over"
        self._modules.clear()
        if not self._iteration.complete:  # else it was held at its end and not let go on
            self._end_iteration(accuracy_due=state == "finished")
        if self._unshown is not None:
            self._show(self._unshown)
        self._report_curves()
        self._send(self._status(state, exit_code))

    # ── the engine's events ───────────────────────────────────────────────────────────────────────────────

    @_one_at_a_time
    def batch(self, loader: Any, index: int, count: int | None) -> None:
        if index == 0:
            self._epochs[loader] = self._epochs.get(loader, -1) + 1
        if self._computes and not self._has_batch and not self._went_back:
            self._start_iteration(again=True)  # what came before the first batch only prepared for it
        elif self._updated or (self._computes and not self._went_back):
            self._next_iteration(new_epoch=index == 0 and is_grad_enabled())
        self._has_batch = True
        self._iteration.epoch = self._epochs[loader]
        self._iteration.batch, self._iteration.batches = index, count or 0

    @_one_at_a_time
    def enter(self, module: Module, inputs: tuple) -> None:
        if not self._modules and not self._stepping:
            evaluated = not self._trains and is_grad_enabled() and id(module) in self._called
            if self._updated or evaluated:
                self._next_iteration()
            self._called.add(id(module))
        self._modules.append(module)
        if self._recording is not None:
            self._recording.enter(module)

    @_one_at_a_time
    def leave(self, module: Module, output: Any) -> None:
        if self._modules:
            self._modules.pop()
        if self._model is None and not self._modules and isinstance(output, Tensor) and output.dim() == 2:
            self._model = weakref.ref(module)
        if self._recording is not None:
            self._recording.leave()

    @_one_at_a_time
    def forward(self, node: Op, inputs: tuple[Tensor, ...], outputs: tuple[Tensor, ...]) -> None:
        self._operations += 1
        first = outputs[0]
        in_place = first.requires_grad and first.is_leaf and any(tensor is first for tensor in inputs)
        if self._stepping or in_place:
            return  # arithmetic of an optimizer; or a leaf is initialised or updated in place
        if self._updated and _starts_afresh(inputs, first):
            self._next_iteration()
        self._computes = True
        self._trains = self._trains or first.grad_fn is not None
        if self._recording is not None:
            self._recording.forward(node, inputs, outputs)
            if not self._recording.full:
                self._report_partial()
            elif not self._fullness_reported:
                self._report_fullness(self._recording)
        elif (
            self._until == "iteration"
            and self._target is None
            and time.monotonic() - self._wanted_at > PAUSE_PATIENCE
        ):
            self._record()  # the iteration does not end: show what the program is doing in it

    @_one_at_a_time
    def backward_begin(self, roots: tuple[Tensor, ...]) -> None:
        self._went_back = True
        problem = self._curves.backward(self._iteration, roots)
        if problem is not None and not self._history.repeating:
            self._send(problem)

    @_one_at_a_time
    def backward_node(
        self, node: Op, grads_out: tuple[Array | None, ...], grads_in: tuple[Array | None, ...]
    ) -> None:
        if self._recording is not None:
            self._recording.backward(node, grads_out)
            self._report_partial()

    @_one_at_a_time
    def accumulate(self, tensor: Tensor, grad: Array) -> None:
        self._leaves[id(tensor)] = weakref.ref(tensor)
        self._leaves[id(tensor.array)] = weakref.ref(tensor.array)
        if self._recording is not None:
            self._recording.accumulate(tensor)

    @_one_at_a_time
    def will_change(self, tensor: Tensor) -> None:
        for recording in self._recordings():
            recording.will_change(tensor)

    @_one_at_a_time
    def changed(self, tensor: Tensor) -> None:
        if self._got_gradient(tensor) or self._got_gradient(tensor.array):
            self._updated = self._updated or not self._stepping
            if self._recording is not None:
                self._recording.changed(tensor)

    @_one_at_a_time
    def step_begin(self, optimizer: Any) -> None:
        self._stepping += 1

    @_one_at_a_time
    def closure_begin(self, optimizer: Any) -> None:
        self._stepping -= 1  # the program computes its loss

    @_one_at_a_time
    def closure_end(self, optimizer: Any) -> None:
        self._stepping += 1

    @_one_at_a_time
    def step_end(self, optimizer: Any) -> None:
        self._stepping -= 1
        self._updated = True

    def _got_gradient(self, leaf: Tensor | Array) -> bool:
        known = self._leaves.get(id(leaf))
        return known is not None and known() is leaf

    # ── iterations ────────────────────────────────────────────────────────────────────────────────────────

    def _next_iteration(self, new_epoch: bool = False) -> None:
        self._end_iteration()
        if self._until is None:
            self._report_curves()
            self._hold("holding")
            self._send(self._status("running"))
        self._remember(self._iteration.index + self._computes)
        self._start_iteration(new_epoch)

    def _remember(self, iteration: int) -> None:
        """Leaves a checkpoint before an iteration, when one is due. Years later this may be that copy."""
        with self._condition:  # a copy in which another thread holds this lock would never get it
            target = self._leave_checkpoint(iteration)
            if target is None:
                return
            self._until, self._target = "iteration", target
            self._wanted_at = time.monotonic()
            self._unacknowledged = 0
        self._shown = self._unshown = None
        self._clock.resume()
        self._history.repeat()
        self._send(self._status("running"))

    def _start_iteration(self, new_epoch: bool = False, again: bool = False) -> None:
        """Begins the iteration after the last one that ended, or the present one `again`."""
        before = self._iteration
        index = before.index + (self._computes and not again)
        self._iteration = Iteration(index, before.epoch, before.batch, before.batches)
        self._computes = self._trains = self._went_back = self._updated = False
        self._leaves.clear()
        self._model = None
        self._called.clear()
        self._recording = None
        self._operations = 0
        self._history.began(index)
        with self._condition:
            if self._target is not None and index >= self._target:
                self._target = None
            runs_there = self._target is not None
        if not runs_there and (
            again
            or self._until == "iteration"
            or (self._until == "epoch" and new_epoch)
            or (self._until == "end" and self._record_is_due())
        ):
            self._record()

    def _end_iteration(self, accuracy_due: bool = False) -> None:
        iteration, recording = self._iteration, self._recording
        iteration.complete = True
        if not self._history.agrees(iteration.index, self._operations, iteration.loss or 0.0):
            self._report_difference(iteration)
        if recording is not None:
            with self._condition:  # what is wanted from here on is wanted of the next iteration
                at_full_speed = self._until == "end"
                if not at_full_speed:
                    self._until = None
            if not at_full_speed:
                self._show(recording)
            elif self._trains and iteration.events:
                self._unshown = recording
                if self._unacknowledged < MAX_UNACKNOWLEDGED and self._clock.since_show() > SHOW_EVERY:
                    self._show(recording)
            self._recording = None
        self._curves.end(iteration, recording)
        model = self._model() if self._model is not None else None
        measurable = self._trains and not self._history.repeating
        if model is not None and self._program.test_loader is not None and measurable:
            self._curves.measure_accuracy(iteration, model, self._program.test_loader, due=accuracy_due)
        if self._clock.tick(iteration.index):
            self._report_curves()
            self._send(self._status("running"))

    def _record(self) -> None:
        """Records the present iteration from here on."""
        self._recording = Recording(self._iteration, self._names)
        for module in self._modules:
            self._recording.enter(module)
        self._clock.recorded()

    def _record_is_due(self) -> bool:
        at_the_beginning = time.monotonic() - self._wanted_at < RECORD_ALL_FOR
        return at_the_beginning or self._clock.since_record() > RECORD_EVERY

    def _recordings(self) -> list[Recording]:
        """All whose arrays may be asked for."""
        kept = (self._recording, self._shown, self._unshown)
        return [recording for recording in kept if recording is not None]

    def _show(self, recording: Recording) -> None:
        self._shown, self._unshown = recording, None
        self._clock.shown()
        self._report_iteration(recording.iteration)

    def _hold(self, state: State) -> None:
        """Waits until the window lets the program run on. Ctrl+C (a signal) ends the wait."""
        with self._condition:
            if self._until is None:
                self._send(self._status(state))
                self._condition.wait_for(lambda: self._until is not None)
        self._clock.resume()

    # ── reports ───────────────────────────────────────────────────────────────────────────────────────────

    def _report_partial(self, at_once: bool = False) -> None:
        """Shows an iteration that takes long while it grows, ever more rarely as it gets larger."""
        recording = self._recording
        if recording is None or self._until == "end" or self._unacknowledged >= MAX_UNACKNOWLEDGED:
            return
        if (at_once or self._clock.partial_is_due()) and recording.has_news():
            started = time.monotonic()
            self._report_iteration(self._iteration)
            self._clock.partial_took(time.monotonic() - started)

    def _report_iteration(self, iteration: Iteration) -> None:
        with self._condition:
            self._unacknowledged += 1
        self._send(Recorded(iteration))

    def _report_fullness(self, recording: Recording) -> None:
        """Says, once a run, that an iteration is larger than what is shown of it."""
        self._fullness_reported = True
        self._report_iteration(recording.iteration)
        shown = sum(node.kind == "operation" for node in recording.iteration.nodes)
        arguments = (str(recording.iteration.index + 1), str(shown))
        place = self._names.source()
        self._send(Problem("warning", "size", "", place, hint=TOO_LARGE, hint_arguments=arguments))

    def _report_difference(self, iteration: Iteration) -> None:
        """Says, once, that the program does not do the same a second time."""
        if self._history.first_to_differ():
            index = iteration.index
            words = (str(index + 1),)
            place = self._names.source()
            self._send(
                Problem("warning", "replay", "", place, "", DIFFERS, hint_arguments=words, iteration=index)
            )

    def _report_curves(self) -> None:
        curves = self._curves.take()
        if curves is not None:
            self._send(curves)

    def _status(self, state: State, exit_code: int = 0) -> Status:
        kept = sum(recording.nbytes for recording in self._recordings())
        it = self._iteration
        return Status(state, it.index, it.epoch, it.batch, it.batches, self._clock.rate(), kept, exit_code)


def _starts_afresh(inputs: tuple[Tensor, ...], output: Tensor) -> bool:
    """Whether an operation after an update begins the next iteration: it uses a parameter anew.

    Statistics on what was computed before the update still belong to the iteration that the update ended.
    """
    return output.grad_fn is not None and all(not tensor.requires_grad or tensor.is_leaf for tensor in inputs)
