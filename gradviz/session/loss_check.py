"""Checks a loss: every operation of its graph, and its gradient as a whole, in float64.

The loss is called on one batch (see `loss_inputs`), and its own Functions on other batches as well, since a
mistake may show only where outputs are large, negative or equal. The state of the loss, of its file's
variables and of the random streams is the same before every call.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from gradviz import engine
from gradviz.engine import Tensor, explain, nn
from gradviz.engine.backend import Array
from gradviz.engine.explain.check import TOO_LONG, TOO_SLOW
from gradviz.engine.observer import Observer
from gradviz.engine.tape import Op
from gradviz.session import loss_inputs
from gradviz.session.check_words import (
    AT_KINKS,
    CUT,
    MEANT,
    NOT_DIFFERENTIABLE,
    NOT_REPEATABLE,
    PARTS_RIGHT,
    PARTS_WRONG,
    ROUNDED,
    SURROGATE,
)
from gradviz.session.checking import check_iteration, check_operation, checkable, is_custom
from gradviz.session.loss_cuts import cuts_between
from gradviz.session.loss_inputs import Kind, Raw
from gradviz.session.mnist import load_mnist
from gradviz.session.names import Names
from gradviz.session.program import SNIPPET_NAME, Program, SnippetError
from gradviz.session.recording import Recording
from gradviz.trace import Iteration
from gradviz.trace.checks import CodeCheck, Cut, Difference, GradientCheck, OperationCheck

WHOLE_ELEMENTS = 32  # of the loss's inputs that are moved one by one
NUDGE = 1e-4  # by which inputs are moved to see where numbers go on without a gradient


def check_loss(program: Program) -> CodeCheck:
    """Checks the loss that a snippet defines. Raises what its text raises, and SnippetError."""
    program.prepare()
    subject = _Subject(program, program.load_criterion(program.text, program.path))
    seed, size = program.settings.seed, program.settings.batch_size
    mnist = load_mnist(Path(program.settings.data) if program.settings.data else None)
    plain = loss_inputs.batch(mnist, size, seed)
    kind, run = _first_that_runs(subject, plain)
    found, alike = check_iteration(run.recording)
    operations = {operation.node: operation for operation in found}
    customs = any(is_custom(run.recording, node) for node in checkable(run.recording))
    if kind.words != loss_inputs.OWN and customs and not any(o.state == "wrong" for o in found):
        for words, raw in loss_inputs.variations(mnist, size, seed):
            for operation in _wrong_functions(subject, kind, raw, run.dtype, words):
                operations.setdefault(operation.node, operation)
                if operations[operation.node].state != "wrong":
                    operations[operation.node] = operation
    in_order = tuple(operations.values())
    if run.failed is not None and all(operation.state != "wrong" for operation in in_order):
        raise run.failed
    if not np.isfinite(run.loss.item()) and all(operation.state != "wrong" for operation in in_order):
        raise SnippetError(f"The loss is {run.loss.item()} for these inputs: there is no gradient to check.")
    loss, cuts = _whole(subject, kind, plain, run, in_order)
    return CodeCheck("loss", in_order, loss, cuts, kind.words, 0, alike)


@dataclass
class _Run:
    """One call of the loss, recorded, with its backward."""

    recording: Recording
    loss: Tensor
    inputs: list[Tensor]
    dtype: Any
    failed: Exception | None
    """What its backward raised."""

    @property
    def gradient(self) -> Array:
        """With respect to the first input; zeros where none came back."""
        grad = self.inputs[0].grad
        return np.zeros(tuple(self.inputs[0].shape)) if grad is None else np.asarray(grad.numpy(), np.float64)


class _Subject:
    """A loss that is called again and again, each time as if it were the first."""

    def __init__(self, program: Program, loss: Callable) -> None:
        self.program = program
        self.namespace = program.module(SNIPPET_NAME)
        state = {name: value for name, value in self.namespace.items() if _is_state(value)}
        self._loss: Callable = loss
        try:
            self._pristine: tuple[Callable, dict[str, Any]] | None = copy.deepcopy((loss, state))
        except Exception:  # something in it cannot be copied: it is called as it is
            self._pristine = None

    def fresh(self, dtype: Any) -> Callable:
        """The loss as it was in the beginning, its parameters in that dtype."""
        self.program.seed()
        loss = self._loss
        if self._pristine is not None:
            loss, state = copy.deepcopy(self._pristine)
            self.namespace.update(state)
        if isinstance(loss, nn.Module) and dtype is np.float64:
            loss.double()
        return loss

    def run(self, kind: Kind, raw: Raw, dtype: Any) -> _Run:
        """Calls it, and goes back. Raises what its forward raises, SnippetError if it is no loss."""
        with _floats(dtype):
            loss = self.fresh(dtype)
            inputs = kind.tensors(raw, dtype)
            names = Names(lambda: {**self.namespace, "criterion": loss}, self.program.sources)
            recording = Recording(Iteration(0), names)
            with _listening(recording):
                value = loss(*inputs)
                if not isinstance(value, Tensor):
                    raise SnippetError(f"The loss returned {type(value).__name__}, not a tensor.")
                failed = _go_back(value)
        return _Run(recording, value, inputs, dtype, failed)

    def value(self, kind: Kind, raw: Raw, x: Array) -> float:
        """What it comes to in float64 with `x` as its first input; NaN where it fails."""
        with _floats(np.float64):  # with a graph: the loss may use gradients itself
            inputs = kind.tensors(raw, np.float64)
            inputs[0] = engine.from_numpy(np.array(x)).requires_grad_()
            try:
                return float(self.fresh(np.float64)(*inputs).item())
            except Exception:  # a user's loss may refuse numbers a little further on
                return float("nan")


def _first_that_runs(subject: _Subject, raw: Raw) -> tuple[Kind, _Run]:
    """The first kind of inputs that the loss takes; rather one from which it comes to a finite number that
    has a gradient. Raises what the first kind raises, where it takes none."""
    found: list[tuple[Kind, _Run]] = []
    first: Exception | None = None
    for kind in loss_inputs.kinds_for(subject.fresh(np.float32), subject.namespace):
        for dtype in (np.float64, np.float32):
            try:
                run = subject.run(kind, raw, dtype)
            except Exception as error:
                first = first or error
                continue
            if run.loss.requires_grad and np.isfinite(run.loss.item()):
                return kind, run
            found.append((kind, run))
            break
    if found:
        return max(found, key=lambda each: each[1].loss.requires_grad)
    raise first or SnippetError("It is not known what to call the loss with: say so with example_inputs.")


def _go_back(loss: Tensor) -> Exception | None:
    """Runs the backward pass, if there is one; what it raised."""
    try:
        if loss.requires_grad:
            loss.backward()
    except Exception as error:
        return error
    return None


def _wrong_functions(
    subject: _Subject, kind: Kind, raw: Raw, dtype: Any, words: str
) -> Iterator[OperationCheck]:
    """The loss's own Functions that are wrong for other inputs."""
    try:
        run = subject.run(kind, raw, dtype)
    except Exception:  # these inputs are nothing for it
        return
    for node in checkable(run.recording):
        if is_custom(run.recording, node):
            operation = check_operation(run.recording, node, words)
            if operation.state == "wrong":
                yield operation


# ── the whole ─────────────────────────────────────────────────────────────────────────────────────────────


@np.errstate(all="ignore")
def _whole(
    subject: _Subject, kind: Kind, raw: Raw, run: _Run, operations: tuple[OperationCheck, ...]
) -> tuple[GradientCheck | None, tuple[Cut, ...]]:
    """On the gradient with respect to the loss's first input, and where it is cut off."""
    name = "outputs"
    if any(operation.state == "wrong" for operation in operations):
        return GradientCheck(name, "unchecked", words=PARTS_WRONG), ()
    if run.dtype is not np.float64 or _computes_in_float32(run.recording):
        return GradientCheck(name, "unchecked", words=ROUNDED), ()
    x = kind.tensors(raw, np.float64)[0].detach().numpy()

    def value(at: Array) -> tuple[float, float]:
        found = subject.value(kind, raw, at)
        return found, 100 * abs(found) + 1  # what it was added up of is larger

    began = time.perf_counter()
    first = value(x)
    if time.perf_counter() - began > TOO_LONG:
        return GradientCheck(name, "unchecked", words=TOO_SLOW), ()
    if first != value(x):
        return GradientCheck(name, "unchecked", words=NOT_REPEATABLE), ()
    precision = explain.SINGLE if explain.rounds(value, x) else explain.DOUBLE
    random = np.random.default_rng(0)
    judged = explain.Slopes(value, x, run.gradient, random, WHOLE_ELEMENTS, precision).judge()
    worst = tuple(Difference(d.index, d.expected, d.found) for d in judged.worst)
    check = GradientCheck(name, judged.state, judged.checked, judged.kinks, worst, "", judged.error)
    if check.state != "wrong":
        return check, ()
    states = {operation.state for operation in operations}
    if "surrogate" in states:
        return GradientCheck(name, "surrogate", words=SURROGATE), ()
    cuts = _cuts(subject, kind, raw, run, x)
    if any(not cut.meant for cut in cuts) or not run.gradient.any():
        words = CUT if run.loss.requires_grad else NOT_DIFFERENTIABLE
        return GradientCheck(name, "wrong", check.checked, check.kinks, worst, words), cuts
    if cuts:
        return GradientCheck(name, "surrogate", words=MEANT), cuts
    if states & {"kink", "unchecked"}:
        return GradientCheck(name, "unchecked", words=AT_KINKS), ()
    return GradientCheck(name, "wrong", check.checked, check.kinks, worst, PARTS_RIGHT), ()


def _cuts(subject: _Subject, kind: Kind, raw: Raw, run: _Run, x: Array) -> tuple[Cut, ...]:
    moved = x + NUDGE * np.random.default_rng(1).standard_normal(x.shape)
    nudged = Kind(kind.words, lambda _raw: (moved, *kind.make(raw)[1:]), kind.learned)
    try:
        other = subject.run(nudged, raw, np.float64)
    except Exception:  # it cannot be compared
        return ()
    return cuts_between(run.recording, other.recording)


def _computes_in_float32(recording: Recording) -> bool:
    return any(
        out.requires_grad and out.dtype in ("float32", "float16")
        for node in recording.iteration.nodes
        for out in node.outputs
    )


# ── how it is called ──────────────────────────────────────────────────────────────────────────────────────


class _Listener(Observer):
    """Records what the loss computes."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording

    def forward(self, node: Op, inputs: tuple[Tensor, ...], outputs: tuple[Tensor, ...]) -> None:
        self._recording.forward(node, inputs, outputs)

    def backward_node(
        self, node: Op, grads_out: tuple[Array | None, ...], grads_in: tuple[Array | None, ...]
    ) -> None:
        self._recording.backward(node, grads_out, grads_in)

    def will_change(self, tensor: Tensor) -> None:
        self._recording.will_change(tensor)

    def enter(self, module: Any, inputs: tuple) -> None:
        self._recording.enter(module)

    def leave(self, module: Any, output: Any) -> None:
        self._recording.leave()

    def accumulate(self, tensor: Tensor, grad: Array) -> None:
        self._recording.accumulate(tensor)


@contextmanager
def _listening(recording: Recording) -> Iterator[None]:
    before = engine.observe(_Listener(recording))
    try:
        yield
    finally:
        engine.observe(before)


@contextmanager
def _floats(dtype: Any) -> Iterator[None]:
    """Python's floats become tensors of that dtype."""
    before = engine.get_default_dtype()
    engine.set_default_dtype(engine.float64 if dtype is np.float64 else before)
    try:
        yield
    finally:
        engine.set_default_dtype(before)


def _is_state(value: object) -> bool:
    """What a loss may change from call to call, and what can be put back."""
    return isinstance(value, (Tensor, nn.Module, np.ndarray, int, float, list, dict, set))
