"""Which events of a recorded iteration a condition is true of."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from gradviz.trace import ArrayRef, Event, Input, Iteration, Loss, Node, Scope, Source, TensorInfo
from gradviz.trace.conditions import parse
from gradviz.trace.conditions.facts import names
from gradviz.trace.hits import MAX_HITS, hits_in, nodes_where

VECTOR = (TensorInfo((3,), "float32", True),)
NODES = [
    Node(id=0, key="net.fc/weight", kind="parameter", name="weight", scope="net.fc", outputs=VECTOR),
    Node(
        id=1,
        key="net.fc/relu_",
        kind="operation",
        name="relu_",
        scope="net.fc",
        grad_fn="ReluBackward0",
        inputs=(Input(0),),
        outputs=VECTOR,
    ),
    Node(id=2, key="/sum", kind="operation", name="sum", inputs=(Input(1),), outputs=VECTOR),
]
LINE, OTHER = Source("/home/someone/train.py", 12), Source("/home/someone/nets.py", 3)
EVENTS = [
    Event("forward", 1, OTHER),
    Event("forward", 2, LINE),
    Event("backward", 2, LINE),
    Event("backward", 1, OTHER),
    Event("accumulate", 0, OTHER),
    Event("update", 0),
]
ITERATION = Iteration(
    6,
    epoch=1,
    batch=4,
    nodes=NODES,
    scopes=[Scope("net", "Net"), Scope("net.fc", "Linear")],
    events=EVENTS,
    losses=[Loss(1, 9.0, 4.0, 2.0)],
)
VALUES = {
    (0, "value", -1): np.float32([3, 0, 4]),
    (0, "value", 5): np.float32([3, 0, 9]),
    (0, "grad", 4): np.float32([0, 0, 2]),
    (1, "value", 0): np.float32([[0, 1, 0], [0, 2, 3]]),
    (1, "grad", 3): np.float32([np.nan, 1, np.inf]),
    (2, "value", 1): np.float32(9),
    (2, "grad", 2): np.float32(1),
}


def find(ref: ArrayRef) -> np.ndarray | None:
    known = [
        event for node, role, event in VALUES if (node, role) == (ref.node, ref.role) and event <= ref.event
    ]
    return VALUES[ref.node, ref.role, max(known)] if known else None


def hit_events(condition: str) -> list[int]:
    hits = hits_in(ITERATION, find, {7: parse(condition)})
    assert all((hit.iteration, hit.breakpoint) == (6, 7) for hit in hits)
    return [hit.event for hit in hits]


@pytest.mark.parametrize(
    ("condition", "events"),
    [
        ("true", [0, 1, 2, 3, 4, 5]),
        ('kind == "accumulate"', [4]),
        ('phase == "backward"', [2, 3, 4]),
        ('op == "relu"', [0, 3]),
        ('op == "relu_"', [0, 3]),
        ('op != "relu"', [1, 2]),  # a parameter is no operation
        ('grad_fn ~ "Relu*"', [0, 3]),
        ('node == "net.fc.weight"', [4, 5]),
        ('node == "net.fc/weight"', [4, 5]),  # its key
        ('node == "fc.weight"', [4, 5]),  # as named_parameters() calls it
        ('scope == "net.fc"', [0, 3, 4, 5]),
        ('scope == ""', [1, 2]),
        ('module == "Linear"', [0, 3, 4, 5]),
        ('file == "train.py" and line == 12', [1, 2]),
        ("line < 12", [0, 3, 4]),
        ("iteration == 7 and epoch == 2 and batch == 5 and event == 3", [2]),
        ("value.norm == 9", [1]),
        ("before.norm == 5", [5]),
        ("grad.nan or grad.inf", [3]),
        ("not grad.finite", [3]),
        ("grad.zeros > 0.6", [4]),
        ("update.ratio == 1", [5]),
        ("dead > 0.3 and dead < 0.4", [0]),
        ("loss > 2 * loss.previous", [1]),
        ("loss > 4 * loss.lowest", [1]),
        ("loss > 9", []),
        ("grad.max > 0 or value.max > 0", [0, 1, 2, 4, 5]),
    ],
)
def test_a_condition_is_true_of_these_events(condition, events):
    assert hit_events(condition) == events


@pytest.mark.parametrize(
    ("condition", "nodes"),
    [
        ("true", [0, 1, 2]),
        ('module == "Linear"', [0, 1]),
        ("value.norm == 9 or grad.nan", [1, 2]),
        ("dead > 0.3", [1]),
        ("loss > 9", []),
    ],
)
def test_a_node_is_found_once_whatever_its_event(condition, nodes):
    assert nodes_where(ITERATION, find, parse(condition)) == nodes


def test_hits_are_ascending_and_say_why():
    hits = hits_in(ITERATION, find, {9: parse("value.norm > 8"), 2: parse("loss > 0")})
    assert [(hit.event, hit.breakpoint, hit.reason) for hit in hits] == [
        (1, 2, "loss = 9"),
        (1, 9, "value.norm = 9"),
        (5, 9, "value.norm = 9.487"),
    ]


def test_an_iteration_has_only_so_many_hits():
    long = Iteration(0, nodes=NODES, events=EVENTS[:2] * MAX_HITS)
    hits = hits_in(long, find, {1: parse("true"), 2: parse("true")})
    assert len(hits) == MAX_HITS and hits[-1].event == MAX_HITS // 2 - 1


def test_only_what_is_asked_for_is_looked_at():
    asked: list[ArrayRef] = []

    def watched(ref: ArrayRef) -> np.ndarray | None:
        asked.append(ref)
        return find(ref)

    hits_in(ITERATION, watched, {1: parse('op == "relu"'), 2: parse("line == 12")})
    assert asked == []
    hits_in(
        ITERATION,
        watched,
        {1: parse('grad.norm > 1 and node == "sum"'), 2: parse("grad.max > 1 and line == 12")},
    )
    assert [(ref.node, ref.role) for ref in asked] == [(2, "grad")]


ANYTHING = arrays.arrays(
    st.sampled_from(["f2", "f4", "f8", "c8", "i1", "i8", "?"]),
    arrays.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3),
)


@given(st.lists(st.one_of(ANYTHING, st.none()), min_size=1, max_size=4))
def test_no_array_makes_it_raise(kept):
    def strange(ref: ArrayRef) -> np.ndarray | None:
        return kept[(ref.event + ref.node) % len(kept)]

    numbers = [name for name in names() if "." in name or name in ("dead", "loss")]
    conditions = {
        number: parse(f"not ({name} == 1)") for number, name in enumerate(numbers) if "finite" not in name
    }
    hits_in(ITERATION, strange, conditions)
