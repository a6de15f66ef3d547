"""A text editor for Python with line numbers, marks and the editing keys that programmers expect."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import (
    QEasingCurve,
    QEvent,
    QMimeData,
    QPoint,
    QPropertyAnimation,
    QRect,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QPalette,
    QResizeEvent,
    QTextCharFormat,
    QTextCursor,
    QTextFormat,
    QWheelEvent,
)
from PySide6.QtWidgets import QPlainTextEdit, QStyle, QTextEdit, QToolTip, QWidget

from gradviz.ui.editor import editing
from gradviz.ui.editor.highlighter import PythonHighlighter
from gradviz.ui.editor.margin import Margin
from gradviz.ui.scroll_bar import use_slim_scroll_bars
from gradviz.ui.theme import font, theme
from gradviz.ui.tips import plain_tip

DEFAULT_POINTS = 9.0
MIN_POINTS, MAX_POINTS = 6.0, 32.0
TOP = 4
"""Space above the first line."""
SCROLL_MS = 180
FLASH_MS = 900

Control = Qt.KeyboardModifier.ControlModifier
Shift = Qt.KeyboardModifier.ShiftModifier


class CodeEditor(QPlainTextEdit):
    """Shows one text. What is marked in it is set from outside, by line numbers that count from 1."""

    zoom_requested = Signal(float)  # points; all editors of a panel share their size
    focus_lost = Signal()
    typed = Signal(str)  # what a key has just put into the text
    hovered = Signal(QPoint)  # the mouse rests there in the viewport
    scrolled = Signal()

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        use_slim_scroll_bars(self)
        self.run_mark: tuple[int | None, str] = (None, "forward")
        self.problems: dict[int, tuple[str, str]] = {}
        """Line → (severity, message)."""
        self.breakpoints: dict[int, bool] = {}
        """Lines with a breakpoint → whether it is switched on."""
        self._found: list[QTextCursor] = []
        self._flashing: tuple[int, str] | None = None
        self._leaves_on_tab = False
        self.margin = Margin(self)
        self._scroll = QPropertyAnimation(self.verticalScrollBar(), b"value", self)
        self._scroll.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._flash_end = QTimer(self, singleShot=True, interval=FLASH_MS)
        self._flash_end.timeout.connect(self._end_flash)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setFrameShape(QPlainTextEdit.Shape.NoFrame)
        self.document().setDocumentMargin(0)  # full-line marks begin at the margin
        self.setPlainText(text)
        self.document().setModified(False)
        self._highlighter = PythonHighlighter(self.document())
        self.set_points(DEFAULT_POINTS)
        self.blockCountChanged.connect(self._fit_margin)
        self.updateRequest.connect(self._on_update_request)
        self.cursorPositionChanged.connect(self._refresh_marks)
        self.textChanged.connect(self._refresh_marks)
        theme.changed.connect(self._on_theme)
        self._on_theme()
        self._retranslate()

    # ── what is marked ────────────────────────────────────────────────────────────────────────────────────

    def set_run_mark(self, line: int | None, phase: str) -> None:
        """Marks the line that is running, in the colour of "forward", "backward" or "update"."""
        if (line, phase) != self.run_mark:
            self.run_mark = (line, phase)
            self._refresh_marks()

    def set_problems(self, problems: dict[int, tuple[str, str]]) -> None:
        """Underlines lines: line → ("error" or "warning", message)."""
        if problems != self.problems:
            self.problems = problems
            self._refresh_marks()

    def set_breakpoints(self, breakpoints: dict[int, bool]) -> None:
        """Marks lines in the margin: line → whether its breakpoint is switched on."""
        if breakpoints != self.breakpoints:
            self.breakpoints = breakpoints
            self.margin.update()

    def set_found(self, found: list[QTextCursor]) -> None:
        """Tints the selections of these cursors: what a search has found."""
        self._found = found
        self._refresh_marks()

    def flash_line(self, line: int, role: str) -> None:
        """Tints a line for a moment, to lead the eye there."""
        self._flashing = (line, role)
        self._flash_end.start()
        self._refresh_marks()

    def _end_flash(self) -> None:
        self._flashing = None
        self._refresh_marks()

    def _refresh_marks(self) -> None:
        marks = []
        if not self.isReadOnly():
            marks.append(self._full_line(self.textCursor(), theme.color("raised", 0.45)))
        running, phase = self.run_mark
        if running is not None:
            marks.append(self._full_line(self._cursor_at(running), theme.color(phase, 0.2)))
        if self._flashing:
            line, role = self._flashing
            marks.append(self._full_line(self._cursor_at(line), theme.color(role, 0.3)))
        marks += [self._underline(line, severity) for line, (severity, _) in self.problems.items()]
        marks += [_tint(cursor, theme.color("selection", 0.35)) for cursor in self._found]
        for position in editing.bracket_pair(self.textCursor()) or ():
            cursor = QTextCursor(self.document())
            cursor.setPosition(position)
            cursor.movePosition(QTextCursor.MoveOperation.Right, QTextCursor.MoveMode.KeepAnchor)
            marks.append(_tint(cursor, theme.color("parameter", 0.3)))
        self.setExtraSelections(marks)
        self.margin.update()

    def _full_line(self, cursor: QTextCursor, color: QColor) -> QTextEdit.ExtraSelection:
        mark = _tint(QTextCursor(cursor), color)
        mark.cursor.clearSelection()
        mark.format.setProperty(QTextFormat.Property.FullWidthSelection, True)
        return mark

    def _underline(self, line: int, severity: str) -> QTextEdit.ExtraSelection:
        mark = QTextEdit.ExtraSelection()
        mark.cursor = self._cursor_at(line)
        text = mark.cursor.block().text()
        mark.cursor.movePosition(
            QTextCursor.MoveOperation.Right, QTextCursor.MoveMode.MoveAnchor, len(text) - len(text.lstrip())
        )
        mark.cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
        mark.format.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
        mark.format.setUnderlineColor(theme.color(severity))
        return mark

    def _cursor_at(self, line: int) -> QTextCursor:
        return QTextCursor(self.document().findBlockByNumber(line - 1))

    # ── scrolling ─────────────────────────────────────────────────────────────────────────────────────────

    def go_to(self, line: int) -> None:
        """Puts the caret on a line, at the start of its text, and shows it."""
        cursor = self._cursor_at(min(max(line, 1), self.blockCount()))
        text = cursor.block().text()
        cursor.movePosition(
            QTextCursor.MoveOperation.Right, QTextCursor.MoveMode.MoveAnchor, len(text) - len(text.lstrip())
        )
        self.setTextCursor(cursor)
        self.reveal(line)
        self.horizontalScrollBar().setValue(0)

    def reveal(self, line: int) -> None:
        """Scrolls a line that is out of sight into the upper third; the caret stays where it is."""
        block = self.document().findBlockByNumber(line - 1)
        place = self.blockBoundingGeometry(block).translated(self.contentOffset())
        if place.top() >= 0 and place.bottom() <= self.viewport().height():
            return
        bar = self.verticalScrollBar()
        target = min(max(line - 1 - bar.pageStep() // 3, 0), bar.maximum())
        self._scroll.stop()
        animated = self.style().styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration, None, self)
        if not animated or not self.isVisible():
            bar.setValue(target)
            return
        self._scroll.setDuration(SCROLL_MS)
        self._scroll.setStartValue(bar.value())
        self._scroll.setEndValue(target)
        self._scroll.start()

    # ── keys and mouse ────────────────────────────────────────────────────────────────────────────────────

    def event(self, event: QEvent) -> bool:
        # The window may use the same keys; while the editor has the focus they are the editor's.
        if event.type() == QEvent.Type.ShortcutOverride and (
            self._zoom_of(event) is not None or _comments(event)
        ):
            event.accept()
            return True
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, modifiers = event.key(), event.modifiers()
        leaves, self._leaves_on_tab = self._leaves_on_tab, key == Qt.Key.Key_Escape
        if (points := self._zoom_of(event)) is not None:
            self.zoom_requested.emit(points)
        elif key in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab) and (leaves or self.isReadOnly()):
            self.setTabChangesFocus(True)
            self.focusNextPrevChild(key == Qt.Key.Key_Tab)
            self.setTabChangesFocus(False)
        elif self.isReadOnly():
            super().keyPressEvent(event)
        elif key == Qt.Key.Key_Tab and not modifiers:
            self._edit(editing.indent)
        elif key == Qt.Key.Key_Backtab and modifiers in (Shift, Qt.KeyboardModifier.NoModifier):
            self._edit(editing.dedent)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not modifiers & ~(
            Shift | Qt.KeyboardModifier.KeypadModifier
        ):
            self._edit(editing.break_line)
        elif _comments(event):
            self._edit(editing.toggle_comment)
        elif event.text() in editing.OPENING:
            self._edit(lambda cursor: editing.close_bracket(cursor, event.text()))
            self.typed.emit(event.text())
        elif key == Qt.Key.Key_Backspace and not modifiers and editing.delete_step(self.textCursor()):
            self.ensureCursorVisible()
        else:
            super().keyPressEvent(event)
            if event.text().isprintable() and event.text():
                self.typed.emit(event.text())

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        super().scrollContentsBy(dx, dy)
        if dx or dy:
            self.scrolled.emit()

    def shows_caret(self) -> bool:
        """Whether the caret's line is in sight."""
        return 0 <= self.cursorRect().center().y() < self.viewport().height()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Control:
            self.zoom_requested.emit(self.points + (1 if event.angleDelta().y() > 0 else -1))
            event.accept()
        else:
            super().wheelEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.focus_lost.emit()

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        """A dropped file is the window's to open, not text to insert."""
        return not source.hasUrls() and super().canInsertFromMimeData(source)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            line = self.cursorForPosition(event.pos()).blockNumber() + 1
            QToolTip.showText(event.globalPos(), plain_tip(self.problems.get(line, ("", ""))[1]), self)
            if line not in self.problems:
                self.hovered.emit(event.pos())
            return True
        return super().viewportEvent(event)

    def _edit(self, change: Callable[[QTextCursor], None]) -> None:
        cursor = self.textCursor()
        cursor.beginEditBlock()
        change(cursor)
        cursor.endEditBlock()
        self.setTextCursor(cursor)
        self.ensureCursorVisible()

    def _zoom_of(self, event: QEvent) -> float | None:
        """The size in points that a key asks for, if it is one of the zoom keys."""
        if not isinstance(event, QKeyEvent) or not event.modifiers() & Control:
            return None
        if event.key() in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            return self.points + 1
        if event.key() in (Qt.Key.Key_Minus, Qt.Key.Key_Underscore):
            return self.points - 1
        return DEFAULT_POINTS if event.key() == Qt.Key.Key_0 else None

    # ── looks ─────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def points(self) -> float:
        return self.font().pointSizeF()

    def set_points(self, points: float) -> None:
        """Size of the text, limited to MIN_POINTS..MAX_POINTS."""
        self.setFont(font(min(max(points, MIN_POINTS), MAX_POINTS), mono=True))
        self.setTabStopDistance(editing.INDENT * self.fontMetrics().horizontalAdvance(" "))
        self._fit_margin()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_margin()

    def _fit_margin(self) -> None:
        width = self.margin.sizeHint().width()
        self.setViewportMargins(width, TOP, 0, 0)
        area = self.contentsRect()
        self.margin.setGeometry(QRect(area.left(), area.top() + TOP, width, area.height() - TOP))

    def _on_update_request(self, area: QRect, dy: int) -> None:
        if dy:
            self.margin.scroll(0, dy)
        else:
            self.margin.update(0, area.y(), self.margin.width(), area.height())

    def _on_theme(self) -> None:
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Highlight, theme.color("parameter", 0.35))
        palette.setColor(QPalette.ColorRole.HighlightedText, theme.color("text"))
        self.setPalette(palette)
        self._refresh_marks()

    def _retranslate(self) -> None:
        self.setAccessibleName(self.tr("Program text"))
        self.setAccessibleDescription(self.tr("Press Esc, then Tab, to leave the text"))


def _comments(event: QEvent) -> bool:
    """Whether a key is Ctrl+/ (on some keyboards "/" needs Shift)."""
    return (
        isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Slash and bool(event.modifiers() & Control)
    )


def _tint(cursor: QTextCursor, color: QColor) -> QTextEdit.ExtraSelection:
    mark = QTextEdit.ExtraSelection()
    mark.cursor = cursor
    mark.format.setBackground(color)
    return mark
