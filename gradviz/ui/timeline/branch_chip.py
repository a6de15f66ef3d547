"""A branch of the run as a chip: its mark and name, whether it is compared, and a way to drop it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QStackedLayout, QToolButton, QWidget

from gradviz.ui.bar_button import BarButton
from gradviz.ui.branch_look import Look
from gradviz.ui.theme import font, theme
from gradviz.ui.tips import plain_tip

HEIGHT = 26
MAX_NAME = 160  # pixels
MARK = 40  # pixels: letter and line
PADDING = 7


class BranchChip(QWidget):
    """Looks like the branch's curve. Renaming and the question before dropping happen in the chip itself."""

    shown_wanted = Signal()
    compare_wanted = Signal()
    renamed = Signal(str)
    dropped = Signal()

    def __init__(self, look: Look, *, can_be_dropped: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name = BranchButton(look)
        self.compare = BarButton(text=True, segment=True)
        self.compare.setCheckable(True)
        self.close_button = BarButton()
        self.close_button.glyph = "close"
        self.close_button.setVisible(can_be_dropped)
        self.field = QLineEdit()
        self.question = QLabel()
        self.drop, self.keep = BarButton(text=True), BarButton(text=True)
        self._pages = QStackedLayout(self)
        self._pages.addWidget(_row(self.name, self.compare, self.close_button))
        self._pages.addWidget(_row(self.field, margin=HEIGHT // 2))
        self._pages.addWidget(_row(self.question, self.drop, self.keep, margin=HEIGHT // 2))
        for widget in (self.compare, self.close_button, self.field, self.drop, self.keep):
            widget.setFixedHeight(HEIGHT - 4)
            widget.setFont(font(9))
        self.close_button.setFixedWidth(HEIGHT - 2)
        self.question.setFont(font(9))
        self.question.setTextFormat(Qt.TextFormat.PlainText)
        self.field.setFrame(False)
        self.setFixedHeight(HEIGHT)
        self.name.clicked.connect(self.shown_wanted)
        self.name.rename_wanted.connect(self.start_renaming)
        self.name.drop_wanted.connect(self.ask)
        self.compare.clicked.connect(self.compare_wanted)
        self.close_button.clicked.connect(self.ask)
        self.field.returnPressed.connect(self._finish_renaming)
        self.field.editingFinished.connect(self._finish_renaming)
        self.field.installEventFilter(self)
        self.drop.clicked.connect(self.dropped)
        self.keep.clicked.connect(self._settle)
        theme.changed.connect(self.update)

    def show_branch(self, name: str, tip: str, *, shown: bool, compared: bool, words: dict[str, str]) -> None:
        """`words`: the texts of "compare", "compare_tip", "drop_tip", "question", "drop" and "keep"."""
        self.name.show_branch(name, tip, shown=shown)
        self.compare.setVisible(not shown)
        self.compare.setChecked(compared)
        self.compare.set_text(words["compare"], words["compare_tip"])
        self.close_button.set_text(words["drop_tip"], words["drop_tip"])
        self.question.setText(words["question"])
        self.drop.set_text(words["drop"])
        self.keep.set_text(words["keep"])
        self.field.setAccessibleName(words["rename"])
        self.updateGeometry()

    def start_renaming(self) -> None:
        self.field.setText(self.name.text())
        self.field.selectAll()
        self.field.setFixedWidth(max(self.name.sizeHint().width(), 120))
        self._pages.setCurrentIndex(1)
        self.field.setFocus()

    def ask(self) -> None:
        """Asks, in place, whether the branch is to go."""
        if self.close_button.isVisibleTo(self):
            self._pages.setCurrentIndex(2)
            self.drop.setFocus()

    def sizeHint(self) -> QSize:
        return QSize(self._pages.currentWidget().sizeHint().width(), HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return QSize(self._pages.currentWidget().minimumSizeHint().width(), HEIGHT)

    def _finish_renaming(self) -> None:
        if self._pages.currentIndex() == 1:
            self._settle()
            self.renamed.emit(self.field.text())

    def _settle(self) -> None:
        """Back to how a chip looks."""
        self._pages.setCurrentIndex(0)
        self.name.setFocus()
        self.updateGeometry()

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        """Escape leaves the name as it was."""
        if isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            if event.type() == QEvent.Type.KeyPress:
                self._settle()
            event.accept()
            return True
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._pages.currentIndex() == 2:
            self._settle()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shown = self.name.isChecked()
        painter.setPen(QPen(theme.color(self.name.look.role if shown else "line"), 1.5 if shown else 1))
        painter.setBrush(theme.color("raised" if shown else "card"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), HEIGHT / 2, HEIGHT / 2)


class BranchButton(QToolButton):
    """Letter, line and name; a click shows the branch, a double click or F2 renames it, Delete drops it."""

    rename_wanted = Signal()
    drop_wanted = Signal()

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.look = look
        self.setCheckable(True)
        self.setFont(font(9))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setFixedHeight(HEIGHT)
        theme.changed.connect(self.update)

    def show_branch(self, name: str, tip: str, *, shown: bool) -> None:
        self.setText(name)
        self.setToolTip(plain_tip(tip))
        self.setAccessibleName(f"{self.look.letter} {name}")
        self.setAccessibleDescription(tip)
        self.setChecked(shown)
        self.setFont(font(9, bold=shown))
        self.updateGeometry()
        self.update()

    def nextCheckState(self) -> None:
        """Which branch is shown is the model's to say."""

    def sizeHint(self) -> QSize:
        text = min(self.fontMetrics().horizontalAdvance(self.text()) + 2, MAX_NAME)
        return QSize(PADDING + MARK + 4 + text + PADDING, HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return QSize(PADDING + MARK + 32, HEIGHT)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.rename_wanted.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_F2:
            self.rename_wanted.emit()
        elif event.key() == Qt.Key.Key_Delete:
            self.drop_wanted.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_mark(painter, self.look, QPointF(PADDING, HEIGHT / 2))
        painter.setFont(self.font())
        painter.setPen(theme.color("text" if self.isChecked() or self.underMouse() else "dim"))
        room = self.rect().adjusted(PADDING + MARK + 4, 0, -2, 0)
        name = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, name)
        if self.hasFocus():
            painter.setPen(QPen(theme.color("selection"), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(2, 2, -2, -2), HEIGHT / 2, HEIGHT / 2)


def paint_mark(painter: QPainter, look: Look, left: QPointF) -> None:
    """The branch's letter in a disc, and a piece of its curve, from `left` to the right."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color(look.role))
    disc = QRectF(left.x(), left.y() - 8, 16, 16)
    painter.drawEllipse(disc)
    painter.setPen(theme.color("on_accent"))
    painter.setFont(font(8, bold=True))
    painter.drawText(disc, Qt.AlignmentFlag.AlignCenter, look.letter)
    painter.setPen(look.pen(2))
    painter.drawLine(QPointF(left.x() + 19, left.y()), QPointF(left.x() + MARK, left.y()))


def _row(*widgets: QWidget, margin: int = 4) -> QWidget:
    row = QWidget()
    layout = QHBoxLayout(row)
    layout.setContentsMargins(margin, 0, margin, 0)
    layout.setSpacing(2)
    for widget in widgets:
        layout.addWidget(widget)
    return row
