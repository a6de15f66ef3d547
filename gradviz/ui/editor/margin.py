"""The strip left of the text: the running line, problems, line numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QToolTip, QWidget

from gradviz.ui.breakpoint_dot import draw_breakpoint
from gradviz.ui.glyphs import draw_phase, draw_severity
from gradviz.ui.theme import theme
from gradviz.ui.tips import plain_tip

if TYPE_CHECKING:
    from gradviz.ui.editor.code_editor import CodeEditor

BAR = 3
GLYPHS = 20
"""Width in pixels of the column that holds the bar and a glyph."""
GAP = 12


class Margin(QWidget):
    """Drawn beside a `CodeEditor`; a click on a line emits its number, counted from 1.

    Left of the numbers is one column for marks: a problem covers a breakpoint, and that the running line's
    sign, whose bar and tint remain. Under the mouse a faint dot shows where a click sets a breakpoint.
    """

    line_clicked = Signal(int)
    breakpoint_clicked = Signal(int)  # left of the line's number

    def __init__(self, editor: CodeEditor) -> None:
        super().__init__(editor)
        self._editor = editor
        self.tip_for: Callable[[int], str] = lambda line: ""
        """The tooltip of a line."""
        self._under_mouse: int | None = None  # the line at whose mark the mouse is
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def sizeHint(self) -> QSize:
        digits = max(2, len(str(self._editor.blockCount())))
        return QSize(GLYPHS + digits * self._editor.fontMetrics().horizontalAdvance("9") + GAP, 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(event.rect(), theme.color("background"))
        painter.setFont(self._editor.font())
        running, phase = self._editor.run_mark
        here = self._editor.textCursor().blockNumber() + 1
        for line, row in self._rows():
            glyph = QPointF(GLYPHS / 2, row.center().y())
            if line == running:
                painter.fillRect(row, theme.color(phase, 0.2))
                painter.fillRect(QRectF(0, row.top(), BAR, row.height()), theme.color(phase))
            if line in self._editor.problems:
                draw_severity(painter, self._editor.problems[line][0], glyph)
            elif line in self._editor.breakpoints:
                draw_breakpoint(painter, glyph, enabled=self._editor.breakpoints[line])
            elif line == self._under_mouse:
                draw_breakpoint(painter, glyph, alpha=0.35)
            elif line == running:
                draw_phase(painter, phase, glyph)
            painter.setPen(theme.color("text" if line in (here, running) else "dim"))
            number = row.adjusted(0, 0, -GAP, 0)
            painter.drawText(number, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, str(line))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and (line := self._line_at(event.position().y())):
            on_mark = event.position().x() < GLYPHS
            (self.breakpoint_clicked if on_mark else self.line_clicked).emit(line)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        on_mark = event.position().x() < GLYPHS
        self._point_at(self._line_at(event.position().y()) if on_mark else None)

    def leaveEvent(self, event: QEvent) -> None:
        self._point_at(None)

    def _point_at(self, line: int | None) -> None:
        if line != self._under_mouse:
            self._under_mouse = line
            self.update()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            line = self._line_at(event.pos().y())
            QToolTip.showText(event.globalPos(), plain_tip(self.tip_for(line)) if line else "", self)
            return True
        return super().event(event)

    def _rows(self) -> Iterator[tuple[int, QRectF]]:
        """The visible lines, each with its rectangle."""
        editor = self._editor
        block = editor.firstVisibleBlock()
        top = editor.blockBoundingGeometry(block).translated(editor.contentOffset()).top()
        while block.isValid() and top <= self.height():
            height = editor.blockBoundingRect(block).height()
            yield block.blockNumber() + 1, QRectF(0, top, self.width(), height)
            top += height
            block = block.next()

    def _line_at(self, y: float) -> int | None:
        return next((line for line, row in self._rows() if row.top() <= y < row.bottom()), None)
