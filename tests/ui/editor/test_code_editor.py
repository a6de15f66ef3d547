"""The keys of the editor, pressed."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication, QTextCursor, QWheelEvent

from gradviz.ui.editor.code_editor import CodeEditor
from gradviz.ui.editor.highlighter import PythonHighlighter
from gradviz.ui.theme import theme
from tests.ui.editor.conftest import editor_of

Control = Qt.KeyboardModifier.ControlModifier
Shift = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def editor(qtbot) -> CodeEditor:
    editor = CodeEditor("")
    qtbot.addWidget(editor)
    editor.resize(330, 300)
    editor.show()
    editor.setFocus()
    return editor


def select_lines(editor: CodeEditor, first: int, last: int) -> None:
    cursor = QTextCursor(editor.document().findBlockByNumber(first - 1))
    end = editor.document().findBlockByNumber(last - 1)
    cursor.setPosition(end.position() + end.length() - 1, QTextCursor.MoveMode.KeepAnchor)
    editor.setTextCursor(cursor)


def colors(editor: CodeEditor, line: int) -> dict[str, str]:
    """Each highlighted piece of a line, with its colour."""
    block = editor.document().findBlockByNumber(line - 1)
    text = block.text().encode("utf-16-le")
    return {
        text[2 * part.start : 2 * (part.start + part.length)].decode("utf-16-le"): (
            part.format.foreground().color().name()
        )
        for part in block.layout().formats()
    }


def test_typing_a_program_indents_it(qtbot, editor):
    qtbot.keyClicks(editor, "def f(x):")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.keyClicks(editor, "for i in x:  # each")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.keyClicks(editor, "return i")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.keyClicks(editor, "g(")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.keyClicks(editor, "1)")
    assert editor.toPlainText() == (
        "def f(x):\n    for i in x:  # each\n        return i\n    g(\n        1)"
    )


def test_backspace_takes_back_a_step_of_indentation(qtbot, editor):
    qtbot.keyClick(editor, Qt.Key.Key_Tab)
    qtbot.keyClicks(editor, "  ")
    qtbot.keyClick(editor, Qt.Key.Key_Backspace)
    assert editor.toPlainText() == "    "
    qtbot.keyClicks(editor, "ab")
    qtbot.keyClick(editor, Qt.Key.Key_Backspace)
    assert editor.toPlainText() == "    a"


def test_tab_and_shift_tab_move_the_selected_lines(qtbot, editor):
    editor.setPlainText("if a:\n    b\n\nc")
    select_lines(editor, 1, 3)
    qtbot.keyClick(editor, Qt.Key.Key_Tab)
    assert editor.toPlainText() == "    if a:\n        b\n\nc"
    qtbot.keyClick(editor, Qt.Key.Key_Backtab, Shift)
    qtbot.keyClick(editor, Qt.Key.Key_Backtab, Shift)
    assert editor.toPlainText() == "if a:\nb\n\nc"
    for _ in range(3):
        qtbot.keyClick(editor, Qt.Key.Key_Z, Control)
    assert editor.toPlainText() == "if a:\n    b\n\nc"


def test_tab_in_a_line_goes_to_the_next_stop(qtbot, editor):
    qtbot.keyClicks(editor, "ab")
    qtbot.keyClick(editor, Qt.Key.Key_Tab)
    assert editor.toPlainText() == "ab  "


def test_comments_go_in_and_out(qtbot, editor):
    editor.setPlainText("def f():\n    a\n\n    # b")
    select_lines(editor, 2, 4)
    qtbot.keyClick(editor, Qt.Key.Key_Slash, Control)
    assert editor.toPlainText() == "def f():\n    # a\n\n    # # b"
    qtbot.keyClick(editor, Qt.Key.Key_Slash, Control)
    assert editor.toPlainText() == "def f():\n    a\n\n    # b"


def test_escape_then_tab_leaves_the_text(qtbot, panel):
    editor = editor_of(panel)
    editor.setFocus()
    qtbot.keyClick(editor, Qt.Key.Key_Escape)
    qtbot.keyClick(editor, Qt.Key.Key_Tab)
    assert not editor.hasFocus()
    assert editor.toPlainText() == ""


def test_strings_over_several_lines_stay_strings(editor):
    editor.setPlainText('x = """one\ndef two\n"""\ndef f(): return "损失🎉" + 12')
    strings, keywords = theme.tokens.syntax_string, theme.tokens.syntax_keyword
    assert colors(editor, 2) == {"def two": strings}
    assert colors(editor, 4) == {
        "def": keywords,
        "f": theme.tokens.syntax_name,
        "return": keywords,
        '"损失🎉"': strings,
        "12": theme.tokens.syntax_number,
    }
    cursor = editor.textCursor()
    cursor.setPosition(4)
    cursor.setPosition(7, QTextCursor.MoveMode.KeepAnchor)
    cursor.removeSelectedText()  # the string begins no more: the lines below change
    assert colors(editor, 2)["def"] == keywords


def test_colours_follow_the_theme(editor):
    editor.setPlainText("pass")
    theme.use("light")
    assert colors(editor, 1) == {"pass": theme.tokens.syntax_keyword}


def test_a_huge_line_is_left_plain(editor):
    editor.setPlainText("x = [" + "1, " * 20_000 + "]")
    assert colors(editor, 1) == {}
    assert editor.findChild(PythonHighlighter) is not None


@pytest.mark.parametrize(
    ("text", "caret", "pair"),
    [
        ("f(a[1], '(')", 1, {1, 11}),
        ("f(a[1], '(')", 12, {1, 11}),
        ("f(a[1])  # )", 3, {3, 5}),
        ("'🎉', (1,\n2)", 6, {6, 11}),
        ("f(", 1, set()),
        ("'('", 2, set()),
    ],
)
def test_brackets_are_paired_but_not_those_in_strings(editor, text, caret, pair):
    editor.setPlainText(text)
    cursor = editor.textCursor()
    cursor.setPosition(caret)
    editor.setTextCursor(cursor)
    marked = {mark.cursor.selectionStart() for mark in editor.extraSelections() if mark.cursor.hasSelection()}
    assert marked == pair


def test_keys_and_wheel_change_the_size_of_all_editors(qtbot, panel):
    editor = editor_of(panel)
    size = editor.points
    qtbot.keyClick(editor, Qt.Key.Key_Plus, Control)
    qtbot.keyClick(editor, Qt.Key.Key_Equal, Control)
    assert editor.points == size + 2
    qtbot.keyClick(editor, Qt.Key.Key_Minus, Control)
    turn = QWheelEvent(
        QPointF(50, 50),
        QPointF(50, 50),
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Control,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QGuiApplication.sendEvent(editor.viewport(), turn)
    assert editor.points == size + 2
    panel.new()
    assert editor_of(panel).points == size + 2
    qtbot.keyClick(editor_of(panel), Qt.Key.Key_0, Control)
    assert editor.points == size


def test_find_goes_round_and_counts(qtbot, panel):
    panel.open_text("a.py", "loss = 1\nx = Loss\ny = loss\n")
    editor = editor_of(panel)
    editor.setFocus()
    qtbot.keyClick(editor, Qt.Key.Key_F, Control)
    field = panel.focusWidget()
    assert field is not editor
    qtbot.keyClicks(field, "loss")
    assert editor.textCursor().blockNumber() == 0
    for line in (1, 2, 0):
        qtbot.keyClick(field, Qt.Key.Key_Return)
        assert editor.textCursor().blockNumber() == line
    qtbot.keyClick(field, Qt.Key.Key_Return, Shift)
    assert editor.textCursor().blockNumber() == 2
    assert editor.textCursor().selectedText() == "loss"
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert editor.hasFocus()
    assert not field.isVisible()
    assert not [mark for mark in editor.extraSelections() if mark.cursor.hasSelection()]


def test_a_dropped_file_is_not_inserted(editor):
    files = QMimeData()
    files.setUrls([QUrl.fromLocalFile("/tmp/program.py")])
    drop = QDropEvent(
        QPointF(5, 5),
        Qt.DropAction.CopyAction,
        files,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    QGuiApplication.sendEvent(editor.viewport(), drop)
    assert editor.toPlainText() == ""
    assert not editor.canInsertFromMimeData(files)


@pytest.mark.parametrize(
    ("text", "then", "result"),
    [
        ("y = [1,", "", "y = [1,\n    "),
        ("x = f(a)", "", "x = f(a)\n"),
        ("f(\n    a)", "", "f(\n    a)\n"),
        ("\tif x:", "", "\tif x:\n\t\t"),
        ("\t\treturn", "", "\t\treturn\n\t"),
        ("s = '''\nabc:", "", "s = '''\nabc:\n"),
        ("if x:  # (", "", "if x:  # (\n    "),
        ("s = 'a:'", "", "s = 'a:'\n"),
        ("    x = f(\n        a", ")", "    x = f(\n        a\n    )"),
        ("x = 1", ")", "x = 1\n)"),
    ],
)
def test_a_new_line_is_indented_as_the_code_wants(qtbot, editor, text, then, result):
    editor.insertPlainText(text)
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.keyClicks(editor, then)
    assert editor.toPlainText() == result
