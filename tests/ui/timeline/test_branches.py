"""The timeline's rows for branches: a fork in the making, and a chip for every branch."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from gradviz.examples import list_examples
from gradviz.trace import Metric
from gradviz.trace.branches import SetElement, SetLearningRate, SetLoss
from gradviz.ui.actions import Actions
from gradviz.ui.language import use_language
from gradviz.ui.timeline import TimelineView


@pytest.fixture
def timeline(qtbot, started):
    view = TimelineView(started, Actions(QWidget()))
    qtbot.addWidget(view)
    view.resize(800, 260)
    with qtbot.waitExposed(view):
        view.show()
    view.activateWindow()
    return view


@pytest.fixture
def forked(started, timeline):
    """SimpleNet with a branch of another learning rate."""
    started.draft.change(SetLearningRate(0.5))
    started.draft.fork()
    return started


def chip(timeline, place):
    return list(timeline.branch_bar.chips.values())[place]


# ── a fork in the making ──────────────────────────────────────────────────────────────────────────────────


def test_nothing_is_in_the_way_until_somebody_forks(timeline, started):
    assert not timeline.fork_bar.isVisible() and not timeline.branch_bar.isVisible()
    started.draft.begin()
    assert timeline.fork_bar.isVisible() and timeline.fork_bar.title.text() == "Fork at step 1"
    assert timeline.fork_bar.rate.hasFocus() and not timeline.fork_bar.fork.isEnabled()


def test_a_learning_rate_is_typed_and_the_branch_begins_with_enter(timeline, started, client):
    started.draft.begin()
    QTest.keyClicks(timeline.fork_bar.rate, "1e-1")
    assert started.draft.edits == [SetLearningRate(0.1)]
    QTest.keyClick(timeline.fork_bar.rate, Qt.Key.Key_Return)
    assert client.forks[0].branch.edits == (SetLearningRate(0.1),)
    assert not timeline.fork_bar.isVisible() and timeline.branch_bar.isVisible()


def test_the_bar_says_what_the_learning_rate_is(timeline, started):
    started.draft.begin()
    assert timeline.fork_bar.rate_label.text() == "learning rate"
    started.run.extend(Metric("learning_rate", [0, 5], [0.01, 0.001]))
    started.draft.begin()
    assert timeline.fork_bar.rate_label.text() == "learning rate 0.01 →"


def test_what_is_no_number_changes_nothing(timeline, started):
    started.draft.begin()
    QTest.keyClicks(timeline.fork_bar.rate, "fast")
    assert not started.draft.edits and "no number" in timeline.fork_bar.rate.toolTip()
    timeline.fork_bar.rate.selectAll()
    QTest.keyClicks(timeline.fork_bar.rate, "3")
    assert started.draft.edits == [SetLearningRate(3.0)] and not timeline.fork_bar.rate.toolTip()
    QTest.keyClick(timeline.fork_bar.rate, Qt.Key.Key_Backspace)
    assert not started.draft.edits


def test_every_other_change_is_a_chip_that_takes_it_back(timeline, started):
    bar, edit = timeline.fork_bar, SetElement("net.fc1.weight", (3, 5), 0.25)
    started.draft.change(edit)
    assert bar.isVisible() and not bar.rate.hasFocus()  # the keyboard stays where it is
    assert [found.text() for found in bar.chips.values()] == ["net.fc1.weight[3, 5] = 0.25"]
    assert bar.fork.isEnabled()
    bar.chips[edit].click()
    assert not started.draft.edits and not bar.chips and not bar.fork.isEnabled()


def test_the_losses_are_the_examples_and_the_editors_text(qtbot, timeline, started):
    started.draft.begin()
    bar = timeline.fork_bar
    bar.losses.aboutToShow.emit()
    actions = [action for action in bar.losses.actions() if action.text()]
    examples = [example for example in list_examples() if example.kind == "loss"]
    assert [action.text() for action in actions[1:]] == [example.title["en"] for example in examples]
    with qtbot.waitSignal(bar.editor_loss_wanted):
        actions[0].trigger()
    actions[1].trigger()
    text = examples[0].path.read_text("utf-8")
    assert started.draft.edits == [SetLoss(text, examples[0].path.name)]


@pytest.mark.parametrize("way", ["button", "escape"])
def test_it_can_be_given_up(timeline, started, client, way):
    started.draft.begin()
    started.draft.change(SetLearningRate(0.5))
    if way == "button":
        timeline.fork_bar.cancel.click()
    else:
        QTest.keyClick(timeline.fork_bar.rate, Qt.Key.Key_Escape)
    assert not timeline.fork_bar.isVisible() and not client.forks
    started.draft.begin()
    assert timeline.fork_bar.rate.text() == ""


def test_all_of_it_has_room_in_a_narrow_dock(timeline, started):
    timeline.resize(390, 400)
    started.draft.begin()
    bar = timeline.fork_bar
    for widget in (bar.title, bar.rate, bar.loss, bar.fork, bar.cancel):
        place = widget.mapTo(bar, widget.rect().bottomRight())
        assert bar.rect().contains(place), widget
    assert bar.fork.geometry().isValid() and not bar.fork.geometry().intersects(bar.rate.geometry())


# ── chips ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_branch_has_a_chip_with_letter_and_name(timeline, forked):
    names = [found.name.accessibleName() for found in timeline.branch_bar.chips.values()]
    assert names == ["A main", "B lr 0.5"]
    assert chip(timeline, 1).name.isChecked() and not chip(timeline, 0).name.isChecked()
    assert chip(timeline, 0).compare.isChecked()
    assert "from step 1: lr 0.5" in chip(timeline, 1).name.toolTip()


def test_a_click_shows_a_branch(qtbot, timeline, forked):
    qtbot.mouseClick(chip(timeline, 0).name, Qt.MouseButton.LeftButton)
    assert forked.shown is forked.branches.all[0]
    assert chip(timeline, 0).name.isChecked() and not chip(timeline, 1).name.isChecked()
    qtbot.mouseClick(chip(timeline, 0).name, Qt.MouseButton.LeftButton)
    assert chip(timeline, 0).name.isChecked()  # a second click does not unshow it


def test_comparing_is_a_switch_on_the_other_chips(timeline, forked):
    assert not chip(timeline, 1).compare.isVisible()
    chip(timeline, 0).compare.click()
    assert forked.branches.compared is None and not chip(timeline, 0).compare.isChecked()
    chip(timeline, 0).compare.click()
    assert forked.branches.compared is forked.branches.all[0]


def test_a_name_is_edited_in_place(qtbot, timeline, forked):
    found = chip(timeline, 1)
    qtbot.mouseDClick(found.name, Qt.MouseButton.LeftButton)
    assert found.field.isVisible() and found.field.text() == "lr 0.5"
    QTest.keyClicks(found.field, "faster")
    QTest.keyClick(found.field, Qt.Key.Key_Return)
    assert forked.branches.name_of(forked.shown) == "faster" and found.name.isVisible()
    QTest.keyClick(found.name, Qt.Key.Key_F2)
    QTest.keyClicks(found.field, "never mind")
    QTest.keyClick(found.field, Qt.Key.Key_Escape)
    assert forked.branches.name_of(forked.shown) == "faster"


def test_dropping_asks_in_place(timeline, forked, client):
    found = chip(timeline, 1)
    found.close_button.click()
    assert found.question.isVisible() and found.question.text() == "Drop lr 0.5?"
    found.keep.click()
    assert len(forked.branches.all) == 2 and found.name.isVisible()
    QTest.keyClick(found.name, Qt.Key.Key_Delete)
    found.drop.click()
    assert len(forked.branches.all) == 1 and not timeline.branch_bar.isVisible()
    assert list(client.branches) == [0]


def test_the_main_run_cannot_be_dropped(timeline, forked):
    found = chip(timeline, 0)
    QTest.keyClick(found.name, Qt.Key.Key_Delete)
    assert not found.question.isVisible() and not found.close_button.isVisible()


def test_chips_wrap_where_there_is_no_room(timeline, forked):
    for value in (0.25, 0.125, 0.0625):
        forked.draft.change(SetLearningRate(value))
        forked.draft.fork()
    timeline.resize(360, 400)
    chips = list(timeline.branch_bar.chips.values())
    assert len({found.y() for found in chips}) > 1
    assert all(timeline.branch_bar.rect().contains(found.geometry()) for found in chips)


def test_the_chips_speak_the_windows_language(qtbot, timeline, forked):
    use_language("zh_CN")
    try:
        qtbot.waitUntil(lambda: chip(timeline, 0).name.text() == "主线")
    finally:
        use_language("en")
