"""The past is forked in real workers: SimpleNet learns faster from its twenty-first step on."""

import numpy as np
import pytest

from gradviz.trace.branches import SetElement, SetLearningRate, SetSample
from gradviz.ui.model import SessionModel
from tests.ui.recordings import program

PATIENCE = 60_000  # milliseconds
FORKED, END = 20, 25


@pytest.fixture
def model(qapp):
    model = SessionModel()
    yield model
    model.close()
    model.deleteLater()


@pytest.fixture
def at_fork(qtbot, model):
    """SimpleNet at the first operation of iteration FORKED, after it has run to END."""
    model.start(program(), "simplenet.py")
    qtbot.waitUntil(lambda: model.iteration is not None and not model.shown.awaiting, timeout=PATIENCE)
    go_to(qtbot, model, END)
    go_to(qtbot, model, FORKED, "op")
    return model


def go_to(qtbot, model, iteration, landing="last"):
    model.shown.come_to(iteration, landing)

    def there():
        branches = [model.shown, model.branches.compared]
        return all(b is None or (b.moment.iteration == iteration and not b.awaiting) for b in branches)

    qtbot.waitUntil(there, timeout=PATIENCE)


def fork(qtbot, model, *edits):
    """Forks with the edits; both branches stand where the shown one begins."""
    for edit in edits:
        model.draft.change(edit)
    model.draft.fork()
    branch = model.branches.all[-1]
    qtbot.waitUntil(lambda: model.shown is branch and model.branches.together, timeout=PATIENCE)
    return branch


def difference(qtbot, model, key, **wanted):
    def answer():
        return model.differences.of(model.node(key), "value", **wanted)

    qtbot.waitUntil(lambda: answer() is not None, timeout=PATIENCE)
    return answer()


def losses(branch, last):
    """The branch's own losses up to an iteration."""
    x, y = branch.run.curve("loss")
    return y[(x >= branch.begins) & (x <= last)]


def key_of(model, name):
    return next(node.key for node in model.nodes if node.qualified_name == name)


def test_another_learning_rate_makes_another_run_beside_the_first(qtbot, at_fork):
    model, main = at_fork, at_fork.shown
    plain = losses(main, END)
    assert len(plain) == END + 1
    branch = fork(qtbot, model, SetLearningRate(0.1))
    weight = key_of(model, "net.fc1.weight")
    assert difference(qtbot, model, weight).kind == "same"
    assert difference(qtbot, model, weight, at="updated").norm > 0

    go_to(qtbot, model, END)
    qtbot.waitUntil(lambda: len(losses(branch, END)) == END - FORKED + 1, timeout=PATIENCE)
    assert np.array_equal(losses(main, END), plain)
    assert losses(branch, END)[0] == plain[FORKED]
    assert not np.any(losses(branch, END)[1:] == plain[FORKED + 1 :])
    assert difference(qtbot, model, key_of(model, "net.fc1/addmm")).relative > 0
    assert difference(qtbot, model, key_of(model, "images")).kind == "same"

    model.drop_branch(branch)
    assert model.shown is main
    go_to(qtbot, model, FORKED)
    assert np.array_equal(losses(main, END), plain)


def test_an_element_and_a_sample_are_changed_at_once(qtbot, at_fork):
    model = at_fork
    fork(qtbot, model, SetElement("net.fc2.bias", (3,), 2.0), SetSample(5, index=(0, 10, 10), value=7.0))
    bias = difference(qtbot, model, key_of(model, "net.fc2.bias"))
    assert bias.summary is not None and bias.summary.size - bias.summary.zeros == 1
    model.seek(len(model.iteration.events) - 1)
    images = difference(qtbot, model, key_of(model, "images"))
    assert images.summary is not None and images.summary.size - images.summary.zeros == 1
    assert difference(qtbot, model, key_of(model, "labels")).kind == "same"


def test_before_the_fork_both_branches_are_one_run(qtbot, at_fork):
    model = at_fork
    fork(qtbot, model, SetLearningRate(0.1))
    go_to(qtbot, model, FORKED + 2)
    go_to(qtbot, model, FORKED - 5)
    for node in ("net.fc1.weight", "net.fc1/addmm"):
        assert difference(qtbot, model, key_of(model, node)).kind == "same"
    go_to(qtbot, model, FORKED + 1)
    assert difference(qtbot, model, key_of(model, "net.fc1.weight")).kind == "numbers"


def test_a_fork_of_a_fork_that_has_just_begun_is_no_wrong_replay_of_the_first_run(qtbot, at_fork):
    model, told = at_fork, []
    model.problem_found.connect(told.append)
    fork(qtbot, model, SetLearningRate(0.1))
    go_to(qtbot, model, FORKED + 1, "op")
    branch = fork(qtbot, model, SetLearningRate(0.5))
    go_to(qtbot, model, FORKED + 3)
    assert branch.begins == FORKED + 1 and not told
