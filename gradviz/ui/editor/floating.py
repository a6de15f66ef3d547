"""A small sheet beside a piece of text: above all that is in the window, and never in the keyboard's way."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QRectF, Qt
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
        theme.changed.connect(self.update)
        self.hide()

    def show_beside(self, owner: QWidget, place: QRect, *, above: bool = False) -> None:
        """Shows it under a place in `owner`, or over it with `above`; on the other side if there is no room."""
        window = owner.window()
        if self.parentWidget() is not window:
            self.setParent(window)
        self.adjustSize()
        top_left = owner.mapTo(window, place.topLeft())
        over = top_left.y() - GAP - self.height()
        under = top_left.y() + place.height() + GAP
        fits_under = under + self.height() <= window.height() - EDGE
        y = over if (above and over >= EDGE) or (not above and not fits_under and over >= EDGE) else under
        x = max(EDGE, min(top_left.x(), window.width() - EDGE - self.width()))
        self.move(QPoint(x, y))
        self.show()
        self.raise_()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color("line"), 1))
        painter.setBrush(theme.color("card"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
