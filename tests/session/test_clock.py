"""The clock tells what is due."""

from __future__ import annotations

import pytest

from gradviz.session.clock import Clock


class Times:
    """Stands in for the module `time`."""

    def __init__(self) -> None:
        self.passed = self.computed = 100.0

    def monotonic(self) -> float:
        return self.passed

    def thread_time(self) -> float:
        return self.computed


@pytest.mark.parametrize(
    ("passed", "computed", "due"),
    [
        (0.1, 0.1, False),
        (0.3, 0.3, True),
        (0.3, 0.05, False),  # a busy machine leaves the program little time
        (1.0, 0.05, True),  # or it sleeps
    ],
)
def test_recordings_take_a_share_of_what_the_program_computes(
    monkeypatch: pytest.MonkeyPatch, passed: float, computed: float, due: bool
) -> None:
    times = Times()
    monkeypatch.setattr("gradviz.session.clock.time", times)
    clock = Clock()
    clock.recorded()
    times.passed += passed
    times.computed += computed
    assert clock.record_is_due(0.2) is due
