"""Breakpoints in the whole window: keys, the context menu of nodes, marks on cards, the status bar."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication, QMenu

from gradviz.session.protocol import Hits
from gradviz.trace import Hit
from gradviz.ui.presets import at_line, at_node
from gradviz.ui.settings import Preferences
from gradviz.ui.theme import theme
from gradviz.ui.window import MainWindow
from tests.ui.fake_client import FakeClient


@pytest.fixture
def window(qtbot, model):
    window = MainWindow(model, Preferences())
    qtbot.addWidget(window)
    window.editor.open_text("simplenet.py", "import torch\n" * 40)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    window.actions_["step"].trigger()
    qtbot.waitUntil(lambda: window.graph.placed)
    yield window
    window.close()


def press(qtbot, window, key, modifiers=Qt.KeyboardModifier.NoModifier):
    qtbot.keyClick(QApplication.focusWidget() or window, key, modifiers)


def said(window) -> str:
    return window.status._message.text()


def card(window, key: str) -> QPoint:
    canvas = window.graph.canvas
    return canvas.camera.to_screen(canvas.drawing.rect_of(key)).center().toPoint()


def test_f9_in_the_graph_is_about_the_selected_node(qtbot, window, model):
    window.graph.setFocus()
    press(qtbot, window, Qt.Key.Key_F9)
    assert "Select a node" in said(window)
    model.select("net/relu")
    press(qtbot, window, Qt.Key.Key_F9)
    assert model.breakpoints.with_condition(at_node("net/relu")).enabled
    assert window.graph.canvas.drawing.breakpoints == {"net/relu": True}
    corner = window.graph.canvas.camera.to_screen(window.graph.canvas.drawing.rect_of("net/relu")).topLeft()
    near = [QPoint(int(corner.x()) + d, int(corner.y()) + d) for d in (1, 2)]
    picture = window.graph.canvas.grab().toImage()
    assert theme.color("breakpoint") in [picture.pixelColor(place) for place in near]
    press(qtbot, window, Qt.Key.Key_F9)
    assert not window.graph.canvas.drawing.breakpoints


def test_f9_in_the_editor_is_about_the_line(qtbot, window, model):
    window.editor.focus_text()
    press(qtbot, window, Qt.Key.Key_Down)
    press(qtbot, window, Qt.Key.Key_F9)
    assert model.breakpoints.with_condition(at_line("simplenet.py", 2)) is not None


def test_a_breakpoint_by_the_name_of_a_node_is_at_that_node(qtbot, window, model):
    model.breakpoints.add('node == "net.fc1/addmm"')
    assert "net.fc1/addmm" in window.graph.canvas.drawing.breakpoints
    model.breakpoints.set_enabled(model.breakpoints.with_condition('node == "net.fc1/addmm"'), False)
    assert window.graph.canvas.drawing.breakpoints == {"net.fc1/addmm": False}


def test_a_closed_module_carries_the_mark_of_its_node(qtbot, window, model):
    model.breakpoints.add(at_node("net.fc1/addmm"))
    window.graph.toggle("net.fc1/")
    qtbot.waitUntil(lambda: window.graph.placed and "net.fc1/" in window.graph.canvas.drawing.breakpoints)


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
def test_the_context_menu_of_a_node(qtbot, window, model):
    place = card(window, "net/relu")
    canvas = window.graph.canvas
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, canvas.mapToGlobal(place))
    QApplication.sendEvent(canvas, event)
    menu = next(menu for menu in window.findChildren(QMenu) if menu.isVisible())
    names = [action.objectName() for action in menu.actions()]
    assert names[:2] == ["toggle_breakpoint", "find_origin"] and model.selected.key == "net/relu"
    menu.close()
    empty = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, QPoint(2, 2), canvas.mapToGlobal(QPoint(2, 2)))
    QApplication.sendEvent(canvas, empty)
    assert not any(menu.isVisible() for menu in window.findChildren(QMenu))


def test_ctrl_f9_asks_for_a_condition_also_when_the_timeline_is_hidden(qtbot, window, model):
    window.panels["timeline"].hide()
    window.graph.setFocus()
    press(qtbot, window, Qt.Key.Key_F9, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClicks(QApplication.focusWidget(), "loss > 7")
    press(qtbot, window, Qt.Key.Key_Return)
    assert model.breakpoints.with_condition("loss > 7").enabled


def test_why_the_run_stands_is_said_as_long_as_it_stands_there(qtbot, window, model):
    model.breakpoints.add("grad.norm > 1")
    number = next(iter(model.breakpoints.enabled))
    hit = Hit(0, 3, number, "grad.norm = 2", "net/relu", 16)
    FakeClient.instances[-1].report(Hits(0, 0, [number], [hit]))
    window.graph.setFocus()
    press(qtbot, window, Qt.Key.Key_F8)
    assert model.moment == (0, 3)
    assert said(window) == "Breakpoint: ‖grad‖ > 1 (grad.norm = 2) at net/relu, line 16"
    window.show_message("saved")
    assert said(window) == "saved"
    window.show_message("")
    assert said(window).startswith("Breakpoint")
    press(qtbot, window, Qt.Key.Key_Right)
    assert not said(window).startswith("Breakpoint")


def test_a_search_is_shown_and_escape_ends_it(qtbot, window, model):
    client = FakeClient.instances[-1]
    client.send = client.keep
    model.breakpoints.add("grad.norm > 1")
    window.graph.setFocus()
    press(qtbot, window, Qt.Key.Key_F8)
    assert "next hit" in said(window) and window.status._cancel.isVisible()
    press(qtbot, window, Qt.Key.Key_Escape)
    assert model.search.direction is None and not window.status._cancel.isVisible()


def test_breakpoints_are_there_in_the_next_window(qtbot, window, model):
    model.breakpoints.add("loss > 9")
    window.close()
    again = MainWindow(model, Preferences())
    qtbot.addWidget(again)
    model.breakpoints.use("")
    again.editor.open_text("simplenet.py", "import torch\n" * 40)
    assert model.breakpoints.with_condition("loss > 9").enabled
    again.close()
