"""The button at the graph's upper right that says what is laid over it, and offers the rest."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QRectF, QSize, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QMenu, QWidget

from gradviz.trace.overlays import Overlay
from gradviz.ui.bar_button import BarButton
from gradviz.ui.commands import COMMAND
from gradviz.ui.graph.find import HEIGHT
from gradviz.ui.theme import theme


class OverlayButton(BarButton):
    """Its menu is the window's: see `offer`."""

    words_changed = Signal()  # it takes another room now

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent=parent, text=True)
        self.glyph = "overlay"
        self.quiet = True

    def offer(self, menu: QMenu) -> None:
        """What it opens."""
        self.setMenu(menu)
        self.setPopupMode(BarButton.ToolButtonPopupMode.InstantPopup)
        self.words_changed.emit()

    def say(self, overlay: Overlay) -> None:
        """Says which one is shown."""
        name = QCoreApplication.translate("Commands", COMMAND[f"overlay_{overlay}"].text)
        tip = self.tr("What is laid over the graph  (G shows the next)")
        if name != self.text() or tip != self.toolTip():
            self.set_text(name, tip)
            self.setAccessibleName(self.tr("Overlay: {0}").format(name))
            self.quiet = overlay == "values"
            self.words_changed.emit()

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        """On a ground of its own: the graph is behind it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color("line"), 1))
        painter.setBrush(theme.color("panel"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        painter.end()
        super().paintEvent(event)
