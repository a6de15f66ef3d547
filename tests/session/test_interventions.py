"""Numbers that are set at the moment when they are made: all that follows is computed from the new ones."""

import numpy as np
import pytest

from gradviz.session import hints
from gradviz.trace.branches import DatedEdit, SetNumber
from tests.session.harness import SMALL_NET, record

AT = 2  # the iteration in which a number is set


def recorded(text=SMALL_NET, *edits):
    """The session, and its iteration AT."""
    session = record(text, ["iteration"] * (AT + 1), edits=[DatedEdit(AT, edit) for edit in edits])
    iteration = next(it for it in session.iterations if it.index == AT)
    return session, iteration


def arrays(text=SMALL_NET, *edits):
    """Every array of the iteration, as of its end, by "name role"; of parameters the old values, too."""
    found = {}

    session, iteration = recorded(text, *edits)
    recording = session.controller.recording(AT)
    for ref in recording.refs():
        node = iteration.nodes[ref.node]
        name = f"{node.qualified_name} {ref.role}"
        found[f"{name} old" if ref.event < 0 and node.kind == "parameter" else name] = recording.find(ref)
    return found


HELD = SMALL_NET + "    if epoch == 2: break\n"


@pytest.fixture(scope="module")
def plain():
    return arrays(HELD)


def test_a_set_bias_changes_what_follows_and_nothing_else(plain):
    new = arrays(HELD, SetNumber("net.fc1/bias", "value", (1,), 0.75))
    assert new["net.fc1.bias value old"][1] == 0.75
    delta = 0.75 - plain["net.fc1.bias value old"][1]
    grown = new["net.fc1/addmm value"] - plain["net.fc1/addmm value"]
    assert np.allclose(grown[:, 1], delta, atol=1e-6) and not grown[:, [0, 2, 3]].any()
    assert not np.array_equal(new["net.fc2.weight grad"], plain["net.fc2.weight grad"])
    assert np.allclose(
        new["net.fc1.bias value"], new["net.fc1.bias value old"] - 0.5 * new["net.fc1.bias grad"], atol=1e-6
    )
    assert np.array_equal(new["inputs value"], plain["inputs value"])


def test_a_set_result_is_a_constant_added_to_it(plain):
    """The operation's own backward stays that of what it has computed."""
    weight, x = plain["net.fc2.weight value old"], plain["net/relu value"]
    place = tuple(np.argwhere(x > 0)[0])
    new = arrays(HELD, SetNumber("net/relu", "value", place, 3.0))
    assert new["net/relu value"][place] == 3.0
    scores = plain["net.fc2/addmm value"].copy()
    scores[place[0]] += weight[:, place[1]] * (3.0 - x[place])
    assert np.allclose(new["net.fc2/addmm value"], scores, atol=1e-6)
    dead = tuple(np.argwhere(x == 0)[0])
    new = arrays(HELD, SetNumber("net/relu", "value", dead, 3.0))
    assert new["net/relu value"][dead] == 3.0 and new["net.fc1/addmm grad"][dead] == 0


def test_a_set_gradient_changes_what_is_upstream_and_the_update(plain):
    new = arrays(HELD, SetNumber("net.fc1/addmm", "grad", (2, 0), 9.0))
    assert new["net.fc1/addmm grad"][2, 0] == 9.0
    assert np.allclose(new["net.fc1.bias grad"][0], new["net.fc1/addmm grad"][:, 0].sum(), atol=1e-5)
    assert np.array_equal(new["net.fc2.weight grad"], plain["net.fc2.weight grad"])
    new = arrays(HELD, SetNumber("net.fc2/bias", "grad", (1,), 4.0))
    old = plain["net.fc2.bias value old"][1]
    assert new["net.fc2.bias value"][1] == pytest.approx(old - 0.5 * 4.0)
    assert new["net.fc2.bias value"][0] == plain["net.fc2.bias value"][0]


def test_an_input_and_a_label_that_no_loader_gave(plain):
    new = arrays(HELD, SetNumber("/inputs", "value", (0, 0), 7.0), SetNumber("/targets", "value", (0,), 1.0))
    assert new["inputs value"][0, 0] == 7.0 and new["targets value"][0] == 1
    moved = new["net.fc1/addmm value"] - plain["net.fc1/addmm value"]
    assert moved[0].any() and not moved[1:].any()


def test_a_view_alone_is_changed_and_not_what_it_is_a_view_of(plain):
    new = arrays(HELD, SetNumber("net.fc1/t", "value", (0, 1), 2.0))
    assert new["net.fc1/t value"][0, 1] == 2.0
    assert np.array_equal(new["net.fc1.weight value old"], plain["net.fc1.weight value old"])
    assert not np.array_equal(new["net.fc1/addmm value"], plain["net.fc1/addmm value"])


def test_a_value_that_was_written_in_place_and_one_after_the_update():
    text = HELD.replace("torch.relu(self.fc1(x))", "torch.relu_(self.fc1(x) * 1)")
    new = arrays(
        text,
        SetNumber("net/relu_", "value", (0, 0), 5.0),
        SetNumber("net.fc2/bias", "value", (0,), 8.0, 0, 1),
    )
    assert new["net/relu_ value"][0, 0] == 5.0 and new["net.fc2.bias value"][0] == 8.0


@pytest.mark.parametrize(
    ("edit", "hint"),
    [
        (SetNumber("net/tanh", "value", (0,), 1.0), hints.NO_NUMBER),
        (SetNumber("net.fc1/bias", "grad", (0,), 1.0, 0, 3), hints.NO_NUMBER),
        (SetNumber("net.fc1/bias", "value", (9,), 1.0), hints.NO_ELEMENT),
        (SetNumber("net.fc1/bias", "value", (), 1.0), hints.NO_ELEMENT),
        (SetNumber("/targets", "value", (0,), 0.5), hints.NO_FRACTIONS),
        (SetNumber("/targets", "value", (0,), float("nan")), hints.NO_FRACTIONS),
        (SetNumber("/targets", "value", (0,), 1e30), hints.OUT_OF_RANGE),
        (SetNumber("/wide", "value", (0, 1), 1.0), hints.EXPANDED),
    ],
)
def test_what_cannot_be_set_is_said(edit, hint):
    text = HELD.replace("for epoch", "wide = torch.ones(1, 2).expand(8, 2)\nfor epoch").replace(
        "net(inputs)", "net(inputs) * wide"
    )
    session, _ = recorded(text, edit)
    (problem,) = session.problems
    assert (problem.kind, problem.hint, problem.iteration) == ("edit", hint, AT)
    assert problem.hint.format(*problem.hint_arguments)


def test_it_is_set_too_where_nothing_is_recorded_on_the_way():
    edit = SetNumber("net.fc1/bias", "value", (1,), 0.75)
    step_by_step = record(SMALL_NET, ["iteration"] * 5, edits=[DatedEdit(AT, edit)])
    at_once = record(SMALL_NET, ["end"], edits=[DatedEdit(AT, edit)])
    assert step_by_step.run.curve("loss")[1].tolist() == at_once.run.curve("loss")[1].tolist()
    assert at_once.run.curve("loss")[1].tolist() != record(SMALL_NET, ["end"]).run.curve("loss")[1].tolist()
