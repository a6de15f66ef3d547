"""The tabs at the top of a panel."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QTabBar

from gradviz.ui.theme import font, theme

_HEIGHT = 30
_PADDING = 12  # on either side of a tab's text, where there is room
_LEAST_PADDING = 3
_BADGE_GAP = 6


class PanelTabs(QTabBar):
    """Flat tabs, the chosen one underlined; a tab may carry a number. In a narrow panel they draw closer."""

    def __init__(self) -> None:
        super().__init__()
        self.setFont(font(9.5))
        self.setDrawBase(False)
        self.setExpanding(False)
        self.setElideMode(Qt.TextElideMode.ElideNone)
        self.setUsesScrollButtons(False)
        self._badges: dict[int, int] = {}
        theme.changed.connect(self.update)

    def badge(self, index: int) -> int:
        return self._badges.get(index, 0)

    def set_badge(self, index: int, number: int) -> None:
        """Shows a number beside the tab's text; 0 shows none."""
        if self.badge(index) != number:
            self._badges[index] = number
            self.setTabText(index, self.tabText(index))  # makes Qt lay the tabs out again
            self.update()

    def tabSizeHint(self, index: int) -> QSize:
        return QSize(self._content_width(index) + 2 * _PADDING, _HEIGHT)

    def minimumTabSizeHint(self, index: int) -> QSize:
        return QSize(self._content_width(index) + 2 * _LEAST_PADDING, _HEIGHT)

    def tabLayoutChange(self) -> None:
        self.updateGeometry()  # Qt forgets it when a hidden tab appears

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for index in range(self.count()):
            if self.isTabVisible(index):
                self._draw_tab(painter, index)

    def _draw_tab(self, painter: QPainter, index: int) -> None:
        box = QRectF(self.tabRect(index))
        width = self._content_width(index)
        content = QRectF(box.center().x() - width / 2, box.top(), width, box.height())
        chosen = index == self.currentIndex()
        painter.setFont(self.font())
        painter.setPen(theme.color("text" if chosen else "dim"))
        painter.drawText(content, Qt.AlignmentFlag.AlignVCenter, self.tabText(index))
        if self.badge(index):
            self._draw_badge(painter, index, content.right())
        if chosen:
            line = QRectF(content.left(), box.bottom() - 2, width, 2)
            painter.fillRect(line, theme.color("selection" if self.hasFocus() else "forward"))

    def _draw_badge(self, painter: QPainter, index: int, right: float) -> None:
        width = self._badge_width(index)
        badge = QRectF(right - width, self.height() / 2 - 8, width, 16)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("error"))
        painter.drawRoundedRect(badge, 8, 8)
        painter.setPen(theme.color("on_accent"))
        painter.setFont(font(8, bold=True))
        painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, self._badge_text(index))

    def _content_width(self, index: int) -> int:
        width = self.fontMetrics().horizontalAdvance(self.tabText(index))
        return width + (self._badge_width(index) + _BADGE_GAP if self.badge(index) else 0)

    def _badge_text(self, index: int) -> str:
        return str(self.badge(index)) if self.badge(index) < 100 else "99+"

    def _badge_width(self, index: int) -> int:
        return max(16, 8 * len(self._badge_text(index)) + 6)
