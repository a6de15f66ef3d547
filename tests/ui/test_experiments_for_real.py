"""Numbers are tried in a real worker, with SimpleNet: the true run stays where it is."""

import sys

import pytest
from PySide6.QtCore import Qt

from gradviz.trace.branches import SetNumber
from gradviz.ui.inspector import Inspector
from gradviz.ui.model import SessionModel
from tests.ui.recordings import program
from tests.ui.test_branches_for_real import PATIENCE, go_to, key_of

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="experiments are forks, made on Linux")

AT = 5


@pytest.fixture
def model(qapp):
    model = SessionModel()
    yield model
    model.close()
    model.deleteLater()


@pytest.fixture
def stood(qtbot, model):
    """SimpleNet at the end of iteration AT."""
    model.start(program(), "simplenet.py")
    qtbot.waitUntil(lambda: model.iteration is not None and not model.shown.awaiting, timeout=PATIENCE)
    go_to(qtbot, model, AT)
    return model


def attempt(qtbot, model, edit, before=0.0):
    """What the loss comes to."""
    count = model.experiment.branch.edition if model.experiment.active else 0
    model.experiment.attempt(edit, before)

    def tried():
        branch = model.experiment.branch
        return branch is None or (branch.edition > count and not model.experiment._waiting)

    qtbot.waitUntil(tried, timeout=PATIENCE)
    return model.iteration.loss


def bias(value, index=(3,)):
    return SetNumber("net.fc2/bias", "value", index, value)


def test_a_number_is_tried_shown_beside_the_true_one_and_undone(qtbot, stood):
    model, main = stood, stood.shown
    true, moment = model.iteration.loss, model.moment
    assert attempt(qtbot, model, bias(2.0)) != true
    assert model.shown.is_experiment and model.branches.compared is main and model.moment == moment
    assert model.experiment.losses == (true, model.iteration.loss) and model.differences.shown
    assert model.branches.lasting == [main]
    first = model.iteration.loss
    assert attempt(qtbot, model, bias(-2.0)) not in (true, first)
    assert attempt(qtbot, model, bias(2.0)) == first
    model.experiment.undo()
    assert model.shown is main and model.iteration.loss == true and model.moment == moment
    assert model.branches.compared is None and not model.differences.shown and not model.experiment.active
    go_to(qtbot, model, AT + 1)


def test_its_arrays_are_never_those_of_the_number_before(qtbot, stood):
    model = stood

    def shown_bias():
        node = model.node(key_of(model, "net.fc2.bias"))
        ref = model.ref(node, "value", event=0)
        qtbot.waitUntil(lambda: model.summary(ref) is not None, timeout=PATIENCE)
        return model.summary(ref).cells()[0, 3]

    for value in (2.0, -1.0, 5.0):
        attempt(qtbot, model, bias(value))
        assert shown_bias() == value


def test_many_wishes_at_once_come_to_the_newest(qtbot, stood):
    model = stood
    for value in range(100):
        model.experiment.attempt(bias(value / 10), 0.0)
    qtbot.waitUntil(lambda: model.shown.is_experiment and not model.experiment._waiting, timeout=PATIENCE)
    assert model.experiment._tried == bias(9.9) and model.experiment.branch.edition <= 3


def test_a_kept_one_is_a_branch_that_goes_on(qtbot, stood):
    model, main = stood, stood.shown
    loss = attempt(qtbot, model, bias(2.0))
    model.experiment.keep()
    qtbot.waitUntil(lambda: len(model.branches.lasting) == 2 and model.shown is not main, timeout=PATIENCE)
    assert model.iteration.loss == loss and not model.shown.is_experiment
    assert model.shown.name == "net.fc2.bias[3] = 2" and model.branches.compared is main
    go_to(qtbot, model, AT + 3)
    assert model.iteration.loss is not None


def test_another_iteration_ends_it_and_is_of_the_true_run(qtbot, stood):
    model, main = stood, stood.shown
    attempt(qtbot, model, bias(2.0))
    model.step_forward("step")
    qtbot.waitUntil(lambda: model.shown is main and model.moment.iteration == AT + 1, timeout=PATIENCE)
    attempt(qtbot, model, bias(2.0))
    model.go_to(2)
    qtbot.waitUntil(lambda: model.shown is main and model.moment.iteration == 2, timeout=PATIENCE)
    assert not model.experiment.active


def test_a_number_that_the_program_cannot_take_is_said_and_not_among_the_problems(qtbot, stood):
    model, told = stood, []
    model.problem_found.connect(told.append)
    attempt(qtbot, model, SetNumber("/labels", "value", (0,), 77.0))
    assert model.experiment.problem.kind == "IndexError"
    attempt(qtbot, model, SetNumber("/labels", "value", (0,), 0.5))
    assert model.experiment.problem.kind == "edit"
    attempt(qtbot, model, SetNumber("/labels", "value", (0,), 4.0))
    assert model.experiment.problem is None and not told


def test_in_an_experiment_of_a_branch_the_branch_has_its_own_changes(qtbot, stood):
    model, main = stood, stood.shown
    attempt(qtbot, model, bias(2.0))
    model.experiment.keep()
    qtbot.waitUntil(lambda: model.shown not in (main, model.experiment.branch), timeout=PATIENCE)
    branch, kept = model.shown, model.iteration.loss
    go_to(qtbot, model, AT)
    assert attempt(qtbot, model, bias(0.0, (4,))) != kept
    assert attempt(qtbot, model, bias(2.0, (3,))) == kept
    model.experiment.undo()
    assert model.shown is branch


def test_a_new_run_ends_it(qtbot, stood):
    model = stood
    attempt(qtbot, model, bias(2.0))
    model.start(program(), "simplenet.py")
    qtbot.waitUntil(lambda: model.iteration is not None and not model.shown.awaiting, timeout=PATIENCE)
    assert not model.experiment.active and model.branches.lasting == model.branches.all


def test_a_click_on_a_cell_a_number_and_escape(qtbot, stood):
    model = stood
    inspector = Inspector(model)
    qtbot.addWidget(inspector)
    inspector.show()
    model.select(key_of(model, "net.fc1/addmm"))
    node = model.selected
    inspector.inquiry.start(model.ref(node, "grad"), (1, 5))
    editor = inspector.pages["why"].editor
    qtbot.waitUntil(editor.new.isEnabled, timeout=PATIENCE)
    qtbot.keyClicks(editor.new, "0.5")
    qtbot.waitUntil(lambda: model.shown.is_experiment and not model.experiment._waiting, timeout=PATIENCE)
    assert model.experiment.edit == SetNumber("net.fc1/addmm", "grad", (1, 5), 0.5)
    editor.slider.setValue(editor.slider.minimum())
    assert model.experiment.edit.value == editor.new.number != 0.5

    qtbot.keyClick(editor.new, Qt.Key.Key_Escape)
    assert not model.experiment.active and editor.new.text() == ""
