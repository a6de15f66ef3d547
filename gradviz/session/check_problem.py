"""What is wrong with a gradient, as a problem: at which line, which element, and what it may be."""

from __future__ import annotations

import math

from gradviz.engine.explain.check import RAISES
from gradviz.session.check_words import (
    COMPARE,
    FACTOR,
    FAILED,
    KEEP_TENSORS,
    LOSS_CUT,
    LOSS_OFF,
    LOSS_WRONG,
    NOTHING,
    SIGN,
    SPURIOUS,
    WRONG,
    WRONG_AT,
)
from gradviz.session.protocol import Problem
from gradviz.trace.checks import CodeCheck, Difference, GradientCheck, OperationCheck

KIND = "gradient"


def problems_of(check: CodeCheck) -> list[Problem]:
    """What is wrong, the operation nearest to the loss first; [] if nothing is."""
    found = [operation_problem(operation, check.iteration) for operation in check.wrong]
    if check.loss is not None and check.loss.state == "wrong":
        found.append(_loss_problem(check, check.loss))
    return found


def operation_problem(operation: OperationCheck, iteration: int) -> Problem:
    """An operation that is wrong, for its input that is."""
    check = next(check for check in operation.inputs if check.state == "wrong")
    words, arguments = _wrong(operation.name, check)
    hint, filled = _guess(check)
    lines = tuple(line for line in (operation.source,) if line is not None and line != operation.place)
    return Problem(
        "warning",  # it stops nothing: the run goes on
        KIND,
        "",
        operation.place,
        hint=hint,
        hint_arguments=filled,
        iteration=iteration,
        words=words,
        arguments=arguments,
        nodes=(operation.node,),
        lines=lines,
    )


def number(x: float) -> str:
    """ "-0.2500", "1.23e-07", "nan"."""
    return f"{x:.6g}"


def element(difference: Difference) -> str:
    """ "[0, 3]"; "[]" of a single number."""
    return str(list(difference.index))


def _wrong(name: str, check: GradientCheck) -> tuple[str, tuple[str, ...]]:
    if check.worst:
        worst = check.worst[0]
        places = (element(worst), number(worst.expected), number(worst.found))
        return WRONG_AT, (name, check.argument, *places)
    if check.words == RAISES:
        return FAILED, (name, check.argument, check.given)
    return WRONG, (name, check.argument)


def _guess(check: GradientCheck) -> tuple[str, tuple[str, ...]]:
    """What the mistake may be, by how expected and found differ everywhere."""
    if check.words:
        return check.words, (check.given,)
    pairs = [(d.expected, d.found) for d in check.worst]
    if all(found == 0 for _, found in pairs):
        return NOTHING, ()
    scale = max(abs(found) for _, found in pairs)
    if all(abs(expected) <= 1e-6 * scale for expected, _ in pairs):
        return SPURIOUS, ()
    ratios = [found / expected for expected, found in pairs if expected]
    if len(ratios) == len(pairs) and all(math.isclose(r, ratios[0], rel_tol=1e-3) for r in ratios):
        if math.isclose(ratios[0], -1, rel_tol=1e-3):
            return SIGN, ()
        return FACTOR, (f"{ratios[0]:.4g}",)
    return COMPARE, ()


def _loss_problem(check: CodeCheck, loss: GradientCheck) -> Problem:
    cut = next((cut for cut in check.cuts if not cut.meant), None) or next(iter(check.cuts), None)
    if cut is not None:
        words, arguments, hint = LOSS_CUT, (cut.name,), KEEP_TENSORS
        return Problem("error", KIND, "", cut.source, hint=hint, words=words, arguments=arguments)
    if not loss.worst or all(difference.found == 0 for difference in loss.worst):
        return Problem("error", KIND, "", hint=KEEP_TENSORS, words=LOSS_OFF)
    worst = loss.worst[0]
    places = (element(worst), number(worst.expected), number(worst.found))
    return Problem("error", KIND, "", hint=loss.words, words=LOSS_WRONG, arguments=places)
