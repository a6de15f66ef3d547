"""Steers a running program: cuts its run into iterations, records some of them, holds it between them.

The controller is the engine's observer. It runs in the program's own thread, inside the engine's calls, so
"holding" the program is waiting in one of them. What the window wants arrives from another thread.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import wraps
from threading import get_ident
from typing import Any, Concatenate, Literal, ParamSpec

import numpy as np

from gradviz.engine import Tensor, is_grad_enabled
from gradviz.engine.backend import Array
from gradviz.engine.nn import Module
from gradviz.engine.observer import Observer
from gradviz.engine.tape import Op
from gradviz.session.boundaries import Boundaries
from gradviz.session.clock import Clock
from gradviz.session.edits import Edits
from gradviz.session.fingerprints import Fingerprints
from gradviz.session.hints import DIFFERS, DIFFERS_FROM
from gradviz.session.history import History
from gradviz.session.interventions import Interventions
from gradviz.session.linting import Linting
from gradviz.session.metrics import Curves
from gradviz.session.names import Names
from gradviz.session.program import Program
from gradviz.session.protocol import Problem, Report, State, Status, Until
from gradviz.session.recorder import Recorder
from gradviz.session.recording import Recording
from gradviz.session.state import StateHash
from gradviz.session.watch import Watch
from gradviz.session.wishes import Wishes
from gradviz.trace import ArrayRef, Breakpoint, Iteration
from gradviz.trace.branches import DatedEdit

P = ParamSpec("P")


def _one_at_a_time(
    event: Callable[Concatenate[Controller, P], None],
) -> Callable[Concatenate[Controller, P], None]:
    """A program may compute in several threads. While one is held, so are the others."""

    @wraps(event)
    def heard(self: Controller, *args: P.args, **kwargs: P.kwargs) -> None:
        if self._explaining != get_ident():
            with self._turn:
                event(self, *args, **kwargs)

    return heard


class Controller(Observer):
    """`send` takes reports; it is called from the program's thread.

    `leave_checkpoint` is called before every iteration. It returns two numbers when this process is a copy
    of the program that was made there and has now been woken: the iterations to go to, first and last.
    """

    def __init__(
        self,
        program: Program,
        send: Callable[[Report], None],
        leave_checkpoint: Callable[[int], tuple[int, int] | None] = lambda _iteration: None,
        history: History | None = None,
    ) -> None:
        self._program = program
        self._send = send
        self._leave_checkpoint = leave_checkpoint
        self._history = history or History()
        self._fingerprints = Fingerprints(self._history)
        self._state = StateHash()
        self._names = Names(lambda: program.namespace, program.sources)
        self._curves = Curves(self._names)
        self._clock = Clock()
        self._wishes = Wishes()
        self._edits = Edits(program, self._names, self._tell_once, self.will_change)
        self._interventions = Interventions(self._edits, self.will_change, self._state.changed)
        self._recorder = Recorder(send, self._names, self._wishes, self._clock)
        self._watch = Watch(send)
        self._lint = Linting(self._names, self._tell_finding)
        # Where the run stands. Only the program's threads write these, one at a time.
        self._turn = threading.RLock()
        self._is_experiment = False
        self._explaining = 0  # the thread whose operations are not the program's
        self._stage: Literal["ready", "running", "over"] = "ready"
        self._iteration = Iteration(0)
        self._boundaries = Boundaries()
        self._operations = 0  # of the iteration
        self._told = Status("ready")  # how the program stood when it was last said
        self._new_epoch = False  # the iteration is the first of its epoch

    # ── called by the thread that listens to the window ───────────────────────────────────────────────────

    def advance(self, until: Until, target: int | None = None, scan_to: int | None = None) -> None:
        """Lets the program run; with `target` nothing is recorded before that iteration.

        With `scan_to` it holds at that one, and those from `target` on are examined.
        """
        self._wishes.advance(until, target, scan_to)

    def set_breakpoints(self, breakpoints: list[Breakpoint]) -> None:
        """Sets the breakpoints, and examines at once what the window can be shown at once."""
        with self._wishes.lock:  # a copy that has just been woken is not in the middle of `renew`
            self._watch.set(breakpoints)
        for recording in self._recorder.showable:
            self._watch.examine_again(recording)

    def plan(self, edits: Iterable[DatedEdit], *, is_experiment: bool = False) -> None:
        """Changes the program in iterations to come. What goes wrong in an experiment is always news."""
        self._edits.plan(edits)
        self._is_experiment = is_experiment

    def acknowledge(self) -> None:
        self._wishes.acknowledge()

    def comes_to(self, iteration: int) -> bool:
        """Whether the program, if it runs on, has that iteration before it."""
        return self._stage == "ready" or (self._stage == "running" and iteration > self._iteration.index)

    @property
    def present(self) -> int:
        """The iteration that the program is in or has just ended."""
        return self._iteration.index

    def show_again(self, iteration: int) -> bool:
        """Reports the iteration once more if its recording is kept, and how the program stands."""
        shown = self._recorder.show_again(iteration)
        if shown:
            self._send(self._told)
        return shown

    def forget(self) -> None:
        """The process is a copy that has gone back: what was shown is of another time."""
        self._recorder.forget()

    def find(self, ref: ArrayRef) -> np.ndarray | None:
        """The recorded array that `ref` names, or None."""
        return self._recorder.find(ref)

    def recording(self, iteration: int) -> Recording | None:
        """An iteration in full detail, if it is still recorded."""
        return self._recorder.of(iteration)

    @contextmanager
    def deaf(self) -> Iterator[None]:
        """Operations that this thread runs meanwhile, to explain recorded ones, are not the program's."""
        self._explaining = get_ident()
        try:
            yield
        finally:
            self._explaining = 0

    def show_progress(self, *, at_once: bool = False) -> None:
        """Shows an iteration in which the program is busy with something that the engine does not hear of."""
        if self._turn.acquire(blocking=False):  # else the program is in the engine, which reports by itself
            try:
                self._recorder.show_partial(at_once)
            finally:
                self._turn.release()

    def report(self) -> None:
        """Says how far the program has come: curves, hits, status."""
        self._report_curves()
        self._watch.report()
        self._send(self._status("running"))

    # ── the program's life ────────────────────────────────────────────────────────────────────────────────

    def begin(self) -> None:
        """Holds before the first line until the window lets the program run."""
        self._hold("ready")
        self._stage = "running"
        self._program.seed()  # the first iteration begins before the program's first line
        self._remember(0)
        self._start_iteration(new_epoch=True)
        self._send(self._status("running"))

    def finish(self, state: State, exit_code: int, problem: Problem | None = None) -> None:
        """The program is over, for that problem if there is one: its last iteration ends with it.

        The status is said last: upon it the window may already go back, and end this process with that.
        """
        self._stage = "over"
        self._boundaries.modules.clear()
        recording = self._recorder.of(self._iteration.index)
        if not self._iteration.complete:  # else it was held at its end and not let go on
            self._end_iteration(accuracy_due=state == "finished")
        self._lint.finish(self._iteration, recording, problem.message if problem is not None else "", state)
        self._recorder.show_last()
        self._report_curves()
        self._watch.report()
        if problem is not None:
            self._send(problem)
        self._send(self._status(state, exit_code))

    # ── the engine's events ───────────────────────────────────────────────────────────────────────────────

    @_one_at_a_time
    def batch(self, loader: Any, index: int, count: int | None) -> None:
        if self._boundaries.only_prepared():
            self._start_iteration(again=True)
        elif self._boundaries.ends_at_batch():
            self._next_iteration(new_epoch=index == 0 and is_grad_enabled())
        self._iteration.epoch = self._boundaries.batch(loader, index)
        self._iteration.batch, self._iteration.batches = index, count or 0
        if self._edits.due:
            self._edits.make()

    def deliver(self, batch: Any) -> Any:
        return self._edits.deliver(batch) if self._edits.due else batch

    @_one_at_a_time
    def enter(self, module: Module, inputs: tuple) -> None:
        if self._boundaries.ends_at(module):
            self._next_iteration()
        if self._edits.due:
            self._edits.make()
        is_outermost = not self._boundaries.modules and self._recorder.current is None
        if is_outermost and not self._history.repeating and self._lint.wants(module):
            self._recorder.begin(self._iteration, (), whole=False, for_window=False)
        self._lint.enter(module, inputs, self._boundaries.modules)
        self._boundaries.enter(module)
        if self._recorder.current is not None:
            self._recorder.current.enter(module)

    @_one_at_a_time
    def leave(self, module: Module, output: Any) -> None:
        self._boundaries.leave(module, output)
        if self._recorder.current is not None:
            self._recorder.current.leave()

    def will_run(self, node: Op, inputs: tuple[Any, ...]) -> None:
        if self._interventions.any and self._recorder.current is not None:
            self._meet_leaves(node, inputs)

    @_one_at_a_time
    def _meet_leaves(self, node: Op, inputs: tuple[Any, ...]) -> None:
        if self._recorder.current is not None:
            self._recorder.current.will_run(node, inputs)

    @_one_at_a_time
    def will_record(self, inputs: tuple[Any, ...]) -> None:
        if self._boundaries.ends_before(inputs):
            self._next_iteration()
        if self._edits.due:
            self._edits.make()

    def computing(self, node: Op) -> None:
        recording = self._recorder.current
        if recording is not None and self._explaining != get_ident():
            recording.stopwatch.start(node)

    @_one_at_a_time
    def forward(self, node: Op, inputs: tuple[Tensor, ...], outputs: tuple[Tensor, ...]) -> None:
        self._operations += 1
        if self._boundaries.is_update(inputs, outputs[0]):
            if self._recorder.current is not None:
                self._recorder.current.arithmetic.add(node, inputs, outputs)
            return
        self._boundaries.forward(outputs[0])
        self._lint.forward(node, self._boundaries.modules)
        recording = self._recorder.current
        if recording is not None:
            recording.forward(node, inputs, outputs)
            if recording.full:
                self._recorder.show_fullness(recording)
            else:
                self._recorder.show_partial()
        elif self._wishes.impatient:
            # the iteration does not end: show what the program is doing in it
            self._recorder.begin(self._iteration, self._boundaries.modules, whole=False, for_window=True)
        if self._boundaries.is_update_arithmetic(inputs, outputs):
            return
        if self._fingerprints.differs(outputs[0].array):
            self._report_difference(node.op_name)

    def will_backward(self, node: Op) -> None:
        recording = self._recorder.current
        if recording is not None and self._explaining != get_ident():
            recording.will_backward(node)

    @_one_at_a_time
    def backward_begin(self, roots: tuple[Tensor, ...]) -> None:
        self._boundaries.backward()
        if self._recorder.current is not None:
            self._recorder.current.passes.begin()
        problem = self._curves.backward(self._iteration, roots, self._recorder.current)
        self._lint.backward_begin(self._iteration)
        if problem is not None:
            self._tell_once(problem)

    @_one_at_a_time
    def backward_node(
        self, node: Op, grads_out: tuple[Array | None, ...], grads_in: tuple[Array | None, ...]
    ) -> None:
        if self._recorder.current is not None:
            self._recorder.current.backward(node, grads_out, grads_in)
            self._recorder.show_partial()
        gradient = grads_out[0]
        if gradient is not None and self._fingerprints.differs(gradient):
            self._report_difference(node.backward_name)

    @_one_at_a_time
    def saved_changed(self, node: Op, name: str) -> None:
        self._lint.saved_changed(self._iteration, self._recorder.current, node, name)

    @_one_at_a_time
    def backward_end(self) -> None:
        if self._recorder.current is not None:
            self._recorder.current.passes.end()

    @_one_at_a_time
    def accumulate(self, tensor: Tensor, grad: Array) -> None:
        self._boundaries.accumulate(tensor)
        self._lint.accumulate(tensor, grad)
        if self._recorder.current is not None:
            self._recorder.current.accumulate(tensor)
        if self._fingerprints.differs(grad):
            self._report_difference(self._names.path(tensor))

    @_one_at_a_time
    def will_change(self, tensor: Tensor) -> None:
        for recording in self._recorder.kept:
            recording.will_change(tensor)
        if self._recorder.current is not None and self._boundaries.went_back:
            self._recorder.current.will_update(tensor)

    @_one_at_a_time
    def changed(self, tensor: Tensor) -> None:
        self._state.changed(tensor.array)
        if self._recorder.current is not None:
            self._recorder.current.changed(tensor)
        self._lint.changed(tensor)
        if self._boundaries.got_gradient(tensor):
            self._boundaries.update()
            self._lint.updated(tensor)
            self._prepare_edits()
            if self._recorder.current is not None:
                self._recorder.current.updated(tensor)
            if self._fingerprints.differs(tensor.array):
                self._report_difference(self._names.path(tensor))

    @_one_at_a_time
    def freed(self, node: Op) -> None:
        if self._recorder.current is not None:
            self._recorder.current.freed(node)

    @_one_at_a_time
    def step_begin(self, optimizer: Any) -> None:
        self._boundaries.step_begin()
        if self._recorder.current is not None:
            self._recorder.current.step_begins(optimizer)
        self._lint.step_begin(optimizer)

    @_one_at_a_time
    def closure_begin(self, optimizer: Any) -> None:
        self._boundaries.closure_begin()

    @_one_at_a_time
    def closure_end(self, optimizer: Any) -> None:
        self._boundaries.closure_end()
        if self._recorder.current is not None:  # its gradients are those that the step takes
            self._recorder.current.step_begins(optimizer)

    @_one_at_a_time
    def step_end(self, optimizer: Any) -> None:
        self._boundaries.step_end()
        self._lint.step_end(optimizer)
        if self._recorder.current is not None:
            self._recorder.current.stepped(optimizer)
            self._curves.step(optimizer)
        self._prepare_edits()

    # ── iterations ────────────────────────────────────────────────────────────────────────────────────────

    def _next_iteration(self, new_epoch: bool = False) -> None:
        self._end_iteration()
        if self._wishes.until is None:
            self._report_curves()
            self._watch.report()
            self._hold("holding")
            self._send(self._status("running"))
        self._remember(self._iteration.index + self._boundaries.computes)
        self._start_iteration(new_epoch)

    def _remember(self, iteration: int) -> None:
        """Leaves a checkpoint before an iteration, when one is due. Years later this may be that copy."""
        with self._wishes.lock:  # a copy in which another thread holds this lock would never get it
            wanted = self._leave_checkpoint(iteration)
            if wanted is None:
                return
            self._watch.renew()
            self._wishes.go_back(*wanted)
        self._clock.resume()
        self._history.repeat()
        self._send(self._status("running"))

    def _start_iteration(self, new_epoch: bool = False, again: bool = False) -> None:
        """Begins the iteration after the last one that ended, or the present one `again`."""
        before = self._iteration
        index = before.index + (self._boundaries.computes and not again)
        self._iteration = Iteration(index, before.epoch, before.batch, before.batches)
        self._boundaries.begin()
        self._lint.begin()
        self._recorder.current = None
        self._operations = 0
        self._history.began(index)
        self._edits.begin(index)
        self._fingerprints.begin(index)
        self._new_epoch = new_epoch
        on_the_way = self._wishes.on_the_way(index)
        if on_the_way and not self._interventions.any:
            return
        wanted = not on_the_way and (again or self._wishes.wants(index, new_epoch, self._recorder.is_due))
        examined = self._watch.active or self._wishes.scan_to is not None
        if wanted or examined or self._interventions.any:
            started = time.perf_counter()
            self._iteration.began = self._state.of(self._names.variables(), self._boundaries.loaders)
            self._clock.hash_seconds = time.perf_counter() - started
            modules = self._boundaries.modules
            self._recorder.begin(self._iteration, modules, True, wanted, self._interventions)

    def _prepare_edits(self) -> None:
        if self._boundaries.updated:
            self._edits.prepare(self._iteration.index + 1)

    def _end_iteration(self, accuracy_due: bool = False) -> None:
        iteration, trains = self._iteration, self._boundaries.trains
        iteration.complete = True
        self._edits.end()
        if not self._fingerprints.end(self._operations, iteration.loss or 0.0):
            self._report_difference()
        recording = self._recorder.current
        self._lint.end(iteration, recording, self._boundaries.updated, held=self._wishes.until == "iteration")
        if recording is not None:
            hit = self._watch.examine(recording)
            holds = self._wishes.fulfil(iteration.index, self._new_epoch, hit)
            recording = self._recorder.end(trains, holds)
        self._curves.end(iteration, recording)
        model, test_loader = self._boundaries.model, self._program.test_loader
        measurable = trains and not self._history.repeating
        if model is not None and test_loader is not None and measurable:
            self._curves.measure_accuracy(iteration, model, test_loader, due=accuracy_due)
        if self._clock.tick(iteration.index):
            self.report()

    def _hold(self, state: State) -> None:
        """Waits until the window lets the program run on. Ctrl+C (a signal) ends the wait."""
        with self._wishes.lock:
            if self._wishes.until is None:
                self._send(self._status(state))
                self._wishes.wait()
        self._clock.resume()

    # ── reports ───────────────────────────────────────────────────────────────────────────────────────────

    def _tell_once(self, problem: Problem) -> None:
        """Reports a problem, unless it was reported when the program came by for the first time."""
        if self._is_experiment or not self._history.repeating:
            self._send(problem)

    def _tell_finding(self, problem: Problem) -> None:
        """Reports what the linter found: numbers that are tried out say nothing of the program."""
        if not self._is_experiment:
            self._tell_once(problem)

    def _report_difference(self, operation: str = "") -> None:
        """Says that the program does not do the same a second time, from that operation on."""
        index, recording = self._iteration.index, self._recorder.current
        if not self._history.first_to_differ(index):
            return
        event = (len(recording.iteration.events) if recording else self._fingerprints.events) - 1
        place = recording.iteration.events[event].source if recording and event >= 0 else self._names.source()
        hint, words = (
            (DIFFERS_FROM, (str(index + 1), operation)) if operation else (DIFFERS, (str(index + 1),))
        )
        self._send(Problem("warning", "replay", "", place, "", hint, words, index, event))

    def _report_curves(self) -> None:
        curves = self._curves.take()
        if curves is not None:
            self._send(curves)

    def _status(self, state: State, exit_code: int = 0) -> Status:
        it, rate = self._iteration, self._clock.rate()
        kept = self._recorder.nbytes
        self._told = Status(state, it.index, it.epoch, it.batch, it.batches, rate, kept, exit_code)
        return self._told
