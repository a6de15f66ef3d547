"""Reads a condition by recursive descent, and checks its types on the way."""

from __future__ import annotations

import difflib
import fnmatch
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

from gradviz.trace.conditions import evaluation
from gradviz.trace.conditions.condition import Condition
from gradviz.trace.conditions.evaluation import Evaluate
from gradviz.trace.conditions.facts import FACTS, TEXTS, FactType, Value, asks_elements, fact, names
from gradviz.trace.conditions.lexer import ConditionError, Token, quoted, tokens

MAX_LENGTH = 2000  # characters
MAX_DEPTH = 40  # of brackets, functions, `not`, `-` and `**`
KEYWORDS = ("and", "or", "not", "in", "matches", "true", "false")

TOO_LONG = "A condition has at most {0} characters."
TOO_DEEP = "This is nested too deeply."
EMPTY = "Write a condition, such as {0}."
UNFINISHED = "Something is missing here, such as a number or a fact."
NOT_EXPECTED = "{0} cannot stand here."
UNCLOSED_BRACKET = "The bracket that opens here is not closed."
UNKNOWN_FACT = "There is no {0}."
NEAR_FACT = "There is no {0}. Did you mean {1}?"
ASK_STATISTIC = "{0} is an array: ask for one of its numbers, such as {0}.norm."
NEEDS_BOUND = "{0} is a number: compare it with another, such as {0} > 1."
NEEDS_TEXT = "{0} is a text: compare it with one in quotes, such as {0} == {1}."
NEEDS_NUMBER = "A number is needed here, not {0}."
DIFFERENT_TYPES = "{0} and {1} cannot be compared: they are of different types."
NO_ORDER = "Only numbers can be compared with {0}: use ==, !=, ~ or in."
NEEDS_LIST = "After in comes a list in brackets, such as {0}."
NEEDS_PATTERN = "After ~ comes a pattern in quotes, such as {0}."
NO_CHAIN = "Put the comparison before this one into brackets."
NEEDS_CALL = "{0} is a function: write {0}(…)."
ONE_ARGUMENT = "{0} takes one number."

TEMPLATES = (
    TOO_LONG,
    TOO_DEEP,
    EMPTY,
    UNFINISHED,
    NOT_EXPECTED,
    UNCLOSED_BRACKET,
    UNKNOWN_FACT,
    NEAR_FACT,
    ASK_STATISTIC,
    NEEDS_BOUND,
    NEEDS_TEXT,
    NEEDS_NUMBER,
    DIFFERENT_TYPES,
    NO_ORDER,
    NEEDS_LIST,
    NEEDS_PATTERN,
    NO_CHAIN,
    NEEDS_CALL,
    ONE_ARGUMENT,
)


def parse(text: str) -> Condition:
    """Reads a condition. Raises ConditionError, which says what is wrong and where."""
    if len(text) > MAX_LENGTH:
        raise ConditionError(TOO_LONG, str(MAX_LENGTH), start=MAX_LENGTH, end=len(text))
    part = _Parser(text).whole()
    return Condition(text, tuple(dict.fromkeys(part.facts)), part.evaluate)


@dataclass(frozen=True)
class _Part:
    """A part of a condition: its type, how to compute it, the facts in it, and where it stands.

    `literal` is the value of a number or text that is written out.
    """

    type: FactType
    evaluate: Evaluate
    facts: tuple[str, ...]
    start: int
    end: int
    literal: Value = None

    @property
    def is_number(self) -> bool:
        return self.type in ("number", "count")

    @property
    def asks_elements(self) -> bool:
        """Whether it costs a look at all elements of an array."""
        return any(map(asks_elements, self.facts))


class _Parser:
    """One method a rank of operators, the loosest first."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = tokens(text)
        self._position = 0
        self._depth = 0

    def whole(self) -> _Part:
        if self._next.kind == "end":
            raise ConditionError(EMPTY, "grad.norm > 10", start=0, end=len(self._text))
        part = self._condition(self._any)
        if self._next.kind != "end":
            self._fail(self._next)
        return part

    # ── tokens ────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def _next(self) -> Token:
        return self._tokens[self._position]

    def _at(self, *symbols: str) -> bool:
        return self._next.kind in ("symbol", "name") and self._next.text in symbols

    def _take(self) -> Token:
        token = self._next
        if token.kind != "end":
            self._position += 1
        return token

    def _take_if(self, *symbols: str) -> bool:
        if self._at(*symbols):
            self._take()
            return True
        return False

    def _fail(self, token: Token) -> NoReturn:
        """Something else should stand here."""
        if token.kind == "end":
            raise ConditionError(UNFINISHED, start=token.start, end=token.end)
        raise self._error(NOT_EXPECTED, token)

    def _error(self, template: str, at: Token | _Part, *more: str) -> ConditionError:
        return ConditionError(template, self._text[at.start : at.end], *more, start=at.start, end=at.end)

    def _inside(self, read: Callable[[], _Part]) -> _Part:
        """Reads one level deeper."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self._error(TOO_DEEP, self._next)
        part = read()
        self._depth -= 1
        return part

    def _close(self, bracket: Token) -> Token:
        if not self._at(")"):
            if self._next.kind == "end":
                raise self._error(UNCLOSED_BRACKET, bracket)
            self._fail(self._next)
        return self._take()

    # ── conditions ────────────────────────────────────────────────────────────────────────────────────────

    def _any(self) -> _Part:
        return self._joined("or", self._every, evaluation.any_of)

    def _every(self) -> _Part:
        return self._joined("and", self._not, evaluation.all_of)

    def _joined(self, word: str, read: Callable[[], _Part], join: Callable[..., Evaluate]) -> _Part:
        first = read()
        if not self._at(word):
            return first
        parts = [self._checked(first)]
        while self._take_if(word):
            parts.append(self._condition(read))
        cheap_first = sorted(parts, key=lambda part: part.asks_elements)
        return _combined("condition", join([part.evaluate for part in cheap_first]), *parts)

    def _not(self) -> _Part:
        if not self._at("not"):
            return self._compared()
        word = self._take()
        part = self._condition(lambda: self._inside(self._not))
        return _Part("condition", evaluation.negation(part.evaluate), part.facts, word.start, part.end)

    def _condition(self, read: Callable[[], _Part]) -> _Part:
        return self._checked(read())

    def _checked(self, part: _Part) -> _Part:
        """The part, which has to be true or false."""
        if part.type == "number":
            raise self._error(NEEDS_BOUND, part)
        if part.type == "text":
            name = part.facts[0] if part.facts else ""
            example = quoted(TEXTS.get(name, ("relu",))[0])
            raise self._error(NEEDS_TEXT, part, example)
        return part

    # ── comparisons ───────────────────────────────────────────────────────────────────────────────────────

    def _compared(self) -> _Part:
        left = self._sum()
        if self._at("in", "not"):
            part = self._membership(left)
        elif self._at("~", "matches"):
            part = self._pattern(left)
        elif self._at(*evaluation.COMPARISONS):
            part = self._comparison(left)
        else:
            return left
        if self._at("in", "not", "~", "matches", *evaluation.COMPARISONS):
            raise self._error(NO_CHAIN, self._next)
        return part

    def _comparison(self, left: _Part) -> _Part:
        parts, symbols = [left], []
        while self._at(*evaluation.COMPARISONS):
            symbol = self._take()
            part = self._sum()
            if part.is_number != left.is_number or (not left.is_number and part.type != left.type):
                raise self._error(DIFFERENT_TYPES, left, self._text[part.start : part.end])
            if not left.is_number and symbol.text not in ("==", "!="):
                raise self._error(NO_ORDER, symbol)
            parts.append(part)
            symbols.append(symbol.text)
        evaluate = evaluation.comparison([part.evaluate for part in parts], symbols, left.type == "text")
        return _combined("condition", evaluate, *parts)

    def _membership(self, left: _Part) -> _Part:
        negated = self._take_if("not")
        word = self._take()
        if word.text != "in":
            self._fail(word)
        bracket = self._next
        example = '("relu", "tanh")' if left.type == "text" else "(1, 2)"
        if not self._take_if("("):
            raise ConditionError(NEEDS_LIST, example, start=word.start, end=word.end)
        members = [self._member(left, example)]
        while self._take_if(",") and not self._at(")"):
            members.append(self._member(left, example))
        end = self._close(bracket).end
        evaluate = evaluation.membership(left.evaluate, [member.literal for member in members])
        if negated:
            evaluate = evaluation.negation(evaluate)
        return _Part("condition", evaluate, left.facts, left.start, end)

    def _member(self, left: _Part, example: str) -> _Part:
        part = self._inside(self._sum)
        if part.literal is None:
            raise ConditionError(NEEDS_LIST, example, start=part.start, end=part.end)
        if part.is_number != left.is_number or left.type == "condition":
            raise self._error(DIFFERENT_TYPES, left, self._text[part.start : part.end])
        return part

    def _pattern(self, left: _Part) -> _Part:
        symbol = self._take()
        if left.type != "text":
            raise ConditionError(NEEDS_PATTERN, 'node ~ "net.fc*"', start=left.start, end=left.end)
        glob = self._take()
        if glob.kind != "text":
            at = symbol if glob.kind == "end" else glob
            raise ConditionError(NEEDS_PATTERN, 'node ~ "net.fc*"', start=at.start, end=at.end)
        matcher = re.compile(fnmatch.translate(glob.text))
        return _Part(
            "condition", evaluation.pattern(left.evaluate, matcher), left.facts, left.start, glob.end
        )

    # ── numbers ───────────────────────────────────────────────────────────────────────────────────────────

    def _sum(self) -> _Part:
        return self._computed(("+", "-"), self._product)

    def _product(self) -> _Part:
        return self._computed(("*", "/", "%"), self._signed)

    def _computed(self, symbols: tuple[str, ...], read: Callable[[], _Part]) -> _Part:
        first = read()
        if not self._at(*symbols):
            return first
        parts, used = [self._number(first)], []
        while self._at(*symbols):
            used.append(self._take().text)
            parts.append(self._number(read()))
        return _combined("number", evaluation.operation([part.evaluate for part in parts], used), *parts)

    def _signed(self) -> _Part:
        if not self._at("-", "+"):
            return self._power()
        sign = self._take()
        part = self._number(self._inside(self._signed))
        if sign.text == "+":
            return part
        evaluate = evaluation.call(lambda x: -x, [part.evaluate])
        literal = -part.literal if isinstance(part.literal, (int, float)) else None
        return _Part("number", evaluate, part.facts, sign.start, part.end, literal)

    def _power(self) -> _Part:
        base = self._atom()
        if not self._take_if("**"):
            return base
        exponent = self._number(self._inside(self._signed))
        evaluate = evaluation.operation([self._number(base).evaluate, exponent.evaluate], ["**"])
        return _combined("number", evaluate, base, exponent)

    def _number(self, part: _Part) -> _Part:
        """The part, which has to be a number."""
        if not part.is_number:
            raise self._error(NEEDS_NUMBER, part)
        return part

    # ── atoms ─────────────────────────────────────────────────────────────────────────────────────────────

    def _atom(self) -> _Part:
        token = self._take()
        place = token.start, token.end
        if token.kind == "number":
            number = float(token.text)
            return _Part("number", evaluation.constant(number), (), *place, number)
        if token.kind == "text":
            return _Part("text", evaluation.constant((token.text,)), (), *place, (token.text,))
        if token.kind == "name":
            return self._named(token)
        if token.text != "(":
            self._fail(token)
        part = self._inside(self._any)
        end = self._close(token).end
        return _Part(part.type, part.evaluate, part.facts, token.start, end, part.literal)

    def _named(self, token: Token) -> _Part:
        name, place = token.text, (token.start, token.end)
        if name in ("true", "false"):
            return _Part("condition", evaluation.constant(name == "true"), (), *place)
        if name in evaluation.FUNCTIONS:
            return self._call(token)
        entry = fact(name)
        if name in KEYWORDS:
            self._fail(token)
        if entry is None:
            raise self._unknown(token)
        if entry.type == "array":
            raise self._error(ASK_STATISTIC, token)
        return _Part(entry.type, evaluation.fact(name), (name,), *place)

    def _call(self, function: Token) -> _Part:
        bracket = self._next
        if not self._take_if("("):
            raise self._error(NEEDS_CALL, function)
        arguments = [self._number(self._inside(self._sum))]
        while self._take_if(","):
            arguments.append(self._number(self._inside(self._sum)))
        end = self._close(bracket).end
        if function.text in ("abs", "log10") and len(arguments) > 1:
            raise self._error(ONE_ARGUMENT, function)
        evaluate = evaluation.call(evaluation.FUNCTIONS[function.text], [part.evaluate for part in arguments])
        asked = tuple(name for part in arguments for name in part.facts)
        return _Part("number", evaluate, asked, function.start, end)

    def _unknown(self, token: Token) -> ConditionError:
        known = [*names(), *FACTS, *evaluation.FUNCTIONS, *KEYWORDS]
        near = difflib.get_close_matches(token.text[:50], known, 1, 0.5)
        return self._error(NEAR_FACT, token, near[0]) if near else self._error(UNKNOWN_FACT, token)


def _combined(of_type: FactType, evaluate: Evaluate, *parts: _Part) -> _Part:
    asked = tuple(name for part in parts for name in part.facts)
    return _Part(of_type, evaluate, asked, parts[0].start, parts[-1].end)
