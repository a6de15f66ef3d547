"""The table of commands, and the actions and menus made of it."""

from collections import Counter

import pytest
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from gradviz.ui.actions import Actions
from gradviz.ui.commands import COMMAND, MENU, MENUS, commands_in
from gradviz.ui.icons import icon


@pytest.fixture
def owner(qtbot) -> QWidget:
    widget = QWidget()
    qtbot.addWidget(widget)
    return widget


def leaves(menu: QMenu) -> list[QAction]:
    """All actions of a menu and of the menus in it."""
    found = []
    for action in menu.actions():
        found += leaves(action.menu()) if action.menu() else [] if action.isSeparator() else [action]
    return found


def test_no_two_commands_share_an_id():
    ids = Counter(command.id for menu in MENUS for command in commands_in(menu))
    assert set(ids.values()) == {1}


def test_no_two_commands_share_a_shortcut(qapp):
    keys = Counter(QKeySequence(key).toString() for command in COMMAND.values() for key in command.keys)
    assert "" not in keys
    assert set(keys.values()) == {1}


def test_every_icon_in_the_table_can_be_drawn(qapp):
    for name in {entry.icon for entry in (*COMMAND.values(), *MENU.values()) if entry.icon}:
        assert not icon(name).pixmap(20, 20).isNull(), name


def test_actions_say_what_they_do_and_how_to_reach_them(owner):
    step = Actions(owner)["step"]
    assert step.text() == "Step forward"
    assert "→" in step.toolTip()
    assert "grain" in step.toolTip()


def test_a_command_is_disabled_until_it_does_something(owner):
    actions = Actions(owner)
    assert not actions["run"].isEnabled()
    done = []
    actions.bind("run", lambda: done.append("run"))
    actions["run"].trigger()
    assert done == ["run"]


def test_exactly_one_of_a_choice_is_checked(owner):
    actions = Actions(owner)
    actions["grain_op"].setChecked(True)
    actions["grain_epoch"].setChecked(True)
    assert not actions["grain_op"].isChecked()


def test_the_main_menu_reaches_every_command(owner):
    actions = Actions(owner)
    reached = {action.objectName() for action in leaves(actions.menu("", owner))}
    assert reached == set(COMMAND)


def test_a_menu_that_is_left_empty_is_filled_when_it_opens(owner):
    actions = Actions(owner)
    actions.fill_menu("recent", lambda menu: menu.addAction("a.py"))
    menu = actions.menu("recent", owner)
    menu.aboutToShow.emit()
    menu.aboutToShow.emit()
    assert [action.text() for action in menu.actions()] == ["a.py"]


def test_play_shows_as_pause_while_it_pauses(owner):
    actions = Actions(owner)
    actions.show_as("play", "Pause", "pause")
    assert actions["play"].text() == "Pause"
    assert "Space" in actions["play"].toolTip()
