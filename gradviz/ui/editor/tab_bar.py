"""Tabs of files: a dot for unsaved changes, a line over the current one."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QLineF, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QEnterEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QTabBar, QWidget

from gradviz.ui.theme import font, theme
from gradviz.ui.tips import plain_tip

HEIGHT = 32
PADDING = 12
GAP = 8
BUTTON = 24


class FileTabBar(QTabBar):
    """Draws flat tabs, each with a button that closes it; so does a click with the middle button."""

    close_requested = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFont(font(9.5))
        self.setDrawBase(False)
        self.setExpanding(False)
        self.setUsesScrollButtons(True)
        self.setElideMode(Qt.TextElideMode.ElideNone)
        theme.changed.connect(self.update)

    def add(self, name: str) -> int:
        """Adds a tab with its button at the end; returns its index."""
        index = self.addTab(name)
        button = _CloseButton(self)
        button.clicked.connect(lambda: self._close(button))
        self.setTabButton(index, QTabBar.ButtonPosition.RightSide, button)
        return index

    def describe(self, index: int, name: str, tip: str, modified: bool) -> None:
        """Sets what a tab says; a file's name may hold "&", which must not become a shortcut."""
        self.setTabText(index, name.replace("&", "&&"))
        self.setTabToolTip(index, plain_tip(tip))
        words = self.tr("{0}, unsaved changes").format(name) if modified else name
        self.setAccessibleTabName(index, words)
        button = self.tabButton(index, QTabBar.ButtonPosition.RightSide)
        if isinstance(button, _CloseButton):
            button.set_modified(modified)
            button.setToolTip(plain_tip(self.tr("Close {0}").format(name)))
            button.setAccessibleName(self.tr("Close {0}").format(name))
        self.updateGeometry()  # Qt forgets to while the window is not shown yet

    def tabSizeHint(self, index: int) -> QSize:
        width = self.fontMetrics().horizontalAdvance(self._name(index))
        return QSize(PADDING + width + GAP + BUTTON + 4, HEIGHT)

    def minimumTabSizeHint(self, index: int) -> QSize:
        return self.tabSizeHint(index)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        for index in range(self.count()):
            place = self.tabRect(index)
            current = index == self.currentIndex()
            if current:
                painter.fillRect(place, theme.color("background"))
                painter.fillRect(QRect(place.left(), place.top(), place.width(), 2), theme.color("forward"))
            painter.setPen(theme.color("text" if current else "dim"))
            words = place.adjusted(PADDING, 0, -BUTTON - 4, 0)
            painter.drawText(
                words, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, self._name(index)
            )
            if current and self.hasFocus():
                painter.setPen(QPen(theme.color("selection"), 1))
                painter.drawRect(place.adjusted(2, 4, -3, -3))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        index = self.tabAt(event.position().toPoint())
        if event.button() == Qt.MouseButton.MiddleButton and index >= 0:
            self.close_requested.emit(index)

    def _name(self, index: int) -> str:
        return self.tabText(index).replace("&&", "&")

    def _close(self, button: QWidget) -> None:
        for index in range(self.count()):
            if self.tabButton(index, QTabBar.ButtonPosition.RightSide) is button:
                self.close_requested.emit(index)
                return


class _CloseButton(QAbstractButton):
    """A cross; a dot in its place while there are unsaved changes and the mouse is elsewhere."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._modified = False
        self.setFixedSize(BUTTON, BUTTON)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # Ctrl+W closes without the mouse

    def set_modified(self, modified: bool) -> None:
        self._modified = modified
        self.update()

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = QRectF(self.rect()).center()
        if self._modified and not self.underMouse():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("saved"))
            painter.drawEllipse(middle, 3.5, 3.5)
            return
        if self.underMouse():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("raised"))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(2, 2, -2, -2), 4, 4)
        painter.setPen(QPen(theme.color("text" if self.underMouse() else "dim"), 1.3))
        arm = QPointF(3.5, 3.5)
        painter.drawLine(QLineF(middle - arm, middle + arm))
        cross = QPointF(3.5, -3.5)
        painter.drawLine(QLineF(middle - cross, middle + cross))
