"""Dead and saturated units of a program's activations, asked as the graph asks for them."""

from gradviz.session.answers import units_counted
from gradviz.session.protocol import CountUnits, UnitsCounted
from gradviz.trace import ArrayRef
from gradviz.trace.units import Units
from tests.session.harness import node_named, record

PROGRAM = """
import torch

x = torch.tensor([[-1.0, 2.0, -30.0], [-3.0, -4.0, 50.0]], requires_grad=True)
y = torch.relu(x) + torch.tanh(x) + torch.sigmoid(x)
y.sum().backward()
"""


def asked(session, nodes, iteration=0):
    recorded = session.iterations[0]
    refs = [
        ArrayRef(iteration, len(recorded.events), node_named(recorded, name).id, "value") for name in nodes
    ]
    return units_counted(recorded, session.controller.find, CountUnits(3, iteration, refs))


def test_they_are_counted_in_the_recorded_numbers():
    session = record(PROGRAM)
    counted = asked(session, ["relu", "tanh", "sigmoid", "sum"])
    assert counted == UnitsCounted(
        3,
        [
            Units("dead", 4 / 6, 1, 3),
            Units("saturated", 4 / 6, 1, 3),
            Units("saturated", 2 / 6, 1, 3),
            None,
        ],
    )


def test_of_what_is_not_recorded_nothing_is_counted():
    session = record(PROGRAM)
    assert asked(session, ["relu"], iteration=7).units == [None]
    unknown = CountUnits(1, 0, [ArrayRef(0, 0, 10**6, "value"), ArrayRef(0, 0, -1, "value")])
    assert units_counted(session.iterations[0], session.controller.find, unknown).units == [None, None]
    assert units_counted(None, session.controller.find, unknown).units == [None, None]
