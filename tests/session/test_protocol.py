"""Messages survive the wire; nothing else is believed."""

import math
import random

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradviz.session import protocol
from gradviz.trace import (
    ArrayRef,
    Breakpoint,
    Event,
    Hit,
    Iteration,
    Metric,
    Node,
    OriginStep,
    RawArray,
    Source,
    TensorInfo,
    Trail,
    pieces,
    summarize,
)
from gradviz.trace.branches import Branch, SetElement, SetLearningRate, SetLoss, SetSample, edits_of
from gradviz.trace.values import Part
from tests.session.mutations import mutated
from tests.ui.graph.samples import chain

NODE = Node(id=0, key="x", kind="input", name="x", outputs=(TensorInfo((2, 3), "float32"),))
EDITS = (
    SetLearningRate(0.5, optimizer="judge"),
    SetElement("net.fc1.weight", (1, 2), math.inf),
    SetLoss("criterion = ...", "loss.py"),
    SetSample(3, label=7, index=(0, 1), value=0.5),
)
COMMANDS = [
    protocol.Start("print('你好')", "a.py", seed=3, data="/data"),
    protocol.Advance("epoch"),
    protocol.Look(1, [ArrayRef(0, 2, 5, "saved", name="out")], 4, 5, 6, (1,)),
    protocol.Fetch(2, ArrayRef(0, 2, 5, "grad")),
    protocol.Fetch(3, ArrayRef(0, 2, 5, "value"), Part((1, 0), 0, 64, 32, 16)),
    protocol.Break([Breakpoint(7, "grad.norm > 10", name="grows")]),
    protocol.Scan(3, 70),
    protocol.Origin(2, ArrayRef(0, 2, 5, "grad")),
    protocol.Fork(Branch(2, "lr", 1, 30, EDITS), edits_of(Branch(2, "lr", 0, 30, EDITS), {})),
    protocol.Acknowledge(),
]
REPORTS = [
    protocol.Status("holding", 3, 1, 2, 157, 812.5, 4096),
    protocol.Recorded(Iteration(3, nodes=[NODE], complete=True, loss=2.3)),
    protocol.Hits(3, 4, [7], [Hit(4, 2, 7, "grad.norm = 12.3")]),
    protocol.Origins(
        2, Trail("made", [OriginStep(2, 5, "grad", 0, "NaN", 1, (3, 4), (0, 2), "{0} of {1}", ("1", "6"))])
    ),
    protocol.Metrics([Metric("loss", [0, 1], [math.inf, -1.0])]),
    protocol.Seen(1, [summarize(np.ones((3, 4)), 2, 2, 4), None]),
    protocol.Fetched(2, RawArray.of(np.ones((3, 4))), 96),
    protocol.Fetched(3, None, 1 << 40),
    protocol.Branched(2),
    protocol.Unforked(2),
    protocol.Output("stdout", "loss 2.3\n"),
    protocol.Problem("error", "NameError", "name 'nett' is not defined", Source("a.py", 3)),
]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda c: type(c).__name__)
def test_commands_survive_the_wire(command):
    assert protocol.decode_command(protocol.encode(command)) == command


@pytest.mark.parametrize("report", REPORTS, ids=lambda r: type(r).__name__)
def test_reports_survive_the_wire(report):
    assert protocol.decode_report(protocol.encode(report)) == report


@given(st.binary(max_size=200))
def test_anything_else_is_refused(data):
    with pytest.raises(protocol.ProtocolError):
        protocol.decode_report(data)


@given(st.data())
def test_a_damaged_report_is_refused_or_still_a_report(data):
    message = bytearray(protocol.encode(data.draw(st.sampled_from(REPORTS))))
    message[data.draw(st.integers(0, len(message) - 1))] = data.draw(st.integers(0, 255))
    try:
        report = protocol.decode_report(bytes(message))
    except protocol.ProtocolError:
        return
    assert isinstance(report, protocol.Report)


@pytest.mark.parametrize("report", REPORTS, ids=lambda r: type(r).__name__)
def test_an_altered_report_is_refused_or_still_a_report(report):
    rng, refused = random.Random(0), 0
    for _ in range(200):
        try:
            assert isinstance(protocol.decode_report(mutated(protocol.encode(report), rng)), protocol.Report)
        except protocol.ProtocolError:
            refused += 1
    assert refused


def test_a_summary_that_claims_more_cells_than_allowed_is_refused():
    summary = msgspec.to_builtins(summarize(np.ones(4), 1, 4))
    summary["rows"] = 1 << 40
    message = msgspec.msgpack.encode({"type": "seen", "request": 1, "summaries": [summary]})
    with pytest.raises(protocol.ProtocolError):
        protocol.decode_report(message)


def test_a_text_that_utf8_cannot_hold_arrives_all_the_same():
    sent = protocol.Output("stdout", "half a character: \ud83d")
    assert protocol.decode_report(protocol.encode(sent)).text == "half a character: ?"


@pytest.mark.parametrize("key", ["", "net/"])
def test_a_node_cannot_take_the_place_of_a_scope(key):
    node = Node(id=0, key=key, kind="input", name="x", outputs=(TensorInfo((1,), "float32"),))
    with pytest.raises(protocol.ProtocolError):
        protocol.decode_report(protocol.encode(protocol.Recorded(Iteration(0, nodes=[node]))))


@pytest.mark.parametrize("iteration", [-1, 1 << 63])
def test_an_iteration_that_no_run_can_reach_is_refused(iteration):
    with pytest.raises(protocol.ProtocolError):
        protocol.decode_report(protocol.encode(protocol.Metrics([Metric("loss", [iteration], [1.0])])))


@pytest.mark.parametrize(
    "wrong",
    [
        lambda iteration: iteration.nodes.reverse(),
        lambda iteration: iteration.events.append(Event("forward", 99)),
        lambda iteration: iteration.events.append("forward"),
    ],
    ids=["order", "event", "type"],
)
def test_a_graph_that_does_not_hang_together_is_refused(wrong):
    iteration = chain(3).iteration
    wrong(iteration)
    with pytest.raises(protocol.ProtocolError):
        protocol.decode_report(protocol.encode(protocol.Recorded(iteration)))


def test_a_large_graph_is_decoded_in_pieces_so_that_others_get_on_meanwhile(monkeypatch):
    decoded = []
    monkeypatch.setattr(
        pieces, "unpack", lambda decoder, piece: decoded.append(piece) or decoder.decode(piece)
    )
    iteration = chain(50).iteration
    assert protocol.decode_report(protocol.encode(protocol.Recorded(iteration))).iteration == iteration
    assert len(decoded) == len(iteration.nodes) + len(iteration.events)
