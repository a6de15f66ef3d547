"""Tells whether an iteration that runs again is what it was: one number of every event is compared.

That is what one hundredth of the program's time pays for. An event that differs, but not in that number, is
found by what is computed from it, an event or two later.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence

import numpy as np

from gradviz.engine.backend import Array
from gradviz.session.history import History

_STRIDE = 40_503  # takes the number of every event from another place


class Fingerprints:
    """The numbers of the present iteration, beside those that it came to when it was run first."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._iteration = 0
        self._numbers: list[float] = []
        self._before: Sequence[float] | None = None

    def begin(self, iteration: int) -> None:
        self._iteration = iteration
        self._numbers = []
        self._before = self._history.numbers(iteration)

    @property
    def events(self) -> int:
        """How many there have been in this iteration."""
        return len(self._numbers)

    def differs(self, found: Array) -> bool:
        """Takes in what an event has made; True at the first that made something else the first time.

        Numbers on a GPU are not fetched: the program would wait for them.
        """
        numbers, size = self._numbers, found.size
        known = size and type(found) is np.ndarray
        numbers.append(found.item((len(numbers) + 1) * _STRIDE % size) if known else 0.0)
        return self._before is not None and not self._agree()

    def end(self, *came_to: float) -> bool:
        """The iteration is over, and came to that; False when any of it was otherwise the first time."""
        return self._history.agrees(self._iteration, _real([*self._numbers, *came_to]))

    def _agree(self) -> bool:
        assert self._before is not None
        last = len(self._numbers) - 1
        if last < len(self._before) and self._before[last] == self._numbers[last]:
            return True  # as nearly always; the signs of zeros are compared when the iteration is over
        before, now = array("d", self._before[last : last + 1]), _real(self._numbers[last:])
        if before.tobytes() == now.tobytes():  # by their bits: NaN is not equal to itself
            return True
        self._before = None  # all that follows from it differs, too
        return False


def _real(numbers: list[float]) -> array[float]:
    try:
        return array("d", numbers)
    except TypeError:  # complex ones among them
        return array("d", [number.real + number.imag for number in numbers])
