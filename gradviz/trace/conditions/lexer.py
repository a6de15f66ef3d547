"""Cuts the text of a condition into tokens."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal, NamedTuple

TokenKind = Literal["number", "text", "name", "symbol", "end"]

UNEXPECTED = "Conditions have no {0}."
WRITE_INSTEAD = "Write {0} instead of {1}."
UNCLOSED = "The text that begins here has no closing quote."

TEMPLATES = (UNEXPECTED, WRITE_INSTEAD, UNCLOSED)

_INSTEAD = {"=": "==", "!": "not", "&": "and", "|": "or", "^": "**", "“": '"', "”": '"', "‘": "'", "’": "'"}
_TOKEN = re.compile(
    r"""(?P<space>\s+)
    |(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
    |(?P<name>[^\W\d]\w*(?:\.\w*)*)
    |(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    |(?P<symbol>\*\*|==|!=|<=|>=|[-+*/%<>()~,])""",
    re.VERBOSE | re.DOTALL | re.ASCII,
)


class Token(NamedTuple):
    """Characters `start` to `end` (excluded) of the condition; `text` of a text is without its quotes."""

    kind: TokenKind
    text: str
    start: int
    end: int


class ConditionError(Exception):
    """What is wrong with a condition, and where: at characters `start` to `end`, counted from 0.

    `template` is English; the window translates it and fills `arguments` into its {0}, {1}.
    """

    def __init__(self, template: str, *arguments: str, start: int, end: int) -> None:
        super().__init__(template.format(*arguments))
        self.template = template
        self.arguments = arguments
        self.start = start
        self.end = end


def tokens(text: str) -> list[Token]:
    """The tokens of a condition, with an "end" behind them. Raises ConditionError where there is none."""
    found: list[Token] = []
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise _unexpected(text, position)
        kind, content = match.lastgroup, match[0]
        if kind == "text":
            content = re.sub(r"\\(.)", r"\1", content[1:-1], flags=re.DOTALL)
        if kind != "space":
            found.append(Token(kind, content, position, match.end()))  # type: ignore[arg-type]
        position = match.end()
    found.append(Token("end", "", len(text), len(text)))
    return found


def quoted(text: str) -> str:
    """The text as a condition writes it."""
    escaped = text.replace("\\", r"\\").replace('"', r"\"")
    return f'"{escaped}"'


def _unexpected(text: str, start: int) -> ConditionError:
    """Says of the characters at `start` what to write in their place, if that is known."""
    character = text[start]
    if character in "\"'":
        return ConditionError(UNCLOSED, start=start, end=len(text))
    end = start + (2 if text[start : start + 2] in ("&&", "||") else 1)
    narrow = unicodedata.normalize("NFKC", character)
    instead = _INSTEAD.get(character) or (narrow if narrow != character else "")
    if instead:
        return ConditionError(WRITE_INSTEAD, instead, text[start:end], start=start, end=end)
    return ConditionError(UNEXPECTED, character, start=start, end=end)
