"""A whole run: the numbers that every iteration leaves behind."""

from __future__ import annotations

import math
from array import array
from bisect import bisect_left
from typing import Annotated

import numpy as np
from msgspec import Meta, Struct

from gradviz.trace.graph import Text


class Metric(Struct, frozen=True):
    """New points of one curve: `values[i]` belongs to iteration `iterations[i]`."""

    name: Text
    iterations: list[Annotated[int, Meta(ge=0, lt=1 << 62)]]
    values: list[float]


class Run:
    """The curves of a run, ascending in their iterations.

    Names: "loss", "accuracy", "grad_norm/net.fc1.weight", …
    """

    MAX_CURVES = 512

    def __init__(self) -> None:
        self._curves: dict[str, tuple[array[int], array[float]]] = {}

    def extend(self, metric: Metric) -> bool:
        """Adds the points; False, and nothing added, when the run already has too many curves.

        A point of an iteration that was run a second time takes the place of the first.
        """
        if metric.name not in self._curves:
            if len(self._curves) >= self.MAX_CURVES:
                return False
            self._curves[metric.name] = (array("q"), array("d"))
        iterations, values = self._curves[metric.name]
        for iteration, value in zip(metric.iterations, metric.values, strict=False):
            place = len(iterations)
            if place and iteration <= iterations[-1]:
                place = bisect_left(iterations, iteration)
            if place < len(iterations) and iterations[place] == iteration:
                values[place] = value
            else:
                iterations.insert(place, iteration)
                values.insert(place, value)
        return True

    def first_to_differ(self, metric: Metric) -> int | None:
        """The first iteration of the metric for which the run knows another value."""
        iterations, values = self._curves.get(metric.name, (array("q"), array("d")))
        for iteration, value in zip(metric.iterations, metric.values, strict=False):
            place = bisect_left(iterations, iteration)
            known = values[place] if iteration in iterations[place : place + 1] else value
            if known != value and not (math.isnan(known) and math.isnan(value)):
                return iteration
        return None

    @property
    def names(self) -> list[str]:
        return sorted(self._curves)

    def curve(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """(iterations int64 [n], values float64 [n]) of a curve; both empty when there is none."""
        iterations, values = self._curves.get(name, (array("q"), array("d")))
        return np.array(iterations, dtype=np.int64), np.array(values, dtype=np.float64)

    @property
    def last_iteration(self) -> int:
        """The highest iteration that any curve reaches, or -1."""
        return max((iterations[-1] for iterations, _ in self._curves.values() if iterations), default=-1)
