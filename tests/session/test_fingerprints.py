"""A few numbers of every event tell whether an iteration that runs again is what it was."""

from __future__ import annotations

import numpy as np
import pytest

from gradviz.session import history as history_module
from gradviz.session.fingerprints import Fingerprints
from gradviz.session.history import History
from tests.session.harness import SMALL_NET, record

EVENTS = [np.arange(12.0).reshape(3, 4), np.float32([[1, 2]]), np.array(7), np.array([]), np.array([1 + 2j])]


def run(history: History, iteration: int, events: list[np.ndarray]) -> tuple[list[bool], bool]:
    """Whether each event differs, and whether all agree at the end."""
    prints = Fingerprints(history)
    prints.begin(iteration)
    return [prints.differs(event) for event in events], prints.end(1.0)


def test_what_runs_a_second_time_alike_agrees() -> None:
    history = History()
    for iteration in (0, 1, 0, 1):
        assert run(history, iteration, EVENTS) == ([False] * len(EVENTS), True)


def test_a_number_that_is_none_agrees_with_itself() -> None:
    history = History()
    assert [run(history, 3, [np.full((2, 2), np.nan)]) for _ in range(2)] == [([False], True)] * 2


def test_only_the_first_event_that_differs_is_named() -> None:
    history = History()
    run(history, 5, EVENTS)
    changed = [EVENTS[0], EVENTS[1] + 1, *(event + 1 for event in EVENTS[2:])]
    assert run(history, 5, changed) == ([False, True, False, False, False], False)


@pytest.mark.parametrize("events", [EVENTS[:-1], [*EVENTS, np.array(1.0)]], ids=["fewer", "more"])
def test_fewer_or_more_events_do_not_agree(events: list[np.ndarray]) -> None:
    history = History()
    run(history, 5, EVENTS)
    assert run(history, 5, events)[1] is False


def test_when_there_is_no_room_for_single_numbers_the_whole_is_still_compared(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(history_module, "NUMBERS", 16)
    history = History()
    for iteration in range(4):
        run(history, iteration, EVENTS)
    changed = [EVENTS[0] + 1, *EVENTS[1:]]
    assert run(history, 0, changed) == ([True, *[False] * 4], False)
    assert run(history, 3, changed) == ([False] * 5, False)


def test_a_process_that_parts_shares_what_came_before_only() -> None:
    shared, other = History(), [event + 1 for event in EVENTS]
    for iteration in range(4):
        shared.began(iteration)
        run(shared, iteration, EVENTS)
    own = shared
    own.part(2, printed=2)
    assert own.furthest == 1
    assert run(own, 1, other)[1] is False
    assert run(own, 2, other)[1] is True
    assert run(own, 2, other)[1] is True


def test_a_difference_is_told_once_and_an_earlier_one_again() -> None:
    history = History()
    assert [history.first_to_differ(iteration) for iteration in (7, 9, 7, 3, 7)] == [1, 0, 0, 1, 0]


BY_HAND = """
import torch
w = torch.rand(3, requires_grad=True)
speed = torch.zeros(3)
for i in range(4):
    loss = ((w - 1) ** 2).sum()
    loss.backward()
    clipped = w.grad.clamp(-1, 1) * 0.5
    w.data -= 0.1 * clipped
    w.grad = None
"""


@pytest.mark.parametrize("text", [SMALL_NET, BY_HAND], ids=["optimizer", "by hand"])
def test_events_are_counted_as_they_are_recorded(text: str) -> None:
    session = record(text, ["iteration"] * 3)
    prints = session.controller._fingerprints
    assert prints.events == len(session.iterations[-1].events)
