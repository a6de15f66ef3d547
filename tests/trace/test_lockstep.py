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


def test_in_a_phase_of_its_own_the_follower_has_done_what_precedes_it():
    leader = iteration("forward a", "forward exp", "backward exp", "backward a", "update w", "update a")
    follower = iteration("forward a", "forward log", "backward log", "backward a", "update a")
    assert [Lockstep(leader, follower).event(event) for event in range(6)] == [0, 0, 1, 3, 3, 4]


def test_phases_that_come_again_are_told_apart():
    half = ("forward {0}", "forward {0}exp", "backward {0}exp", "backward {0}", "update {0}")
    other = ("forward {0}", "forward {0}log", "backward {0}log", "backward {0}", "update {0}")
    leader = iteration(*(event.format(net) for net in ("d", "g") for event in half))
    follower = iteration(*(event.format(net) for net in ("d", "g") for event in other))
    assert [Lockstep(leader, follower).event(event) for event in range(10)] == [0, 0, 1, 3, 4, 5, 5, 6, 8, 9]


def test_a_phase_that_the_follower_does_not_have_leaves_it_where_it_was():
    leader = iteration("forward a", "backward a", "update a", complete=False)
    follower = iteration("forward a")
    assert [Lockstep(leader, follower).event(event) for event in range(3)] == [0, 0, 0]
