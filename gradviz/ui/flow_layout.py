"""A layout that sets its widgets in lines, like words, in as many lines as the width asks for."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget, QWidgetItem


class FlowRow(QWidget):
    """A widget of such lines that is never lower than they are."""

    def __init__(self, parent: QWidget | None = None, *, spacing: int = 6) -> None:
        super().__init__(parent)
        self.flow = FlowLayout(self, spacing=spacing)
        self.flow.setContentsMargins(0, 0, 0, 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_room()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self._make_room()
        return super().event(event)

    def _make_room(self) -> None:
        height = self.flow.heightForWidth(self.width())
        if height != self.minimumHeight():
            self.setMinimumHeight(height)


class FlowLayout(QLayout):
    """Widgets of a line stand on its middle; one that is wider than the line is made narrower."""

    def __init__(self, parent: QWidget | None = None, *, spacing: int = 6) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self.setSpacing(spacing)

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def insertWidget(self, index: int, widget: QWidget) -> None:
        """Puts a widget, also one that is here already, before what has this place."""
        known = self.indexOf(widget)
        if known >= 0:
            item = self._items.pop(known)
        else:
            self.addChildWidget(widget)
            item = QWidgetItem(widget)
        self._items.insert(index, item)
        if index != known:
            self.invalidate()

    def widthInOneLine(self) -> int:
        """Pixels that all widgets beside each other want."""
        margins, widths = self.contentsMargins(), [item.sizeHint().width() for item in self._items]
        return sum(widths) + self.spacing() * max(len(widths) - 1, 0) + margins.left() + margins.right()

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._arrange(QRect(0, 0, width, 0), move=False)

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._arrange(rect, move=True)

    def sizeHint(self) -> QSize:
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        size = QSize()
        for item in self._items:
            size = size.expandedTo(item.minimumSize())
        margins = self.contentsMargins()
        return size + QSize(margins.left() + margins.right(), margins.top() + margins.bottom())

    def _arrange(self, rect: QRect, *, move: bool) -> int:
        """Sets the widgets into their lines if `move`; returns the height that takes."""
        margins = self.contentsMargins()
        inside = rect.marginsRemoved(margins)
        x, y, height = inside.x(), inside.y(), 0
        line: list[tuple[QLayoutItem, int, QSize]] = []
        for item in [item for item in self._items if not item.isEmpty()]:
            size = item.sizeHint()
            size.setWidth(max(min(size.width(), inside.width()), item.minimumSize().width()))
            if line and x + size.width() > inside.right() + 1:
                _set_line(line, y, height, move)
                x, y, height, line = inside.x(), y + height + self.spacing(), 0, []
            line.append((item, x, size))
            x += size.width() + self.spacing()
            height = max(height, size.height())
        _set_line(line, y, height, move)
        return y + height + margins.bottom() - rect.y()


def _set_line(line: list[tuple[QLayoutItem, int, QSize]], y: int, height: int, move: bool) -> None:
    if move:
        for item, x, size in line:
            item.setGeometry(QRect(x, y + (height - size.height()) // 2, size.width(), size.height()))
