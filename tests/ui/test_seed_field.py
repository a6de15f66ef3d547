"""The seed in the status bar: the run's, one that is typed, another one."""

import pytest
from PySide6.QtCore import Qt

from gradviz.session.protocol import Start
from gradviz.ui.seed_field import MAX_SEED
from tests.ui.fake_client import FakeClient
from tests.ui.test_window import press, window

__all__ = ["window"]


def started_with() -> list[int]:
    """The seeds of all runs so far."""
    commands = [command for client in FakeClient.instances for command in client.commands]
    return [command.seed for command in commands if isinstance(command, Start)]


def test_the_same_seed_runs_again_and_another_one_is_one_command(qtbot, window, model):
    press(qtbot, window, Qt.Key.Key_F5)
    press(qtbot, window, Qt.Key.Key_F5)
    window.actions_["another_seed"].trigger()
    first, again, other = started_with()
    assert first == again == 0 != other
    assert window.status.seed.line.text() == str(other)
    press(qtbot, window, Qt.Key.Key_F5)
    assert started_with()[-1] == other


def test_a_seed_that_is_typed_runs_with_enter(qtbot, window):
    field = window.status.seed.line
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, "1234")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert started_with() == [1234]
    assert field.text() == "1234"


@pytest.mark.parametrize("typed", ["", "-1", "abc", "1.5", str(MAX_SEED + 1)])
def test_what_is_no_seed_does_not_run(qtbot, window, typed):
    field = window.status.seed.line
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, typed or "\b")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert not started_with()
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert field.text() == "0"


def test_the_memory_for_checkpoints_is_a_setting_of_the_next_run(qtbot, window, model):
    window.actions_["history_1024"].trigger()
    press(qtbot, window, Qt.Key.Key_F5)
    start = next(c for c in FakeClient.instances[-1].commands if isinstance(c, Start))
    assert start.history_bytes == 1024 << 20
    window.close()
    assert type(window._preferences).load().history == 1024
