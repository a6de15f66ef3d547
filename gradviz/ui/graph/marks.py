"""How far the two compared branches differ at a card: in words, and as bars."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from gradviz.trace.difference import Difference
from gradviz.ui.difference_words import Answer, share, short_words
from gradviz.ui.graph.text import LEFT, LINE, PRINT, RIGHT, TITLE_LINE, TOP, draw_text
from gradviz.ui.theme import theme

BAR = (34.0, 6.0)
AFAR = 16  # pixels at 100 %
ROOM_FOR_BAR = 110.0  # pixels of a card's width


@dataclass(frozen=True)
class Mark:
    """One line of a card: `sign` says of what, `words` and `share` (0 to 1) how much."""

    sign: str
    words: str
    share: float
    role: str

    @classmethod
    def of(cls, sign: str, answer: Answer) -> Mark:
        differs = isinstance(answer, Difference) and answer.kind != "same"
        return cls(sign, short_words(answer), share(answer), "warning" if differs else "dim")


def paint_marks(painter: QPainter, marks: tuple[Mark, ...], rect: QRectF) -> None:
    """The marks of a card in the lines below its name."""
    bar = BAR[0] if rect.width() >= ROOM_FOR_BAR else 0.0
    for line, mark in enumerate(marks):
        top = rect.y() + TOP + TITLE_LINE + line * LINE
        room = QRectF(rect.x() + LEFT, top, rect.width() - LEFT - RIGHT - bar - 4, LINE)
        draw_text(
            painter, f"{mark.sign} {mark.words}".lstrip(), room, PRINT, mark.role, bold=mark.role != "dim"
        )
        if bar and mark.share:
            _paint_bar(painter, mark, QRectF(rect.right() - RIGHT - bar, top + (LINE - BAR[1]) / 2, *BAR))


def paint_marks_from_afar(painter: QPainter, marks: tuple[Mark, ...], rect: QRectF) -> None:
    """A card's marks in its lower half, as large as its name. Of a narrow card only the first, and of those
    that are told apart by words, for which there is no room."""
    in_words = any(mark.sign[:1].isalpha() for mark in marks)
    marks = marks if rect.width() >= ROOM_FOR_BAR and not in_words else marks[:1]
    room = QRectF(rect.x() + LEFT, rect.center().y() - 2, rect.width() - LEFT - RIGHT, rect.height() / 2)
    width = room.width() / len(marks)
    for place, mark in enumerate(marks):
        part = QRectF(room.x() + place * width, room.y(), width - 2, room.height())
        words = f"{mark.sign} {mark.words}".lstrip()
        draw_text(painter, words, part, AFAR, mark.role, bold=mark.role != "dim")


def _paint_bar(painter: QPainter, mark: Mark, frame: QRectF) -> None:
    painter.setPen(QPen(theme.color("line"), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(frame)
    filled = QRectF(frame.x(), frame.y(), frame.width() * mark.share, frame.height())
    painter.fillRect(filled, theme.color(mark.role))
