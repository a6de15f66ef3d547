"""Buttons and chips of the top row and the status bar, drawn in the theme's colours."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QAction, QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from gradviz.ui.icons import pixmap
from gradviz.ui.theme import font, theme

HEIGHT = 32
ICON = 20
_RADIUS = 6.0
_PADDING = 8
_GAP = 6
_ARROW = 10


class BarButton(QToolButton):
    """A flat button for an action, or for a menu when it has no action.

    `primary` is the one violet button of the row. `segment` is one of a joined group, marked while checked.
    """

    def __init__(
        self,
        action: QAction | None = None,
        *,
        menu: QMenu | None = None,
        text: bool = False,
        primary: bool = False,
        segment: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._shows_text = text
        self._primary = primary
        self._segment = segment
        self.glyph = ""
        """Name of the icon of a button without an action."""
        self.quiet = False
        """Whether it steps back until the mouse or the keyboard is on it."""
        self.dot = ""
        """Role of a coloured dot before the text, or ""."""
        self.setFont(font(9.5))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        if action is not None:
            self.setDefaultAction(action)
            action.changed.connect(self._name)
            self._name()
        if menu is not None:
            self.setMenu(menu)
            self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        theme.changed.connect(self.update)

    def show_text(self, shown: bool) -> None:
        """Whether the text stands beside the icon."""
        if shown != self._shows_text:
            self._shows_text = shown
            self.updateGeometry()
            self.update()

    def set_text(self, text: str, tip: str = "") -> None:
        """Text and explanation of a button without an action."""
        self.setText(text)
        self.setToolTip(tip)
        self.setAccessibleName(text)
        self.setAccessibleDescription(tip)
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        width = 2 * _PADDING
        if self._icon_name():
            width += ICON
        if self._shows_text:
            width += self.fontMetrics().horizontalAdvance(self.text())
            width += _GAP if self._icon_name() or self.dot else 0
        if self.dot:
            width += 8
        if self.menu() is not None:
            width += _ARROW + 4
        return QSize(max(width, 48 if self._primary else HEIGHT), HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        fill = self._fill()
        if fill is not None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(fill)
            painter.drawRoundedRect(box, _RADIUS, _RADIUS)
        if self.hasFocus():
            painter.setPen(QPen(theme.color("selection"), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box, _RADIUS, _RADIUS)
        self._draw_content(painter, box)

    def _draw_content(self, painter: QPainter, box: QRectF) -> None:
        role = self._role()
        x = (self.width() - self.sizeHint().width()) / 2 + _PADDING
        if self.sizeHint().width() <= HEIGHT or (self._primary and not self._shows_text):
            x = (self.width() - ICON) / 2
        if not self.isEnabled():
            painter.setOpacity(0.4)
        if name := self._icon_name():
            picture = pixmap(name, ICON, role, self.devicePixelRatioF())
            painter.drawPixmap(QPointF(x, (self.height() - ICON) / 2), picture)
            x += ICON + _GAP
        if self.dot:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color(self.dot))
            painter.drawEllipse(QRectF(x, self.height() / 2 - 4, 8, 8))
            x += 8 + _GAP
        if self._shows_text:
            painter.setPen(theme.color(role))
            painter.setFont(self.font())
            width = self.fontMetrics().horizontalAdvance(self.text())
            painter.drawText(
                QRectF(x, 0, width + 2, self.height()), Qt.AlignmentFlag.AlignVCenter, self.text()
            )
            x += width + 4
        if self.menu() is not None:
            arrow = pixmap("chevron-down", _ARROW + 2, "dim", self.devicePixelRatioF())
            painter.drawPixmap(QPointF(x, (self.height() - _ARROW) / 2), arrow)

    def _fill(self) -> QColor | None:
        if self._primary:
            return theme.color("forward", 0.8 if self.isDown() or self.underMouse() else 1.0)
        if self.isDown() or (self._segment and self.isChecked()):
            return theme.color("raised")
        if self.underMouse() and self.isEnabled():
            return theme.color("raised", 0.6)
        return None

    def _role(self) -> str:
        if self._primary:
            return "on_accent"
        if self.quiet and not self.underMouse() and not self.hasFocus():
            return "dim"
        return "dim" if self._segment and not self.isChecked() else "text"

    def _icon_name(self) -> str:
        action = self.defaultAction()
        if action is None:
            return self.glyph
        return "" if self._segment else action.data() or ""

    def _name(self) -> None:
        action = self.defaultAction()
        self.setAccessibleName(action.text())
        self.setAccessibleDescription(action.toolTip())
        self.updateGeometry()


class Segments(QWidget):
    """Buttons joined in one frame."""

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color("line"), 1))
        painter.setBrush(theme.color("card"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), _RADIUS + 1, _RADIUS + 1)
