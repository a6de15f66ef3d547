"""Where the lines of the program that was started are now, while it is being edited."""

from __future__ import annotations

from difflib import SequenceMatcher

from PySide6.QtGui import QTextDocument


class LineTracker:
    """Maps line numbers (from 1) of a text as it was at `restart` to those of the document now, and back.

    A line that has been changed or removed since is nowhere, so that nothing is claimed about it.
    """

    def __init__(self, document: QTextDocument) -> None:
        self._document = document
        self.restart()

    def restart(self) -> None:
        """Takes the document as it is as the text that runs."""
        self._before = _lines(self._document)
        self._revision = -1

    def now(self, line: int) -> int | None:
        """Where a line of the running text is in the document."""
        self._update()
        return self._forwards.get(line)

    def nearest(self, line: int) -> int:
        """The same; for a line that is nowhere, as far behind the last one before it that is still there."""
        self._update()
        anchor = next((before for before in range(line, 0, -1) if before in self._forwards), 0)
        last = self._document.blockCount()
        return min(max(self._forwards.get(anchor, 0) + line - anchor, 1), last)

    def then(self, line: int) -> int | None:
        """Which line of the running text a line of the document is."""
        self._update()
        return self._backwards.get(line)

    def _update(self) -> None:
        if self._revision == self._document.revision():
            return
        self._revision = self._document.revision()
        self._forwards = unchanged_lines(self._before, _lines(self._document))
        self._backwards = {now: then for then, now in self._forwards.items()}


def unchanged_lines(before: list[str], after: list[str]) -> dict[int, int]:
    """Line numbers in `before` → line numbers in `after`, both from 1, for the lines that are the same."""
    shorter = min(len(before), len(after))
    head = next((i for i in range(shorter) if before[i] != after[i]), shorter)
    rest = shorter - head
    tail = next((i for i in range(rest) if before[-1 - i] != after[-1 - i]), rest)
    same = {line: line for line in range(1, head + 1)}
    middle = SequenceMatcher(None, before[head : len(before) - tail], after[head : len(after) - tail])
    for block in middle.get_matching_blocks():
        for i in range(block.size):
            same[head + block.a + i + 1] = head + block.b + i + 1
    same.update({len(before) - i: len(after) - i for i in range(tail)})
    return same


def _lines(document: QTextDocument) -> list[str]:
    return document.toRawText().split("\u2029")
