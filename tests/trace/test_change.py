"""How an array has changed since the iteration before."""

import numpy as np
import pytest

from gradviz.trace import ArrayRef
from gradviz.trace.change import change_of
from tests.ui.recordings import simple_net, updated_weights

FIRST = simple_net(0)
SECOND = simple_net(1, updated_weights(FIRST))
END = len(SECOND.iteration.events) - 1


def find(ref):
    return (FIRST, SECOND)[ref.iteration].find(ref)


def change(key, role="value", event=END, kept=(FIRST, SECOND), iteration=1, **name):
    ref = ArrayRef(iteration, event, SECOND.node(key).id, role, change=True, **name)
    iterations = {recording.iteration.index: recording.iteration for recording in kept}
    return change_of(ref, iterations.get, find)


@pytest.mark.parametrize(("key", "role"), [("net/relu", "value"), ("net.fc1.weight", "grad")])
def test_it_is_the_difference_of_the_same_place(key, role):
    node = SECOND.node(key).id
    expected = SECOND.arrays[node, role].astype(np.float64) - FIRST.arrays[node, role]
    assert np.array_equal(change(key, role), expected) and np.any(expected)


def test_a_parameter_is_compared_as_of_the_same_event():
    key = "net.fc1.weight"
    node = FIRST.node(key).id
    update = FIRST.arrays[node, "updated"].astype(np.float64) - FIRST.arrays[node, "value"]
    assert np.array_equal(change(key, event=-1), update)
    assert not np.array_equal(change(key), update)


def test_there_is_none_without_the_iteration_before():
    assert change("net/relu", kept=(SECOND,)) is None
    assert change("net/relu", iteration=0) is None


def test_there_is_none_where_the_operation_is_new_or_has_another_shape():
    other = simple_net(0)
    other.iteration.nodes[:] = [node for node in other.iteration.nodes if node.key != "net/relu"]
    assert change("net/relu", kept=(other, SECOND)) is None
    ref = ArrayRef(1, END, 0, "value", change=True)
    found = iter([np.ones(3), np.ones(4)])
    assert change_of(ref, lambda index: FIRST.iteration, lambda ref: next(found)) is None


def test_a_node_that_does_not_exist_has_none():
    ref = ArrayRef(1, END, 10**6, "value", change=True)
    assert change_of(ref, lambda index: FIRST.iteration, find) is None
