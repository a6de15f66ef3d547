"""How a list of problems looks: a glyph, the place and the message, dim words on what to do."""

from __future__ import annotations

from PySide6.QtCore import (
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import (
    QFont,
    QFontMetrics,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QPalette,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import QListWidget, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from gradviz.session.protocol import Problem
from gradviz.ui.glyphs import draw_severity
from gradviz.ui.problem_words import hint_of, title_of
from gradviz.ui.scroll_bar import use_slim_scroll_bars
from gradviz.ui.theme import font, set_color, theme

PROBLEM = Qt.ItemDataRole.UserRole
COUNT = Qt.ItemDataRole.UserRole + 1
MAX_SHOWN = 1000  # characters of one message; the tooltip and the clipboard have them all
LEFT, RIGHT, MARGIN, GAP = 36, 12, 8, 2

_WRAP = Qt.TextFlag.TextWordWrap | Qt.TextFlag.TextWrapAnywhere

Index = QModelIndex | QPersistentModelIndex


class ProblemList(QListWidget):
    """Items carry a Problem and how often it occurred. Ctrl+C copies the current one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.empty_words = ""
        self.setItemDelegate(_ProblemPainter(self))
        self.setResizeMode(QListWidget.ResizeMode.Adjust)
        self.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QListWidget.Shape.NoFrame)
        use_slim_scroll_bars(self)
        self.setMouseTracking(True)
        theme.changed.connect(self._on_theme)
        self._on_theme()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        item = self.currentItem()
        if item is not None and event.matches(QKeySequence.StandardKey.Copy):
            problem = item.data(PROBLEM)
            parts = (title_of(problem), hint_of(problem), problem.traceback)
            QGuiApplication.clipboard().setText("\n".join(filter(None, parts)))
        elif item is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.itemActivated.emit(item)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.count() == 0:
            painter = QPainter(self.viewport())
            painter.setFont(font(9.5))
            painter.setPen(theme.color("dim"))
            painter.drawText(self.viewport().rect().adjusted(16, 12, -16, -12), int(_WRAP), self.empty_words)

    def _on_theme(self) -> None:
        set_color(self, "panel", QPalette.ColorRole.Base)


class _ProblemPainter(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        title, hint = self._lay_out(index)
        height = title.height + (GAP + hint.height if hint.height else 0)
        return QSize(self._width(), round(height) + 2 * MARGIN)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        problem: Problem = index.data(PROBLEM)
        painter.save()
        painter.translate(option.rect.topLeft())
        area = QRect(0, 0, option.rect.width(), option.rect.height())
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, theme.color("raised"))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(area, theme.color("raised", 0.5))
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(theme.color("selection"))
            painter.drawRect(area.adjusted(1, 1, -2, -2))
        title, hint = self._lay_out(index)
        draw_severity(painter, problem.severity, QPointF(LEFT / 2, MARGIN + title.line_height / 2))
        painter.setPen(theme.color("text"))
        title.draw(painter, QPointF(LEFT, MARGIN))
        painter.setPen(theme.color("dim"))
        hint.draw(painter, QPointF(LEFT, MARGIN + title.height + GAP))
        if index.data(COUNT) > 1:
            painter.setFont(font(9))
            count = QRectF(0, MARGIN, area.width() - RIGHT, title.line_height)
            painter.drawText(
                count, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, _times(index)
            )
        painter.restore()

    def _lay_out(self, index: Index) -> tuple[_Words, _Words]:
        """Title and hint, wrapped to the width of the list."""
        problem: Problem = index.data(PROBLEM)
        width = max(self._width() - LEFT - RIGHT, 80)
        taken = QFontMetrics(font(9)).horizontalAdvance(_times(index)) + 8 if index.data(COUNT) > 1 else 0
        title = _Words(_cut(title_of(problem)), font(bold=True), width - taken)
        return title, _Words(_cut(hint_of(problem)), font(9), width)

    def _width(self) -> int:
        view = self.parent()
        return view.viewport().width() if isinstance(view, ProblemList) else 0


class _Words:
    """Text wrapped between words, or within one that is wider than the line."""

    def __init__(self, words: str, face: QFont, width: int) -> None:
        self._layout = QTextLayout(words.replace("\n", "\u2028"), face)
        wrapping = QTextOption()
        wrapping.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self._layout.setTextOption(wrapping)
        self.height = self.line_height = 0.0
        self._layout.beginLayout()
        while words and (line := self._layout.createLine()).isValid():
            line.setLineWidth(width)
            line.setPosition(QPointF(0, self.height))
            self.line_height = line.height()
            self.height += line.height()
        self._layout.endLayout()

    def draw(self, painter: QPainter, place: QPointF) -> None:
        self._layout.draw(painter, place)


def _cut(words: str) -> str:
    return words if len(words) <= MAX_SHOWN else words[:MAX_SHOWN] + "…"


def _times(index: Index) -> str:
    return f"×{index.data(COUNT)}"
