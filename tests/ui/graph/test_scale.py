"""A window on a graph of tens of thousands of operations answers at any time."""

import threading
import time

import pytest
from PySide6.QtCore import QPointF, QTimer

from gradviz.session.protocol import Recorded
from gradviz.ui.graph import OutlineView
from tests.ui.fake_client import FakeClient
from tests.ui.graph.samples import chain
from tests.ui.watchdog import Watchdog

AT_MOST = 0.1  # seconds of the processor in which a window may not answer
COUNT = 30_000


@pytest.fixture
def large(qtbot, view, model) -> FakeClient:
    """A client whose program has a large graph, before that is reported."""
    model.start("", "large.py")
    for beside in (OutlineView(model), view):
        qtbot.addWidget(beside)
        beside.show()
    qtbot.waitUntil(lambda: view.placed)
    return FakeClient.instances[-1]


def test_the_watchdog_sees_who_holds_the_window_up(qtbot):
    def compute() -> None:
        end = time.thread_time() + 0.2
        while time.thread_time() < end:
            pass

    with Watchdog() as watchdog:
        QTimer.singleShot(0, compute)
        QTimer.singleShot(20, compute)
        qtbot.wait(50)
    assert 0.2 <= watchdog.longest < 0.39, "what is computed in between two turns does not add up"
    with Watchdog() as watchdog:
        qtbot.wait(200)
    assert watchdog.longest < 0.1, "waiting is no work"


def test_a_large_graph_is_shown_opened_and_walked_without_holding_the_window_up(qtbot, view, model, large):
    recording = chain(COUNT, scopes=300)
    large.recordings.append(recording)
    with Watchdog() as watchdog:
        reporting = threading.Thread(target=large.report, args=[Recorded(recording.iteration)])
        reporting.start()  # as a real client does
        qtbot.waitUntil(lambda: view.placed and "net.[1–32]/" in view._diagram.cards)
        for key in ("net.[1–32]/", "net.[1–32].7/"):
            view.toggle(key)
            qtbot.waitUntil(lambda: view.placed)
        for _ in range(3):
            model.step_forward("op")
            model.step_forward("over")
            qtbot.wait(1)
        model.select(recording.iteration.nodes[-1].key)
        view.canvas.zoom(1.5, QPointF(100, 100))
        qtbot.wait(1)
    reporting.join()
    assert watchdog.longest < AT_MOST


def test_opening_everything_and_looking_around_does_not_hold_the_window_up(qtbot, view, model, large):
    """Thousands of cards and boxes, of which the outline opens only outer ones."""
    recording = chain(COUNT // 6, scopes=500)
    large.recordings.append(recording)
    large.report(Recorded(recording.iteration))
    qtbot.waitUntil(lambda: view.placed and "net.[1–32]/" in view._diagram.cards)
    with Watchdog() as watchdog:
        view.open_all("")
        qtbot.waitUntil(lambda: view.placed and len(view._diagram.cards) == COUNT // 6, timeout=30_000)
        for scale in (0.05, 0.3, 1.0):
            view.canvas.camera.scale = scale
            view.canvas.center_on(view.canvas.bounds.center())
            for _ in range(20):
                view.canvas.camera.pan(9, 5)
                view.canvas._view_moved()
                qtbot.wait(1)
    assert watchdog.longest < AT_MOST
