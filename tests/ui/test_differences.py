"""Differences between two branches are asked of both workers and computed in the background."""

import numpy as np
import pytest

from gradviz.session.protocol import Fetch, Fetched
from gradviz.trace.branches import MAIN, SetLearningRate
from gradviz.trace.difference import Difference
from gradviz.ui.differences import Size


@pytest.fixture
def forked(started):
    """SimpleNet at the first event of iteration 2, forked there with another learning rate."""
    started.step_forward("step")
    started.step_forward("step")
    started.step_forward("op")
    started.draft.change(SetLearningRate(0.5))
    started.draft.fork()
    return started


def found(qtbot, model, key, role="value", **wanted):
    """The difference, once it has come."""
    node = model.node(key)

    def arrived():
        return model.differences.of(node, role, **wanted) is not None

    qtbot.waitUntil(arrived)
    return model.differences.of(node, role, **wanted)


def test_before_the_update_nothing_differs_and_after_it_the_parameters_do(qtbot, forked, client):
    before = found(qtbot, forked, "net.fc1.weight")
    assert isinstance(before, Difference) and before.kind == "same"
    after = found(qtbot, forked, "net.fc1.weight", at="updated")
    a, b = (client.branches[number][-1] for number in (1, MAIN))
    change = a.arrays[a.node("net.fc1.weight").id, "updated"].astype(np.float64)
    change -= b.arrays[b.node("net.fc1.weight").id, "updated"]
    assert after.kind == "numbers" and after.norm == pytest.approx(np.linalg.norm(change))


def test_an_iteration_later_activations_and_gradients_differ(qtbot, forked):
    forked.step_forward("step")
    forked.step_forward("step")
    assert found(qtbot, forked, "images").kind == "same"
    assert found(qtbot, forked, "net/relu").kind == "numbers"
    assert found(qtbot, forked, "net.fc2.bias", "grad").relative > 0


def test_the_answer_is_kept(qtbot, forked, client):
    found(qtbot, forked, "images")
    client.commands.clear()
    assert forked.differences.of(forked.node("images"), "value").kind == "same"
    assert not any(isinstance(command, Fetch) for command in client.commands)
    found(qtbot, forked, "images", size=Size(4, 4))
    assert any(isinstance(command, Fetch) for command in client.commands)


def test_what_is_not_computed_yet_is_not_compared(forked, client):
    assert forked.differences.of(forked.node("net.fc2.bias"), "grad") == "pending"
    assert forked.differences.of(forked.node("criterion/nll_loss"), "value") == "pending"


def test_a_node_that_the_other_branch_lacks_is_named_so(forked):
    main = forked.branches.all[0]
    main._shown._nodes.pop("net/relu")
    forked.seek(len(forked.iteration.events) - 1)
    assert forked.differences.of(forked.node("net/relu"), "value") == "missing"


def test_a_branch_that_stands_elsewhere_is_not_compared(forked):
    forked.branches.compare(None)
    assert forked.differences.of(forked.node("images"), "value") == "away"


def test_arrays_that_do_not_travel_are_too_large(qtbot, forked, client):
    send = client.send

    def refuse(command, branch=MAIN):
        if isinstance(command, Fetch):
            client.report(Fetched(command.request, None, 1 << 40), branch)
        else:
            send(command, branch)

    client.send = refuse
    assert found(qtbot, forked, "images") == "large"


def test_an_array_that_is_gone_is_asked_for_again_when_its_step_is_shown_again(qtbot, forked, client):
    recordings = client.branches[MAIN]
    kept = list(recordings)
    recordings.clear()
    assert found(qtbot, forked, "images") == "pending"
    recordings[:] = kept
    forked.step_forward("step")
    forked.step_forward("step")
    forked.go_to(2, "op")
    assert found(qtbot, forked, "images").kind == "same"


def test_a_dropped_branch_owes_no_answer(qtbot, forked, client):
    client.send = client.keep  # nobody answers
    assert forked.differences.of(forked.node("images"), "value") is None
    del client.send
    forked.branches.show(forked.branches.all[0])
    assert found(qtbot, forked, "images").kind == "same"
