"""The graph's focus in the whole window: shortcuts, the menus, Esc from elsewhere."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QMenu

from gradviz.ui.settings import Preferences
from gradviz.ui.window import MainWindow


@pytest.fixture
def window(qtbot, model):
    window = MainWindow(model, Preferences())
    qtbot.addWidget(window)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    window.actions_["step"].trigger()
    qtbot.waitUntil(lambda: window.graph.placed)
    window.graph.setFocus()
    yield window
    window.close()


def press(qtbot, key, modifiers=Qt.KeyboardModifier.NoModifier):
    qtbot.keyClick(QApplication.focusWidget(), key, modifiers)


def words(window) -> str:
    return window.graph.focus_bar.words


def test_shortcuts_focus_and_escape_ends_it(qtbot, window, model):
    press(qtbot, Qt.Key.Key_L)
    assert "loss" in words(window)
    model.select("net/relu")
    press(qtbot, Qt.Key.Key_A)
    assert "ancestors" in words(window)
    press(qtbot, Qt.Key.Key_A, Qt.KeyboardModifier.ShiftModifier)
    assert "descendants" in words(window)
    press(qtbot, Qt.Key.Key_Escape)
    assert not words(window)
    press(qtbot, Qt.Key.Key_P)
    model.select("net.fc2/addmm")
    press(qtbot, Qt.Key.Key_P)
    assert words(window).startswith("Paths between net/relu and net.fc2/addmm")
    press(qtbot, Qt.Key.Key_L, Qt.KeyboardModifier.ShiftModifier)
    assert not words(window)


def test_show_everything_can_be_chosen_while_there_is_a_focus(window):
    everything = window.actions_["focus_end"]
    assert not everything.isEnabled()
    window.actions_["focus_loss"].trigger()
    assert everything.isEnabled()
    everything.trigger()
    assert not everything.isEnabled() and not words(window)


def test_escape_in_the_outline_ends_the_focus_too(qtbot, window, model):
    window.messages.tabs.setCurrentIndex(2)
    window.outline.setFocus()
    model.select("net/relu")
    window.actions_["focus_ancestors"].trigger()
    assert "net/relu" in words(window)
    press(qtbot, Qt.Key.Key_Escape)
    assert not words(window)


def test_without_a_selection_the_status_bar_says_what_to_do(qtbot, window):
    press(qtbot, Qt.Key.Key_A)
    assert "Select a node" in window.status._message.text()


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
@pytest.mark.parametrize(
    ("key", "breakpoint_offered"), [("net/relu", True), ("net.fc1/", False)], ids=["node", "box"]
)
def test_the_context_menu_of_a_node_or_a_box_offers_the_focus(window, key, breakpoint_offered):
    window.graph.canvas.menu_wanted.emit(key, QPoint())
    menu = next(menu for menu in window.findChildren(QMenu) if menu.isVisible())
    offered = [action.objectName() for action in menu.actions() if not action.isSeparator()]
    assert ("toggle_breakpoint" in offered) is breakpoint_offered
    assert [name for name in offered if name.startswith("focus_")] == [
        "focus_loss",
        "focus_ancestors",
        "focus_descendants",
        "focus_paths",
        "focus_end",
    ]
    menu.close()
