"""What the keys of a code editor do to the text: indentation, comments, line breaks, bracket pairs."""

from __future__ import annotations

import re
from collections.abc import Callable

from PySide6.QtGui import QTextBlock, QTextCursor

from gradviz.ui.editor.highlighter import IS_TEXT, in_units, is_text

INDENT = 4
CLOSING = {"(": ")", "[": "]", "{": "}"}
OPENING = {closing: opening for opening, closing in CLOSING.items()}
MAX_BRACKET_LINES = 2000  # how far a partner is looked for

Change = tuple[int, int, str]
"""What happens to a line: column, characters removed there, text inserted there."""

_ENDS_BLOCK = re.compile(r"\s*(return|pass|break|continue|raise)\b")
_BRACKET = re.compile(r"[()\[\]{}]")


def indent(cursor: QTextCursor) -> None:
    """Indents the selected lines; without a selection, inserts spaces up to the next stop."""
    if not cursor.hasSelection():
        cursor.insertText(" " * (INDENT - cursor.positionInBlock() % INDENT))
        return
    _edit_lines(cursor, lambda text: (0, 0, " " * INDENT) if text.strip() else None)


def dedent(cursor: QTextCursor) -> None:
    """Takes one step of indentation from the selected lines, or from the caret's."""

    def step(text: str) -> Change:
        spaces = len(text) - len(text.lstrip(" "))
        return 0, 1 if text.startswith("\t") else min(spaces, spaces % INDENT or INDENT), ""

    _edit_lines(cursor, step)


def toggle_comment(cursor: QTextCursor) -> None:
    """Comments the selected lines out, or in again when all of them are comments."""
    lines = [block.text() for block in selected_blocks(cursor) if block.text().strip()]
    column = min((_indentation(line) for line in lines), default=0)
    if lines and all(line.lstrip().startswith("#") for line in lines):

        def change(text: str) -> Change | None:
            start = _indentation(text)
            return (start, 2 if text[start:].startswith("# ") else 1, "") if text.strip() else None
    else:

        def change(text: str) -> Change | None:
            return (column, 0, "# ") if text.strip() or not lines else None

    _edit_lines(cursor, change)


def break_line(cursor: QTextCursor) -> None:
    """Begins a line with the indentation that belongs there: deeper after ":" or an open bracket."""
    before = in_units(cursor.block().text())[: cursor.positionInBlock()]
    spaces = before[: _indentation(before)]
    step = "\t" if spaces.endswith("\t") else " " * INDENT
    code = _code(cursor.block(), before)
    if code.endswith(tuple(OPENING)) and len(code) == len(before):
        partner = _indentation_of_partner(cursor)
        spaces = spaces if partner is None else partner
    if code.endswith(":") or _opens(code):
        spaces += step
    elif _ENDS_BLOCK.match(code):
        spaces = spaces.removesuffix(step)
    cursor.insertText("\n" + spaces)


def close_bracket(cursor: QTextCursor, bracket: str) -> None:
    """Inserts a closing bracket; one that begins a line comes under the line of its partner."""
    before = in_units(cursor.block().text())[: cursor.positionInBlock()]
    cursor.insertText(bracket)
    spaces = None if before.strip() else _indentation_of_partner(cursor)
    if spaces is not None and len(spaces) < len(before):
        edit = QTextCursor(cursor.block())
        edit.movePosition(QTextCursor.MoveOperation.Right, QTextCursor.MoveMode.KeepAnchor, len(before))
        edit.insertText(spaces)


def _indentation_of_partner(cursor: QTextCursor) -> str | None:
    """That of the line with the other one of the bracket at the caret."""
    pair = bracket_pair(cursor)
    if pair is None:
        return None
    line = cursor.document().findBlock(pair[1]).text()
    return line[: _indentation(line)]


def _code(block: QTextBlock, before: str) -> str:
    """What stands before the caret, without a comment; strings are dashes."""
    units = list(before)
    for part in block.layout().formats():
        if part.format.boolProperty(IS_TEXT) and part.start < len(before):
            end = min(part.start + part.length, len(before))
            if before[part.start] == "#":
                del units[part.start :]
            else:
                units[part.start : end] = "-" * (end - part.start)
    return "".join(units).rstrip()


def _opens(code: str) -> bool:
    """Whether a bracket is open at the end of a line that was not open at its beginning."""
    depth = 0
    for bracket in _BRACKET.findall(code):
        depth = depth + 1 if bracket in CLOSING else max(depth - 1, 0)
    return depth > 0


def delete_step(cursor: QTextCursor) -> bool:
    """Backspace within the indentation takes it back to the stop before; False where it does not apply."""
    before = in_units(cursor.block().text())[: cursor.positionInBlock()]
    if cursor.hasSelection() or not before or before.strip(" "):
        return False
    cursor.movePosition(
        QTextCursor.MoveOperation.Left, QTextCursor.MoveMode.KeepAnchor, (len(before) - 1) % INDENT + 1
    )
    cursor.removeSelectedText()
    return True


def bracket_pair(cursor: QTextCursor) -> tuple[int, int] | None:
    """Document positions of the bracket at the caret and of its partner, if there are both."""
    block, column = cursor.block(), cursor.positionInBlock()
    text = in_units(block.text())
    for at in (column - 1, column):
        if 0 <= at < len(text) and text[at] in {*CLOSING, *OPENING} and not is_text(block, at):
            partner = _partner(block, at)
            return None if partner is None else (block.position() + at, partner)
    return None


def _partner(block: QTextBlock, at: int) -> int | None:
    bracket = in_units(block.text())[at]
    forward = bracket in CLOSING
    partner = CLOSING.get(bracket) or OPENING[bracket]
    depth = 0
    for _ in range(MAX_BRACKET_LINES):
        text = in_units(block.text())
        places = [found.start() for found in _BRACKET.finditer(text)]
        for i in places if forward else reversed(places):
            ahead = i >= at if forward else i <= at
            if ahead and text[i] in (bracket, partner) and not is_text(block, i):
                depth += 1 if text[i] == bracket else -1
                if depth == 0:
                    return block.position() + i
        block = block.next() if forward else block.previous()
        if not block.isValid():
            return None
        at = 0 if forward else block.length() - 2
    return None


def selected_blocks(cursor: QTextCursor) -> list[QTextBlock]:
    """The lines that the selection touches; not one that it only reaches the start of."""
    document = cursor.document()
    block, last = document.findBlock(cursor.selectionStart()), document.findBlock(cursor.selectionEnd())
    if last.position() == cursor.selectionEnd() and last != block:
        last = last.previous()
    blocks = [block]
    while block != last:
        block = block.next()
        blocks.append(block)
    return blocks


def _edit_lines(cursor: QTextCursor, change: Callable[[str], Change | None]) -> None:
    """Applies a change to each of the selected lines, as one step of undo."""
    edit = QTextCursor(cursor)
    edit.beginEditBlock()
    for block in selected_blocks(cursor):
        if (found := change(block.text())) is None:
            continue
        column, remove, insert = found
        edit.setPosition(block.position() + column)
        edit.movePosition(QTextCursor.MoveOperation.Right, QTextCursor.MoveMode.KeepAnchor, remove)
        edit.insertText(insert)
    edit.endEditBlock()


def _indentation(text: str) -> int:
    return len(text) - len(text.lstrip())
