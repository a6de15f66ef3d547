"""Moving and turning the graph in the whole window: shortcuts, menus, what is kept for other days."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QMenu

from gradviz.ui.settings import Preferences
from gradviz.ui.window import MainWindow

NUDGE = Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def open_window(qtbot, model):
    windows = []

    def make() -> MainWindow:
        window = MainWindow(model, Preferences.load())
        qtbot.addWidget(window)
        window.show()
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow)
        window.actions_["step"].trigger()
        qtbot.waitUntil(lambda: window.graph.placed)
        window.graph.setFocus()
        windows.append(window)
        return window

    yield make
    for window in windows:
        window.close()


def corner(window, key: str) -> tuple[float, float]:
    rect = window.graph.canvas.drawing.rect_of(key)
    return rect.x(), rect.y()


def test_keys_move_and_unpin_what_is_selected(qtbot, open_window, model):
    window = open_window()
    assert not window.actions_["nudge_right"].isEnabled() and not window.actions_["unpin"].isEnabled()
    before = corner(window, "net/relu")
    model.select("net/relu")
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Right, NUDGE)
    qtbot.waitUntil(lambda: window.graph.placed)
    assert corner(window, "net/relu") == pytest.approx((before[0] + 16, before[1]))
    assert model.selected_key == "net/relu"
    assert window.actions_["unpin"].isEnabled() and window.actions_["unpin_all"].isEnabled()
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_U)
    qtbot.waitUntil(lambda: window.graph.placed)
    assert corner(window, "net/relu") == pytest.approx(before)
    assert not window.actions_["unpin"].isEnabled() and not window.actions_["unpin_all"].isEnabled()


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
def test_the_context_menu_unpins(open_window, model):
    window = open_window()
    model.select("labels")
    window.actions_["nudge_up"].trigger()
    window.graph.menu_wanted.emit(QPoint(5, 5))
    menu = next(menu for menu in window.findChildren(QMenu) if menu.isVisible())
    names = [action.objectName() for action in menu.actions()]
    assert {"unpin", "unpin_all"} <= set(names)
    window.actions_["unpin_all"].trigger()
    assert window.graph.pinning.pins == {}
    menu.close()


def test_direction_and_places_are_there_on_another_day(qtbot, open_window, model):
    window = open_window()
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: window.graph.placed)
    assert window.graph.direction == "down"
    model.select("labels")
    window.actions_["nudge_up"].trigger()
    qtbot.waitUntil(lambda: window.graph.placed)
    there = corner(window, "labels")
    window.close()
    again = open_window()
    assert again.graph.direction == "down"
    assert corner(again, "labels") == there
