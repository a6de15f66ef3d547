"""What the Run commands do to the model, and when they can be used."""

import pytest
from PySide6.QtWidgets import QWidget

from gradviz.resources import PACKAGE
from gradviz.session.protocol import Advance, Start, Status
from gradviz.trace.branches import MAX_LOSS, SetLearningRate, SetLoss
from gradviz.ui.actions import Actions
from gradviz.ui.editor import EditorPanel
from gradviz.ui.editor.code_editor import CodeEditor
from gradviz.ui.model import LIVE, SessionModel
from gradviz.ui.steering import Steering
from tests.ui.fake_client import FakeClient

TEXT = "print('hello')\n"


@pytest.fixture
def owner(qtbot) -> QWidget:
    widget = QWidget()
    qtbot.addWidget(widget)
    return widget


@pytest.fixture
def actions(owner) -> Actions:
    return Actions(owner)


@pytest.fixture
def editor(qtbot, model: SessionModel) -> EditorPanel:
    editor = EditorPanel(model)
    qtbot.addWidget(editor)
    editor.open_text("hello.py", TEXT)
    return editor


@pytest.fixture
def steering(model: SessionModel, actions: Actions, editor: EditorPanel) -> Steering:
    return Steering(model, actions, editor)


def enabled(actions: Actions) -> set[str]:
    names = ("stop", "play", "step", "step_back", "first", "last", "previous_phase", "next_phase")
    return {name for name in names if actions[name].isEnabled()}


def test_run_starts_the_text_in_the_editor_and_plays(steering, actions, model):
    actions["run"].trigger()
    assert FakeClient.instances[-1].commands[0] == Start(TEXT, "hello.py")
    assert model.playing


def test_play_starts_the_text_when_nothing_was_started(steering, actions, model):
    actions["play"].trigger()
    assert model.started
    assert model.playing
    actions["play"].trigger()
    assert model.started
    assert not model.playing


def test_the_first_step_starts_and_shows_the_first_event(steering, actions, model):
    actions["step"].trigger()
    assert not model.playing
    assert model.moment == (0, 0)
    actions["step"].trigger()
    assert model.moment == (0, 1)


def test_phases_and_iterations(steering, actions, model):
    actions["step"].trigger()
    actions["next_phase"].trigger()
    assert model.iteration.events[model.moment.event].phase == "forward"
    assert model.iteration.events[model.moment.event + 1].phase == "backward"
    actions["next_phase"].trigger()
    actions["previous_phase"].trigger()
    assert model.iteration.events[model.moment.event + 1].phase == "backward"
    actions["last"].trigger()
    actions["next_iteration"].trigger()
    assert model.moment.iteration == 1


def test_a_step_while_playing_pauses(steering, actions, model):
    actions["run"].trigger()
    actions["step"].trigger()
    assert not model.playing
    assert model.moment.event == 1


def test_nothing_can_be_pressed_that_has_no_effect(steering, actions, model):
    assert enabled(actions) == {"play", "step", "next_phase"}
    actions["step"].trigger()
    assert enabled(actions) == {
        "stop", "play", "step", "next_phase", "step_back", "first", "previous_phase", "last",
    }  # fmt: skip
    actions["first"].trigger()
    assert "step_back" not in enabled(actions)
    actions["last"].trigger()
    assert "last" not in enabled(actions)
    actions["stop"].trigger()
    assert "stop" not in enabled(actions)


def test_at_the_end_of_a_finished_program_play_runs_it_again(steering, actions, model):
    actions["step"].trigger()
    FakeClient.instances[-1].report(Status("finished"))
    assert actions["step"].isEnabled()
    actions["last"].trigger()
    assert not actions["step"].isEnabled()
    actions["play"].trigger()
    assert len(FakeClient.instances) == 2
    assert model.playing


def test_while_a_module_of_gradviz_is_read_the_program_before_runs(steering, actions, editor, qtbot):
    actions["run"].trigger()
    qtbot.keyClicks(editor.findChildren(CodeEditor)[-1], "x")
    editor.open_path(PACKAGE / "session" / "builtin.py")
    actions["run"].trigger()
    assert FakeClient.instances[-1].commands[0] == Start("x" + TEXT, "hello.py")
    editor.close_current()
    editor.close_current()  # the program's own tab
    editor.open_path(PACKAGE / "session" / "builtin.py")
    actions["run"].trigger()
    assert FakeClient.instances[-1].commands[0] == Start("x" + TEXT, "hello.py")


def test_a_module_of_gradviz_is_not_run(steering, actions, editor, model):
    told = []
    steering.message.connect(told.append)
    editor.open_path(PACKAGE / "session" / "builtin.py")
    for name in ("run", "play", "step"):
        actions[name].trigger()
    assert not model.started and not FakeClient.instances
    assert len(told) == 3 and "part of gradviz" in told[0]


def test_speed_stops_at_its_ends(steering, actions, model):
    for _ in range(LIVE + 2):
        actions["faster"].trigger()
    assert model.speed == LIVE
    assert not actions["faster"].isEnabled()
    actions["slower"].trigger()
    assert actions["faster"].isEnabled()


def test_fastest_play_trains_live(steering, actions, model):
    model.set_speed(LIVE)
    actions["run"].trigger()
    assert Advance("end") in FakeClient.instances[-1].commands


def test_grains_are_chosen_one_at_a_time(steering, actions, model):
    actions["grain_phase"].trigger()
    assert model.grain == "phase"
    model.set_grain("epoch")
    assert actions["grain_epoch"].isChecked()
    assert not actions["grain_phase"].isChecked()


def test_an_edit_after_the_start_is_told(steering, actions, editor, qtbot):
    told = []
    steering.edited_changed.connect(told.append)
    actions["step"].trigger()
    qtbot.keyClicks(editor.findChildren(CodeEditor)[-1], "x = 1")
    assert told[-1] is True
    actions["run"].trigger()
    assert told[-1] is False


def test_continue_needs_a_breakpoint_that_is_switched_on(steering, actions, model):
    both = actions["continue"], actions["reverse_continue"]
    actions["step"].trigger()
    assert not any(action.isEnabled() for action in both)
    model.breakpoints.add("loss > 3")
    assert all(action.isEnabled() for action in both)
    actions["first"].trigger()
    assert [action.isEnabled() for action in both] == [True, False]


def test_continue_starts_the_program(steering, actions, model):
    model.breakpoints.add("loss > 3")
    actions["continue"].trigger()
    commands = FakeClient.instances[-1].commands
    assert commands[0] == Start(TEXT, "hello.py") and Advance("end") in commands
    assert actions["cancel"].isEnabled() and actions["play"].text() == "Pause"
    actions["cancel"].trigger()
    assert not actions["cancel"].isEnabled() and actions["play"].text() == "Play"


def test_nothing_found_is_said_quietly(steering, actions, model):
    told = []
    steering.message.connect(told.append)
    model.breakpoints.add("loss > 3")
    actions["continue"].trigger()
    FakeClient.instances[-1].report(Status("finished"))
    assert "rest of the run" in told[-1]


def test_breakpoints_are_those_of_the_text_on_view_until_one_runs(steering, actions, editor, model):
    model.breakpoints.add("loss > 3")
    editor.open_text("other.py", "x = 1")
    assert model.breakpoints.with_condition("loss > 3") is None
    model.breakpoints.add("loss > 4")
    actions["step"].trigger()
    editor.open_text("third.py", "x = 1")
    assert model.breakpoints.with_condition("loss > 4") is not None
    actions["stop"].trigger()
    assert model.breakpoints.with_condition("loss > 4") is None


def branch_commands(actions: Actions) -> list[str]:
    names = ("fork", "swap_branches", "differences")
    return [name for name in names if actions[name].isEnabled()]


def test_branches_are_forked_swapped_and_compared(steering, actions, model):
    assert branch_commands(actions) == []
    actions["step"].trigger()
    assert branch_commands(actions) == ["fork"]
    actions["fork"].trigger()
    assert model.draft.iteration == 0
    model.draft.change(SetLearningRate(0.5))
    model.draft.fork()
    assert branch_commands(actions) == ["fork", "swap_branches", "differences"]
    main, branch = model.branches.all
    actions["swap_branches"].trigger()
    assert (model.shown, model.branches.compared) == (main, branch)


def test_the_editors_text_becomes_the_loss_of_a_fork(qtbot, steering, editor, model):
    steering.step(None)
    steering.use_editor_as_loss()
    assert model.draft.edits == [SetLoss(TEXT, "hello.py")]
    editor.open_text("long.py", "#" * (MAX_LOSS + 1))
    with qtbot.waitSignal(steering.message):
        steering.use_editor_as_loss()
    assert model.draft.edits == [SetLoss(TEXT, "hello.py")]
