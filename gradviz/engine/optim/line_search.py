"""How far to go along a direction: the strong Wolfe conditions.

Source: Nocedal and Wright, Numerical Optimization (2006), algorithms 3.5 and 3.6
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from gradviz.engine.backend import Array, xp

SUFFICIENT_DECREASE = 1e-4  # c1: what share of the decrease that the slope promises is enough
FLATTER = 0.9  # c2: to what share of the first slope the slope has to fall


class Trial(NamedTuple):
    """A step length that was tried: the loss, the gradient and the slope along the direction there."""

    length: float
    loss: float
    gradient: Array
    slope: float


def strong_wolfe(
    evaluate: Callable[[float], tuple[float, Array]],
    length: float,
    direction: Array,
    start: Trial,
    smallest_change: float,
    most_trials: int,
) -> tuple[Trial, int]:
    """A step length, `length` or another, that lowers the loss enough to where it is flat enough.

    `evaluate(length)` gives loss and gradient there. Returns the best trial and the count of evaluations,
    which is `most_trials` + 1 at most.
    """

    def tried(length: float) -> Trial:
        loss, gradient = evaluate(length)
        return Trial(length, loss, gradient, float(gradient @ direction))

    def too_high(trial: Trial) -> bool:
        return trial.loss > start.loss + SUFFICIENT_DECREASE * trial.length * start.slope

    def flat(trial: Trial) -> bool:
        return abs(trial.slope) <= -FLATTER * start.slope

    # Go on until a minimum must lie between the last two trials.
    last, trial, count = start, tried(length), 1
    while count <= most_trials:
        if too_high(trial) or (count > 2 and trial.loss >= last.loss):
            break
        if flat(trial):
            return trial, count
        if trial.slope >= 0:
            break
        nearest = trial.length + 0.01 * (trial.length - last.length)
        farthest = trial.length * 10
        last, trial = trial, tried(minimum_of_cubic(last, trial, nearest, farthest))
        count += 1
    else:
        last = start

    # Narrow the interval down, from the lower end `low`.
    low, high = (last, trial) if last.loss <= trial.loss else (trial, last)
    width = float(xp.abs(direction).max())
    stuck = False
    while count <= most_trials and abs(high.length - low.length) * width >= smallest_change:
        left, right = sorted((low.length, high.length))
        first, second = (low, high) if low.length == left else (high, low)
        length, stuck = _away_from_ends(minimum_of_cubic(first, second, left, right), left, right, stuck)
        trial = tried(length)
        count += 1
        if too_high(trial) or trial.loss >= low.loss:
            high = trial
            low, high = (low, high) if low.loss <= high.loss else (high, low)
        else:
            if flat(trial):
                return trial, count
            if trial.slope * (high.length - low.length) >= 0:
                high = low
            low = trial
    return low, count


def _away_from_ends(length: float, left: float, right: float, stuck: bool) -> tuple[float, bool]:
    """The length, not twice in a row within a tenth of an end; and whether it is there now."""
    margin = 0.1 * (right - left)
    if min(right - length, length - left) >= margin:
        return length, False
    if stuck or length >= right or length <= left:
        return (right - margin if right - length < length - left else left + margin), False
    return length, True


def minimum_of_cubic(a: Trial, b: Trial, low: float, high: float) -> float:
    """Where the cubic through both trials, with their slopes, is least, but in [low, high]."""
    bend = a.slope + b.slope - 3 * (a.loss - b.loss) / (a.length - b.length)
    square = bend**2 - a.slope * b.slope
    if square < 0:
        return (low + high) / 2
    first, second = (a, b) if a.length <= b.length else (b, a)
    root = math.sqrt(square)
    share = (second.slope + root - bend) / (second.slope - first.slope + 2 * root)
    return min(max(second.length - (second.length - first.length) * share, low), high)
