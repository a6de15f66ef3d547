"""Random walks over the timeline: whatever the route, a moment's state has the same hash."""

from __future__ import annotations

import queue
import sys
from collections.abc import Callable
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)

from gradviz.examples import default_example
from gradviz.session.client import SessionClient
from gradviz.session.protocol import (
    Acknowledge,
    Advance,
    Fork,
    Metrics,
    Problem,
    Recorded,
    Scan,
    Seek,
    Start,
    Status,
    Unreachable,
    Until,
)
from gradviz.trace import Iteration
from gradviz.trace.branches import MAIN, Branch
from gradviz.trace.state import state_hash
from tests.session.harness import PATH
from tests.session.test_checkpoints import DROPOUT, GAN, NO_OPTIMIZER

SIMPLE_NET = default_example().path.read_text(encoding="utf-8").replace("range(10)", "range(1)")
PROGRAMS = {"SimpleNet": SIMPLE_NET, "GAN": GAN, "dropout": DROPOUT, "no optimizer": NO_OPTIMIZER}
LIMITS = settings(
    max_examples=2,  # the first of which is as short as can be
    stateful_step_count=6,
    deadline=None,
    phases=(Phase.generate,),  # a worker a walk: to find a shorter one takes longer than to read this one
    suppress_health_check=list(HealthCheck),
)
PATIENCE = 30.0
OVER = ("finished", "failed")


class Walk(RuleBasedStateMachine):
    """A window that goes anywhere and compares what it finds with what any walk found there before.

    How far a pause lets the program come is a matter of time: every rule can be followed everywhere.
    """

    text: ClassVar[str]
    checkpoints: ClassVar[bool]
    hashes: ClassVar[dict[int, list[str]]]  # of every moment, from before the first event, by iteration
    losses: ClassVar[dict[int, float]]

    def __init__(self) -> None:
        super().__init__()
        self.state, self.shown, self.furthest, self.branches = "ready", -1, -1, 0

    def teardown(self) -> None:
        self.client.close(wait=True)

    # ── the walk ──────────────────────────────────────────────────────────────────────────────────────────

    @initialize()
    def start(self, furthest: int = -1) -> None:
        self.arrived: queue.Queue[tuple[int, object]] = queue.Queue()
        self.client = SessionClient(
            lambda branch, report: self.arrived.put((branch, report)),
            lambda branch, code: self.arrived.put((branch, ("ended", code))),
        )
        self.client.send(Start(self.text, PATH, furthest=furthest, checkpoints=self.checkpoints))
        self.state, self.shown = "ready", -1

    @rule()
    def run_again(self) -> None:
        self.teardown()
        self.start()
        self.furthest = -1
        self.step()

    @rule(until=st.sampled_from(["iteration", "epoch"]))
    def step(self, until: Until = "iteration") -> None:
        if self.state in OVER:
            self.seek(min(self.shown + 1, self.furthest))
        else:
            self.advance(until)

    @rule()
    def run_and_pause(self) -> None:
        if self.state not in OVER:
            self.client.send(Advance("end"))
        self.step()

    @rule()
    def run_to_the_end(self) -> None:
        if self.state not in OVER:
            self.advance("end")

    @rule(place=st.floats(0, 1))
    def scrub(self, place: float) -> None:
        self.seek(round(place * max(self.furthest, 0)))

    @rule()
    def to_the_ends(self) -> None:
        self.seek(max(self.furthest, 0))
        self.seek(0)

    @rule(steps=st.integers(1, 3))
    def step_back(self, steps: int) -> None:
        for _ in range(steps):
            self.seek(max(self.shown - 1, 0))

    @rule(place=st.floats(0, 1), length=st.integers(0, 5))
    def scan(self, place: float, length: int) -> None:
        last = max(self.furthest, 0)
        first = round(place * last)
        self.client.send(Scan(first, min(first + length, last)))
        self.arrive(min(first + length, last), lambda: self.seek(first))

    @rule(place=st.floats(0, 1))
    def branch_off(self, place: float) -> None:
        """Without a change, a branch is what its parent is."""
        if self.checkpoints and self.furthest > 0:
            iteration = round(place * self.furthest)
            self.branches += 1
            self.client.fork(Fork(Branch(self.branches, "", MAIN, iteration, ())))
            self.listen_for(
                lambda r: isinstance(r, Recorded) and r.iteration.index == iteration, self.branches
            )
            self.client.drop(self.branches)

    # ── how a window goes there ───────────────────────────────────────────────────────────────────────────

    def advance(self, until: Until) -> None:
        self.client.send(Advance(until))
        self.listen_for(lambda r: isinstance(r, Status) and r.state in ("holding", *OVER))

    def seek(self, iteration: int) -> None:
        self.client.send(Seek(iteration))
        self.arrive(iteration, lambda: self.seek(iteration))

    def arrive(self, iteration: int, anew: Callable[[], None]) -> None:
        """Waits for an iteration; `anew`: how to ask for it in a program that was started anew for it."""
        answer = self.listen_for(
            lambda r: (
                isinstance(r, Unreachable)
                or (isinstance(r, Recorded) and r.iteration.index == iteration and r.iteration.complete)
            )
        )
        if isinstance(answer, Unreachable):
            assert not self.checkpoints
            self.teardown()
            self.start(self.furthest)
            anew()
        elif self.state == "running":  # else it was at hand
            self.listen_for(lambda r: isinstance(r, Status) and r.state in ("holding", *OVER))

    def listen_for(self, wanted: Callable[[object], bool], branch: int = MAIN) -> object:
        while True:
            number, report = self.arrived.get(timeout=PATIENCE)
            self.take(number, report)
            if number == branch and wanted(report):
                return report

    def take(self, branch: int, report: object) -> None:
        match report:
            case Recorded():
                self.client.send(Acknowledge(), branch)
                if report.iteration.complete:
                    self.compare(report.iteration)
                    self.shown = report.iteration.index if branch == MAIN else self.shown
            case Metrics():
                for metric in (metric for metric in report.metrics if metric.name == "loss"):
                    for iteration, loss in zip(metric.iterations, metric.values, strict=True):
                        assert self.losses.setdefault(iteration, loss) == loss
            case Status() if branch == MAIN:
                self.state = report.state
                self.furthest = max(self.furthest, report.iteration)
            case Problem() | ("ended", _):
                raise AssertionError(report)

    def compare(self, iteration: Iteration) -> None:
        hashes = [state_hash(iteration, event) for event in range(-1, len(iteration.events))]
        assert all(hashes)
        assert self.hashes.setdefault(iteration.index, hashes) == hashes, iteration.index


@pytest.mark.parametrize("checkpoints", [True, False], ids=["checkpoints", "run again"])
@pytest.mark.parametrize("name", PROGRAMS)
def test_a_moment_is_the_same_by_every_route(name: str, checkpoints: bool) -> None:
    if checkpoints and sys.platform != "linux":
        pytest.skip("checkpoints are made on Linux")
    walk = type(
        "Walk",
        (Walk,),
        {"text": PROGRAMS[name], "checkpoints": checkpoints, "hashes": HASHES[name], "losses": LOSSES[name]},
    )
    run_state_machine_as_test(walk, settings=LIMITS)


# with checkpoints and without the same is to be found, too
HASHES: dict[str, dict[int, list[str]]] = {name: {} for name in PROGRAMS}
LOSSES: dict[str, dict[int, float]] = {name: {} for name in PROGRAMS}
