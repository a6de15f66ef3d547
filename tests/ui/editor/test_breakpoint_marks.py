"""Breakpoints in the margin: set with the mouse and F9, and kept at their lines while the text is edited."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt

from gradviz.session.protocol import Break
from gradviz.ui.editor.margin import GLYPHS
from gradviz.ui.presets import at_line
from gradviz.ui.theme import theme
from tests.ui.editor.conftest import editor_of
from tests.ui.fake_client import FakeClient
from tests.ui.recordings import FILE, program


@pytest.fixture
def opened(panel, model):
    """A panel with SimpleNet's program, of which no breakpoint is known."""
    panel.open_text(FILE, program())
    model.breakpoints.use(FILE)
    return panel


def place_of(panel, line: int, x: int = GLYPHS // 2) -> QPoint:
    editor = editor_of(panel)
    cursor = editor.textCursor()
    cursor.setPosition(editor.document().findBlockByNumber(line - 1).position())
    return QPoint(x, editor.cursorRect(cursor).center().y())


def click(qtbot, panel, line: int) -> None:
    qtbot.mouseClick(editor_of(panel).margin, Qt.MouseButton.LeftButton, pos=place_of(panel, line))


def marked(panel) -> set[int]:
    return set(editor_of(panel).breakpoints)


def sent() -> list[str]:
    """The conditions that the worker was told last."""
    breaks = [command for command in FakeClient.instances[-1].commands if isinstance(command, Break)]
    return [item.condition for item in breaks[-1].breakpoints]


def test_a_click_left_of_a_number_sets_and_removes(qtbot, opened, model):
    click(qtbot, opened, 15)
    assert marked(opened) == {15} and model.breakpoints.with_condition(at_line(FILE, 15)).enabled
    click(qtbot, opened, 15)
    assert marked(opened) == set() and model.breakpoints.with_condition(at_line(FILE, 15)) is None


def test_the_dot_is_drawn_filled_and_as_a_ring_when_it_is_off(qtbot, opened, model):
    click(qtbot, opened, 4)
    margin, place = editor_of(opened).margin, place_of(opened, 4)
    qtbot.mouseMove(margin, QPoint(margin.width() - 1, 1))
    assert margin.grab().toImage().pixelColor(place) == theme.color("breakpoint")
    model.breakpoints.set_enabled(model.breakpoints.in_file(FILE)[4], False)
    picture = margin.grab().toImage()
    assert picture.pixelColor(place) != theme.color("breakpoint")
    assert picture.pixelColor(place - QPoint(5, 0)) != theme.color("background")


def test_f9_is_about_the_line_of_the_caret(opened, model):
    editor_of(opened).go_to(16)
    opened.toggle_breakpoint()
    assert marked(opened) == {16}


def test_it_moves_with_its_line(qtbot, opened, model):
    click(qtbot, opened, 15)
    editor = editor_of(opened)
    editor.go_to(3)
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert marked(opened) == {16} and model.breakpoints.in_file(FILE).keys() == {16}
    editor.go_to(16)
    qtbot.keyClicks(editor, "y = 1; ")  # the line itself is edited
    assert marked(opened) == {16}
    editor.undo()
    editor.undo()
    assert marked(opened) <= {15, 16} and len(marked(opened)) == 1


def test_a_line_that_is_deleted_leaves_it_to_the_next(qtbot, opened):
    click(qtbot, opened, 15)
    editor = editor_of(opened)
    cursor = editor.textCursor()
    cursor.setPosition(editor.document().findBlockByNumber(14).position())
    cursor.movePosition(cursor.MoveOperation.NextBlock, cursor.MoveMode.KeepAnchor)
    cursor.removeSelectedText()
    assert len(marked(opened)) == 1 and marked(opened) <= {14, 15}


def test_the_program_that_runs_keeps_its_lines_until_it_is_started_anew(qtbot, opened, model):
    click(qtbot, opened, 15)
    model.start(opened.current_text(), FILE)
    assert sent() == [at_line(FILE, 15)]
    editor = editor_of(opened)
    editor.go_to(1)
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert marked(opened) == {16} and sent() == [at_line(FILE, 15)]
    click(qtbot, opened, 20)  # line 19 of the text that runs
    click(qtbot, opened, 1)  # … where this one is not
    assert marked(opened) == {1, 16, 20} and sent() == [at_line(FILE, 15), at_line(FILE, 19)]
    model.start(opened.current_text(), FILE)
    assert sorted(sent()) == sorted(at_line(FILE, line) for line in (16, 20, 1))


def test_a_reload_of_the_file_keeps_them(opened, model):
    model.breakpoints.toggle_line(FILE, 15, 15)
    editor = editor_of(opened)
    cursor = editor.textCursor()
    cursor.select(cursor.SelectionType.Document)
    cursor.insertText("# one more line\n" + program())
    assert marked(opened) == {16}


def test_other_files_show_their_own(qtbot, opened, model):
    click(qtbot, opened, 15)
    opened.open_text("other.py", "x = 1\ny = 2\n")
    assert marked(opened) == set()
    click(qtbot, opened, 2)
    assert marked(opened) == {2} and model.breakpoints.in_file("other.py").keys() == {2}


def test_a_closed_tab_is_forgotten(qtbot, opened, model):
    opened.open_text("other.py", "x = 1\n")
    opened.close_current()
    model.breakpoints.add(at_line("other.py", 1))
    assert marked(opened) == set()
