"""The list of problems."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QCoreApplication, Qt, QTranslator
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QListWidget, QPlainTextEdit

from gradviz.session.protocol import Problem
from gradviz.trace import Source
from gradviz.ui.editor import ProblemsView
from gradviz.ui.editor.problems import MAX_PROBLEMS
from gradviz.ui.problem_words import hint_of, title_of
from tests.ui.recordings import FILE, LINES

SHAPES = Problem(
    "error",
    "RuntimeError",
    "mat1 and mat2 shapes cannot be multiplied (64x784 and 78x128)",
    Source(f"/home/me/{FILE}", 15),
    "Traceback (most recent call last):\n  …\nRuntimeError: mat1 and mat2",
    "Linear expects {0} features and got {1}",
    ("78", "784"),
)


@pytest.fixture
def view(qtbot, model) -> ProblemsView:
    view = ProblemsView(model)
    qtbot.addWidget(view)
    view.resize(330, 300)
    view.show()
    return view


@pytest.fixture
def rows(view) -> QListWidget:
    return view.findChild(QListWidget)


def test_a_problem_is_listed_with_place_message_and_hint(view, rows, model):
    model.problem_found.emit(SHAPES)
    assert rows.item(0).text() == (
        "Error: simplenet.py:15 — mat1 and mat2 shapes cannot be multiplied (64x784 and 78x128)\n"
        "Linear expects 78 features and got 784"
    )


def test_the_same_problem_is_counted_not_repeated(view, rows, model):
    heard = []
    view.count_changed.connect(heard.append)
    for _ in range(1000):
        model.problem_found.emit(SHAPES)
    model.problem_found.emit(Problem("warning", "nan", "loss is NaN"))
    assert rows.count() == view.count == 2
    assert heard == [1, 2]
    model.restarted.emit()
    assert rows.count() == view.count == 0
    assert heard[-1] == 0


def test_a_flood_of_different_problems_is_bounded(view, rows, model):
    for number in range(MAX_PROBLEMS + 50):
        model.problem_found.emit(Problem("warning", "UserWarning", f"number {number}"))
    assert rows.count() == MAX_PROBLEMS
    assert view.count == MAX_PROBLEMS + 50


def test_enter_and_click_lead_to_the_line_and_to_its_node(qtbot, view, rows, started):
    source = Source(FILE, LINES["relu"])
    started.problem_found.emit(Problem("error", "ValueError", "bad", source))
    rows.setFocus()
    rows.setCurrentRow(0)
    with qtbot.waitSignal(view.source_activated) as heard:
        qtbot.keyClick(rows, Qt.Key.Key_Return)
    assert heard.args == [source]
    assert started.selected.source == source
    with qtbot.waitSignal(view.source_activated):
        place = rows.visualItemRect(rows.item(0)).center()
        qtbot.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=place)


def test_a_problem_that_names_a_node_leads_to_it(qtbot, view, rows, started):
    key = started.nodes[3].key
    problem = Problem("warning", "lint", "", words="{0} is wrong", arguments=("It",), nodes=("gone", key))
    started.problem_found.emit(problem)
    rows.setCurrentRow(0)
    with qtbot.waitSignal(started.problems.node_wanted) as heard:
        qtbot.keyClick(rows, Qt.Key.Key_Return)
    assert rows.item(0).text() == "Warning: It is wrong"
    assert heard.args[0].key == started.selected_key == key


def test_a_problem_without_a_place_leads_nowhere(qtbot, view, rows, model):
    model.problem_found.emit(Problem("error", "worker", "", hint="Press F5 to run it again."))
    assert rows.item(0).text() == "Error: Press F5 to run it again."
    rows.setCurrentRow(0)
    with qtbot.assertNotEmitted(view.source_activated):
        qtbot.keyClick(rows, Qt.Key.Key_Return)


def test_the_selected_problem_shows_its_traceback(view, rows, model):
    model.problem_found.emit(SHAPES)
    model.problem_found.emit(Problem("warning", "nan", "loss is NaN"))
    traceback = view.findChild(QPlainTextEdit)
    rows.setCurrentRow(0)
    assert traceback.isVisible()
    assert traceback.toPlainText() == SHAPES.traceback
    rows.setCurrentRow(1)
    assert not traceback.isVisible()


def test_ctrl_c_copies_everything(qtbot, view, rows, model):
    model.problem_found.emit(SHAPES)
    rows.setCurrentRow(0)
    qtbot.keyClick(rows, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    copied = QGuiApplication.clipboard().text()
    assert copied == "\n".join((title_of(SHAPES), hint_of(SHAPES), SHAPES.traceback))


def test_long_words_are_wrapped_not_clipped(view, rows, model):
    model.problem_found.emit(Problem("error", "E", "short"))
    model.problem_found.emit(Problem("error", "E", "x" * 300))
    low, high = (rows.visualItemRect(rows.item(row)).height() for row in (0, 1))
    assert high > 4 * low
    view.resize(900, 300)
    QCoreApplication.processEvents()
    assert rows.visualItemRect(rows.item(1)).height() < high


@pytest.mark.parametrize(
    ("template", "arguments", "shown"),
    [
        ("{0} of {1}", ("a", "{0}"), "a of {0}"),
        ("{0.__class__} {x} {", ("a",), "{0.__class__} {x} {"),
        ("{1}{9}", ("a", "b"), "b{9}"),
        ("{" + "9" * 5000 + "}", ("a",), "{" + "9" * 5000 + "}"),
        ("", ("a",), ""),
    ],
)
def test_a_hostile_hint_is_only_text(template, arguments, shown):
    assert hint_of(Problem("error", "E", "m", hint=template, hint_arguments=arguments)) == shown


def test_hostile_words_are_no_html_in_the_tooltip(view, rows, model):
    model.problem_found.emit(Problem("error", "E", "<img src='file:///etc/passwd'>"))
    assert "<img" not in rows.item(0).toolTip()
    assert "&lt;img" in rows.item(0).toolTip()


class Reversed(QTranslator):
    """Translates hints, so that a test sees that it was asked."""

    def isEmpty(self):
        return False

    def translate(self, context, text, *_):
        return "{1} ← {0}" if context == "hints" else None


def test_hints_are_translated(qapp, view, rows, model):
    model.problem_found.emit(SHAPES)
    translator = Reversed()
    qapp.installTranslator(translator)
    try:
        QCoreApplication.processEvents()
        assert rows.item(0).text().endswith("784 ← 78")
    finally:
        qapp.removeTranslator(translator)


def test_a_problem_of_an_iteration_leads_to_it(qtbot, view, rows, started, client):
    started.step_forward("step")
    started.step_forward("step")
    started.problem_found.emit(Problem("warning", "nan", "loss = nan", iteration=0))
    rows.itemActivated.emit(rows.item(0))
    assert started.moment.iteration == 0
