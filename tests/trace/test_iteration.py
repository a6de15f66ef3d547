"""What is true of a node at a moment."""

import pytest

from gradviz.trace import Call, Event, Iteration, Loss, Node, TensorInfo
from gradviz.trace.graph import Input
from gradviz.trace.iteration import Spoiled, States


def leaf(number: int, name: str) -> Node:
    return Node(
        id=number, key=name, kind="parameter", name=name, outputs=(TensorInfo((2,), "float32", True),)
    )


def operation(number: int, name: str, *inputs: int) -> Node:
    edges = tuple(Input(node) for node in inputs)
    return Node(
        id=number, key=name, kind="operation", name=name, inputs=edges, outputs=(TensorInfo((), "float32"),)
    )


def one_weight() -> Iteration:
    """loss = sum(w), one SGD step."""
    return Iteration(
        0,
        nodes=[leaf(0, "w"), operation(1, "sum", 0)],
        events=[Event("forward", 1), Event("backward", 1), Event("accumulate", 0), Event("update", 0)],
        complete=True,
    )


def test_leaves_have_their_value_before_anything_ran():
    states = States(one_weight())
    assert states.has_value(0, -1)
    assert not states.has_value(1, -1)
    assert states.has_value(1, 0)


def test_a_gradient_exists_only_from_the_event_that_computed_it():
    states = States(one_weight())
    assert [states.has_gradient(1, event) for event in (-1, 0, 1, 3)] == [False, False, True, True]
    assert [states.has_gradient(0, event) for event in (-1, 1, 2, 3)] == [False, False, True, True]


def test_states_name_the_latest_event_of_each_kind():
    iteration = one_weight()
    iteration.events.append(Event("update", 0))
    states = States(iteration)
    assert states.at(0, 3) == (None, 2, 3)
    assert states.at(0, 4) == (None, 2, 4)


def test_phases_end_where_the_next_begins():
    assert one_weight().phase_ends() == [0, 2, 3]
    assert Iteration(0).phase_ends() == []


def test_qualified_names_are_the_programs():
    node = Node(
        id=0, key="k", kind="parameter", name="weight", scope="net.fc1", outputs=(TensorInfo((), "f"),)
    )
    assert node.qualified_name == "net.fc1.weight"
    node = Node(
        id=0, key="k", kind="operation", name="addmm", scope="net.fc1", outputs=(TensorInfo((), "f"),)
    )
    assert node.qualified_name == "net.fc1/addmm"


@pytest.mark.parametrize(
    "parts",
    [
        {"calls": [Call("net", 0)]},
        {"calls": [Call("net"), Call("net.fc1", 2)]},
        {"nodes": [Node(id=0, key="k", kind="operation", name="n", call=0, outputs=(TensorInfo((), "f"),))]},
    ],
)
def test_calls_that_do_not_exist_are_refused(parts):
    with pytest.raises(ValueError, match="call"):
        Iteration(0, **parts)


@pytest.mark.parametrize(
    "notes", [{"losses": [Loss(1, 2.0)]}, {"spoiled": [Spoiled(1, 0)]}, {"spoiled": [Spoiled(0, 1)]}]
)
def test_notes_on_what_does_not_exist_are_refused(notes):
    node = Node(id=0, key="x", kind="input", name="x", outputs=(TensorInfo((), "float32"),))
    Iteration(0, nodes=[node], events=[Event("update", 0)], losses=[Loss(0, 2.0)], spoiled=[Spoiled(0, 0)])
    with pytest.raises(ValueError, match="does not exist"):
        Iteration(0, nodes=[node], events=[Event("update", 0)], **notes)
