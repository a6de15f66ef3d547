"""The hits of a run: which comes next, and what has been examined."""

from hypothesis import given
from hypothesis import strategies as st

from gradviz.trace import Breakpoint, Hit, HitList, Moment, breakpoints


def test_the_next_and_the_last_hit_of_a_moment():
    hits = HitList()
    hits.add(2, 9, [1, 2], [Hit(3, 5, 1), Hit(3, 7, 2), Hit(8, 0, 1)])
    assert hits.after(Moment(0, -1), [1, 2]) == Hit(3, 5, 1)
    assert hits.after(Moment(3, 5), [1, 2]) == Hit(3, 7, 2)
    assert hits.after(Moment(3, 5), [1]) == Hit(8, 0, 1)
    assert hits.after(Moment(8, 0), [1, 2]) is None
    assert hits.before(Moment(9, 4), [1, 2]) == Hit(8, 0, 1)
    assert hits.before(Moment(8, 0), [1]) == Hit(3, 5, 1)
    assert hits.before(Moment(3, 5), [1, 2]) is None
    assert hits.before(Moment(3, -1), [1, 2]) is None
    assert hits.hits([2]) == [Hit(3, 7, 2)]


def test_examining_again_replaces_what_was_known_of_those_breakpoints():
    hits = HitList()
    hits.add(0, 5, [1, 2], [Hit(1, 1, 1), Hit(2, 2, 2), Hit(5, 5, 1)])
    hits.add(1, 4, [1], [Hit(3, 3, 1, "loss = 2")])
    assert hits.hits([1, 2]) == [Hit(2, 2, 2), Hit(3, 3, 1, "loss = 2"), Hit(5, 5, 1)]


def test_what_has_been_examined_is_known_for_every_breakpoint():
    hits = HitList()
    hits.add(10, 20, [1, 2], [])
    hits.add(30, 40, [1], [])
    hits.add(21, 29, [1], [])
    assert hits.examined(10, 40, [1]) and not hits.examined(10, 40, [1, 2])
    assert hits.examined_since(40, [1]) == 10
    assert hits.examined_since(15, [1, 2]) == 10
    assert hits.examined_since(25, [1, 2]) == 26  # not examined for 2
    assert hits.examined_since(9, [1]) == 10
    assert hits.examined(5, 4, [1])  # no iteration at all


def test_a_breakpoint_that_is_removed_is_forgotten():
    hits = HitList()
    hits.add(0, 5, [1, 2], [Hit(1, 1, 1), Hit(2, 2, 2)])
    hits.keep([Breakpoint(2, "true", enabled=False)])
    assert hits.hits([1, 2]) == [Hit(2, 2, 2)]
    assert not hits.examined(0, 5, [1]) and hits.examined(0, 5, [2])


def test_too_many_hits_are_forgotten_together_with_what_they_were_found_in(monkeypatch):
    monkeypatch.setattr(breakpoints, "MAX_HITS", 10)
    hits = HitList()
    for iteration in range(6):
        hits.add(iteration, iteration, [1], [Hit(iteration, event, 1) for event in range(3)])
    assert len(hits) <= 10
    first = hits.hits([1])[0].iteration
    assert hits.examined_since(5, [1]) == first
    assert [hit.event for hit in hits.hits([1]) if hit.iteration == first] == [0, 1, 2]


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 6)), max_size=20), st.integers(0, 40))
def test_examined_iterations_are_the_union_of_what_was_added(spans, iteration):
    hits, known = HitList(), set()
    for first, more in spans:
        hits.add(first, first + more, [1], [])
        known |= set(range(first, first + more + 1))
    assert hits.examined(iteration, iteration, [1]) == (iteration in known)
    since = hits.examined_since(iteration, [1])
    assert set(range(since, iteration + 1)) <= known and (since - 1 not in known or since > iteration)
