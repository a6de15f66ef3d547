"""Which nodes a condition is true of, asked as the window asks while one types."""

import pytest

from gradviz.session.answers import matched
from gradviz.session.protocol import Match
from tests.session.harness import SMALL_NET, record


@pytest.mark.parametrize(
    ("condition", "names"),
    [
        (
            'module == "Linear" and kind == "forward"',
            {"net.fc1/t", "net.fc1/addmm", "net.fc2/t", "net.fc2/addmm"},
        ),
        ('grad.norm > 0 and kind == "accumulate" and node ~ "*.fc2.*"', {"net.fc2.weight", "net.fc2.bias"}),
        ("update.ratio > 1e6", set()),
        ("this is no condition", set()),
    ],
)
def test_the_recorded_numbers_decide(condition, names):
    session = record(SMALL_NET)
    iteration = session.iterations[-1]
    answer = matched(iteration, session.controller.find, Match(iteration.index, condition))
    assert {iteration.nodes[node].qualified_name for node in answer.nodes} == names
    assert (answer.iteration, answer.condition) == (iteration.index, condition)


def test_of_an_iteration_that_is_not_recorded_nothing_is_known():
    session = record(SMALL_NET)
    assert matched(None, session.controller.find, Match(7, "true")).nodes == []
