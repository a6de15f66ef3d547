"""Arrow keys for the widget that has the focus, although the window steps through time with them."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QWidget

_KEYS = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Home, Qt.Key.Key_End)


class _ArrowKeys(QObject):
    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() != QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent):
            return False
        if event.key() not in _KEYS or event.modifiers():
            return False
        event.accept()
        return True


def keep_arrow_keys(widget: QWidget) -> None:
    """Lets a focused widget have the arrow keys, Home and End before the window's shortcuts get them."""
    widget.installEventFilter(_ArrowKeys(widget))


def let_go_of_focus(widget: QWidget) -> None:
    """To be called before a widget hides: else the keyboard would go on to whatever comes after it."""
    focus = QApplication.focusWidget()
    if focus is not None and widget.isAncestorOf(focus):
        focus.clearFocus()
