"""Colours of Python code."""

from __future__ import annotations

import re

from pygments.lexer import ExtendedRegexLexer, LexerContext
from pygments.lexers.python import PythonLexer
from pygments.token import Token, _TokenType
from PySide6.QtGui import QSyntaxHighlighter, QTextBlock, QTextCharFormat, QTextDocument, QTextFormat

from gradviz.ui.theme import theme

MAX_LINES = 8000  # beyond, a change that reaches the end of the file would be felt while typing
MAX_LINE_LENGTH = 5000
IS_TEXT = QTextFormat.Property.UserProperty + 1  # the characters are in a string or a comment

_EMOJI = re.compile("[\U00010000-\U0010ffff]")

ROLES = {
    Token.Keyword: "syntax_keyword",
    Token.Operator.Word: "syntax_keyword",
    Token.Literal.String: "syntax_string",
    Token.Literal.Number: "syntax_number",
    Token.Comment: "syntax_comment",
    Token.Name.Function: "syntax_name",
    Token.Name.Class: "syntax_name",
    Token.Name.Decorator: "syntax_name",
    Token.Literal.String.Interpol: "syntax_number",
}


class _LineLexer(ExtendedRegexLexer, PythonLexer):
    """Pygments' Python lexer, able to begin in the state in which the line before has ended."""


class PythonHighlighter(QSyntaxHighlighter):
    """Highlights a document line by line; a block's state is the lexer's stack at its end."""

    def __init__(self, document: QTextDocument) -> None:
        super().__init__(document)
        self._lexer = _LineLexer()
        self._stacks: list[tuple[str, ...]] = [("root",)]
        self._formats: dict[_TokenType, QTextCharFormat | None] = {}
        theme.changed.connect(self._recolor)

    def highlightBlock(self, text: str) -> None:
        if len(text) > MAX_LINE_LENGTH or self.document().blockCount() > MAX_LINES:
            self.setCurrentBlockState(max(self.previousBlockState(), 0))
            return
        context = LexerContext(in_units(text) + "\n", 0, [*self._stacks[max(self.previousBlockState(), 0)]])
        for start, kind, word in self._lexer.get_tokens_unprocessed(context=context):
            if style := self._format(kind):
                self.setFormat(start, len(word), style)
        self.setCurrentBlockState(self._number(tuple(context.stack)))

    def _number(self, stack: tuple[str, ...]) -> int:
        if stack not in self._stacks:
            self._stacks.append(stack)
        return self._stacks.index(stack)

    def _format(self, kind: _TokenType) -> QTextCharFormat | None:
        """The format of a token type or of the nearest type above it that has one."""
        if kind not in self._formats:
            above = next((token for token in reversed(kind.split()) if token in ROLES), None)
            self._formats[kind] = self._make_format(above) if above else None
        return self._formats[kind]

    @staticmethod
    def _make_format(kind: _TokenType) -> QTextCharFormat:
        style = QTextCharFormat()
        style.setForeground(theme.color(ROLES[kind]))
        if kind in (Token.Literal.String, Token.Comment):
            style.setProperty(IS_TEXT, True)
        return style

    def _recolor(self) -> None:
        self._formats.clear()
        self.rehighlight()


def is_text(block: QTextBlock, position: int) -> bool:
    """Whether the character at `position` of the block belongs to a string or a comment."""
    return any(
        part.start <= position < part.start + part.length and part.format.boolProperty(IS_TEXT)
        for part in block.layout().formats()
    )


def in_units(text: str) -> str:
    """The text with its emoji replaced by two characters each: Qt counts UTF-16 units, Python code points."""
    return text if text.isascii() else _EMOJI.sub("\ufffd\ufffd", text)
