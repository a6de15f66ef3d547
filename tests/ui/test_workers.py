"""Which worker runs which branch of the run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gradviz.session.protocol import Advance, Branched, Fork, Seek, Start, Status, Unforked
from gradviz.trace.branches import MAIN, Branch, DatedEdit, SetLearningRate
from gradviz.ui.workers import Workers
from tests.ui.fake_client import FakeClient

EDITS = (DatedEdit(3, SetLearningRate(0.5)),)
FORK = Fork(Branch(1, "faster", MAIN, 3, (SetLearningRate(0.5),)), EDITS)


class Unforkable(FakeClient):
    """A worker on a system without fork."""

    def fork(self, fork: Fork) -> None:
        self.report(Unforked(fork.branch.id), fork.branch.id)


@pytest.fixture
def workers(qapp, monkeypatch) -> Iterator[Workers]:
    monkeypatch.setattr("gradviz.ui.workers.SessionClient", FakeClient)
    FakeClient.instances.clear()
    workers = Workers()
    workers.heard = []
    workers.reported.connect(lambda branch, report: workers.heard.append((branch, report)))
    yield workers
    workers.close()


@pytest.fixture
def unforkable(workers, monkeypatch) -> Workers:
    monkeypatch.setattr("gradviz.ui.workers.SessionClient", Unforkable)
    return workers


def test_a_branch_is_forked_in_the_worker_of_its_parent(workers):
    workers.start(Start("text", "a.py"))
    workers.fork(FORK)
    workers.send(Advance("iteration"), 1)
    (client,) = FakeClient.instances
    assert client.forks == [FORK]
    assert (1, Branched(1)) in workers.heard
    assert [recording.iteration.index for recording in client.branches[1]] == [0, 1, 2, 3, 4]
    assert client.branches[MAIN] == []


def test_a_branch_that_cannot_be_forked_gets_a_worker_and_its_edits(unforkable):
    unforkable.start(Start("text", "a.py", seed=7))
    unforkable.fork(FORK)
    first, second = FakeClient.instances
    assert second.commands == [Start("text", "a.py", seed=7, edits=EDITS, furthest=2), Seek(3)]
    assert (1, Branched(1)) in unforkable.heard
    assert not any(isinstance(report, Unforked) for _, report in unforkable.heard)
    unforkable.send(Advance("end"), 1)
    assert second.commands[-1] == Advance("end") and len(first.commands) == 1
    second.report(Status("finished"))
    assert unforkable.heard[-1] == (1, Status("finished"))


def test_dropping_a_branch_leaves_the_others(workers):
    workers.start(Start("text", "a.py"))
    workers.fork(FORK)
    workers.drop(1)
    (client,) = FakeClient.instances
    assert list(client.branches) == [MAIN] and not client.closed
    client.report(Status("running"), 1)  # was on its way
    assert workers.heard[-1] != (1, Status("running"))


def test_dropping_the_branch_of_a_worker_ends_that_worker_only(unforkable):
    unforkable.start(Start("text", "a.py"))
    unforkable.fork(FORK)
    unforkable.drop(1)
    first, second = FakeClient.instances
    assert second.closed and not first.closed


def test_a_branch_that_is_run_again_keeps_its_edits(unforkable):
    unforkable.start(Start("text", "a.py"))
    unforkable.fork(FORK)
    unforkable.run_again(1, 9, Seek(5))
    *_, old, new = FakeClient.instances
    assert old.closed
    assert new.commands == [Start("text", "a.py", edits=EDITS, furthest=9), Seek(5)]


def test_the_end_of_one_branch_is_not_the_end_of_others(workers):
    ends = []
    workers.ended.connect(lambda branch, code: ends.append((branch, code)))
    workers.start(Start("text", "a.py"))
    workers.fork(FORK)
    (client,) = FakeClient.instances
    client.end(3)
    assert ends == [(MAIN, 3)] and not client.closed
    workers.send(Advance("iteration"), 1)
    assert len(client.branches[1]) == 5


def test_a_branch_of_a_program_that_is_gone_runs_from_its_beginning(workers):
    workers.start(Start("text", "a.py"))
    (client,) = FakeClient.instances
    client.end(3)
    workers.fork(FORK)
    assert FakeClient.instances[-1].commands == [Start("text", "a.py", edits=EDITS, furthest=2), Seek(3)]
