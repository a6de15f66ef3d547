"""How a condition can go on at the cursor."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from gradviz.trace.conditions.facts import FACTS, STATISTICS, TEXTS, fact
from gradviz.trace.conditions.lexer import ConditionError, Token, quoted, tokens

EQUAL = "is equal"
OPERATORS: dict[str, str] = {
    "and": "both are true",
    "or": "at least one is true",
    ">": "is greater",
    ">=": "is greater or equal",
    "<": "is less",
    "<=": "is less or equal",
    "==": EQUAL,
    "!=": "is not equal",
    "in": "is one of several, in brackets",
    "~": "matches a pattern in quotes: * is any text, ? any character",
}
_FOR_NUMBERS = (">", "<", ">=", "<=", "==", "!=", "and", "or")
_FOR_TEXTS = ("==", "!=", "~", "in")
_FOR_CONDITIONS = ("and", "or")
WORDS: dict[str, str] = {"not": "is true where what follows is false", "true": "always", "false": "never"}
FUNCTIONS: dict[str, str] = {
    "abs(": "magnitude of a number",
    "min(": "smallest of several numbers",
    "max(": "largest of several numbers",
    "log10(": "decimal logarithm",
}

TEMPLATES = (*OPERATORS.values(), *WORDS.values(), *FUNCTIONS.values())

_WORD = re.compile(r"[^\W\d][\w.]*\Z", re.ASCII)
_OPEN_TEXT = re.compile(r"""(["'])((?:(?!\1)[^\\]|\\.)*)\Z""")


class Candidate(NamedTuple):
    """`text` takes the place of what has been typed of it; `description` is English, "" for a name."""

    text: str
    description: str


class Completion(NamedTuple):
    """`candidates` can take the place of characters `start` to `end` (excluded)."""

    start: int
    end: int
    candidates: list[Candidate]


def complete(text: str, cursor: int, names: Mapping[str, Sequence[str]] = {}) -> Completion:
    """What can stand at the cursor. `names`: texts that a fact has in the program shown, {"op": ["relu"]}."""
    before = text[: max(0, cursor)]
    known = {**names, **TEXTS}
    cut = _tokens(before)
    if cut is None:
        return _inside_quotes(before, known)
    word = _WORD.search(before)
    if word is not None and cut and cut[-1].kind == "name" and cut[-1].end == len(before):
        cut = cut[:-1]
        typed, start = word[0], word.start()
    else:
        typed, start = "", len(before)
    found = _candidates(cut, typed, known)
    return Completion(start, len(before), [c for c in found if c.text.startswith(typed) and c.text != typed])


def _candidates(before: Sequence[Token], typed: str, known: Mapping[str, Sequence[str]]) -> list[Candidate]:
    """What can follow these tokens, if something begins with `typed`."""
    if before and _ends_operand(before[-1]):
        return [Candidate(symbol, OPERATORS[symbol]) for symbol in _operators_after(before)]
    asked = _asked_text(before)
    if asked is not None and not typed:
        return [Candidate(quoted(value), "") for value in known.get(asked, ())]
    array, dot, _ = typed.partition(".")
    if dot and array in FACTS and FACTS[array].type == "array":
        return [Candidate(f"{array}.{name}", entry.description) for name, entry in STATISTICS.items()]
    facts = [
        Candidate(name + ("." if entry.type == "array" else ""), entry.description)
        for name, entry in FACTS.items()
    ]
    return facts + [Candidate(name, words) for name, words in {**WORDS, **FUNCTIONS}.items()]


def _ends_operand(token: Token) -> bool:
    if token.kind == "name":
        return token.text not in OPERATORS and token.text not in ("not", "matches")
    return token.kind in ("number", "text") or token.text == ")"


def _operators_after(before: Sequence[Token]) -> Sequence[str]:
    """The operators that fit what stands before the cursor."""
    compared = len(before) > 1 and before[-2].text in (*_FOR_NUMBERS[:6], "~", "matches")
    entry = fact(before[-1].text) if before[-1].kind == "name" else None
    if compared or before[-1].text in (")", "true", "false") or (entry and entry.type == "condition"):
        return _FOR_CONDITIONS
    if entry is not None and entry.type == "text":
        return _FOR_TEXTS
    return _FOR_NUMBERS


def _asked_text(before: Sequence[Token]) -> str | None:
    """The fact that the text at the cursor is compared with: of `op == ` or `op in ("relu", ` it is op."""
    position = len(before) - 1
    while position >= 0 and (before[position].kind == "text" or before[position].text in (",", "(")):
        position -= 1
    if position < 1 or before[position].text not in ("==", "!=", "in", "~", "matches"):
        return None
    position -= 1
    if before[position].text == "not" and position:
        position -= 1
    entry = fact(before[position].text)
    return before[position].text if entry is not None and entry.type == "text" else None


def _inside_quotes(before: str, known: Mapping[str, Sequence[str]]) -> Completion:
    opened = _open_quote(before)
    if opened is None:
        return Completion(len(before), len(before), [])
    start = opened
    asked = _asked_text(_tokens(before[:start]) or [])
    typed = before[start + 1 :]
    values = [value for value in known.get(asked or "", ()) if value.startswith(typed)]
    return Completion(start, len(before), [Candidate(quoted(value), "") for value in values])


def _open_quote(before: str) -> int | None:
    """Where the text begins that is not closed yet."""
    found = None
    position = 0
    while position < len(before):
        character = before[position]
        if found is not None and character == "\\":
            position += 1
        elif found is not None and character == before[found]:
            found = None
        elif found is None and character in "\"'":
            found = position
        position += 1
    return found


def _tokens(text: str) -> list[Token] | None:
    """The tokens without the end; None where they cannot be told."""
    try:
        return tokens(text)[:-1]
    except ConditionError:
        return None
