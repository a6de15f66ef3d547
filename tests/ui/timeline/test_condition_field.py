"""Writing a condition: what is proposed, what is said about mistakes, and what is taken."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QWidget

from gradviz.trace.conditions import PRESETS
from gradviz.ui.timeline.condition_field import ConditionField
from gradviz.ui.timeline.flyout import ConditionFlyout


@pytest.fixture
def field(qtbot):
    field = ConditionField()
    field.names = lambda: {"op": ["relu", "addmm"], "node": ["net/relu"]}
    qtbot.addWidget(field)
    field.show()
    field.start("")
    field.taken = []
    field.accepted.connect(field.taken.append)
    return field


def rows(field):
    return [field.rows.topLevelItem(index).text(0) for index in range(field.rows.topLevelItemCount())]


def press(qtbot, field, *keys):
    for key in keys:
        qtbot.keyClick(field.line, key)


def test_at_first_whole_conditions_are_offered(qtbot, field):
    assert "grad.norm > 100" in rows(field)
    press(qtbot, field, Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Return)
    assert field.taken == [PRESETS[1].condition()]


def test_a_condition_is_taken_with_enter(qtbot, field):
    qtbot.keyClicks(field.line, 'grad.norm > 10 and op == "relu"')
    assert field.error is None and "Enter" in field.message.text()
    press(qtbot, field, Qt.Key.Key_Return)
    assert field.taken == ['grad.norm > 10 and op == "relu"']


def test_completion_with_tab_and_with_arrows(qtbot, field):
    qtbot.keyClicks(field.line, "val")
    press(qtbot, field, Qt.Key.Key_Tab)
    assert field.line.text() == "value."
    qtbot.keyClicks(field.line, "no")
    press(qtbot, field, Qt.Key.Key_Down, Qt.Key.Key_Return)
    assert field.line.text() == "value.norm " and not field.taken
    qtbot.keyClicks(field.line, "> 3 and op == ")
    assert rows(field) == ['"relu"', '"addmm"']
    qtbot.mouseClick(
        field.rows.viewport(),
        Qt.MouseButton.LeftButton,
        pos=field.rows.visualItemRect(field.rows.topLevelItem(1)).center(),
    )
    assert field.line.text() == 'value.norm > 3 and op == "addmm" '
    assert field.error is None


def test_completion_in_the_middle_keeps_the_rest(qtbot, field):
    field.line.setText("va > 3")
    field.line.setCursorPosition(2)
    press(qtbot, field, Qt.Key.Key_Tab)
    assert field.line.text() == "value.> 3"
    assert field.line.cursorPosition() == 6


def test_what_is_only_unfinished_is_no_mistake_until_enter(qtbot, field):
    for text in ("grad.norm >", "grad.no", 'op == "re'):
        field.line.setText(text)
        assert field.line._wrong is None and "✕" not in field.message.text()
    field.line.setText("grad.norm >")
    press(qtbot, field, Qt.Key.Key_Return)
    assert not field.taken and "✕" in field.message.text() and field.line._wrong is not None


def test_a_mistake_is_underlined_and_said_in_words(qtbot, field):
    qtbot.keyClicks(field.line, "opp > 3 and x")
    assert field.line._wrong == (0, 3)
    assert "Did you mean op" in field.message.text()
    assert field.line.accessibleDescription() == field.message.text().removeprefix("✕ ")
    field.grab()
    press(qtbot, field, Qt.Key.Key_Return)
    assert not field.taken


@pytest.mark.parametrize(
    "text", ["((", "x" * 5000, "\\", '"', "1 = 1", "NaN", "é", "a b c", "__import__('os')"]
)
def test_nothing_that_is_typed_does_harm(qtbot, field, text):
    field.line.setText(text)
    field.grab()
    press(qtbot, field, Qt.Key.Key_Return)
    assert not field.taken and field.error is not None


# ── the panel over the window ─────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def flyout(qtbot, started):
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(700, 500)
    window.anchor = QPushButton("+", window)
    window.anchor.move(600, 460)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    flyout = ConditionFlyout(started, window)
    flyout.window_ = window
    flyout.open_at(window.anchor)
    return flyout


def test_it_adds_a_breakpoint_and_gives_the_keyboard_back(qtbot, flyout, started):
    assert flyout.isVisible() and flyout.window_.rect().contains(flyout.geometry())
    assert flyout.geometry().bottom() < flyout.window_.anchor.y()
    qtbot.keyClicks(flyout.field.line, "loss > 3")
    qtbot.keyClick(flyout.field.line, Qt.Key.Key_Return)
    assert started.breakpoints.with_condition("loss > 3").enabled
    assert not flyout.isVisible() and flyout.window_.focusWidget() is flyout.window_.anchor


def test_it_changes_a_breakpoint(qtbot, flyout, started):
    item = next(iter(started.breakpoints))
    flyout.open_at(flyout.window_.anchor, item)
    assert flyout.field.line.text() == item.condition
    qtbot.keyClicks(flyout.field.line, "loss > 4")
    qtbot.keyClick(flyout.field.line, Qt.Key.Key_Return)
    assert next(iter(started.breakpoints)).condition == "loss > 4"


def test_escape_and_going_elsewhere_close_it(qtbot, flyout, started):
    qtbot.keyClick(flyout.field.line, Qt.Key.Key_Escape)
    assert not flyout.isVisible()
    flyout.open_at(flyout.window_.anchor)
    flyout.window_.anchor.setFocus()
    assert not flyout.isVisible()


def test_it_knows_the_names_of_the_program_on_view(qtbot, flyout):
    qtbot.keyClicks(flyout.field.line, "op == ")
    assert '"relu"' in rows(flyout.field)
    flyout.field.line.setText("scope == ")
    assert '"net.fc1"' in rows(flyout.field)
