"""Labels that give way in a narrow dock, and recolour themselves with the theme."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QToolButton, QWidget

from gradviz.ui.theme import font, set_color, theme
from gradviz.ui.tips import plain_tip


def small_button(*, checkable: bool = False) -> QToolButton:
    """A button in the size of the text around it, high enough to be hit."""
    button = QToolButton()
    button.setFont(font(9))
    button.setCheckable(checkable)
    button.setMinimumHeight(24)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button


def mark_choice(button: QToolButton, words: str, tip: str) -> None:
    """Names a button that is on or off, and shows which."""
    button.setText(f"{'☑' if button.isChecked() else '☐'} {words}")
    button.setToolTip(tip)
    button.setAccessibleName(tip)


class ElidedLabel(QWidget):
    """One line of text that ends in "…" where there is no room; the whole of it is in the tooltip."""

    def __init__(
        self, role: str = "text", text_font: QFont | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._text = ""
        self._role = role
        self.setFont(text_font or font(9))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def text(self) -> str:
        return self._text

    def set_text(self, text: str, role: str | None = None) -> None:
        self._text = text
        self._role = role or self._role
        self.setAccessibleName(text)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        return QSize(metrics.horizontalAdvance(self._text) + 2, metrics.height() + 2)

    def minimumSizeHint(self) -> QSize:
        return QSize(min(24, self.sizeHint().width()), self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(theme.color(self._role))
        shown = painter.fontMetrics().elidedText(self._text, Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)
        tooltip = plain_tip(self._text) if shown != self._text else ""
        if self.toolTip() != tooltip:
            self.setToolTip(tooltip)


class NoteLabel(QLabel):
    """Wrapped text in one of the theme's colours, selectable."""

    def __init__(
        self, role: str = "dim", text_font: QFont | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._role = role
        self.setFont(text_font or font(9))
        self.setWordWrap(True)
        self.setMinimumWidth(1)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        theme.changed.connect(self._recolor)
        self._recolor()

    def _recolor(self) -> None:
        set_color(self, self._role)
