"""Going to iterations that take a while to reach: progress, Cancel, and the newest wish wins."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt

from gradviz.session.protocol import Advance, Metrics, Seek, Status
from gradviz.trace import Metric
from gradviz.ui import branch
from gradviz.ui.model import LIVE, SessionModel
from tests.session.harness import SMALL_NET
from tests.ui.fake_client import FakeClient
from tests.ui.test_window import press, window

__all__ = ["window"]

LONG_NET = SMALL_NET.replace("range(5)", "range(3000)")


class SlowClient(FakeClient):
    """A worker that takes its time: a Seek is not answered."""

    def send(self, command, branch=0):  # type: ignore[no-untyped-def]
        if isinstance(command, Seek):
            self.commands.append(command)
        else:
            super().send(command, branch)


@pytest.fixture
def slow(model, monkeypatch) -> SlowClient:
    """The worker of a model in which seven iterations have run."""
    monkeypatch.setattr("gradviz.ui.workers.SessionClient", SlowClient)
    monkeypatch.setattr(branch, "SLOW", 30)
    model.shown._patience.setInterval(30)
    model.start("# text", "simplenet.py")
    for _ in range(6):
        model.step_forward("step")
        model.step_forward("step")
    return FakeClient.instances[-1]  # type: ignore[return-value]


def seeks(client: FakeClient) -> list[int]:
    return [command.iteration for command in client.commands if isinstance(command, Seek)]


def test_the_handle_goes_ahead_and_only_the_newest_wish_is_remembered(qtbot, window, model, slow):
    far = model.furthest
    bar = window.timeline.run_bar
    bar.step_wanted.emit(2)
    bar.step_wanted.emit(4)
    bar.step_wanted.emit(3)
    assert bar._heading == 3
    assert seeks(slow) == [1], "one at a time …"
    qtbot.waitUntil(lambda: seeks(slow) == [1, 2])  # … but not for long
    assert model.moment.iteration == far, "what is shown is real"


def test_a_long_way_shows_how_far_it_is_and_can_be_cancelled(qtbot, window, model, slow):
    status, cancel = window.status, window.actions_["cancel"]
    assert not cancel.isEnabled()
    model.go_to(4)
    qtbot.waitUntil(lambda: model.shown.slow)
    slow.report(Status("running", 2))
    assert status._way.value() / status._way.maximum() == 2 / 4
    assert status._way.isVisible() and cancel.isEnabled()
    assert "step 5: 3" in status._message.text() and "3" in status._message.text()
    press(qtbot, window, Qt.Key.Key_Escape)
    assert isinstance(slow.commands[-1], Advance) or isinstance(slow.commands[-2], Advance)
    assert not status._way.isVisible() and not cancel.isEnabled()
    assert not model.shown.awaiting and model.shown.heading is None


# ── a real worker that cannot be copied ───────────────────────────────────────────────────────────────────


@pytest.fixture
def finished(qtbot) -> Iterator[SessionModel]:
    """A run of 3000 iterations without checkpoints, at its end."""
    model = SessionModel()
    model.options = {"checkpoints": False}
    model.speed = LIVE
    model.start(LONG_NET, "program.py")
    model.play()
    qtbot.waitUntil(lambda: model.status.state == "finished" and model.furthest == 2999, timeout=30_000)
    yield model
    model.close()


def test_no_way_is_too_long_to_be_shown(qtbot, window, model, slow):
    slow.report(Metrics([Metric("loss", [1 << 40], [0.5])]))
    model.go_to(1 << 40)
    qtbot.waitUntil(lambda: model.shown.slow)
    slow.report(Status("running", 1 << 39))
    assert window.status._way.value() / window.status._way.maximum() == 0.5


def test_without_checkpoints_the_program_runs_again_and_can_be_stopped_on_the_way(qtbot, finished):
    model = finished
    losses = dict(zip(*(values.tolist() for values in model.run.curve("loss")), strict=True))
    reached = []
    model.status_changed.connect(lambda: reached.append(model.status.iteration))
    model.go_to(2990)
    qtbot.waitUntil(lambda: any(0 < at < 2990 for at in reached), timeout=30_000)
    model.cancel()
    qtbot.waitUntil(lambda: model.status.state == "holding" and not model.shown.awaiting, timeout=30_000)
    stopped = model.iteration
    assert 0 < stopped.index < 2990 and stopped.loss == losses[stopped.index]
    assert model.moment.event == len(stopped.events) - 1
    model.go_to(3)
    qtbot.waitUntil(lambda: model.iteration.index == 3, timeout=30_000)
    assert model.iteration.loss == losses[3]
