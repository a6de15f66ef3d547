"""Whether a gradient is that of a function of one array: the slopes that finite differences find beside it.

Elements are moved one by one; of a large array some, and all of them at once along random directions: where
these disagree, halving the direction finds an element that is wrong. At a kink (relu at 0, a maximum that two
elements share) every slope between those on either side is right.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from gradviz.engine.backend import Array

ELEMENTS = 48  # of an array that are moved one by one
DIRECTIONS = 3
DOMAIN = 1e-5  # of an element: how far it may be moved where the function ends nearby
WORST = 5
REFINEMENTS = 4  # of a step, each to a tenth
NEIGHBOURS = 64  # places around a kink where more than two pieces of the function may meet
LOOKS = 6  # around elements that are wrong: then it is clear, and the others need not be asked
NEARBY = 3e-5
VARIES = 1e-2  # relative difference of slopes that close to each other: no smooth function has that


@dataclass(frozen=True)
class Precision:
    """How far elements are moved, what is rounded off, and how much slopes may differ, relatively."""

    step: float
    rounding: float
    tolerance: float


# A step with which errors of step² and of rounding divided by it are about as large. A small number that is
# added under a logarithm may make as much as the tolerance.
DOUBLE = Precision(1e-6, 1.1e-16, 1e-3)
SINGLE = Precision(1e-2, 6e-8, 3e-2)  # for a function that computes in float32 on the way


def rounds(value: Callable[[Array], tuple[float, float]], x: Array) -> bool:
    """Whether a function computes in float32 on the way: it does not see what float64 would."""
    (start, _), (near, _), (far, _) = (value(x * (1 + by) + by) for by in (0.0, 3e-14, 1e-4))
    return start == near and start != far


@dataclass(frozen=True)
class Difference:
    """An element at which the slope was `expected` by finite differences and `found` in the gradient."""

    index: tuple[int, ...]
    expected: float
    found: float


@dataclass(frozen=True)
class Judgement:
    """On a gradient: "unchecked" where the function jumps, or is no number, at every element.

    `error` is the largest difference at an element that is right, relative to the largest slope.
    """

    state: Literal["right", "wrong", "unchecked"]
    checked: int = 0
    kinks: int = 0
    worst: tuple[Difference, ...] = ()
    error: float = 0.0


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


class Slopes:
    """A function of the array `x` (float64) beside what is said to be its gradient there (`found`).

    `value` computes it: a number, and how large the numbers are that were added up for it, whose rounding is
    about 1e-16 of that. At most `elements` are moved one by one.
    """

    def __init__(
        self,
        value: Callable[[Array], tuple[float, float]],
        x: Array,
        found: Array,
        random: np.random.Generator,
        elements: int = ELEMENTS,
        precision: Precision = DOUBLE,
    ) -> None:
        self._value = value
        self.x, self.shape = x, x.shape
        self.found = np.broadcast_to(np.asarray(found, np.float64), x.shape).reshape(-1)
        self._random = random
        self._elements = elements
        self._precision = precision
        self._start, self._size = value(x)
        self._looks = 0  # around an element that turned out to be wrong

    def judge(self) -> Judgement:
        """Compares elements, directions and ties."""
        elements = [self._element(i) for i in self._sample()]
        wrong = [element for element in elements if element.state == "wrong"]
        if not wrong:
            wrong = self._wrong_along_directions() or self._wrong_ties(elements)
        worst = tuple(element.difference(self.shape) for element in sorted(wrong, key=_Element.error)[:WORST])
        kinks = sum(e.state == "kink" for e in elements)
        checked = sum(e.state != "jump" for e in elements)
        smooth = [e for e in elements if e.state == "right"]
        scale = max((max(abs(e.found), abs(e.expected)) for e in smooth), default=0.0)
        error = max((abs(e.found - e.expected) for e in smooth), default=0.0) / scale if scale else 0.0
        state: Literal["right", "wrong", "unchecked"] = (
            "wrong" if wrong else "right" if checked else "unchecked"
        )
        return Judgement(state, checked, kinks, worst, error)

    def _sample(self) -> list[int]:
        """The elements to be moved: all, or the largest slopes and some others."""
        if self.x.size <= self._elements:
            return list(range(self.x.size))
        largest = np.argsort(-np.abs(np.nan_to_num(self.found)), kind="stable")[: self._elements // 3]
        others = self._random.choice(self.x.size, self._elements - len(largest), replace=False)
        return sorted({*largest.tolist(), *others.tolist()})

    def _at(self, x: Array) -> float:
        value, self._size = self._value(x)
        return value

    def _slopes(self, direction: Array, step: float) -> tuple[float, float]:
        """On the left and on the right of the input along a direction (flat)."""
        move = step * direction.reshape(self.shape)
        left = (self._start - self._at(self.x - move)) / step
        return left, (self._at(self.x + move) - self._start) / step

    def _element(self, number: int) -> _Element:
        """Moves one element, and judges the slope that was found there."""
        direction = np.zeros(self.x.size)
        direction[number] = 1
        here = abs(float(self.x.reshape(-1)[number]))
        element = self._judge(
            number, direction, float(self.found[number]), self._precision.step * max(1.0, here), here
        )
        if element.state == "wrong" and self._looks < LOOKS:
            if self._is_slope_nearby(direction, element):
                return _Element(number, "kink", element.found, element.left, element.right)
            self._looks += 1
        return element

    def _judge(self, number: int, direction: Array, found: float, step: float, here: float) -> _Element:
        left, right = self._slopes(direction, step)
        if not np.isfinite(left + right) and 0 < here < 1:
            step = here * DOMAIN  # the function may end nearby, as the logarithm does
            left, right = self._slopes(direction, step)
        if not np.isfinite(left + right):
            return _Element(number, "jump", found, left, right)
        tolerance = self._tolerance(left, right, found, step)
        if abs((left + right) / 2 - found) <= tolerance:
            return _Element(number, "right", found, left, right)
        nearer_left, nearer_right = self._slopes(direction, step / 10)
        gap, nearer = abs(right - left), abs(nearer_right - nearer_left)
        rounding = self._tolerance(0, 0, 0, step / 10)
        if gap <= rounding or nearer < gap / 2:  # smooth: what is left of the gap goes away with the step
            return self._refined(number, direction, found, step / 10, (nearer_left, nearer_right))
        if nearer > 3 * gap:
            return _Element(number, "jump", found, left, right)
        between = min(left, right) - tolerance <= found <= max(left, right) + tolerance
        return _Element(number, "kink" if between else "wrong", found, left, right)

    def _refined(
        self, number: int, direction: Array, found: float, step: float, slopes: tuple[float, float]
    ) -> _Element:
        """Judges the slope of a smooth function with a step that is small enough: beside the end of a root
        that is much less than elsewhere."""
        for _ in range(REFINEMENTS):
            left, right = slopes
            off = abs((left + right) / 2 - found)
            if off <= self._tolerance(left, right, found, step):
                return _Element(number, "right", found, left, right)
            if abs(right - left) < off / 10:  # it is nearly straight here: a smaller step says the same
                break
            step /= 10
            slopes = self._slopes(direction, step)
        return _Element(number, "wrong", found, left, right)

    def _tolerance(self, left: float, right: float, found: float, step: float) -> float:
        return (
            self._precision.tolerance * max(abs(left + right) / 2, abs(found))
            + 20 * self._precision.rounding * self._size / step
        )

    def _is_slope_nearby(self, direction: Array, element: _Element) -> bool:
        """Whether more pieces of the function meet at a kink than lie on the left and right of one element,
        as where three numbers that are to be sorted are equal: then the slope of each of them is right."""
        least, most = np.inf, -np.inf
        for number in range(NEIGHBOURS):
            x = self.x + NEARBY * self._random.standard_normal(self.shape)
            move = self._precision.step * direction.reshape(self.shape)
            slope = (self._at(x + move) - self._at(x - move)) / (2 * self._precision.step)
            least, most = min(least, slope), max(most, slope)
            if number > NEIGHBOURS // 2 and not most - least > VARIES * max(abs(least), abs(most)):
                return False  # it is smooth there
        tolerance = VARIES * abs(element.found) + self._tolerance(
            least, most, element.found, self._precision.step
        )
        return bool(least - tolerance <= element.found <= most + tolerance) or self._ties_agree(
            element.number
        )

    # ── elements that were not moved by themselves ────────────────────────────────────────────────────────

    def _wrong_along_directions(self) -> list[_Element]:
        """Elements that are found wrong by moving all of them at once."""
        found: dict[int, _Element] = {}
        for _ in range(DIRECTIONS if self.x.size > self._elements else 0):
            signs = self._random.choice([-1.0, 1.0], self.x.size)
            numbers = np.arange(self.x.size)
            if self._right_along(signs, numbers):
                continue
            while len(numbers) > 1:
                half, other = np.array_split(numbers, 2)
                numbers = other if self._right_along(signs, half) else half
            found[int(numbers[0])] = self._element(int(numbers[0]))
        return [element for element in found.values() if element.state == "wrong"]

    def _right_along(self, signs: Array, numbers: Array) -> bool:
        direction = np.zeros(self.x.size)
        direction[numbers] = signs[numbers]
        along = float(direction @ self.found)
        return self._judge(-1, direction, along, self._precision.step, 0.0).state != "wrong"

    def _wrong_ties(self, elements: list[_Element]) -> list[_Element]:
        """Elements that share a kink, such as two equal maxima: together they must move as the function does,
        which the slopes of each alone do not say."""
        kinked = [element for element in elements if element.state == "kink"]
        x = self.x.reshape(-1)
        for size in dict.fromkeys(abs(x[element.number]) for element in kinked[:WORST]):
            tied = [element for element in kinked if abs(x[element.number]) == size]
            if self._ties_agree(tied[0].number) is False:
                return tied
        return []

    def _ties_agree(self, number: int) -> bool | None:
        """Whether all elements that are as large as this one, moved together, change the function as their
        gradients say: a choice among them (the first of a sort, the median) is then right, whichever it is.
        None where they are at a kink even so."""
        x = self.x.reshape(-1)
        as_large = np.abs(x) == abs(x[number])
        for tied in (as_large & (x == x[number]), as_large * np.sign(x)):
            direction = tied.astype(np.float64)
            left, right = self._slopes(direction, self._precision.step)
            along = float(direction @ self.found)
            tolerance = self._tolerance(left, right, along, self._precision.step)
            if abs(left - right) <= tolerance and np.count_nonzero(direction) > 1:
                return abs((left + right) / 2 - along) <= tolerance
        return None
