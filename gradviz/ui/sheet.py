"""Sheets over the window, to be read and put away: the shortcuts, and what gradviz is."""

from __future__ import annotations

import platform

import numpy
import PySide6
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QLayout, QScrollArea, QVBoxLayout, QWidget

from gradviz import __version__
from gradviz.ui.actions import key_names
from gradviz.ui.bar_button import BarButton
from gradviz.ui.commands import MENUS, Command, commands_in
from gradviz.ui.scroll_bar import THICKNESS, use_slim_scroll_bars
from gradviz.ui.theme import font, set_color, theme

_EDGE = 16  # pixels that are left of the window around a sheet


class Sheet(QWidget):
    """Covers the window with a shade and a panel on it; Esc, a click beside the panel or ✕ puts it away."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._panel: QWidget | None = None
        self._body, self._room = QWidget(), QScrollArea()
        self._focus_before: QWidget | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.hide()
        window.installEventFilter(self)
        theme.changed.connect(self._rebuild)

    def title(self) -> str:
        """What stands at the top, translated."""
        raise NotImplementedError

    def content(self) -> QLayout:
        """What stands below, made anew for every showing."""
        raise NotImplementedError

    def toggle(self) -> None:
        if self.isVisible():
            self.close()
            return
        self._focus_before = self.window().focusWidget()
        self.setGeometry(self.parentWidget().rect())
        self.show()
        self._rebuild()
        self.raise_()
        self.setFocus()

    def hideEvent(self, event: QEvent) -> None:
        if self._focus_before is not None:
            self._focus_before.setFocus()
            self._focus_before = None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self.setGeometry(self.parentWidget().rect())
            self._center()
        return False

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._rebuild()
        super().changeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.close()
        elif event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            QCoreApplication.sendEvent(self._room.verticalScrollBar(), event)
        elif event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            QCoreApplication.sendEvent(self._room.horizontalScrollBar(), event)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QEvent) -> None:
        self.close()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), theme.color("background", 0.6))
        if self._panel is not None:
            painter.setPen(QPen(theme.color("line"), 1))
            painter.setBrush(theme.color("panel"))
            painter.drawRoundedRect(QRectF(self._panel.geometry()).adjusted(0.5, 0.5, -0.5, -0.5), 10, 10)

    def _rebuild(self) -> None:
        if not self.isVisible():
            return
        if self._panel is not None:
            self._panel.deleteLater()
        self._panel = _Panel(self)
        column = QVBoxLayout(self._panel)
        column.setContentsMargins(24, 16, 24, 24)
        column.setSpacing(16)
        head = QHBoxLayout()
        head.addWidget(_label(self.title(), 13, bold=True), 1)
        close = BarButton()
        close.glyph = "close"
        close.set_text(QCoreApplication.translate("Sheet", "Close"))
        close.clicked.connect(self.close)
        head.addWidget(close)
        column.addLayout(head)
        self._body = QWidget()
        self._body.setLayout(self.content())
        room = self._room = QScrollArea()
        room.setWidget(self._body)
        room.setFrameShape(QScrollArea.Shape.NoFrame)
        use_slim_scroll_bars(room)
        column.addWidget(room)
        self._panel.show()
        self._center()

    def _center(self) -> None:
        if self._panel is not None:
            column, body = self._panel.layout(), self._body.sizeHint()
            margins = column.contentsMargins()
            head = column.itemAt(0).sizeHint().height() + column.spacing()
            width = body.width() + margins.left() + margins.right()
            height = body.height() + margins.top() + margins.bottom() + head
            room = self.size() - QSize(2 * _EDGE, 2 * _EDGE)
            # in a small window it scrolls, and its bars need room of their own
            over = QSize(THICKNESS if height > room.height() else 0, THICKNESS if width > room.width() else 0)
            self._panel.resize((QSize(width, height) + over).boundedTo(room))
            self._body.resize(body)
            corner = self.rect().center() - self._panel.rect().center()
            self._panel.move(QPoint(max(corner.x(), 0), max(corner.y(), 0)))
            self.update()


class ShortcutSheet(Sheet):
    """All shortcuts, menu by menu."""

    def title(self) -> str:
        return self.tr("Keyboard shortcuts")

    def content(self) -> QLayout:
        row = QHBoxLayout()
        row.setSpacing(40)
        menus = {menu: [command for command in commands_in(menu) if command.keys] for menu in MENUS}
        longest = max(len(commands) for commands in menus.values())
        column, room = QVBoxLayout(), 0  # room: lines that are left in the column
        for menu, commands in menus.items():
            if not commands:
                continue
            if len(commands) > room:
                column, room = QVBoxLayout(), longest
                column.setSpacing(16)
                column.setAlignment(Qt.AlignmentFlag.AlignTop)
                row.addLayout(column)
            rows = [("  ".join(key_names(command)), _words(command)) for command in commands]
            column.addLayout(_table(QCoreApplication.translate("Commands", menu.text), rows))
            room -= len(commands) + 2
        return row


class AboutSheet(Sheet):
    """Version, licence, libraries."""

    def title(self) -> str:
        return f"gradviz {__version__}"

    def content(self) -> QLayout:
        column = QVBoxLayout()
        column.setSpacing(8)
        column.addWidget(_label(self.tr("Shows automatic differentiation at work, number by number."), 10))
        libraries = (
            f"Python {platform.python_version()} · Qt {PySide6.__version__} · NumPy {numpy.__version__}"
        )
        column.addWidget(_label(libraries, 9.5, role="dim"))
        column.addWidget(_label(self.tr("MIT licence. Qt is used under the LGPL."), 9.5, role="dim"))
        return column


class _Panel(QWidget):
    """Swallows clicks, which would otherwise put the sheet away."""

    def mousePressEvent(self, event: QEvent) -> None:
        event.accept()


def _words(command: Command) -> str:
    """What the command does; the text of a switch or a choice alone says too little."""
    text = command.tip if command.toggle or command.choice else command.text
    return QCoreApplication.translate("Commands", text).rstrip("…")


def _table(title: str, rows: list[tuple[str, str]]) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(16)
    grid.setVerticalSpacing(6)
    grid.setColumnStretch(1, 1)
    grid.addWidget(_label(title, 9.5, role="dim"), 0, 0, 1, 2)
    for place, (keys, text) in enumerate(rows, start=1):
        grid.addWidget(_label(keys, 9.5, role="forward", mono=True), place, 0)
        grid.addWidget(_label(text, 9.5), place, 1)
    grid.setRowStretch(len(rows) + 1, 1)
    return grid


def _label(text: str, points: float, *, role: str = "text", bold: bool = False, mono: bool = False) -> QLabel:
    label = QLabel(text)
    label.setFont(font(points, bold=bold, mono=mono))
    set_color(label, role)
    return label
