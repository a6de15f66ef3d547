"""The hash of a moment's state, and where two runs of an iteration part."""

from __future__ import annotations

import pytest

from gradviz.trace import Iteration
from gradviz.trace.state import first_difference, state_hash


def iteration(*digests: int, began: bytes = b"state") -> Iteration:
    return Iteration(0, complete=True, began=began, digests=list(digests))


def test_the_hash_depends_on_the_beginning_and_on_what_has_happened_since() -> None:
    same, other = iteration(1, 2, 3), iteration(1, 2, 4)
    assert state_hash(iteration(1, 2, 3), 2) == state_hash(same, 2)
    assert state_hash(other, 1) == state_hash(same, 1)
    assert state_hash(other, 2) != state_hash(same, 2)
    assert state_hash(iteration(1, 2, 3, began=b"another"), -1) != state_hash(same, -1)
    assert len({state_hash(same, event) for event in (-1, 0, 1, 2)}) == 4


def test_what_was_not_seen_has_no_hash() -> None:
    assert state_hash(iteration(1, 2, began=b""), 1) == ""
    assert state_hash(iteration(1, 2), 2) == ""


@pytest.mark.parametrize(
    ("now", "event"),
    [
        (iteration(1, 2, 3), None),
        (iteration(1, 7, 8), 1),
        (iteration(1, 2), 1),
        (iteration(1, 2, 3, 4), 3),
        (iteration(1, 2, 3, began=b"another"), -1),
        (iteration(1, 2, 3, began=b""), None),
        (iteration(), None),
    ],
    ids=["same", "other", "shorter", "longer", "began otherwise", "began unseen", "not complete"],
)
def test_the_first_event_that_differs(now: Iteration, event: int | None) -> None:
    assert first_difference(iteration(1, 2, 3), now) == event
