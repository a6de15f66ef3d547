"""A small panel over the window in which a condition is chosen or written. Nothing waits for it."""

from __future__ import annotations

from pathlib import PurePath

from PySide6.QtCore import QEvent, QPoint, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QApplication, QLabel, QVBoxLayout, QWidget

from gradviz.trace.breakpoints import Breakpoint
from gradviz.ui.breakpoints import Breakpoints
from gradviz.ui.model import SessionModel
from gradviz.ui.theme import font, theme
from gradviz.ui.timeline.condition_field import ConditionField

WIDTH = 620
GAP = 6

_NAMED = ("op", "grad_fn", "node", "scope", "module", "file")


class ConditionFlyout(QWidget):
    """Opens above a widget. A condition that is taken, Esc, and the keyboard going elsewhere close it."""

    def __init__(self, model: SessionModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._model, self._window = model, parent
        self._edited: Breakpoint | None = None
        self._anchor: QWidget | None = None
        self._title = QLabel()
        self._title.setFont(font(9.5, bold=True))
        self.field = ConditionField()
        self.field.names = self._names
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 10)
        column.setSpacing(8)
        column.addWidget(self._title)
        column.addWidget(self.field)
        self.hide()
        self.field.accepted.connect(self._take)
        self.field.left.connect(self._leave)
        QApplication.instance().focusChanged.connect(self._on_focus)
        theme.changed.connect(self.update)

    @property
    def _breakpoints(self) -> Breakpoints:
        return self._model.breakpoints

    def open_at(self, anchor: QWidget, edited: Breakpoint | None = None) -> None:
        """Opens above `anchor` for a new breakpoint, or to change one."""
        self._edited, self._anchor = edited, anchor
        self._title.setText(self.tr("Change the condition") if edited else self.tr("Break when …"))
        self.show()
        self.raise_()
        self.field.start(edited.condition if edited else "")
        self._place()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest and self.isVisible():
            self._place()
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color("line"), 1))
        painter.setBrush(theme.color("card"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)

    def _place(self) -> None:
        """Above the anchor, within the window."""
        if self._anchor is None:
            return
        room = self._window.rect().adjusted(GAP, GAP, -GAP, -GAP)
        width = min(WIDTH, room.width())
        column = self.layout()
        wanted = column.totalSizeHint().height()
        if column.hasHeightForWidth():
            wanted = column.totalHeightForWidth(width)
        height = min(wanted, room.height())
        corner = self._anchor.mapTo(self._window, QPoint(0, -GAP))
        left = min(max(corner.x(), room.left()), room.right() - width)
        self.setGeometry(left, max(corner.y() - height, room.top()), width, height)

    def _take(self, condition: str) -> None:
        if self._edited is None:
            self._breakpoints.add(condition)
        else:
            self._breakpoints.set_condition(self._edited, condition)
        self._leave()

    def _leave(self) -> None:
        anchor, self._anchor = self._anchor, None
        self.hide()
        if anchor is not None:
            anchor.setFocus(Qt.FocusReason.PopupFocusReason)

    def _on_focus(self, _before: QWidget | None, now: QWidget | None) -> None:
        if self.isVisible() and now is not None and not self.isAncestorOf(now):
            self.hide()

    def _names(self) -> dict[str, list[str]]:
        """What the facts that are texts are in the iteration on view."""
        found: dict[str, set[str]] = {name: set() for name in _NAMED}
        iteration = self._model.iteration
        if iteration is None:
            return {}
        for scope in iteration.scopes:
            found["scope"].add(scope.path)
            found["module"].add(scope.module)
        for node in iteration.nodes:
            found["node"].add(node.qualified_name)
            found["op"].add(node.name)
            found["grad_fn"].add(node.grad_fn)
            if node.source is not None:
                found["file"].add(PurePath(node.source.file).name)
        return {name: sorted(values - {""}) for name, values in found.items()}
