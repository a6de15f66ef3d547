"""How the parts of a condition are computed: functions from the facts of an event to a value, made once.

Unknown is None. Arithmetic with it, or without a result, is unknown; `and` and `or` are known where one side
decides.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Mapping, Sequence

from gradviz.trace.conditions.facts import Value

Facts = Callable[[str], Value]
"""Gives the fact with a name, or None where the event has no such fact."""

Evaluate = Callable[[Facts], Value]


def _smallest(*values: float) -> float:
    return math.nan if any(math.isnan(value) for value in values) else min(values)


def _largest(*values: float) -> float:
    return math.nan if any(math.isnan(value) for value in values) else max(values)


FUNCTIONS: dict[str, Callable[..., float]] = {
    "abs": abs,
    "min": _smallest,
    "max": _largest,
    "log10": math.log10,
}
OPERATORS: dict[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "%": operator.mod,
    "**": math.pow,
}
COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}


def constant(value: Value) -> Evaluate:
    return lambda _: value


def fact(name: str) -> Evaluate:
    return lambda of: of(name)


def call(function: Callable[..., float], arguments: Sequence[Evaluate]) -> Evaluate:
    """The result of a function of numbers; unknown where it has none, or where that is no number any more."""

    def evaluate(of: Facts) -> Value:
        values: list[float] = []
        for argument in arguments:
            value = argument(of)
            if value is None:
                return None
            values.append(value)  # type: ignore[arg-type]
        return _number(function, *values)

    return evaluate


def operation(operands: Sequence[Evaluate], symbols: Sequence[str]) -> Evaluate:
    """Operators of one rank from left to right: a - b + c."""

    def evaluate(of: Facts) -> Value:
        result = operands[0](of)
        for symbol, operand in zip(symbols, operands[1:], strict=True):
            value = operand(of)
            if result is None or value is None:
                return None
            result = _number(OPERATORS[symbol], result, value)  # type: ignore[arg-type]
        return result

    return evaluate


def _number(function: Callable[..., float], *values: float) -> float | None:
    """None for a division by 0, and for a number too large where those it comes from are not."""
    try:
        result = function(*values)
    except (ArithmeticError, ValueError):
        return None
    return result if math.isfinite(result) or not all(map(math.isfinite, values)) else None


def comparison(operands: Sequence[Evaluate], symbols: Sequence[str], of_texts: bool) -> Evaluate:
    """Comparisons as Python chains them: a < b < c is a < b and b < c."""
    table: Mapping[str, Callable[..., bool]] = _TEXT_COMPARISONS if of_texts else COMPARISONS
    functions = [table[symbol] for symbol in symbols]

    def evaluate(of: Facts) -> Value:
        unknown = False
        left = operands[0](of)
        for compare, operand in zip(functions, operands[1:], strict=True):
            right = operand(of)
            if left is None or right is None:
                unknown = True
            elif not compare(left, right):
                return False
            left = right
        return None if unknown else True

    return evaluate


def _same_text(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    return any(spelling in other for spelling in one)


_TEXT_COMPARISONS: dict[str, Callable[..., bool]] = {
    "==": _same_text,
    "!=": lambda one, other: not _same_text(one, other),
}


def membership(operand: Evaluate, members: Sequence[Value]) -> Evaluate:
    """Whether a value is one of several; a text if one of its spellings is."""
    texts = [spelling for member in members if isinstance(member, tuple) for spelling in member]

    def evaluate(of: Facts) -> Value:
        value = operand(of)
        if value is None:
            return None
        return _same_text(value, tuple(texts)) if isinstance(value, tuple) else value in members

    return evaluate


def pattern(operand: Evaluate, matcher: re.Pattern[str]) -> Evaluate:
    """Whether one of a text's spellings matches."""

    def evaluate(of: Facts) -> Value:
        value = operand(of)
        return None if value is None else any(matcher.match(spelling) for spelling in value)  # type: ignore[union-attr]

    return evaluate


def negation(operand: Evaluate) -> Evaluate:
    def evaluate(of: Facts) -> Value:
        value = operand(of)
        return None if value is None else not value

    return evaluate


def any_of(operands: Sequence[Evaluate]) -> Evaluate:
    return _decided_by(True, operands)


def all_of(operands: Sequence[Evaluate]) -> Evaluate:
    return _decided_by(False, operands)


def _decided_by(decision: bool, operands: Sequence[Evaluate]) -> Evaluate:
    """One operand with that outcome decides."""

    def evaluate(of: Facts) -> Value:
        unknown = False
        for operand in operands:
            value = operand(of)
            if value is None:
                unknown = True
            elif bool(value) is decision:
                return decision
        return None if unknown else not decision

    return evaluate
