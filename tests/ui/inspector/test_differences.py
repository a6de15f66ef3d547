"""The inspector says how a node differs between two branches, and lets elements be changed for a fork."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from gradviz.session.protocol import Fetch, Fetched
from gradviz.trace.branches import MAIN, SetElement, SetLearningRate, SetNumber, SetSample
from gradviz.ui.inspector import Inspector
from gradviz.ui.inspector.panel import PAGES


@pytest.fixture
def inspector(qtbot, started):
    view = Inspector(started)
    qtbot.addWidget(view)
    view.resize(340, 760)
    with qtbot.waitExposed(view):
        view.show()
    return view


@pytest.fixture
def forked(started, inspector):
    """At the end of iteration 1, forked at its beginning with another learning rate."""
    started.step_forward("step")
    started.step_forward("step")
    started.seek(0)
    started.draft.change(SetLearningRate(0.5))
    started.draft.fork()
    started.seek(len(started.iteration.events) - 1)
    inspector.choose_page("difference")
    return started


def press(inspector, part):
    inspector.pages["difference"].buttons[part].click()


def click_cell(qtbot, array, row, col):
    view = array.heatmap
    qtbot.waitUntil(lambda: array._cells is not None and not array._late.isActive())
    target = view._target(array._cells)
    x = target.x() + (col + 0.5) * target.width() / array._cells.cols
    y = target.y() + (row + 0.5) * target.height() / array._cells.rows
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(int(x), int(y)))


# ── the page of differences ───────────────────────────────────────────────────────────────────────────────


def test_without_a_compared_branch_there_is_no_such_page(inspector):
    assert not inspector.tabs.isTabVisible(PAGES.index("difference"))


def test_the_page_is_named_after_the_branches(inspector, forked):
    place = PAGES.index("difference")
    assert inspector.tabs.tabText(place) == "B - A" and inspector.tabs.isTabVisible(place)
    forked.branches.show(forked.branches.all[0])
    assert inspector.tabs.tabText(place) == "A - B"


def test_what_is_the_same_is_said_in_words(qtbot, inspector, forked):
    forked.select("images")
    page = inspector.pages["difference"]
    qtbot.waitUntil(lambda: "bit for bit" in page.sentence.text())


def test_a_parameter_differs_after_its_update_alone(qtbot, inspector, forked, client):
    forked.select("net.fc1.weight")
    forked.seek(0)
    page = inspector.pages["difference"]
    qtbot.waitUntil(lambda: "bit for bit" in page.sentence.text())
    press(inspector, "updated")
    qtbot.waitUntil(lambda: "Differs by" in page.sentence.text())
    qtbot.waitUntil(lambda: page.array._cells is not None and page.array._cells.values.any())
    b, a = (client.branches[number][-1] for number in (1, MAIN))
    change = b.arrays[b.node("net.fc1.weight").id, "updated"].astype(np.float64)
    change -= a.arrays[a.node("net.fc1.weight").id, "updated"]
    assert page.array._cells.summary.norm == pytest.approx(np.linalg.norm(change))
    assert "‖B - A‖" in page.norms.text()


def test_parts_that_a_node_does_not_have_are_not_offered(inspector, forked):
    forked.select("images")
    buttons = inspector.pages["difference"].buttons
    assert not buttons["gradient"].isVisible() and not buttons["updated"].isVisible()
    forked.select("net/relu")
    assert buttons["gradient"].isVisible() and not buttons["updated"].isVisible()


def test_an_array_that_is_too_large_leaves_its_statistics(qtbot, inspector, forked, client):
    send = client.send

    def refuse(command, branch=MAIN):
        if isinstance(command, Fetch):
            client.report(Fetched(command.request, None, 1 << 40), branch)
        else:
            send(command, branch)

    client.send = refuse
    forked.select("net.fc1.bias")
    page = inspector.pages["difference"]
    qtbot.waitUntil(lambda: "too large" in page.array.heatmap.words)
    qtbot.waitUntil(lambda: "‖B‖" in page.norms.text() and "‖A‖" in page.norms.text())


def test_what_only_one_branch_computes_is_said_so(inspector, forked):
    forked.branches.all[0]._shown._nodes.pop("net/relu")
    forked.select("net/relu")
    assert inspector.pages["difference"].array.heatmap.words == "main has no such operation."


# ── changing an element ───────────────────────────────────────────────────────────────────────────────────


def value_page(inspector, started, key):
    started.select(key)
    inspector.choose_page("value")
    return inspector.pages["value"]


@pytest.fixture
def editor(inspector):
    """Where a clicked element is changed: on the page that says why it is what it is."""
    return inspector.pages["why"].editor


def type_number(qtbot, editor, text):
    qtbot.waitUntil(editor.new.isEnabled)
    QTest.keyClicks(editor.new, text)


def test_a_clicked_cell_takes_a_new_value_at_once(qtbot, inspector, editor, started, client):
    click_cell(qtbot, value_page(inspector, started, "net.fc2.weight").array, 3, 5)
    assert editor.isVisible() and editor.index.text() == "3, 5"
    recording = client.recordings[0]
    old = recording.arrays[recording.node("net.fc2.weight").id, "value"][3, 5]
    qtbot.waitUntil(lambda: editor.old.text() != "→")
    assert float(editor.old.text().removesuffix(" →")) == pytest.approx(old, rel=1e-3)
    type_number(qtbot, editor, "7")
    assert started.experiment.edit == SetNumber("net.fc2.weight", "value", (3, 5), 7.0)
    assert started.experiment.before == pytest.approx(old) and client.forks[-1].experiment
    editor.slider.setValue(editor.slider.minimum())
    assert started.experiment.edit.value == editor.new.number < 0
    editor.undo.click()
    assert not started.experiment.active and not editor.new.text() and editor.isVisible()


def test_any_element_can_be_named_where_a_cell_is_a_block(qtbot, inspector, editor, started):
    click_cell(qtbot, value_page(inspector, started, "net.fc1.weight").array, 2, 3)
    assert editor.index.text() == "2, 15"
    editor.index.clear()
    QTest.keyClicks(editor.index, "[2, 17]")
    type_number(qtbot, editor, "-1e-3")
    assert started.experiment.edit.index == (2, 17)
    editor.fork.click()
    assert started.draft.edits == [SetElement("net.fc1.weight", (2, 17), -1e-3)]
    assert not started.experiment.active


@pytest.mark.parametrize("index", ["2", "128, 0", "1, 2, 3", "a, b", "-1, 0", " "])
def test_an_index_outside_the_array_is_refused(qtbot, inspector, editor, started, index):
    click_cell(qtbot, value_page(inspector, started, "net.fc1.weight").array, 0, 0)
    editor.index.clear()
    QTest.keyClicks(editor.index, index)
    assert not editor.new.isEnabled() and not editor.slider.isEnabled()
    assert editor.index.toolTip() and editor.isVisible() and not editor.fork.isVisible()


def test_a_pixel_of_the_batch_is_changed_as_a_sample(qtbot, inspector, editor, started):
    page = value_page(inspector, started, "images")
    page.array._axes._sliders[0].set_value(4)
    click_cell(qtbot, page.array, 10, 20)
    type_number(qtbot, editor, "1")
    editor.fork.click()
    assert started.draft.edits == [SetSample(4, index=(0, 10, 20), value=1.0)]


def test_a_label_of_the_batch_is_changed_as_one(qtbot, inspector, editor, started):
    click_cell(qtbot, value_page(inspector, started, "labels").array, 1, 2)
    position = int(editor.index.text())
    type_number(qtbot, editor, "7")
    editor.fork.click()
    assert started.draft.edits == [SetSample(position, label=7.0)]


@pytest.mark.parametrize(
    ("key", "page", "edit"),
    [
        ("net/relu", "value", SetNumber("net/relu", "value", (0, 0), 5.0)),
        ("net/relu", "gradient", SetNumber("net/relu", "grad", (0, 0), 5.0)),
        ("net.fc2.bias", "gradient", SetNumber("net.fc2.bias", "grad", (0,), 5.0)),
        ("net.fc2.bias", "value", SetNumber("net.fc2.bias", "value", (0,), 5.0, 0, 1)),
    ],
    ids=["value", "gradient", "gradient of a parameter", "parameter after its update"],
)
def test_what_is_computed_can_be_tried_and_not_forked(qtbot, inspector, editor, started, key, page, edit):
    started.last()
    started.select(key)
    inspector.choose_page(page)
    click_cell(qtbot, inspector.pages[page].array, 0, 0)
    type_number(qtbot, editor, "5")
    assert started.experiment.edit == edit
    assert editor.fork.isVisible() == (key == "net.fc2.bias" and page == "value")


def test_the_question_ends_with_escape_and_with_another_node(qtbot, inspector, editor, started):
    page = value_page(inspector, started, "net.fc2.weight")
    click_cell(qtbot, page.array, 3, 5)
    QTest.keyClick(editor.new, Qt.Key.Key_Escape)
    assert not editor.isVisible()
    inspector.choose_page("value")
    click_cell(qtbot, page.array, 3, 5)
    assert editor.isVisible()
    started.select("net.fc2.bias")
    assert not editor.isVisible()
