"""The running line, problems and nodes, seen from the text."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QTextFormat

from gradviz.session.protocol import Problem
from gradviz.trace import Source
from gradviz.ui.theme import theme
from tests.ui.editor.conftest import editor_of
from tests.ui.recordings import FILE, program


@pytest.fixture
def running(panel, model):
    """A panel with SimpleNet's program, started from it."""
    panel.open_text(FILE, program())
    model.start(panel.current_text(), panel.current_path())
    return panel


def marked_lines(panel) -> dict[int, str]:
    """Line → colour of the marks that go over the full width."""
    return {
        mark.cursor.blockNumber() + 1: mark.format.background().color().name()
        for mark in editor_of(panel).extraSelections()
        if mark.format.boolProperty(QTextFormat.Property.FullWidthSelection)
        and mark.format.background().color() != theme.color("raised", 0.45)
    }


def first_event(model, phase: str) -> int:
    return next(i for i, event in enumerate(model.iteration.events) if event.phase == phase)


@pytest.mark.parametrize("phase", ["forward", "backward", "update"])
def test_the_running_line_is_marked_in_the_colour_of_its_phase(running, model, phase):
    model.seek(first_event(model, phase))
    assert marked_lines(running) == {model.current_event.source.line: theme.color(phase).name()}
    assert editor_of(running).run_mark == (model.current_event.source.line, phase)


def test_before_the_first_event_and_after_a_restart_nothing_is_marked(running, model):
    model.seek(-1)
    assert marked_lines(running) == {}
    model.seek(2)
    assert marked_lines(running) != {}
    running.new()
    model.start("pass", running.current_path())  # another program
    assert marked_lines(running) == {}


def test_the_mark_follows_its_line_and_leaves_one_that_is_edited(qtbot, running, model):
    model.seek(0)
    line = model.current_event.source.line
    editor = editor_of(running)
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert list(marked_lines(running)) == [line + 1]
    editor.go_to(line + 1)
    qtbot.keyClicks(editor, "y")
    assert marked_lines(running) == {}
    qtbot.keyClick(editor, Qt.Key.Key_Backspace)
    assert list(marked_lines(running)) == [line + 1]


def test_stepping_scrolls_but_never_moves_the_caret_or_the_focus(qtbot, running, model):
    running.resize(330, 160)
    editor = editor_of(running)
    editor.go_to(1)
    assert editor.verticalScrollBar().value() == 0
    running.setFocus()
    focused = running.focusWidget()
    model.seek(first_event(model, "update"))
    line = model.current_event.source.line

    def in_sight() -> bool:
        top = editor.verticalScrollBar().value()
        return top < line <= top + editor.verticalScrollBar().pageStep()

    qtbot.waitUntil(in_sight)
    assert editor.textCursor().blockNumber() == 0
    assert running.focusWidget() is focused


def test_live_training_does_not_scroll(qtbot, running, model):
    running.resize(330, 160)
    editor = editor_of(running)
    editor.go_to(1)
    model.set_speed(99)
    model.play()
    model.last()
    assert marked_lines(running) != {}
    qtbot.wait(1)
    assert editor.verticalScrollBar().value() == 0


def test_a_problem_underlines_its_line_until_the_next_start(running, model):
    model.problem_found.emit(Problem("warning", "nan", "loss is NaN", Source(FILE, 30)))
    model.problem_found.emit(Problem("error", "ValueError", "bad shape", Source(FILE, 30)))
    model.problem_found.emit(Problem("error", "ValueError", "elsewhere", Source("other.py", 3)))
    editor = editor_of(running)
    assert editor.problems == {30: ("error", "bad shape")}
    waves = [
        (mark.cursor.blockNumber() + 1, mark.cursor.selectedText())
        for mark in editor.extraSelections()
        if mark.format.underlineStyle() == mark.format.UnderlineStyle.WaveUnderline
    ]
    assert waves == [(30, program().splitlines()[29].strip())]
    assert editor.margin.tip_for(30) == "bad shape"
    model.start(running.current_text(), running.current_path())
    assert editor.problems == {}


def test_a_click_on_a_line_number_selects_its_first_node(qtbot, running, model):
    node = next(node for node in model.nodes if node.source and node.kind == "operation")
    editor = editor_of(running)
    qtbot.keyClick(editor, Qt.Key.Key_Return)  # the lines have moved since the start
    cursor = editor.textCursor()
    cursor.setPosition(editor.document().findBlockByNumber(node.source.line).position())
    y = editor.cursorRect(cursor).center().y()
    qtbot.mouseClick(editor.margin, Qt.MouseButton.LeftButton, pos=QPoint(20, y))
    assert model.selected.source == node.source
    assert node.qualified_name in editor.margin.tip_for(node.source.line + 1)
