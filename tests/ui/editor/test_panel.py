"""Tabs: opening, saving, closing; nothing is lost and nothing is modal."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QLabel, QPushButton, QTabBar, QToolButton

from gradviz.resources import PACKAGE
from gradviz.trace import Source
from gradviz.ui.editor import EditorPanel
from gradviz.ui.editor.recovery import RecoveryStore
from tests.ui.editor.conftest import editor_of

Control = Qt.KeyboardModifier.ControlModifier
Shift = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def program(tmp_path) -> Path:
    path = tmp_path / "program.py"
    path.write_bytes("# 程序\r\nx = 1\r\n".encode())
    return path


def tabs(panel: EditorPanel) -> list[str]:
    bar = panel.findChild(QTabBar)
    return [bar.tabText(index) for index in range(bar.count())]


def answers(panel: EditorPanel) -> dict[str, QPushButton]:
    """The buttons of the questions on view."""
    return {button.text(): button for button in panel.findChildren(QPushButton) if button.isVisible()}


def change_on_disk(path: Path, text: str) -> None:
    path.write_text(text)
    os.utime(path, ns=(1, 1))


def test_opens_shows_again_and_remembers(panel, program, model):
    assert panel.open_path(program)
    assert panel.current_text() == "# 程序\nx = 1\n"
    assert panel.current_path() == str(program)
    panel.new()
    assert panel.open_path(program)
    assert tabs(panel) == ["program.py", "untitled.py"]
    assert panel.current_path() == str(program)
    assert panel.recent_files() == [program]
    assert not model.started


@pytest.mark.parametrize("name", ["missing.py", ".", "binary.bin"])
def test_what_cannot_be_opened_is_said(panel, messages, tmp_path, name):
    (tmp_path / "binary.bin").write_bytes(b"\0\1\2")
    assert not panel.open_path(tmp_path / name)
    assert str(tmp_path / name) in messages[-1]
    assert tabs(panel) == ["untitled.py"]


def test_typing_saving_undoing_move_the_dot(qtbot, panel, program):
    heard = []
    panel.modified_changed.connect(heard.append)
    panel.open_path(program)
    assert heard[-1] is False
    qtbot.keyClicks(editor_of(panel), "y = 2")
    assert heard[-1] is True
    bar = panel.findChild(QTabBar)
    assert bar.accessibleTabName(0) == "program.py, unsaved changes"
    panel.save()
    assert heard[-1] is False
    assert program.read_bytes() == "y = 2# 程序\r\nx = 1\r\n".encode()
    qtbot.keyClick(editor_of(panel), Qt.Key.Key_Z, Control)
    assert heard[-1] is True


def test_examples_are_texts_without_a_file(qtbot, panel):
    panel.open_text("focal_loss.py", "a")
    panel.open_text("focal_loss.py", "a")
    assert tabs(panel) == ["focal_loss.py"]
    qtbot.keyClicks(editor_of(panel), "x")
    panel.open_text("focal_loss.py", "a")
    assert tabs(panel) == ["focal_loss.py", "focal_loss-2.py"]
    assert panel.current_path() == "focal_loss-2.py"


def test_saving_a_new_text_asks_for_its_name_without_blocking(qtbot, panel, tmp_path):
    qtbot.keyClicks(editor_of(panel), "x = 1")
    panel.save()
    dialog = panel.findChild(QFileDialog)
    assert dialog.isVisible()
    dialog.fileSelected.emit(str(tmp_path / "new.py"))
    dialog.reject()
    assert (tmp_path / "new.py").read_text() == "x = 1"
    assert panel.current_path() == str(tmp_path / "new.py")
    assert panel.recent_files() == [tmp_path / "new.py"]


def test_the_open_dialog_opens_what_is_chosen(panel, program):
    panel.open_dialog()
    dialog = panel.findChild(QFileDialog)
    dialog.filesSelected.emit([str(program)])
    dialog.reject()
    assert panel.current_path() == str(program)


def test_a_text_that_cannot_be_saved_stays_unsaved(qtbot, panel, messages, tmp_path):
    folder = tmp_path / "gone"
    folder.mkdir()
    (folder / "a.py").write_text("x")
    panel.open_path(folder / "a.py")
    (folder / "a.py").unlink()
    folder.rmdir()
    qtbot.keyClicks(editor_of(panel), "y")
    panel.save()
    assert "a.py" in messages[-1]
    assert editor_of(panel).document().isModified()


def test_characters_that_the_encoding_lacks_make_it_utf8(qtbot, panel, messages, tmp_path):
    path = tmp_path / "latin.py"
    path.write_bytes(b"# coding: latin-1\nx = '\xe9'\n")
    panel.open_path(path)
    editor_of(panel).insertPlainText("# 损失\n")
    panel.save()
    assert path.read_text("utf-8").startswith("# 损失\n")
    assert any("UTF-8" in words for words in messages)


def test_a_change_on_disk_is_asked_about_and_reloaded(qtbot, panel, program):
    panel.open_path(program)
    change_on_disk(program, "changed = 1\n")
    qtbot.waitUntil(lambda: "Reload" in answers(panel))
    qtbot.mouseClick(answers(panel)["Reload"], Qt.MouseButton.LeftButton)
    assert panel.current_text() == "changed = 1\n"
    assert not answers(panel)


def test_saving_over_a_change_on_disk_waits_for_an_answer(qtbot, panel, program, messages):
    panel.open_path(program)
    qtbot.keyClicks(editor_of(panel), "mine")
    change_on_disk(program, "theirs")
    panel.save()
    assert program.read_text() == "theirs"
    assert "changed on disk" in messages[-1]
    qtbot.keyClick(answers(panel)["Keep mine"], Qt.Key.Key_Return)
    panel.save()
    assert program.read_text().startswith("mine")


def test_the_same_text_on_disk_is_no_change(qtbot, panel, program):
    panel.open_path(program)
    change_on_disk(program, program.read_bytes().decode())
    panel.save()
    assert not answers(panel)


def test_text_whose_file_was_deleted_counts_as_unsaved(qtbot, panel, program):
    panel.open_path(program)
    program.unlink()
    qtbot.waitUntil(lambda: editor_of(panel).document().isModified())
    panel.save()
    assert program.exists()


def test_closing_keeps_unsaved_text(qtbot, panel, program):
    panel.open_path(program)
    qtbot.keyClicks(editor_of(panel), "y = 2")
    panel.close_current()
    assert tabs(panel) == ["untitled.py"]
    qtbot.mouseClick(answers(panel)["Undo close"], Qt.MouseButton.LeftButton)
    assert panel.current_text().startswith("y = 2")
    assert tabs(panel) == ["program.py"]
    panel.close_current()
    panel.reopen_closed()
    assert panel.current_text().startswith("y = 2")
    assert not answers(panel)


def test_opening_a_file_that_was_closed_unsaved_offers_both_texts(qtbot, panel, program):
    panel.open_path(program)
    qtbot.keyClicks(editor_of(panel), "y = 2")
    panel.close_current()
    panel.open_path(program)
    assert panel.current_text().startswith("y = 2")
    qtbot.mouseClick(answers(panel)["Discard"], Qt.MouseButton.LeftButton)
    assert panel.current_text() == "# 程序\nx = 1\n"


def test_tabs_are_closed_by_their_button_and_by_the_middle_button(qtbot, panel, program):
    panel.open_path(program)
    panel.new()
    bar = panel.findChild(QTabBar)
    button = bar.tabButton(0, QTabBar.ButtonPosition.RightSide)
    assert button.accessibleName() == "Close program.py"
    assert button.width() >= 24
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert tabs(panel) == ["untitled.py"]
    panel.open_path(program)
    qtbot.mouseClick(bar, Qt.MouseButton.MiddleButton, pos=bar.tabRect(0).center())
    assert tabs(panel) == ["untitled.py"]


def test_ctrl_page_down_goes_through_the_tabs(qtbot, panel):
    panel.open_text("a.py", "a")
    panel.new()
    qtbot.keyClick(editor_of(panel), Qt.Key.Key_PageDown, Control)
    assert panel.current_path() == "a.py"
    qtbot.keyClick(editor_of(panel), Qt.Key.Key_PageUp, Control)
    assert panel.current_path() == "untitled.py"


def test_show_source_opens_the_file_at_its_line(panel, program, messages):
    panel.show_source(Source(str(program), 2), "backward")
    assert panel.current_path() == str(program)
    assert editor_of(panel).textCursor().blockNumber() == 1
    panel.show_source(Source("nowhere.py", 2), None)
    assert "nowhere.py" in messages[-1]


def test_a_module_of_gradviz_itself_can_be_read_but_not_changed(panel, qtbot):
    module = PACKAGE / "session" / "builtin.py"
    panel.show_source(Source(str(module), 15), None)
    qtbot.keyClicks(editor_of(panel), "x = 1")
    qtbot.keyClick(editor_of(panel), Qt.Key.Key_Tab)
    assert panel.current_path() == str(module) and panel.current_text() == module.read_text("utf-8")
    assert panel.recent_files() == []


def test_every_control_has_a_name(qtbot, panel, program):
    panel.open_path(program)
    qtbot.keyClick(editor_of(panel), Qt.Key.Key_F, Control)
    for widget in panel.findChildren(object):
        if hasattr(widget, "focusPolicy") and widget.isVisible() and not isinstance(widget, QLabel):
            focusable = widget.focusPolicy() & Qt.FocusPolicy.TabFocus
            internal = widget.objectName().startswith("qt_") or widget.parent().inherits("QLineEdit")
            assert not focusable or internal or widget.accessibleName(), widget


def test_tabs_opened_before_the_window_shows_have_their_room(qtbot, model, tmp_path):
    panel = EditorPanel(model, RecoveryStore(tmp_path / "recovery"))
    qtbot.addWidget(panel)
    for name in ("first.py", "second.py"):
        (tmp_path / name).write_text("x = 1")
        panel.open_path(tmp_path / name)
    panel.resize(400, 300)
    panel.show()
    bar = panel.findChild(QTabBar)
    qtbot.waitUntil(lambda: bar.width() >= bar.sizeHint().width())
    assert bar.tabRect(0).left() == 0 and bar.tabRect(1).right() < bar.width()


def test_a_new_file_can_be_typed_into_at_once(panel, qtbot):
    qtbot.mouseClick(panel.findChild(QToolButton), Qt.MouseButton.LeftButton)
    assert editor_of(panel).hasFocus()
    qtbot.keyClicks(editor_of(panel), "x = 1")
    assert panel.current_text() == "x = 1"
