"""Where a condition is written: what can come next stands below, and what is wrong is said while typing."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPalette, QPen, QPolygonF
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLabel,
    QLineEdit,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from gradviz.trace.conditions import PRESETS, Candidate, ConditionError, complete, parse
from gradviz.ui.presets import SHORT
from gradviz.ui.scroll_bar import use_slim_scroll_bars
from gradviz.ui.theme import font, set_color, theme

ROWS = 8
ROW_HEIGHT = 20


class ConditionField(QWidget):
    """Enter takes the condition, or the row that was chosen with ↓ or the mouse; Tab takes the first row.

    Before anything is typed the rows are whole conditions that most people want.
    """

    accepted = Signal(str)  # a condition that can be read
    left = Signal()  # Esc

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.names: Callable[[], Mapping[str, Sequence[str]]] = dict
        """Texts that a fact has in the program on view, such as the operations' names: {"op": ["relu"]}."""
        self._error: ConditionError | None = None
        self._span = (0, 0)  # the characters that a row takes the place of
        self.line = _Line()
        self.message = QLabel()
        self.message.setWordWrap(True)
        self.message.setTextFormat(Qt.TextFormat.PlainText)
        self.message.setFont(font(9))
        self.rows = _Rows()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        for widget in (self.line, self.message, self.rows):
            column.addWidget(widget)
        self.setFocusProxy(self.line)
        self.line.installEventFilter(self)
        self.line.textChanged.connect(self._on_text)
        self.line.cursorPositionChanged.connect(self._propose)
        self.rows.itemClicked.connect(lambda item, _column: self._take(item))
        theme.changed.connect(self._say)
        self._retranslate()

    def start(self, condition: str) -> None:
        """Begins with a condition to change, or with none."""
        self.line.setText(condition)
        self.line.selectAll()
        self._on_text()
        self.line.setFocus(Qt.FocusReason.PopupFocusReason)

    @property
    def error(self) -> ConditionError | None:
        """What is wrong with what has been typed."""
        return self._error

    # ── what is typed ─────────────────────────────────────────────────────────────────────────────────────

    def _on_text(self) -> None:
        try:
            parse(self.line.text())
            self._error = None
        except ConditionError as error:
            self._error = error
        self._propose()
        self._say()

    def _say(self, *, insist: bool = False) -> None:
        """Says what is wrong. What is only not finished yet is no mistake while one types."""
        error, text = self._error, self.line.text()
        end = self._span[0] if self.rows.topLevelItemCount() and self._span[1] == len(text) else len(text)
        wrong = error is not None and (insist or error.start < len(text[:end].rstrip()))
        self.line.show_error((error.start, error.end) if error and wrong and text else None)
        words = QCoreApplication.translate("hints", error.template) if error and text else ""
        words = words.format(*error.arguments) if error and words else ""
        if text and error is None:
            words = self.tr("Press Enter to stop the run where this is true")
        self.message.setText(f"✕ {words}" if wrong and words else words)
        self.message.setVisible(bool(words))
        set_color(self.message, "error" if wrong else "dim")
        self.line.setAccessibleDescription(words)

    def _propose(self) -> None:
        text = self.line.text()
        if not text.strip():
            self._span = (0, len(text))
            presets = (preset for preset in PRESETS if preset.id in SHORT)
            self.rows.show_rows([(preset.condition(), preset.title) for preset in presets])
            return
        cursor = self.line.cursorPosition()
        completion = complete(text, cursor, self.names())
        self._span = (completion.start, completion.end)
        self.rows.show_rows(completion.candidates)

    # ── keys ──────────────────────────────────────────────────────────────────────────────────────────────

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        return isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and self._on_key(event)

    def _on_key(self, event: QKeyEvent) -> bool:
        key = event.key()
        if key in (Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_PageDown, Qt.Key.Key_PageUp):
            QCoreApplication.sendEvent(self.rows, event)
        elif key == Qt.Key.Key_Tab and self.line.text() and (first := self.rows.topLevelItem(0)):
            self._take(self.rows.currentItem() or first)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if chosen := self.rows.currentItem():
                self._take(chosen)
            else:
                self._accept()
        elif key == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            return False
        return True

    def _take(self, row: QTreeWidgetItem) -> None:
        """Puts a row's text where it belongs; a whole condition is taken at once."""
        text, (start, end) = self.line.text(), self._span
        chosen = row.text(0)
        spaced = chosen if chosen.endswith((".", "(")) else f"{chosen} "
        if start and text[start - 1] not in " (-":
            spaced = f" {spaced}"
        whole = not text.strip()
        self.line.setText(chosen if whole else text[:start] + spaced + text[end:].lstrip())
        self.line.setCursorPosition(start + len(spaced))
        if whole:
            self._accept()

    def _accept(self) -> None:
        if self._error is None:
            self.accepted.emit(self.line.text().strip())
        else:
            self._say(insist=True)

    # ── words ─────────────────────────────────────────────────────────────────────────────────────────────

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)

    def _retranslate(self) -> None:
        self.line.setAccessibleName(self.tr("Condition"))
        words = self.tr("Choose one, or write your own: {0}")
        self.line.setPlaceholderText(words.format('grad.norm > 10 and op == "relu"'))
        self.rows.setAccessibleName(self.tr("What can come next"))
        self._on_text()


class _Line(QLineEdit):
    """A line with a wave under the characters that are wrong."""

    def __init__(self) -> None:
        super().__init__()
        self._wrong: tuple[int, int] | None = None
        self.setFont(font(10, mono=True))
        self.setMinimumHeight(28)

    def show_error(self, span: tuple[int, int] | None) -> None:
        self._wrong = span
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._wrong is None:
            return
        text, width = f"{self.text()} ", self.fontMetrics().horizontalAdvance
        origin = self.cursorRect().center().x() - width(text[: self.cursorPosition()])
        start, end = self._wrong
        left = max(origin + width(text[:start]), 2)
        right = min(origin + width(text[: max(end, start + 1)]), self.width() - 3)
        y = self.rect().center().y() + self.fontMetrics().height() / 2
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color("error"), 1.4))
        points = range(max(math.ceil((right - left) / 2), 2) + 1)
        painter.drawPolyline(QPolygonF([QPointF(left + 2 * i, y + (1.5 if i % 2 else -0.5)) for i in points]))


class _Rows(QTreeWidget):
    """Texts with what they mean beside them."""

    def __init__(self) -> None:
        super().__init__()
        use_slim_scroll_bars(self)
        self.setColumnCount(2)
        self.setHeaderHidden(True)
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setFrameShape(QTreeWidget.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setMouseTracking(True)
        self.header().setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        self.header().setStretchLastSection(True)
        theme.changed.connect(self._recolor)
        self._recolor()

    def show_rows(self, rows: Sequence[Candidate | tuple[str, str]]) -> None:
        """(text, English description) each; none is chosen."""
        self.clear()
        for text, description in rows:
            words = QCoreApplication.translate("hints", description) if description else ""
            item = QTreeWidgetItem([text, words])
            item.setSizeHint(0, QSize(0, ROW_HEIGHT))
            item.setFont(0, font(9, mono=True))
            item.setFont(1, font(9))
            item.setForeground(1, theme.color("dim"))
            item.setToolTip(1, words)
            self.addTopLevelItem(item)
        self.setVisible(bool(rows))
        self.setFixedHeight(ROW_HEIGHT * min(len(rows), ROWS) + 4)

    def sizeHint(self) -> QSize:
        return QSize(460, self.height())

    def _recolor(self) -> None:
        set_color(self, "card", QPalette.ColorRole.Base)
        set_color(self, "raised", QPalette.ColorRole.Highlight)
        set_color(self, "text", QPalette.ColorRole.HighlightedText)
