"""Computes what is written on the board: the LaTeX of the engine's formulas, with numbers put in."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator

TOKEN = re.compile(
    r"\s+|\\,|\\ |\\quad|\\textstyle"
    r"|(?P<token>\\mathrm\{[^{}]*\}|\\[a-zA-Z]+|[\d.]+|[a-zA-Z]|.)"
)


class WordsError(Exception):
    """Words or symbols that stand for something else than a computation."""


def sign(x: float) -> float:
    return (x > 0) - (x < 0)


def normal_cdf(x: float) -> float:
    return math.erfc(-x / math.sqrt(2)) / 2


def digamma(x: float) -> float:
    shift = sum(1 / (x + k) for k in range(30))
    y = x + 30
    return math.log(y) - 1 / (2 * y) - 1 / (12 * y**2) + 1 / (120 * y**4) - shift


FUNCTIONS: dict[str, Callable[..., float]] = {
    r"\max": max,
    r"\min": min,
    r"\ln": math.log,
    r"\sin": math.sin,
    r"\cos": math.cos,
    r"\tan": math.tan,
    r"\sinh": math.sinh,
    r"\cosh": math.cosh,
    r"\tanh": math.tanh,
    r"\arcsin": math.asin,
    r"\arccos": math.acos,
    r"\arctan": math.atan,
    r"\mathrm{arsinh}": math.asinh,
    r"\mathrm{arcosh}": math.acosh,
    r"\mathrm{artanh}": math.atanh,
    r"\mathrm{atan2}": math.atan2,
    r"\mathrm{sign}": sign,
    r"\mathrm{trunc}": math.trunc,
    r"\mathrm{round}": round,
    r"\mathrm{erf}": math.erf,
    r"\mathrm{erfc}": math.erfc,
    r"\mathrm{clamp}": lambda x, low, high: min(max(x, low), high),
    r"\mathrm{lcm}": lambda x, y: math.lcm(int(x), int(y)),
    r"\gcd": lambda x, y: math.gcd(int(x), int(y)),
    r"\sigma": lambda x: 1 / (1 + math.exp(-x)),
    r"\Phi": normal_cdf,
    r"\varphi": lambda x: math.exp(-x * x / 2) / math.sqrt(2 * math.pi),
    r"\Gamma": math.gamma,
    r"\psi": digamma,
}
CONSTANTS = {"e": math.e, r"\pi": math.pi, r"\infty": math.inf, r"\mathrm{NaN}": math.nan}
RELATIONS: dict[str, Callable[[float, float], bool]] = {
    "=": lambda a, b: a == b,
    r"\ne": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    r"\le": lambda a, b: a <= b,
    r"\ge": lambda a, b: a >= b,
    r"\wedge": lambda a, b: bool(a) and bool(b),
    r"\vee": lambda a, b: bool(a) or bool(b),
    r"\oplus": lambda a, b: bool(a) != bool(b),
}
CLOSING = {"(": ")", "{": "}", "[": "]", "|": "|", r"\lfloor": r"\rfloor", r"\lceil": r"\rceil"}


def compute(latex: str, **names: float) -> float:
    """The value of LaTeX without other names than those. Raises WordsError for what is no computation."""
    parser = _Parser(latex, CONSTANTS | names)
    value = parser.expression()
    if parser.next() is not None:
        raise WordsError(f"{parser.next()} in {latex}")
    return float(value)


class _Parser:
    """Reads from left to right; every method reads one kind of phrase and returns its value."""

    def __init__(self, latex: str, names: dict[str, float]) -> None:
        self.names = names
        self.tokens = [m["token"] for m in TOKEN.finditer(latex) if m["token"]]
        self.at = 0

    def next(self) -> str | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def take(self, *wanted: str) -> str | None:
        token = self.next()
        if token in wanted:
            self.at += 1
            return token
        return None

    def expression(self) -> float:
        value = self.relation()
        if self.take(r"\mathrm{if}"):
            holds = self.relation()
            if not self.take(r"\mathrm{else}"):
                raise WordsError("if without else")
            otherwise = self.relation()
            return value if holds else otherwise
        return value

    def relation(self) -> float:
        left = self.sum()
        held = True
        while relation := self.take(*RELATIONS):
            right = self.sum()
            held, left = held and RELATIONS[relation](left, right), right
            if self.next() not in RELATIONS:
                return held
        return left

    def sum(self) -> float:
        value = self.product()
        while operator := self.take("+", "-"):
            value += self.product() if operator == "+" else -self.product()
        return value

    def product(self) -> float:
        if self.take("-"):
            return -self.product()
        value = self.power()
        while True:
            if self.take("/"):
                value /= self.power()
            elif self.take(r"\cdot", r"\odot", r"\times") or self.starts_a_factor():
                value *= self.power()
            else:
                return value

    def starts_a_factor(self) -> bool:
        token = self.next()
        if token is None or token in (")", "}", "]", ",", "+", "-", "|", r"\rfloor", r"\rceil"):
            return False
        return token not in RELATIONS and token not in (r"\mathrm{if}", r"\mathrm{else}")

    def power(self) -> float:
        base = self.factor()
        return base ** self.group("{") if self.take("^") else base

    def factor(self) -> float:
        token = self.next()
        if token is None:
            raise WordsError("nothing where a number should stand")
        self.at += 1
        if token == "1" and self.next() == "[":
            return float(self.group("["))
        if re.fullmatch(r"[\d.]+", token):
            return float(token)
        if token in self.names:
            return self.names[token]
        if token == r"\neg":
            return not self.factor()
        if token == r"\frac":
            return self.group("{") / self.group("{")
        if token == r"\sqrt":
            return math.sqrt(self.group("{"))
        if token == r"\log":
            self.take("_")
            base = self.group("{")
            return math.log(self.argument(), base)
        if token in FUNCTIONS:
            return self.apply(FUNCTIONS[token])
        if token in CLOSING:
            self.at -= 1
            return self.bracketed(token)
        raise WordsError(token)

    def apply(self, function: Callable[..., float]) -> float:
        if self.next() == "^":
            raise WordsError("an inverse or a power of a function")
        return function(*self.arguments()) if self.next() == "(" else function(self.argument())

    def argument(self) -> float:
        """Of a function without parentheses: the product that follows."""
        if self.next() == "(":
            return self.group("(")
        value = self.power()
        while self.next() is not None and re.fullmatch(r"[\d.]+|\\pi", self.next() or ""):
            value *= self.power()
        return value

    def arguments(self) -> Iterator[float]:
        self.take("(")
        found = [self.expression()]
        while self.take(","):
            found.append(self.expression())
        if not self.take(")"):
            raise WordsError(f"{self.next()} among arguments")
        return iter(found)

    def bracketed(self, opening: str) -> float:
        if opening == r"\lfloor" and r"\rceil" in self.tokens[self.at :]:
            raise WordsError("rounding in a direction that is a setting")
        value = self.group(opening)
        return {"|": abs, r"\lfloor": math.floor, r"\lceil": math.ceil}.get(opening, float)(value)

    def group(self, opening: str) -> float:
        if not self.take(opening):
            raise WordsError(f"{self.next()} instead of {opening}")
        value = self.expression()
        if not self.take(CLOSING[opening]):
            raise WordsError(f"{self.next()} instead of {CLOSING[opening]}")
        return value
