"""What was found in an iteration is found once."""

from gradviz.trace import Event, Iteration
from gradviz.trace.lately import KEPT, lately
from tests.trace.test_folding import program


def test_what_was_found_is_remembered_for_the_last_iterations():
    asked = []
    find = lately(lambda iteration: asked.append(iteration.index) or str(iteration.index))
    iterations = [Iteration(i) for i in range(KEPT + 1)]
    for iteration in (*iterations, *iterations[1:]):
        assert find(iteration) == str(iteration.index)
    assert asked == list(range(KEPT + 1))
    find(iterations[0])
    assert asked[-1] == 0, "the oldest was forgotten"


def test_an_iteration_that_has_grown_is_looked_at_again():
    count = lately(lambda iteration: len(iteration.events))
    iteration = program(("add", 1))
    assert count(iteration) == 0
    iteration.events.append(Event("forward", 0))
    assert count(iteration) == 1
