"""The main window with all its views: keys, panels, files, settings, and how it looks from the outside."""

import os

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, QSettings, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QSlider, QWidget

from gradviz.examples import default_example, list_examples
from gradviz.session.protocol import Problem, Start
from gradviz.trace import Source
from gradviz.ui.bar_button import BarButton
from gradviz.ui.editor.code_editor import CodeEditor
from gradviz.ui.editor.tab_bar import FileTabBar
from gradviz.ui.language import use_language
from gradviz.ui.model import LIVE, SessionModel
from gradviz.ui.settings import Preferences
from gradviz.ui.window import MINIMUM_SIZE, MainWindow
from tests.ui.fake_client import FakeClient


@pytest.fixture
def window(qtbot, model: SessionModel) -> MainWindow:
    use_language("en")
    yield from opened(qtbot, model)
    use_language("en")


def opened(qtbot, model: SessionModel, preferences: Preferences | None = None):
    window = MainWindow(model, preferences or Preferences())
    qtbot.addWidget(window)
    window.library.open_example(default_example())
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    yield window
    window.close()


def text_field(window: MainWindow) -> CodeEditor:
    """The editor of the current file, with the keyboard in it."""
    window.editor.focus_text()
    field = QApplication.focusWidget()
    assert isinstance(field, CodeEditor)
    return field


def press(qtbot, window: MainWindow, key: Qt.Key, modifiers=Qt.KeyboardModifier.NoModifier) -> None:
    """Presses a key wherever the keyboard is."""
    qtbot.keyClick(QApplication.focusWidget() or window, key, modifiers)


# ── keys ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_space_starts_the_open_program_and_plays_it(qtbot, window, model):
    press(qtbot, window, Qt.Key.Key_Space)
    assert isinstance(start := FakeClient.instances[-1].commands[0], Start)
    assert start.text == default_example().path.read_text("utf-8")
    assert model.playing
    press(qtbot, window, Qt.Key.Key_Space)
    assert not model.playing


def test_arrows_step_and_home_and_end_jump(qtbot, window, model):
    press(qtbot, window, Qt.Key.Key_Right)
    press(qtbot, window, Qt.Key.Key_Right)
    assert model.moment.event == 1
    press(qtbot, window, Qt.Key.Key_Left)
    assert model.moment.event == 0
    press(qtbot, window, Qt.Key.Key_End)
    assert model.moment.event == len(model.iteration.events) - 1
    press(qtbot, window, Qt.Key.Key_Home)
    assert model.moment.event == -1
    press(qtbot, window, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert model.current_event.phase == "forward"
    assert model.moment.event == model.iteration.phase_ends()[0]


@pytest.mark.parametrize("key", [Qt.Key.Key_Space, Qt.Key.Key_F, Qt.Key.Key_1, Qt.Key.Key_BracketRight])
def test_keys_that_are_characters_type_in_the_editor(qtbot, window, model, key):
    field = text_field(window)
    before, speed = field.toPlainText(), model.speed
    qtbot.keyClick(field, key)
    assert len(field.toPlainText()) > len(before)
    assert not model.started
    assert model.speed == speed


def test_keys_that_move_the_caret_stay_in_the_editor(qtbot, window, model):
    press(qtbot, window, Qt.Key.Key_Right)
    moment = model.moment
    field = text_field(window)
    qtbot.keyClick(field, Qt.Key.Key_Right)
    assert field.textCursor().position() == 1
    qtbot.keyClick(field, Qt.Key.Key_End)
    assert field.textCursor().atBlockEnd()
    qtbot.keyClick(field, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert field.textCursor().hasSelection()
    qtbot.keyClick(field, Qt.Key.Key_Home)
    assert field.textCursor().position() == 0
    assert model.moment == moment


def test_f5_runs_from_within_the_editor(qtbot, window, model):
    field = text_field(window)
    qtbot.keyClicks(field, "x=1;")
    qtbot.keyClick(field, Qt.Key.Key_F5)
    assert FakeClient.instances[-1].commands[0].text.startswith("x=1;")
    assert model.playing
    qtbot.keyClick(field, Qt.Key.Key_F5, Qt.KeyboardModifier.ShiftModifier)
    assert not model.started


def test_ctrl_e_moves_the_keyboard_between_editor_and_graph(qtbot, window):
    press(qtbot, window, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    assert isinstance(QApplication.focusWidget(), CodeEditor)
    press(qtbot, window, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    assert not isinstance(QApplication.focusWidget(), CodeEditor)


def test_space_in_the_console_plays(qtbot, window, model):
    window.messages.tabs.setCurrentIndex(1)
    window.console.setFocus()
    qtbot.keyClick(window.console, Qt.Key.Key_Space)
    assert model.playing


def test_a_button_reached_with_tab_keeps_space(qtbot, window, model):
    phase = next(
        button
        for button in window.top.findChildren(BarButton)
        if button.defaultAction() is window.actions_["grain_phase"]
    )
    for _ in range(100):
        press(qtbot, window, Qt.Key.Key_Tab)
        if QApplication.focusWidget() is phase:
            break
    qtbot.keyClick(phase, Qt.Key.Key_Space)
    assert model.grain == "phase"
    assert not model.started


def test_the_shortcut_sheet_stays_within_a_small_window(qtbot, window):
    window.resize(*MINIMUM_SIZE)
    press(qtbot, window, Qt.Key.Key_F1)
    sheet = QApplication.focusWidget()
    assert sheet.rect().contains(sheet._panel.geometry())
    bar = sheet._room.verticalScrollBar()
    before = bar.value()
    qtbot.keyClick(sheet, Qt.Key.Key_PageDown)
    assert bar.value() > before
    qtbot.keyClick(sheet, Qt.Key.Key_Escape)


def test_the_shortcut_sheet_opens_and_closes(qtbot, window):
    before = QApplication.focusWidget()
    press(qtbot, window, Qt.Key.Key_F1)
    sheet = QApplication.focusWidget()
    assert sheet is not before
    assert sheet.isVisible()
    qtbot.keyClick(sheet, Qt.Key.Key_Escape)
    assert not sheet.isVisible()
    assert QApplication.focusWidget() is before


def test_a_click_on_the_speed_groove_brings_the_handle_there(qtbot, window, model):
    slider = window.top.findChild(QSlider)
    for x, speed in ((slider.width() - 2, LIVE), (2, 0)):
        qtbot.mouseClick(slider, Qt.MouseButton.LeftButton, pos=QPoint(x, slider.height() // 2))
        assert model.speed == speed


# ── files ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_reopening_is_offered_while_there_is_a_closed_tab(window):
    reopen, close = window.actions_["reopen_tab"], window.actions_["close_tab"]
    assert not reopen.isEnabled()
    window.library.open_example(default_example())
    close.trigger()
    assert reopen.isEnabled()
    reopen.trigger()
    assert not reopen.isEnabled() and window.editor.current_path() == "simplenet.py"


def test_a_dropped_file_is_opened_and_not_run(window, model, tmp_path):
    file = tmp_path / "dropped.py"
    file.write_text("y = 2\n")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file))])
    for kind, place in ((QDragEnterEvent, QPoint(9, 9)), (QDropEvent, QPointF(9, 9))):
        mouse = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        event = kind(place, Qt.DropAction.CopyAction, data, *mouse)
        QApplication.sendEvent(window, event)
        assert event.isAccepted()
    assert window.editor.current_text() == "y = 2\n"
    assert window.windowTitle().startswith("dropped.py")
    assert not model.started


def test_the_title_marks_unsaved_changes(qtbot, window):
    assert window.windowTitle() == "simplenet.py[*] — gradviz"
    assert not window.isWindowModified()
    qtbot.keyClicks(text_field(window), "x")
    assert window.isWindowModified()


def test_trying_the_examples_leaves_no_trail_of_tabs(qtbot, window):
    first, second, third = list_examples()[:3]
    tabs = window.editor.findChild(FileTabBar)
    window.library.open_example(first)
    window.library.open_example(second)
    assert tabs.count() == 1
    qtbot.keyClicks(text_field(window), "x")
    window.library.open_example(third)  # what somebody has changed stays
    assert [tabs.tabText(index) for index in range(tabs.count())] == [second.path.name, third.path.name]


def test_an_exported_picture_of_the_graph_holds_it(qtbot, window, model, tmp_path):
    press(qtbot, window, Qt.Key.Key_Right)
    for name, start in (("g.svg", b"<?xml"), ("g.pdf", b"%PDF"), ("g.png", b"\x89PNG")):
        window._write(tmp_path / name, window._draw_graph)
        assert (tmp_path / name).read_bytes().startswith(start)


def test_a_picture_that_cannot_be_written_is_told(window, tmp_path):
    window._write(tmp_path / "nowhere" / "g.svg", window._draw_graph)
    assert "nowhere" in window.status._message.text()
    os.mkfifo(tmp_path / "pipe.svg")  # opening it would wait for ever
    window._write(tmp_path / "pipe.svg", window._draw_graph)
    assert "not a file" in window.status._message.text()


# ── views and panels ──────────────────────────────────────────────────────────────────────────────────────


def test_problems_are_counted_and_lead_to_their_line(qtbot, window, model):
    press(qtbot, window, Qt.Key.Key_Right)
    window.messages.tabs.setCurrentIndex(1)
    window.panels["messages"].hide()
    model.problem_found.emit(
        Problem("error", "NameError", "name 'y' is not defined", Source("simplenet.py", 5))
    )
    assert window.messages.tabs.badge(0) == 1
    assert window.problems.isVisible()
    window.problems.source_activated.emit(Source("simplenet.py", 5))
    assert text_field(window).textCursor().blockNumber() == 4
    assert window.editor.isAncestorOf(window.focusWidget())  # to mend it


def test_looking_at_a_source_line_leaves_the_keys_with_the_graph(window):
    window.graph.setFocus()
    window.inspector.source_activated.emit(Source("simplenet.py", 9))
    assert window.graph.isAncestorOf(window.focusWidget())
    assert text_field(window).textCursor().blockNumber() == 8


@pytest.mark.parametrize("name", ["editor", "messages", "inspector", "timeline", "plots"])
def test_panels_can_be_hidden_and_shown(window, name):
    toggle = window.actions_[f"show_{name}"]
    assert toggle.isChecked()
    toggle.trigger()
    assert not window.panels[name].isVisible()
    window.panels[name].show()
    assert toggle.isChecked()


def test_reset_brings_panels_back(window):
    window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, window.panels["inspector"])
    window.panels["plots"].hide()
    window.actions_["reset_layout"].trigger()
    assert window.dockWidgetArea(window.panels["inspector"]) == Qt.DockWidgetArea.RightDockWidgetArea
    assert window.panels["plots"].isVisible()


def test_the_layout_is_remembered(qtbot, model):
    for window in opened(qtbot, model):
        window.panels["plots"].hide()
    for window in opened(qtbot, model):
        assert window.panels["plots"].isHidden()


@pytest.mark.parametrize("nonsense", ["nonsense", b"\x00\xff", 7])
def test_a_layout_that_makes_no_sense_is_forgotten(qtbot, model, nonsense):
    QSettings().setValue("layout/geometry", nonsense)
    QSettings().setValue("layout/state", nonsense)
    for window in opened(qtbot, model):
        assert window.dockWidgetArea(window.panels["editor"]) == Qt.DockWidgetArea.LeftDockWidgetArea
        assert window.graph.width() > 300


def test_preferences_are_remembered(qtbot, window, model):
    window.actions_["theme_light"].trigger()
    window.actions_["grain_phase"].trigger()
    window.actions_["reduce_motion"].trigger()
    window.actions_["turn_graph"].trigger()
    model.set_speed(6)
    window.close()
    assert Preferences.load() == Preferences("light", "", "phase", 6, True, direction="down")
    assert window.graph.reduce_motion
    assert window.graph.direction == "down"


def test_preferences_that_make_no_sense_are_forgotten(qapp):
    for name in ("theme", "language", "grain", "speed", "reduce_motion", "direction"):
        QSettings().setValue(f"preferences/{name}", "nonsense")
    assert Preferences.load() == Preferences()


# ── from the outside ──────────────────────────────────────────────────────────────────────────────────────


def test_everything_that_can_be_pressed_has_a_name(window):
    pressable = [
        widget
        for widget in window.findChildren(QAbstractButton)
        if widget.isVisible() and not isinstance(widget.parent(), QLineEdit)  # an icon in a field
    ]
    assert len(pressable) > 15
    assert [widget for widget in pressable if not (widget.accessibleName() or widget.text())] == []


@pytest.mark.parametrize("language", ["en", "zh_CN"])
@pytest.mark.parametrize("width", [MINIMUM_SIZE[0], 1100, 1280, 1366, 1600])
def test_nothing_in_the_top_row_is_clipped(qtbot, window, width, language):
    window.actions_[f"language_{language}"].trigger()
    window.resize(width, 700)
    qtbot.waitUntil(lambda: window.top.width() == width)
    shown = [widget for widget in window.top.findChildren(QWidget) if widget.isVisible()]
    for widget in shown:
        assert widget.width() >= widget.minimumSizeHint().width(), widget
        place = widget.mapTo(window.top, QPoint(0, 0))
        assert 0 <= place.x() <= window.top.width() - widget.width(), widget
    if width >= 1280:
        assert all(
            widget in shown for widget in (window.top._files, window.top._examples, window.top._export)
        )


def test_the_language_changes_while_the_window_is_open(qtbot, window):
    window.actions_["language_zh_CN"].trigger()
    qtbot.waitUntil(lambda: window.actions_["run"].text() == "运行")
    assert window.panels["inspector"].windowTitle() == "检查器"
    window.actions_["language_en"].trigger()
    qtbot.waitUntil(lambda: window.actions_["run"].text() == "Run")


def test_a_data_folder_is_used_by_the_next_run(qtbot, window, model, tmp_path):
    window._use_data(str(tmp_path))
    press(qtbot, window, Qt.Key.Key_Space)
    assert FakeClient.instances[-1].commands[0].data == str(tmp_path)
    assert window.actions_["data_folder"].isChecked()


def test_closing_ends_the_program(qtbot, window, model):
    press(qtbot, window, Qt.Key.Key_Space)
    window.close()
    assert not model.started


# ── steps over and out of modules ─────────────────────────────────────────────────────────────────────────


def test_n_and_o_walk_by_modules_as_the_graph_shows_them(qtbot, window, model):
    model.start("# text", "simplenet.py")
    qtbot.waitUntil(lambda: window.graph.placed)
    window.graph.setFocus()
    model.seek(0)
    press(qtbot, window, Qt.Key.Key_N)
    assert model.moment.event == 2, "over fc1"
    press(qtbot, window, Qt.Key.Key_N, Qt.KeyboardModifier.ShiftModifier)
    assert model.moment.event == 0
    press(qtbot, window, Qt.Key.Key_O)
    assert model.iteration.nodes[model.current_event.node].key == "net.fc2/addmm", "out of net"
    press(qtbot, window, Qt.Key.Key_O, Qt.KeyboardModifier.ShiftModifier)
    window.graph.toggle("net/")
    model.seek(-1)
    press(qtbot, window, Qt.Key.Key_N)
    assert model.iteration.nodes[model.current_event.node].key == "net.fc2/addmm", "over the closed box"
