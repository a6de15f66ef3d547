"""Two branches stand at the same place of an iteration, also when their graphs differ."""

import pytest

from gradviz.trace import Event, Iteration, Node, TensorInfo
from gradviz.trace.lockstep import Lockstep


def iteration(*events: str, complete: bool = True) -> Iteration:
    """Of "kind key" events, one node for every key."""
    keys = list(dict.fromkeys(event.split()[1] for event in events))
    nodes = [
        Node(id=place, key=key, kind="operation", name=key, outputs=(TensorInfo((), "float32"),))
        for place, key in enumerate(keys)
    ]
    pairs = [event.split() for event in events]
    return Iteration(
        3,
        nodes=nodes,
        events=[Event(kind, keys.index(key)) for kind, key in pairs],  # type: ignore[arg-type]
        complete=complete,
    )


def test_the_same_graph_is_walked_event_by_event():
    one = iteration("forward a", "forward b", "backward b", "backward a")
    assert [Lockstep(one, one).event(event) for event in range(-1, 4)] == [-1, 0, 1, 2, 3]


def test_events_are_matched_by_kind_and_node():
    leader = iteration("forward a", "forward loss", "backward loss", "backward a", "update a")
    follower = iteration(
        "forward a", "forward exp", "forward loss", "backward loss", "backward exp", "backward a", "update a"
    )
    assert [Lockstep(leader, follower).event(event) for event in range(5)] == [0, 2, 3, 5, 6]


def test_what_the_follower_does_not_do_leaves_it_where_it_was():
    leader = iteration("forward a", "forward exp", "forward loss", "backward loss")
    follower = iteration("forward a", "forward loss", "backward loss")
    assert [Lockstep(leader, follower).event(event) for event in range(4)] == [0, 0, 1, 2]


def test_an_operation_that_runs_twice_is_matched_by_its_turn():
    leader = iteration("forward a", "forward a", "backward a")
    follower = iteration("forward b", "forward a", "backward b", "forward a", "backward a")
    assert [Lockstep(leader, follower).event(event) for event in range(3)] == [1, 3, 4]


def test_the_end_of_a_step_is_the_end_of_the_other():
    leader = iteration("forward a", "update a")
    follower = iteration("forward a", "update a", "update loss_weight")
    assert Lockstep(leader, follower).event(1) == 2


@pytest.mark.parametrize("complete", [True, False])
def test_a_step_that_has_not_ended_leads_to_no_end(complete):
    leader = iteration("forward a", complete=complete)
    follower = iteration("forward a", "backward a")
    assert Lockstep(leader, follower).event(0) == int(complete)


def test_nothing_in_common_stays_before_the_first():
    assert Lockstep(iteration("forward a", complete=False), iteration("forward b")).event(0) == -1
