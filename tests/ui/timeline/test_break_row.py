"""The chips under the run: breakpoints switched on and off, changed and removed where they stand."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication

from gradviz.ui.breakpoints import Breakpoints
from gradviz.ui.theme import theme
from gradviz.ui.timeline.break_row import BreakRow
from gradviz.ui.timeline.chips import HEIGHT, stepped


@pytest.fixture
def breakpoints(qapp) -> Breakpoints:
    breakpoints = Breakpoints()
    breakpoints.use("net.py")
    return breakpoints


@pytest.fixture
def row(qtbot, breakpoints):
    row = BreakRow(breakpoints)
    qtbot.addWidget(row)
    row.resize(900, HEIGHT)
    row.show()
    qtbot.waitExposed(row)
    return row


def chip_of(row, condition):
    return next(chip for chip in row.chips if chip.breakpoint.condition == condition)


def conditions(breakpoints):
    return [item.condition for item in breakpoints]


def test_every_breakpoint_has_a_chip_in_its_words(row, breakpoints):
    assert [chip.toggle.text() for chip in row.chips] == ["NaN or Inf", "‖grad‖ >", "dead ReLU >"]
    assert [chip.number.text() for chip in row.chips] == ["", "100", "50"]
    breakpoints.add('op == "relu" and epoch > 2')
    assert row.chips[-1].toggle.text() == 'op == "relu" and epoch > 2'


def test_a_click_switches_on_and_off(qtbot, row, breakpoints):
    chip = row.chips[0]
    qtbot.mouseClick(chip.toggle, Qt.MouseButton.LeftButton)
    assert breakpoints.enabled == {chip.breakpoint.id} and chip.toggle.isChecked()
    qtbot.mouseClick(chip.toggle, Qt.MouseButton.LeftButton)
    assert not breakpoints.enabled


def test_whether_it_is_on_shows_without_colour(row, breakpoints):
    breakpoints.set_enabled(row.chips[0].breakpoint, True)
    assert [chip.toggle.isChecked() for chip in row.chips] == [True, False, False]


@pytest.mark.parametrize(("typed", "becomes"), [("25", "25"), ("2.5e3", "2500"), ("", "100"), ("1e", "100")])
def test_a_number_is_changed_in_place(qtbot, row, breakpoints, typed, becomes):
    number = chip_of(row, "grad.norm > 100").number
    number.setFocus()
    number.selectAll()
    qtbot.keyClicks(number, typed) if typed else number.clear()
    qtbot.keyClick(number, Qt.Key.Key_Return)
    assert f"grad.norm > {becomes}" in conditions(breakpoints)


def test_letters_cannot_be_typed_into_a_number(qtbot, row):
    number = chip_of(row, "grad.norm > 100").number
    number.setFocus()
    number.selectAll()
    qtbot.keyClicks(number, "abc7")
    assert number.text() == "7"
    qtbot.keyClick(number, Qt.Key.Key_Escape)
    assert number.text() == "100"


def test_arrows_make_a_number_larger_and_smaller(qtbot, row, breakpoints):
    number = chip_of(row, "dead > 0.5").number
    qtbot.keyClick(number, Qt.Key.Key_Up)
    assert "dead > 1" in conditions(breakpoints)
    assert [stepped("100", up=True), stepped("100", up=False), stepped("7", up=False)] == ["200", "50", "5"]
    assert [stepped("0.5", up=True), stepped("0", up=True), stepped("x", up=False)] == ["1", "1", "0.5"]


def test_the_keyboard_stays_in_the_row(qtbot, row, breakpoints):
    row.activateWindow()
    number = chip_of(row, "grad.norm > 100").number
    number.setFocus()
    qtbot.keyClick(number, Qt.Key.Key_Up)
    assert row.isAncestorOf(QApplication.focusWidget())
    row.chips[0].toggle.setFocus()
    qtbot.keyClick(row.chips[0].toggle, Qt.Key.Key_Delete)
    assert len(row.chips) == 2 and QApplication.focusWidget() is row.chips[0].toggle


def test_chips_are_removed_with_the_mouse_too(qtbot, row, breakpoints):
    while row.chips:
        qtbot.mouseClick(row.chips[-1].remove, Qt.MouseButton.LeftButton)
    assert not len(breakpoints)


def test_a_double_click_and_f2_ask_to_change_the_condition(qtbot, row):
    wanted = []
    row.condition_wanted.connect(lambda item, anchor: wanted.append((item, anchor)))
    chip = row.chips[1]
    qtbot.mouseDClick(chip, Qt.MouseButton.LeftButton)
    qtbot.keyClick(chip.toggle, Qt.Key.Key_F2)
    assert wanted == [(chip.breakpoint, chip)] * 2
    qtbot.mouseClick(row.add, Qt.MouseButton.LeftButton)
    assert wanted[-1] == (None, row.add)


def test_chips_stand_in_lines_and_none_is_cut(qtbot, row, breakpoints):
    for bound in range(4):
        breakpoints.add(f"loss > {bound} and epoch > 1")
    row.resize(560, 10 * HEIGHT)
    first, last = row.chips[0], row.chips[-1]
    qtbot.waitUntil(lambda: last.y() > first.y())
    assert row.add.geometry().right() < row.width()
    assert all(chip.geometry().right() <= row._room.viewport().width() for chip in row.chips)
    assert last.geometry().bottom() < row._room.viewport().height()


def test_what_has_no_room_is_scrolled_to(qtbot, row, breakpoints):
    for bound in range(12):
        breakpoints.add(f"loss > {bound} and epoch > 1")
    row.resize(560, 2 * HEIGHT)
    room, last = row._room, row.chips[-1]
    qtbot.waitUntil(lambda: last.y() > 4 * HEIGHT)
    assert row.add.isVisible() and row.add.geometry().right() < row.width()
    last.toggle.setFocus()
    assert room.viewport().height() > last.mapTo(room.viewport(), QPoint(0, 0)).y() >= 0
    row.chips[0].toggle.setFocus()
    assert row.chips[0].mapTo(room.viewport(), QPoint(0, 0)).y() == 0


def test_chips_say_what_they_are_to_a_screen_reader(row, breakpoints):
    chip = chip_of(row, "dead > 0.5")
    assert chip.toggle.accessibleName() == "Break when dead ReLU > 50 %"
    assert chip.toggle.accessibleDescription() == "dead > 0.5"
    assert "Remove dead ReLU > 50 %" in chip.remove.accessibleName()
    assert "condition" in row.add.accessibleName()


def test_an_ampersand_is_no_shortcut(row, breakpoints):
    breakpoints.add('node == "a&b"')
    assert row.chips[-1].toggle.text() == "at a&&b"


def test_the_chip_that_stopped_the_run_is_tinted(row):
    chip = row.chips[0]
    before = chip.grab().toImage().pixelColor(chip.width() // 2, 3)
    row.show_stopped({chip.breakpoint.id})
    assert chip.grab().toImage().pixelColor(chip.width() // 2, 3) != before
    row.show_stopped(set())
    assert chip.grab().toImage().pixelColor(chip.width() // 2, 3) == before
    theme.use("light")
    assert chip.grab().toImage().pixelColor(chip.width() // 2, 3) != before


def test_a_new_chip_and_one_that_stopped_the_run_come_into_sight(qtbot, row, breakpoints):
    row.resize(420, HEIGHT)
    bar = row._room.verticalScrollBar()
    for bound in range(6):
        breakpoints.add(f"loss > {bound}")
    qtbot.waitUntil(lambda: bar.value() > bar.maximum() / 2 > 0)
    row.show_stopped({row.chips[0].breakpoint.id})
    qtbot.waitUntil(lambda: bar.value() < bar.maximum() / 2)
