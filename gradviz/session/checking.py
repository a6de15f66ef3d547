"""Checks the backward of a recorded operation by finite differences."""

from __future__ import annotations

import numpy as np

from gradviz.engine import explain
from gradviz.session.recording import Recording
from gradviz.session.used import Used
from gradviz.trace.checks import Difference, GradientCheck

MAX_WORDS = 1000


def check_gradients(recording: Recording, node: int) -> list[GradientCheck]:
    """A verdict on every floating-point argument that needs a gradient. Raises UnexplainedError where the
    operation is not recorded, or its arrays are not."""
    iteration = recording.iteration
    used = Used.in_recording(recording, iteration.nodes[node], len(iteration.events) - 1)
    given = recording.given(node)
    found = []
    for position, edge in enumerate(used.edges):
        array = used.use.inputs[position]
        if edge is None or not isinstance(array, np.ndarray) or array.dtype.kind != "f":
            continue
        if iteration.nodes[edge.node].outputs[edge.output].requires_grad:
            passed = given[position] if position < len(given) else None
            found.append(described(explain.check(used.use, position, given=passed)))
    return found


def described(verdict: explain.Verdict) -> GradientCheck:
    worst = tuple(Difference(d.index, d.expected, d.found) for d in verdict.worst)
    words, given = verdict.words[:MAX_WORDS], verdict.argument[:MAX_WORDS]
    return GradientCheck(
        verdict.name, verdict.state, verdict.checked, verdict.kinks, worst, words, verdict.error, given
    )
