"""What the graph's focus shows, in words, with a button that ends it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QWidget

from gradviz.ui.bar_button import BarButton
from gradviz.ui.graph.text import elided, scene_font
from gradviz.ui.theme import theme
from gradviz.ui.tips import plain_tip

HEIGHT = 28
PADDING = 10
TEXT = 12


class FocusBar(QWidget):
    """Hidden while there is nothing to say. Words that do not fit are cut in the middle; the tip has all."""

    ended = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.words = ""
        self.button = BarButton(parent=self)
        self.button.glyph = "close"
        self.button.quiet = True
        self.button.setFixedSize(HEIGHT - 4, HEIGHT - 4)
        self.button.clicked.connect(self.ended)
        theme.changed.connect(self.update)
        self._retranslate()
        self.hide()

    def say(self, words: str) -> None:
        """Shows the words; hides if there are none."""
        self.words = words
        self.setToolTip(plain_tip(words))
        self.setAccessibleName(words)
        self.setVisible(bool(words))
        self.update()

    def sizeHint(self) -> QSize:
        width = QFontMetricsF(scene_font(TEXT)).horizontalAdvance(self.words)
        return QSize(round(width) + 2 * PADDING + HEIGHT, HEIGHT)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.button.move(self.width() - HEIGHT + 2, 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color("selection", 0.7), 1))
        painter.setBrush(theme.color("panel"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        painter.setFont(scene_font(TEXT))
        painter.setPen(theme.color("text"))
        room = QRectF(PADDING, 0, self.width() - PADDING - HEIGHT, HEIGHT)
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, elided(self.words, TEXT, int(room.width())))

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)

    def _retranslate(self) -> None:
        self.button.set_text(self.tr("Show everything"), self.tr("Show everything  (Esc)"))
