"""Whether an operation's backward is right: finite differences in float64 beside what it computes.

The outputs are weighted with random numbers and added up; that sum is a function of one input whose gradient
the backward must give (`slopes.py` compares them). Random streams are put back before every evaluation, so
that dropout in an operation of one's own drops the same elements each time.

A backward that is *meant* not to be the derivative is no mistake: that of a step function, or of a Function
with a class attribute `surrogate_gradient = True`.
"""

from __future__ import annotations

import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from gradviz.engine.autograd.function import FunctionNode
from gradviz.engine.backend import Array, to_numpy
from gradviz.engine.explain.replay import Replay, Use, argument
from gradviz.engine.explain.slopes import DOUBLE, ELEMENTS, SINGLE, Difference, Slopes, rounds
from gradviz.engine.grad_mode import no_grad
from gradviz.engine.random import default_generator
from gradviz.engine.tensor import wrap

State = Literal["right", "wrong", "surrogate", "unchecked"]
AFFORDABLE = 10_000_000  # numbers that an operation may compute with while its elements are moved
ROUGHLY = 1e-2  # of gradients in float32
TOO_LONG = 0.5  # seconds of one computation: of a custom operation that waits for something
FEWEST = 6  # elements that are moved one by one, however large the operation

FAILS = "it cannot be computed again in float64: {0}"
RAISES = "its backward raises {0}"
STALE = (
    "it gave another gradient in this run than when it is asked by itself: it keeps something that changed"
    " between its forward and its backward"
)
ALONE = (
    "its gradient is another one when no other input needs one: look at ctx.needs_input_grad, which counts"
    " forward's arguments from 0, without ctx"
)
AT_TIES = "where it equals {0}, both get the whole gradient, or neither does: together they must get it once"
TOO_SLOW = "it takes too long to compute it again and again"
NOT_REPEATABLE = "it does not compute the same twice"
JUMPS = "it jumps at these numbers"
STEP_FUNCTION = "the function is a step function, and this a surrogate for its derivative, which is 0"
DELIBERATE = "its author says that it is not the derivative (surrogate_gradient)"
WORDS = (FAILS, RAISES, STALE, ALONE, AT_TIES, TOO_SLOW, NOT_REPEATABLE, JUMPS, STEP_FUNCTION, DELIBERATE)


@dataclass(frozen=True)
class Verdict:
    """On the gradient of one input. `words` say in English what no numbers say; `argument` fills their {0}.

    "surrogate": it is not the derivative, and not meant to be. "unchecked": the operation is random, has a
    jump there, or cannot be computed in float64. `error` is relative to the largest slope.
    """

    name: str
    position: int
    state: State
    checked: int = 0
    kinks: int = 0
    worst: tuple[Difference, ...] = ()
    words: str = ""
    error: float = 0.0
    argument: str = ""


@np.errstate(all="ignore")
def check(use: Use, position: int, seed: int = 0, given: Array | None = None) -> Verdict:
    """Judges the gradient of input `position`, a floating-point array. Never raises on a user's operation.

    `given` is the gradient that it got in the program's own backward, where that is known: an operation that
    keeps what changes later gave another one than it gives here.
    """
    use = use.wide()
    name = argument(use.op, position)
    if use.op.assumption:
        return Verdict(name, position, "unchecked", words=f"its backward assumes that {use.op.assumption}")
    trial = _Trial(use, position, np.random.default_rng(seed))
    try:
        if not trial.repeats():
            return Verdict(name, position, "unchecked", words=NOT_REPEATABLE)
        if trial.seconds > TOO_LONG:
            return Verdict(name, position, "unchecked", words=TOO_SLOW)
    except Exception as error:
        return Verdict(name, position, "unchecked", words=FAILS, argument=_described(error))
    try:
        alone, found = trial.gradient(trial.weights), trial.gradient(trial.weights, together=True)
        precision = SINGLE if trial.rounds() else DOUBLE
        judged = Slopes(trial.value, trial.x, found, trial.random, trial.elements, precision).judge()
        state: State = judged.state
        worst, words = judged.worst, JUMPS if state == "unchecked" else ""
        if state == "wrong" and (why := trial.surrogate()):
            state, words, worst = "surrogate", why, ()
        elif state == "right" and not _alike(found, alone, DOUBLE.tolerance):
            state, words, worst = "wrong", ALONE, _differences(found, alone)
        elif state == "right" and (other := trial.disagrees_at_ties(found)):
            return Verdict(name, position, "wrong", judged.checked, judged.kinks, (), AT_TIES, argument=other)
        elif state == "right" and given is not None and not trial.streams.used:
            again, given = trial.gradient(use.grads, together=True), to_numpy(given)
            if not _alike(again, given, DOUBLE.tolerance if given.dtype == np.float64 else ROUGHLY):
                state, words, worst = "wrong", STALE, _differences(again, given)
    except Exception as error:
        return Verdict(name, position, "wrong", words=RAISES, argument=_described(error))
    finally:
        trial.streams.restart()
    return Verdict(name, position, state, judged.checked, judged.kinks, worst, words, judged.error)


class RandomStreams:
    """The global random streams as they are now."""

    def __init__(self) -> None:
        self._states = self._now()

    def restart(self) -> None:
        """Puts them back."""
        own, python, legacy = self._states
        default_generator.set_state(wrap(np.frombuffer(own, np.uint8).copy()))
        random.setstate(python)
        np.random.set_state(legacy)

    @property
    def used(self) -> bool:
        """Whether numbers have been drawn since."""
        return repr(self._now()) != repr(self._states)

    @staticmethod
    def _now() -> tuple[bytes, Any, Any]:
        own = default_generator.get_state().numpy().tobytes()
        return own, random.getstate(), np.random.get_state(legacy=False)


class _Trial:
    """The operation as a function of one input, with one number as its result."""

    def __init__(self, use: Use, position: int, random: np.random.Generator) -> None:
        self.use, self.position, self.random = use, position, random
        self.streams = RandomStreams()
        self._is_random = False
        self.seconds = 0.0  # that it takes to compute
        self.x = np.array(use.inputs[position], np.float64)
        self.weights = [
            np.asarray(random.standard_normal(out.shape) if out.dtype.kind == "f" else np.zeros(out.shape))
            for out in use.outputs
        ]
        arrays = [*use.inputs, *use.outputs]
        work = sum(array.size for array in arrays if isinstance(array, np.ndarray))
        self.elements = max(FEWEST, min(ELEMENTS, AFFORDABLE // max(work, 1)))

    def value(self, x: Array) -> tuple[float, float]:
        """The weighted sum of the outputs, and the sum of its terms' sizes; NaN where it fails."""
        try:
            return self._value({self.position: x})
        except Exception:  # a user's operation may refuse numbers a little further on
            return np.nan, np.nan

    def _value(self, moved: Mapping[int, Array]) -> tuple[float, float]:
        # of a 0-d array arithmetic makes a plain number
        inputs = [np.asarray(moved[i]) if i in moved else x for i, x in enumerate(self.use.inputs)]
        self._restart()
        with no_grad():
            outputs = Replay(self.use.op, inputs).outputs
        products = [
            weight * out.array for weight, out in zip(self.weights, outputs, strict=True) if weight.any()
        ]
        size = sum(float(abs(product).sum()) for product in products)
        return sum(float(product.sum()) for product in products), size

    def repeats(self) -> bool:
        """Whether it computes the same twice. Raises what it raises."""
        began = time.perf_counter()
        first, _ = self._value({})
        self.seconds = time.perf_counter() - began
        self._is_random = self.streams.used
        second, _ = self._value({})
        return first == second or (first != first and second != second)

    def _restart(self) -> None:
        if self._is_random:  # else that would take longer than most operations
            self.streams.restart()

    def gradient(self, grads: Sequence[Array | None], together: bool = False) -> Array:
        """What the backward gives for gradients of the outputs; `together` as it was asked in the program,
        for all inputs that need one. Raises what it raises."""
        wanted = {self.position}
        if together and isinstance(self.use.op, FunctionNode):
            wanted |= {i for i, needed in enumerate(self.use.op.needs_input_grad) if needed}
        self._restart()
        gradient = Replay(self.use.op, self.use.inputs, self.position, wanted).backward(grads)
        if gradient is None:
            return np.zeros(self.x.shape)
        return np.broadcast_to(np.asarray(gradient, np.float64), self.x.shape)

    def disagrees_at_ties(self, found: Array) -> str:
        """The name of an earlier input that is equal in some elements, and by whose gradient and this one the
        function does not change when these elements of both are moved together; "" if there is none."""
        for position, needed in enumerate(getattr(self.use.op, "needs_input_grad", ())[: self.position]):
            x = self.use.inputs[position]
            if not needed or not isinstance(x, np.ndarray) or x.shape != self.x.shape:
                continue
            move = DOUBLE.step * (x == self.x)
            ahead, size = self._value({position: x + move, self.position: self.x + move})
            behind, _ = self._value({position: x - move, self.position: self.x - move})
            start, _ = self._value({})
            of_both = _Trial(self.use, position, np.random.default_rng(0))
            of_both.weights = self.weights
            along = float(((found + of_both.gradient(self.weights, together=True)) * move).sum())
            tolerance = DOUBLE.tolerance * abs(along) + 1e-14 * size
            smooth = abs(ahead - 2 * start + behind) <= tolerance
            if smooth and abs((ahead - behind) / 2 - along) > tolerance:
                return argument(self.use.op, position)
        return ""

    def rounds(self) -> bool:
        """Whether it computes in float32 on the way: it does not see what float64 would."""
        if not isinstance(self.use.op, FunctionNode) or not self.x.size:
            return False
        self._restart()
        out = Replay(self.use.op, self.use.inputs).outputs[0]
        return out.array.dtype == np.float32 or rounds(self.value, self.x)

    def surrogate(self) -> str:
        """Why a gradient that is not the derivative is not meant to be; "" if it is meant to be."""
        function = getattr(self.use.op, "function", None)
        if function is None:
            return ""
        if getattr(function, "surrogate_gradient", False):
            return DELIBERATE
        return STEP_FUNCTION if self._is_step_function() else ""

    def _is_step_function(self) -> bool:
        """Whether it is flat wherever one looks, and yet not the same everywhere."""
        values, coarse = set(), self.rounds()
        for scale in (1.0, 1.0, 3.0, 3.0, 10.0, 10.0):
            x = self.x + scale * self.random.standard_normal(self.x.shape)
            move = (1e-5 if coarse else 1e-7) * self.random.standard_normal(self.x.shape)
            here, _ = self.value(x)
            there, _ = self.value(x + move)
            if here != there:
                return False
            values.add(here)
        return len(values) > 1


def _described(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def _alike(expected: Array, found: Array, tolerance: float) -> bool:
    scale = max(float(np.abs(expected).max(initial=0)), float(np.abs(found).max(initial=0)))
    same = np.abs(expected - found) <= tolerance * scale
    return bool((same | (np.isnan(expected) & np.isnan(found)) | (expected == found)).all())


def _differences(expected: Array, found: Array) -> tuple[Difference, ...]:
    """The elements that differ most."""
    sizes = np.nan_to_num(np.abs(expected - found), nan=np.inf).reshape(-1)
    numbers = [int(i) for i in np.argsort(-sizes, kind="stable")[:5] if sizes[i] > 0]
    places = [tuple(int(i) for i in np.unravel_index(n, expected.shape)) for n in numbers]
    return tuple(Difference(place, float(expected[place]), float(found[place])) for place in places)
