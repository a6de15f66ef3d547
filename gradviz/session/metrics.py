"""The curves of a run: loss of every iteration, norms and learning rate of the recorded ones, test accuracy
now and then."""

from __future__ import annotations

import contextlib
import io
import math
import time
from collections.abc import Iterator
from typing import Any

from gradviz.engine import Tensor, get_rng_state, no_grad, observe, set_rng_state
from gradviz.engine.nn import Module
from gradviz.engine.utils.data import DataLoader, TensorDataset
from gradviz.session.hints import NAN_LOSS
from gradviz.session.names import Names
from gradviz.session.protocol import Metrics, Problem
from gradviz.session.recording import Recording
from gradviz.trace import Iteration, Loss, Metric, Source

SHARE_OF_TIME = 0.05  # what measuring the test accuracy may cost of the training time
MAX_LOSSES = 1000  # places from which backward passes are told apart
CHUNK = 500  # test images at a time


class Curves:
    """Collects points until `take` hands them out."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._points: dict[str, tuple[list[int], list[float]]] = {}
        self._rates: set[float] = set()  # of the optimizers that have updated in the iteration
        self._nan_reported = False
        self._accuracy = _TestAccuracy()
        self._losses = _Losses()

    def backward(
        self, iteration: Iteration, roots: tuple[Tensor, ...], recording: Recording | None
    ) -> Problem | None:
        """A backward pass starts: its root is the loss. A problem when that is not finite (said once)."""
        if not roots or roots[0].numel() != 1:
            return None
        iteration.loss = float(roots[0].item())
        previous, lowest = self._losses.compare(self._names.place(), iteration.loss)
        event = recording.made_by(roots[0]) if recording is not None and not recording.full else None
        if event is not None:
            iteration.losses.append(Loss(event, iteration.loss, previous, lowest))
        if math.isfinite(iteration.loss) or self._nan_reported:
            return None
        self._nan_reported = True
        message = f"{self._names.variable(roots[0], 'loss')} = {iteration.loss}"
        return Problem(
            "warning",
            "nan",
            message,
            self._names.source(),
            hint=NAN_LOSS,
            hint_arguments=(str(iteration.index + 1), f"{iteration.loss}"),  # people count from 1
            iteration=iteration.index,
        )

    def step(self, optimizer: Any) -> None:
        """An optimizer has updated, in an iteration that is recorded."""
        with contextlib.suppress(Exception):  # a program may have optimizers of its own, and odd rates
            self._rates |= {float(group["lr"]) for group in optimizer.param_groups}

    def end(self, iteration: Iteration, recording: Recording | None) -> None:
        """An iteration is over."""
        if iteration.loss is not None:
            self._add("loss", iteration.index, iteration.loss)
        if recording is not None:
            for name, value in recording.norms().items():
                self._add(name, iteration.index, value)
            if len(self._rates) == 1:  # else there is no such thing as the learning rate
                self._add("learning_rate", iteration.index, *self._rates)
        self._rates.clear()

    def measure_accuracy(
        self, iteration: Iteration, model: Module, data: DataLoader, *, due: bool = False
    ) -> None:
        """Classifies the test data, if it is time to (or `due` at once)."""
        value = self._accuracy.measure(model, data, due)
        if value is not None:
            self._add("accuracy", iteration.index, value)

    def take(self) -> Metrics | None:
        points, self._points = self._points, {}
        if not points:
            return None
        return Metrics([Metric(name, iterations, values) for name, (iterations, values) in points.items()])

    def _add(self, name: str, iteration: int, value: float) -> None:
        iterations, values = self._points.setdefault(name, ([], []))
        iterations.append(iteration)
        values.append(value)


class _Losses:
    """What the losses of a program came to before; several networks have a loss each, made at other lines."""

    def __init__(self) -> None:
        self._before: dict[frozenset[Source], tuple[float, float | None]] = {}

    def compare(self, place: frozenset[Source], loss: float) -> tuple[float | None, float | None]:
        """The loss from the same place the time before, and the lowest finite one; None the first time."""
        previous, lowest = self._before.get(place, (None, None))
        if place in self._before or len(self._before) < MAX_LOSSES:
            finite = [value for value in (lowest, loss) if value is not None and math.isfinite(value)]
            self._before[place] = loss, min(finite, default=None)
        return previous, lowest


class _TestAccuracy:
    """Measures so rarely that training hardly slows down, and never twice after it failed."""

    def __init__(self) -> None:
        self._possible = True
        self._again_at = 0.0

    def measure(self, model: Module, data: DataLoader, due: bool) -> float | None:
        """The share of test images that the model gets right, or None when it was not measured."""
        started = time.monotonic()
        if not self._possible or (started < self._again_at and not due):
            return None
        try:
            with _undisturbed(model):
                return _accuracy(model, data)
        except Exception:  # the user's forward may not take this data: then there is no such curve
            self._possible = False
            return None
        finally:
            now = time.monotonic()
            self._again_at = now + (now - started) / SHARE_OF_TIME


def _accuracy(model: Module, data: DataLoader) -> float:
    assert isinstance(data.dataset, TensorDataset)
    images: Any
    labels: Any
    images, labels = data.dataset.tensors
    right = 0
    for start in range(0, len(images), CHUNK):
        scores = model(images[start : start + CHUNK])
        right += int((scores.argmax(1) == labels[start : start + CHUNK]).sum())
    return right / len(images)


@contextlib.contextmanager
def _undisturbed(model: Module) -> Iterator[None]:
    """Lets the model compute unnoticed by the program: mode, random stream and output stay as they are."""
    modes = [(module, module.training) for module in model.modules()]
    state = get_rng_state()
    listening = observe(None)
    try:
        model.eval()
        with no_grad(), contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            yield
    finally:
        observe(listening)
        set_rng_state(state)
        for module, training in modes:
            module.training = training
