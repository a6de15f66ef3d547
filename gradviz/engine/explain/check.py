"""Whether an operation's backward is right: finite differences in float64 beside what it computes.

The outputs are weighted with random numbers and added up; that sum is a function of one input whose gradient
the backward must give. Elements are moved one by one; of a large input some, and all of them at once along
random directions: where these disagree, halving the direction finds an element that is wrong. At a kink
(relu at 0, a maximum that two elements share) every slope between those on either side is right.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from gradviz.engine.backend import Array
from gradviz.engine.explain.replay import Replay, Use, argument
from gradviz.engine.grad_mode import no_grad

ELEMENTS = 48  # of an input that are moved one by one
DIRECTIONS = 3
STEP = 1e-6  # relative to the element: errors of step² and of float64 divided by it are about as large
TOLERANCE = 1e-5
WORST = 5


@dataclass(frozen=True)
class Difference:
    """An element at which the slope was `expected` by finite differences and `found` in the gradient."""

    index: tuple[int, ...]
    expected: float
    found: float


@dataclass(frozen=True)
class Verdict:
    """On the gradient of one input. `words` say why it is not "right" where no numbers can.

    "unchecked": the operation is random, has a jump there, or cannot be computed in float64.
    """

    name: str
    position: int
    state: Literal["right", "wrong", "unchecked"]
    checked: int = 0
    kinks: int = 0
    worst: tuple[Difference, ...] = ()
    words: str = ""


@np.errstate(all="ignore")
def check(use: Use, position: int, seed: int = 0) -> Verdict:
    """Judges the gradient of input `position`, a floating-point array. Never raises on a user's operation."""
    use = use.wide()
    name = argument(use.op, position)
    if use.op.assumption:
        return Verdict(name, position, "unchecked", words=f"its backward assumes that {use.op.assumption}")
    trial = _Trial(use, position, np.random.default_rng(seed))
    try:
        if not trial.repeats():
            return Verdict(name, position, "unchecked", words="it does not compute the same twice")
    except Exception as error:
        return Verdict(name, position, "unchecked", words=f"{type(error).__name__}: {error}")
    try:
        trial.found  # noqa: B018 - a wrong backward may raise
    except Exception as error:
        return Verdict(name, position, "wrong", words=f"{type(error).__name__}: {error}")
    elements = [trial.element(i) for i in trial.sample()]
    wrong = [element for element in elements if element.state == "wrong"]
    if not wrong:
        wrong = trial.wrong_along_directions() or trial.wrong_ties(elements)
    worst = tuple(element.difference(trial.shape) for element in sorted(wrong, key=_Element.error)[:WORST])
    kinks = sum(e.state == "kink" for e in elements)
    checked = sum(e.state != "jump" for e in elements)
    state: Literal["right", "wrong", "unchecked"] = "wrong" if wrong else "right" if checked else "unchecked"
    return Verdict(name, position, state, checked, kinks, worst)


@dataclass(frozen=True)
class _Element:
    """One element, by its flat number, with the slopes on its left and right."""

    number: int
    state: Literal["right", "wrong", "kink", "jump"]
    found: float
    left: float
    right: float

    @property
    def expected(self) -> float:
        return (self.left + self.right) / 2

    def error(self) -> float:
        """The larger, the smaller: for sorting. What is no number comes first."""
        size = abs(self.expected - self.found)
        return -np.inf if np.isnan(size) else -size

    def difference(self, shape: tuple[int, ...]) -> Difference:
        index = tuple(int(i) for i in np.unravel_index(self.number, shape))
        return Difference(index, self.expected, self.found)


class _Trial:
    """The operation as a function of one input, with one number as its result."""

    def __init__(self, use: Use, position: int, random: np.random.Generator) -> None:
        self.use, self.position, self.random = use, position, random
        self.x = np.array(use.inputs[position], np.float64)
        self.shape = self.x.shape
        self.weights = [
            np.asarray(random.standard_normal(out.shape) if out.dtype.kind == "f" else np.zeros(out.shape))
            for out in use.outputs
        ]
        self.size = 0.0  # of what is added up: its rounding is about 1e-16 of that

    def value(self, x: Array) -> float:
        x = np.asarray(x)  # of a 0-d array arithmetic makes a plain number
        inputs = [x if i == self.position else given for i, given in enumerate(self.use.inputs)]
        with no_grad():
            outputs = Replay(self.use.op, inputs).outputs
        products = [
            weight * out.array for weight, out in zip(self.weights, outputs, strict=True) if weight.any()
        ]
        self.size = sum(float(abs(product).sum()) for product in products)
        return sum(float(product.sum()) for product in products)

    def repeats(self) -> bool:
        """Whether it computes the same twice; what it computes is then known."""
        self.start = self.value(self.x)
        again = self.value(self.x)
        return self.start == again or (self.start != self.start and again != again)

    @cached_property
    def found(self) -> Array:
        """The gradient that the backward gives, flat. Raises what it raises."""
        replay = Replay(self.use.op, self.use.inputs, self.position)
        gradient = replay.gradient(self.weights)
        if gradient is None:
            return np.zeros(self.x.size)
        return np.broadcast_to(np.asarray(gradient, np.float64), self.shape).reshape(-1)

    def sample(self) -> list[int]:
        """The elements to be moved: all, or the largest slopes and some others."""
        if self.x.size <= ELEMENTS:
            return list(range(self.x.size))
        largest = np.argsort(-np.abs(np.nan_to_num(self.found)), kind="stable")[: ELEMENTS // 3]
        others = self.random.choice(self.x.size, ELEMENTS - len(largest), replace=False)
        return sorted({*largest.tolist(), *others.tolist()})

    def slopes(self, direction: Array, step: float) -> tuple[float, float]:
        """On the left and on the right of the input along a direction (flat)."""
        move = step * direction.reshape(self.shape)
        left = (self.start - self.value(self.x - move)) / step
        return left, (self.value(self.x + move) - self.start) / step

    def element(self, number: int) -> _Element:
        """Moves one element, and judges the slope that was found there."""
        direction = np.zeros(self.x.size)
        direction[number] = 1
        here = abs(float(self.x.reshape(-1)[number]))
        return self._judge(number, direction, float(self.found[number]), STEP * max(1.0, here), here)

    def _judge(self, number: int, direction: Array, found: float, step: float, here: float) -> _Element:
        left, right = self.slopes(direction, step)
        if not np.isfinite(left + right) and 0 < here < 1:
            step = here * TOLERANCE  # the function may end nearby, as the logarithm does
            left, right = self.slopes(direction, step)
        if not np.isfinite(left + right):
            return _Element(number, "jump", found, left, right)
        tolerance = self._tolerance(left, right, found, step)
        if abs((left + right) / 2 - found) <= tolerance:
            return _Element(number, "right", found, left, right)
        nearer_left, nearer_right = self.slopes(direction, step / 10)
        gap, nearer = abs(right - left), abs(nearer_right - nearer_left)
        rounding = self._tolerance(0, 0, 0, step / 10)
        if gap <= rounding or nearer < gap / 2:  # smooth: what is left of the gap goes away with the step
            better = (nearer_left + nearer_right) / 2
            close = abs(better - found) <= self._tolerance(nearer_left, nearer_right, found, step / 10)
            return _Element(number, "right" if close else "wrong", found, left, right)
        if nearer > 3 * gap:
            return _Element(number, "jump", found, left, right)
        between = min(left, right) - tolerance <= found <= max(left, right) + tolerance
        return _Element(number, "kink" if between else "wrong", found, left, right)

    def _tolerance(self, left: float, right: float, found: float, step: float) -> float:
        return TOLERANCE * max(abs(left + right) / 2, abs(found)) + 20 * 1.1e-16 * self.size / step

    # ── elements that were not moved by themselves ────────────────────────────────────────────────────────

    def wrong_along_directions(self) -> list[_Element]:
        """Elements that are found wrong by moving all of them at once."""
        found: dict[int, _Element] = {}
        for _ in range(DIRECTIONS if self.x.size > ELEMENTS else 0):
            signs = self.random.choice([-1.0, 1.0], self.x.size)
            numbers = np.arange(self.x.size)
            if self._right_along(signs, numbers):
                continue
            while len(numbers) > 1:
                half, other = np.array_split(numbers, 2)
                numbers = other if self._right_along(signs, half) else half
            found[int(numbers[0])] = self.element(int(numbers[0]))
        return [element for element in found.values() if element.state == "wrong"]

    def _right_along(self, signs: Array, numbers: Array) -> bool:
        direction = np.zeros(self.x.size)
        direction[numbers] = signs[numbers]
        along = float(direction @ self.found)
        return self._judge(-1, direction, along, STEP, 0.0).state != "wrong"

    def wrong_ties(self, elements: list[_Element]) -> list[_Element]:
        """Elements that share a kink, such as two equal maxima: together they must move as the function does,
        which the slopes of each alone do not say."""
        tied = [element for element in elements if element.state == "kink"]
        direction = np.zeros(self.x.size)
        direction[[element.number for element in tied]] = 1
        found = sum(element.found for element in tied)
        if len(tied) < 2:
            return []
        left, right = self.slopes(direction, STEP)
        tolerance = self._tolerance(left, right, found, STEP)
        separate = (
            abs(left - sum(element.left for element in tied)) <= tolerance
            or abs(right - sum(element.right for element in tied)) <= tolerance
        )
        between = min(left, right) - tolerance <= found <= max(left, right) + tolerance
        return [] if separate or between else tied
