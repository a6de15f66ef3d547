"""A small sheet beside a piece of text: above all that is in the window, and never in the keyboard's way."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from gradviz.ui.theme import theme

GAP = 3  # pixels between the text and the sheet
EDGE = 6  # pixels that are left of the window around it


class Floating(QWidget):
    """Belongs to the window, not to the panel, whose edge would cut it off. Takes no focus."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._owner: QWidget | None = None
        self._beside, self._above = QRect(), False
        theme.changed.connect(self.update)
        self.hide()

    def show_beside(self, owner: QWidget, place: QRect, *, above: bool = False) -> None:
        """Shows it under a place in `owner`, or over it with `above`, or else where there is room."""
        self._owner, self._beside, self._above = owner, place, above
        if self.parentWidget() is not owner.window():
            self.setParent(owner.window())
        self._fit()
        self.show()
        self.raise_()

    def _fit(self) -> None:
        """Takes the size that the content needs, where there is room for it."""
        if self._owner is None:
            return
        window = self._owner.window()
        width = self.layout().sizeHint().width()
        height = self.layout().totalHeightForWidth(width)
        self.resize(width, height if height >= 0 else self.layout().sizeHint().height())
        top_left = self._owner.mapTo(window, self._beside.topLeft())
        over = top_left.y() - GAP - self.height()
        under = top_left.y() + self._beside.height() + GAP
        fits_under = under + self.height() <= window.height() - EDGE
        y = over if over >= EDGE and (self._above or not fits_under) else under
        x = max(EDGE, min(top_left.x(), window.width() - EDGE - self.width()))
        self.move(QPoint(x, y))

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:  # formulas come a moment later
            self._fit()
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color("line"), 1))
        painter.setBrush(theme.color("card"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
