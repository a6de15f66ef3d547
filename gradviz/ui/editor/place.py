"""Places in a text as the language process counts them: lines from 1, columns in code points."""

from __future__ import annotations

from PySide6.QtCore import QRect
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QPlainTextEdit

from gradviz.ui.editor.highlighter import in_units, is_text


def place_of(cursor: QTextCursor) -> tuple[int, int]:
    """Line and column of a caret. Qt counts UTF-16 units, of which an emoji has two."""
    before = cursor.block().text().encode("utf-16-le", "surrogatepass")[: 2 * cursor.positionInBlock()]
    return cursor.blockNumber() + 1, len(before.decode("utf-16-le", "ignore"))


def units_before(cursor: QTextCursor, column: int) -> int:
    """How many UTF-16 units of the caret's line stand before a column."""
    return len(in_units(cursor.block().text()[:column]))


def word_before(cursor: QTextCursor) -> str:
    """The part of a name that stands before a caret."""
    text = in_units(cursor.block().text())[: cursor.positionInBlock()]
    start = len(text)
    while start and (text[start - 1].isalnum() or text[start - 1] == "_"):
        start -= 1
    return text[start:]


def is_code(cursor: QTextCursor) -> bool:
    """Whether what stands before a caret is neither in a string nor in a comment."""
    return not is_text(cursor.block(), cursor.positionInBlock() - 1)


def word_rect(editor: QPlainTextEdit, cursor: QTextCursor) -> QRect:
    """Where the name around a caret is drawn, in the editor's viewport; empty where there is none."""
    text = in_units(cursor.block().text())
    start = end = cursor.positionInBlock()
    while start and (text[start - 1].isalnum() or text[start - 1] == "_"):
        start -= 1
    while end < len(text) and (text[end].isalnum() or text[end] == "_"):
        end += 1
    if start == end:
        return QRect()
    edges = []
    for column in (start, end):
        edge = QTextCursor(cursor)
        edge.setPosition(cursor.block().position() + column)
        edges.append(editor.cursorRect(edge))
    return QRect(edges[0].topLeft(), edges[1].bottomRight())
