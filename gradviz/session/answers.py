"""Answers to what the window asks about recorded arrays. `find` gives the array that a reference names."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
from msgspec.structs import replace

from gradviz.errors import TraceFileError
from gradviz.session.check_problem import operation_problem
from gradviz.session.checking import check_gradients, operation_check
from gradviz.session.hints import WHY_FAILED, WHY_NO_NUMBER
from gradviz.session.protocol import (
    Because,
    Check,
    Checked,
    CountUnits,
    Export,
    Exported,
    Fetch,
    Fetched,
    Look,
    Match,
    Matched,
    Origin,
    Origins,
    Problem,
    Seen,
    UnitsCounted,
    Why,
)
from gradviz.session.recording import Recording
from gradviz.session.used import UnexplainedError
from gradviz.session.why import why
from gradviz.trace import ArrayRef, Iteration, RawArray, Summary, Trail, summarize
from gradviz.trace.conditions import ConditionError, parse
from gradviz.trace.file import TooLargeError, write_iteration
from gradviz.trace.hits import nodes_where
from gradviz.trace.origin import origin
from gradviz.trace.units import Units, count_units

Find = Callable[[ArrayRef], np.ndarray | None]


def seen(find: Find, look: Look) -> Seen:
    """Summaries; None for an array that is not there or cannot be summed up."""

    def summary(ref: ArrayRef) -> Summary | None:
        try:
            array = _laid_out(find, ref)
            return None if array is None else summarize(array, look.rows, look.cols, look.bins, look.index)
        except Exception:  # one array that cannot be summed up must not end the conversation
            return None

    return Seen(look.request, [summary(ref) for ref in look.arrays])


def fetched(find: Find, fetch: Fetch) -> Fetched:
    """An array, or the part of it that was asked for, if it can travel."""
    found = array = None
    with contextlib.suppress(ValueError):  # it is no such mosaic
        array = _laid_out(find, fetch.array)
    if array is None:
        return Fetched(fetch.request, None)
    with contextlib.suppress(ValueError):  # too large, or of a kind that does not travel
        found = RawArray.of(array if fetch.part is None else fetch.part.of(array))
    return Fetched(fetch.request, found, array.nbytes)


def _laid_out(find: Find, ref: ArrayRef) -> np.ndarray | None:
    """The array, as a mosaic where that is wanted. Raises ValueError where it cannot be one."""
    array = find(replace(ref, tiles=None) if ref.tiles is not None else ref)
    return array if array is None or ref.tiles is None else ref.tiles.of(array)


def because(recording: Recording | None, question: Why) -> Because:
    """The terms of a number, or why there are none."""
    try:
        return Because(question.request, why(recording, question))
    except UnexplainedError as no:
        return Because(question.request, None, str(no))
    except Exception as error:  # an operation of the user's own may fail when it is computed again
        return Because(question.request, None, WHY_FAILED, (f"{type(error).__name__}: {error}"[:1000],))


def checked(recording: Recording | None, check: Check) -> Checked:
    """Finite differences beside the backward of a recorded operation."""
    if recording is None or check.node >= len(recording.iteration.nodes):
        return Checked(check.iteration, check.node, [], WHY_NO_NUMBER)
    try:
        return Checked(check.iteration, check.node, check_gradients(recording, check.node))
    except UnexplainedError as no:
        return Checked(check.iteration, check.node, [], str(no))


def gradient_problem(recording: Recording | None, checked: Checked) -> Problem | None:
    """What the person should know of a check that has found a wrong gradient."""
    if recording is None or all(verdict.state != "wrong" for verdict in checked.verdicts):
        return None
    node = recording.iteration.nodes[checked.node]
    return operation_problem(operation_check(recording, node, checked.verdicts), checked.iteration)


def origins(iteration: Iteration | None, find: Find, question: Origin) -> Origins:
    """Where a NaN in a recorded array came from; `iteration` is the one of the array, if it is recorded."""
    trail = Trail("unknown") if iteration is None else origin(iteration, find, question.array)
    return Origins(question.request, trail)


def matched(iteration: Iteration | None, find: Find, question: Match) -> Matched:
    """The nodes that a condition is true of; `iteration` is the one that is meant, if it is recorded."""
    nodes: list[int] = []
    if iteration is not None:
        with contextlib.suppress(ConditionError):  # the window has read it before it asked
            nodes = nodes_where(iteration, find, parse(question.condition))
    return Matched(question.iteration, question.condition, nodes)


def units_counted(iteration: Iteration | None, find: Find, question: CountUnits) -> UnitsCounted:
    """Dead and saturated units; `iteration` is the one that is meant, if it is recorded."""
    nodes = iteration.nodes if iteration is not None else []

    def units(ref: ArrayRef) -> Units | None:
        array = find(ref) if ref.iteration == question.iteration and 0 <= ref.node < len(nodes) else None
        return None if array is None else count_units(nodes[ref.node].name, array)

    return UnitsCounted(question.request, [units(ref) for ref in question.arrays])


def exported(recording: Recording | None, export: Export) -> Exported:
    """Writes an iteration into a file of its own, if it can be."""
    if recording is None:
        return Exported(export.iteration, export.path, "not recorded")
    try:
        write_iteration(Path(export.path), recording.iteration, recording.refs(), recording.find)
    except TooLargeError:
        return Exported(export.iteration, export.path, "too large")
    except (TraceFileError, OSError, MemoryError) as problem:
        return Exported(export.iteration, export.path, "not written", str(problem)[:1000])
    return Exported(export.iteration, export.path)
