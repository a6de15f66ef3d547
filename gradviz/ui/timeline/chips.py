"""Breakpoints as chips: each can be switched on and off, changed and removed where it stands."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QRectF, QRegularExpression, QSize, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QRegularExpressionValidator,
)
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QLineEdit, QMenu, QSizePolicy, QWidget

from gradviz.trace.breakpoints import Breakpoint
from gradviz.trace.conditions import Preset
from gradviz.ui.bar_button import BarButton
from gradviz.ui.presets import preset_of, short_words, with_number, words_for
from gradviz.ui.theme import font, set_color, theme
from gradviz.ui.tips import plain_tip

HEIGHT = 26
MAX_WORDS = 260  # pixels of a condition; the tooltip has all of it


class Chip(QWidget):
    """One breakpoint. It changes nothing itself: it says what is wanted of which."""

    enabled_wanted = Signal(object, bool)
    condition_wanted = Signal(object, str)
    editing_wanted = Signal(object)
    removal_wanted = Signal(object)

    def __init__(self, shown: Breakpoint) -> None:
        super().__init__()
        self.breakpoint = shown
        self._preset: Preset | None = None
        self._stopped_here = False
        self.toggle = QCheckBox()
        self.number = NumberField()
        self._unit = QLabel()
        self.remove = BarButton()
        self.remove.glyph = "close"
        self.remove.quiet = True
        self.remove.setFixedSize(HEIGHT - 6, HEIGHT - 6)
        for widget in (self.toggle, self.number, self._unit):
            widget.setFont(font(9))
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout(self)
        row.setContentsMargins(9, 0, 3, 0)
        row.setSpacing(4)
        for part in (self.toggle, self.number, self._unit, self.remove):
            row.addWidget(part)
        self.toggle.clicked.connect(lambda on: self.enabled_wanted.emit(self.breakpoint, on))
        self.number.chosen.connect(self._choose_number)
        self.remove.clicked.connect(lambda: self.removal_wanted.emit(self.breakpoint))
        theme.changed.connect(self._recolor)
        self.show_breakpoint(shown)

    def show_breakpoint(self, shown: Breakpoint) -> None:
        """Shows the breakpoint as it is now."""
        self.breakpoint = shown
        known = None if shown.name else preset_of(shown.condition)
        self._preset = known[0] if known else None
        words, unit = self._words()
        self.toggle.setText(_shortened(words, self.toggle.fontMetrics()).replace("&", "&&"))
        self.toggle.setChecked(shown.enabled)
        self._unit.setText(unit)
        self._unit.setVisible(bool(unit))
        self.number.setVisible(bool(known and known[1]))
        if known and known[1]:
            self.number.show_number(known[1])
        self._describe()
        self._recolor()

    def show_stopped(self, stopped: bool) -> bool:
        """Whether the run stands where this breakpoint has just hit; returns whether that is new."""
        changed, self._stopped_here = stopped != self._stopped_here, stopped
        if changed:
            self.update()
        return changed and stopped

    def _words(self) -> tuple[str, str]:
        """What stands before and after the number; all of it before where there is no number."""
        if self._preset is None:
            return self.breakpoint.name or words_for(self.breakpoint.condition), ""
        before, _, after = short_words(self._preset).partition("{0}")
        return before.strip(), after.strip()

    def _choose_number(self, shown: str) -> None:
        if self._preset is not None:
            self.condition_wanted.emit(self.breakpoint, with_number(self._preset, shown))

    # ── keys and mouse ────────────────────────────────────────────────────────────────────────────────────

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete:
            self.removal_wanted.emit(self.breakpoint)
        elif event.key() == Qt.Key.Key_F2:
            self.editing_wanted.emit(self.breakpoint)
        else:
            super().keyPressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.editing_wanted.emit(self.breakpoint)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(self.tr("Edit condition…")).triggered.connect(
            lambda: self.editing_wanted.emit(self.breakpoint)
        )
        menu.addAction(self.tr("Remove")).triggered.connect(lambda: self.removal_wanted.emit(self.breakpoint))
        menu.popup(event.globalPos())

    # ── looks ─────────────────────────────────────────────────────────────────────────────────────────────

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        enabled = self.breakpoint.enabled
        painter.setPen(QPen(theme.color("breakpoint" if enabled else "line"), 1.2))
        painter.setBrush(theme.color("breakpoint", 0.25) if self._stopped_here else theme.color("card"))
        box = QRectF(self.rect()).adjusted(0.8, 0.8, -0.8, -0.8)
        painter.drawRoundedRect(box, box.height() / 2, box.height() / 2)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self.show_breakpoint(self.breakpoint)
        super().changeEvent(event)

    def _recolor(self) -> None:
        role = "text" if self.breakpoint.enabled else "dim"
        set_color(self.toggle, role)
        set_color(self._unit, role)
        set_color(self.number, role, QPalette.ColorRole.Text)
        self.update()

    def _describe(self) -> None:
        words = " ".join(filter(None, (self._words()[0], self.number.text(), self._words()[1])))
        if not self.number.isVisibleTo(self):
            words = self._words()[0]
        condition = self.breakpoint.condition
        self.toggle.setAccessibleName(self.tr("Break when {0}").format(words))
        self.toggle.setAccessibleDescription(condition)
        tip = self.tr("Stops the run where {0}\nDouble-click or F2 edits the condition, Del removes it")
        self.toggle.setToolTip(plain_tip(tip.format(condition)))
        self.number.setAccessibleName(self.tr("Bound of {0}").format(words))
        self.number.setToolTip(self.tr("Type another number; ↑ and ↓ make it larger and smaller"))
        self.remove.set_text(self.tr("Remove {0}").format(words))
        self.remove.setToolTip(plain_tip(self.tr("Remove {0}").format(words)))


class NumberField(QLineEdit):
    """A number in a chip: Enter or leaving it takes what was typed, Esc does not."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._number = ""
        self.setFrame(False)
        self.setTextMargins(0, 0, 0, 0)
        number = QRegularExpression(r"\d*\.?\d*([eE][+-]?\d*)?")
        self.setValidator(QRegularExpressionValidator(number, self))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.textChanged.connect(self.updateGeometry)
        theme.changed.connect(self._recolor)
        self._recolor()

    def show_number(self, number: str) -> None:
        self._number = number
        if not self.hasFocus() or not self.isModified():
            self.setText(number)

    def sizeHint(self) -> QSize:
        width = self.fontMetrics().horizontalAdvance(self.text() or "0")
        return QSize(width + 10, self.fontMetrics().height() + 2)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._take()
            self.selectAll()
        elif event.key() == Qt.Key.Key_Escape:
            self.setText(self._number)
            self.selectAll()
        elif event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.setText(stepped(self.text(), up=event.key() == Qt.Key.Key_Up))
            self._take()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() != Qt.FocusReason.MouseFocusReason:
            self.selectAll()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._take()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)  # a line under it: here one can type
        style = Qt.PenStyle.SolidLine if self.hasFocus() else Qt.PenStyle.DotLine
        painter.setPen(QPen(theme.color("selection" if self.hasFocus() else "dim"), 1, style))
        painter.drawLine(2, self.height() - 1, self.width() - 3, self.height() - 1)

    def _take(self) -> None:
        """Says what was typed if it is a number, and another one; else shows the last one again."""
        text = self.text()
        if text == self._number:
            return
        if _is_number(text):
            self._number = text
            self.setModified(False)
            self.chosen.emit(text)
        else:
            self.setText(self._number)

    def _recolor(self) -> None:
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Base, theme.color("card", 0.0))
        self.setPalette(palette)


def stepped(text: str, *, up: bool) -> str:
    """The next number of the series … 0.5, 1, 2, 5, 10, 20 … above or below."""
    value = float(text) if _is_number(text) else 1.0
    if value <= 0:
        return "1"
    ten = 10.0 ** math.floor(math.log10(value))
    series = [factor * scale for scale in (ten / 10, ten, ten * 10) for factor in (1, 2, 5)]
    margin = 1e-9 * value
    if up:
        return f"{min(number for number in series if number > value + margin):.12g}"
    return f"{max(number for number in series if number < value - margin):.12g}"


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text)) and not text.endswith(("e", "E"))
    except ValueError:
        return False


def _shortened(words: str, metrics: QFontMetrics) -> str:
    return metrics.elidedText(words, Qt.TextElideMode.ElideMiddle, MAX_WORDS)
