"""What an iteration says of itself for the overlays of the graph: bytes, and time."""

import msgspec
import numpy as np
import pytest

from gradviz.trace import Event, Iteration, Node, Saved, TensorInfo
from gradviz.trace.overlays import begins, nbytes, sizes_of, times_of


def node(number: int, **rest) -> Node:
    usual = {"kind": "operation", "name": "op", "outputs": (TensorInfo((2, 3), "float32", True),)}
    return Node(id=number, key=f"/op{number}", **usual | rest)


def iteration(**rest) -> Iteration:
    saved = (Saved("self", (2, 3), "float32", 24), Saved("mask", (2, 3), "bool", 6))
    nodes = [
        node(0, kind="parameter"),
        node(1, is_view=True),
        node(2, saved=saved, outputs=(TensorInfo((4,), "float64"), TensorInfo((4,), "int64"))),
    ]
    events = [
        Event("forward", 1),
        Event("forward", 2),
        Event("backward", 2),
        Event("backward", 2),
        Event("backward", 1),
        Event("accumulate", 0),
    ]
    return Iteration(0, nodes=nodes, events=events, **rest)


TIMES = [10, 20, 5, 6, 7, 0]


def test_sizes_are_those_of_all_outputs_and_of_what_is_saved():
    sizes = sizes_of(iteration())
    assert sizes.values.tolist() == [24, 0, 64]
    assert sizes.saved.tolist() == [0, 0, 30]


@pytest.mark.parametrize(
    ("dtype", "expected"), [("bool", 6), ("complex128", 96), ("float16", 12), ("qint8", 0)]
)
def test_bytes_follow_from_the_dtype(dtype, expected):
    assert nbytes(TensorInfo((2, 3), dtype)) == expected


def test_times_add_up_over_the_events_of_a_node():
    times = times_of(iteration(nanoseconds=TIMES))
    assert times.forward.tolist() == [0, 10, 20]
    assert times.backward.tolist() == [0, 7, 11]


@pytest.mark.parametrize(("event", "total"), [(-1, 0), (0, 10), (2, 35), (5, 48)])
def test_times_count_up_to_a_moment(event, total):
    times = times_of(iteration(nanoseconds=TIMES), event)
    assert int(np.sum(times.forward + times.backward)) == total


def test_where_time_was_not_measured_there_is_none():
    assert times_of(iteration()) is None


def test_values_begin_with_their_forward():
    assert begins(iteration()).tolist() == [-1, 0, 1]


def test_an_iteration_from_before_times_were_measured_can_be_read():
    fields = msgspec.to_builtins(iteration(), builtin_types=(bytes,))
    del fields["nanoseconds"]
    old = msgspec.msgpack.decode(msgspec.msgpack.encode(fields), type=Iteration)
    assert old.nanoseconds == [] and times_of(old) is None


def test_as_many_times_as_events():
    with pytest.raises(ValueError, match="3 times of 6 events"):
        iteration(nanoseconds=[1, 2, 3])
