"""Rules with numbers: an operation's LaTeX with the values of the chosen element put in."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable

from gradviz.engine.explain.explanation import Explanation, Terms, exact_sum

GREEK = ("alpha", "beta", "gamma", "delta", "lambda", "mu", "sigma")

# A name in LaTeX (x, \alpha, \bar{x}, \mathrm{out}) and the index that may follow it.
_NAME = re.compile(r"(\\(?:mathrm|bar|hat)\{[^{}]*\}|\\[a-zA-Z]+|[a-zA-Z])((?:_\{[^{}]*\})?)")
_SPACE = r"(?:\s|\\,)*"
_AFTER_NUMBER = re.compile(rf"[\d)]{_SPACE}$")
_BEFORE_NUMBER = re.compile(rf"{_SPACE}(?=\d)")
# After these a negative number needs no parentheses.
_OPEN = re.compile(r"(^|[(\[{=|<>]|(?<!\\),|\\(lfloor|lceil|le|ge|ne|mathrm\{(if|else)\}\\))\s*$")


def equation(why: Explanation, count: int = 3, digits: int = 4) -> str:
    """The explained number as LaTeX: its `count` largest terms with numbers, the others summed up."""

    def number(value: float) -> str:
        return latex_number(value, digits)

    shown = list(why.ranked(count))
    texts = [_term(why, group, i, number) for group, i in shown]
    if len(why) > count:
        others = exact_sum([why.total, -why.rest, *(-float(group.values[i]) for group, i in shown)])
        texts.append(rf"\underbrace{{{number(others)}}}_{{{len(why) - count}\ \mathrm{{more}}}}")
    if why.rest or not texts:
        texts.append(number(why.rest))
    total = texts[0] + "".join(f" - {t[1:]}" if t.startswith("-") else f" + {t}" for t in texts[1:])
    if why.outer == "S":
        return f"{total} = {number(why.value)}"
    outer = with_numbers(why.outer, why.symbols.get, number)
    return rf"S = {total} = {number(why.total)},\quad {outer} = {number(why.value)}"


def _term(why: Explanation, group: Terms, i: int, number: Callable[[float], str]) -> str:
    if not group.rule:
        numbers = [float(f.values[i]) for f in group.factors] or [1.0]
        if group.coefficients is not None and group.coefficients[i] != 1:
            numbers.insert(0, float(group.coefficients[i]))
        return r" \cdot ".join([number(numbers[0]), *(_signed(number(n)) for n in numbers[1:])])
    several = Counter(f.source.name for f in group.factors)  # a whole matrix stays a letter
    values = {f.source.name: float(f.values[i]) for f in group.context}
    values |= {f.source.name: float(f.values[i]) for f in group.factors if several[f.source.name] == 1}

    def value(name: str) -> float | None:
        return values.get(group.symbols.get(name, plain(name)), why.symbols.get(name))

    return with_numbers(group.rule, value, number)


def with_numbers(latex: str, value: Callable[[str], float | None], number: Callable[[float], str]) -> str:
    """LaTeX with those names replaced that have a value; the index of such a name goes with it."""
    done, end = "", 0
    for match in _NAME.finditer(latex):
        found = value(match[1])
        if found is None:
            continue
        done += latex[end : match.start()]
        end = match.end()
        if _AFTER_NUMBER.search(done):
            done = re.sub(rf"{_SPACE}$", "", done) + r" \cdot "
        text = number(found)
        enclose = latex.startswith("^", end) or not _OPEN.search(done)
        done += _signed(text) if enclose else text
        if gap := _BEFORE_NUMBER.match(latex, end):
            done += r" \cdot "
            end = gap.end()
    return done + latex[end:]


def names_in(latex: str) -> list[str]:
    """The names in LaTeX, each once."""
    return list(dict.fromkeys(match[1] for match in _NAME.finditer(latex)))


def plain(name: str) -> str:
    """A name without its LaTeX: "alpha", "out"; a command that is no letter as it is."""
    if name.startswith("\\mathrm"):
        return name[len("\\mathrm{") : -1]
    return name[1:] if name[1:] in GREEK else name


def latex_number(value: float, digits: int = 4) -> str:
    """A number as LaTeX, with so many significant digits."""
    if math.isnan(value):
        return r"\mathrm{NaN}"
    if math.isinf(value):
        return r"\infty" if value > 0 else r"-\infty"
    mantissa, _, exponent = f"{value + 0.0:.{digits}g}".partition("e")
    return rf"{mantissa} \times 10^{{{int(exponent)}}}" if exponent else mantissa


def _signed(text: str) -> str:
    return f"({text})" if text.startswith("-") or "times" in text else text
