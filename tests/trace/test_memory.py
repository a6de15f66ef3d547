"""The bytes that are live at an event are those of the storages that are there then, by kind."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradviz.trace import Event, Iteration, Node, TensorInfo
from gradviz.trace.iteration import Iteration as Trace
from gradviz.trace.memory import (
    KINDS,
    Kept,
    LiveBytes,
    Memory,
    Storage,
    Write,
    is_live,
    kind_at,
    live_bytes_of,
)
from gradviz.trace.packing import PackingError, pack, unpack
from gradviz.trace.pieces import IterationInPieces

EVENTS = 12


@st.composite
def storages(draw):
    since = draw(st.integers(-1, EVENTS - 1))
    until = draw(st.none() | st.integers(since, EVENTS - 1))
    graph_only = draw(st.none() | st.integers(since, EVENTS))
    return Storage(draw(st.integers(0, 1 << 40)), draw(st.sampled_from(KINDS)), since, until, graph_only)


@settings(deadline=None)
@given(st.lists(storages(), max_size=30))
def test_the_total_is_the_sum_of_the_bytes_of_what_is_there(found):
    live = LiveBytes(Memory(found), EVENTS)
    for event in range(-1, EVENTS):
        there = [storage for storage in found if is_live(storage, event)]
        assert sum(live.at(event).values()) == live.total[event + 1] == sum(s.nbytes for s in there)
        for kind in KINDS:
            of_kind = sum(s.nbytes for s in there if kind_at(s, event) == kind)
            assert live.at(event).get(kind, 0) == of_kind
    assert live.peak.nbytes == max(live.total)
    assert live.total[live.peak.event + 1] == live.peak.nbytes


def test_an_activation_that_only_the_graph_holds_is_saved_for_backward():
    storage = Storage(8, "activation", since=1, until=6, graph_only=3)
    live = LiveBytes(Memory([storage]), EVENTS)
    assert [live.at(event) for event in (0, 2, 3, 6, 7)] == [
        {},
        {"activation": 8},
        {"saved": 8},
        {"saved": 8},
        {},
    ]


def test_the_largest_come_first():
    small, large, gone = Storage(1, "input"), Storage(9, "parameter"), Storage(99, "gradient", 0, 3)
    live = LiveBytes(Memory([small, large, gone]), EVENTS)
    assert live.largest(3, 2) == [gone, large]
    assert live.largest(4, 5) == [large, small]


def an_iteration(memory: Memory | None) -> Iteration:
    node = Node(id=0, key="/relu", kind="operation", name="relu", outputs=(TensorInfo((2,), "float32"),))
    return Iteration(0, nodes=[node], events=[Event("forward", 0)], memory=memory)


def test_it_travels_with_the_iteration():
    memory = Memory([Storage(8, "activation", 0, None, 1, 0, "y")], [Kept(0, "out", 0, 0)], [Write(0, 0)])
    sent = an_iteration(memory)
    received = unpack(msgspec.msgpack.Decoder(IterationInPieces), pack(sent)).whole()
    assert received == sent
    assert live_bytes_of(received).total.tolist() == [0, 8]


def test_an_iteration_of_which_nothing_is_known_has_none():
    assert live_bytes_of(an_iteration(None)) is None
    old = msgspec.msgpack.encode({"index": 3, "nodes": [], "events": []})  # as older files have it
    assert unpack(msgspec.msgpack.Decoder(Trace), old).memory is None


@pytest.mark.parametrize(
    "memory",
    [
        Memory([Storage(8, "input", 0, 1)]),
        Memory([Storage(8, "input", 0, -1)]),
        Memory([Storage(8, "input", graph_only=2)]),
        Memory([Storage(8, "input", node=1)]),
        Memory([], [Kept(0, "out", 0, 0)]),
        Memory([Storage(8, "input")], [Kept(1, "out", 0, 0)]),
        Memory([Storage(8, "input")], [Kept(0, "out", 0, 1)]),
        Memory([], [], [Write(0, 0)]),
        Memory([Storage(8, "input")], [], [Write(0, 1)]),
        Memory([Storage(8, "input")], [], [Write(0, 0, 1)]),
    ],
)
def test_a_strangers_memory_of_something_else_is_refused(memory):
    with pytest.raises(ValueError):
        an_iteration(memory)


def test_no_number_of_bytes_is_too_large_to_be_added_up():
    data = pack(Storage(1 << 62, "input"))
    with pytest.raises(PackingError):
        unpack(msgspec.msgpack.Decoder(Storage), data)
