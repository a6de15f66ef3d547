"""Ancestors, descendants and paths, beside the plainest way to find them."""

from hypothesis import given
from hypothesis import strategies as st

from gradviz.trace import Event, Input, Iteration, Node, TensorInfo
from gradviz.trace.iteration import Loss
from gradviz.trace.reach import ancestors, between, descendants, losses


def graph(*inputs: tuple[int, ...], events: tuple[Event, ...] = ()) -> Iteration:
    """Node i is a scalar made of the nodes `inputs[i]`."""
    nodes = [
        Node(
            id=i,
            key=f"n{i}",
            kind="operation",
            name=f"n{i}",
            inputs=tuple(Input(source) for source in sources),
            outputs=(TensorInfo((), "float32", True),),
        )
        for i, sources in enumerate(inputs)
    ]
    return Iteration(0, nodes=nodes, events=list(events))


DIAMOND = graph((), (0,), (0,), (1, 2), (), (3, 4), (1,))
"""0 → 1 and 2 → 3 → 5; 4 → 5; 1 → 6."""


def test_a_node_and_all_that_it_is_computed_from():
    assert set(ancestors(DIAMOND, [3])) == {0, 1, 2, 3}
    assert set(ancestors(DIAMOND, [0])) == {0}


def test_a_node_and_all_that_is_computed_from_it():
    assert set(descendants(DIAMOND, [2])) == {2, 3, 5}
    assert set(descendants(DIAMOND, [6])) == {6}
    assert set(descendants(DIAMOND, [])) == set()


def test_paths_take_in_every_way_and_nothing_beside_them():
    assert set(between(DIAMOND, [0], [5])) == {0, 1, 2, 3, 5}
    assert set(between(DIAMOND, [1], [5])) == {1, 3, 5}


def test_paths_are_found_whichever_end_is_named_first():
    assert list(between(DIAMOND, [5], [0])) == list(between(DIAMOND, [0], [5]))


def test_where_neither_leads_to_the_other_there_is_no_path():
    assert set(between(DIAMOND, [1], [2])) == set()
    assert set(between(DIAMOND, [6], [5])) == set()
    assert set(between(DIAMOND, [], [5])) == set()


def test_boxes_that_lead_to_each_other_have_paths_both_ways():
    assert set(between(graph((), (0,), (1,), (2,)), [0, 2], [1, 3])) == {0, 1, 2, 3}


def test_a_loss_is_where_a_backward_began_each_of_several_once():
    events = [Event("forward", i) for i in range(7)]
    iteration = graph(*(tuple(edge.node for edge in node.inputs) for node in DIAMOND.nodes), events=events)
    iteration.losses = [Loss(5, 1.0), Loss(6, 2.0), Loss(5, 1.0)]
    assert losses(iteration) == [5, 6]


def test_before_any_backward_the_loss_is_the_last_number_that_nothing_uses():
    assert losses(DIAMOND) == [6]
    assert losses(graph()) == []


@st.composite
def graphs(draw: st.DrawFn) -> Iteration:
    count = draw(st.integers(1, 12))
    return graph(
        *(tuple(draw(st.sets(st.integers(0, i - 1), max_size=3))) if i else () for i in range(count))
    )


def closure(iteration: Iteration) -> set[tuple[int, int]]:
    """All (from, to) that a way leads along, of any length, by trying every step again and again."""
    found = {(node.id, node.id) for node in iteration.nodes}
    while True:
        more = {
            (start, node.id)
            for start, end in found
            for node in iteration.nodes
            if any(edge.node == end for edge in node.inputs)
        }
        if more <= found:
            return found
        found |= more


@given(graphs(), st.data())
def test_all_agree_with_the_transitive_closure(iteration, data):
    leads = closure(iteration)
    ids = st.integers(0, len(iteration.nodes) - 1)
    one, other = data.draw(st.sets(ids, min_size=1)), data.draw(st.sets(ids, min_size=1))
    everything = range(len(iteration.nodes))
    assert set(ancestors(iteration, one)) == {n for n in everything if any((n, to) in leads for to in one)}
    assert set(descendants(iteration, one)) == {n for n in everything if any((of, n) in leads for of in one)}
    assert set(between(iteration, one, other)) == {
        n
        for n in everything
        for a in one
        for b in other
        if ((a, n) in leads and (n, b) in leads) or ((b, n) in leads and (n, a) in leads)
    }
