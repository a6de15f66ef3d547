"""The timeline says where in time the window is, and moves it."""

import msgspec
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QWidget

from gradviz.session.protocol import Metrics, Status
from gradviz.trace import Event, Metric
from gradviz.ui.actions import Actions
from gradviz.ui.theme import theme
from gradviz.ui.timeline import TimelineView
from tests.ui.recordings import simple_net


@pytest.fixture
def timeline(qtbot, started):
    view = TimelineView(started, Actions(QWidget()))
    qtbot.addWidget(view)
    view.resize(800, 160)
    view.show()
    return view


def bar_color(timeline, event):
    strip = timeline.strip
    x = int((strip.x_of(event - 1) + strip.x_of(event)) / 2)
    return strip.grab().toImage().pixelColor(x, 16)


def point_of(timeline, event):
    strip = timeline.strip
    return QPoint(int((strip.x_of(event - 1) + strip.x_of(event)) / 2), 16)


def test_before_the_first_run_it_invites(qtbot, model):
    view = TimelineView(model, Actions(QWidget()))
    qtbot.addWidget(view)
    assert "Space" in view.header.text()
    view.grab()


def test_the_header_names_step_epoch_batch_and_event(timeline, started, client):
    started.seek(client.recordings[0].event_of("net/relu", "backward"))
    text = timeline.header.text()
    for words in (
        "Step 1",
        "epoch 1",
        "batch 1 of 157",
        f"op {started.moment.event + 1} of",
        "backward relu",
    ):
        assert words in text
    assert theme.color("backward").name() in text


def test_each_kind_of_event_has_its_words(timeline, started, client):
    recording = client.recordings[0]
    words = {
        ("net/flatten", "forward"): "forward flatten",
        ("net.fc2.bias", "accumulate"): "gradient of net.fc2.bias",
        ("net.fc2.bias", "update"): "update net.fc2.bias",
    }
    for (key, kind), expected in words.items():
        started.seek(recording.event_of(key, kind))
        assert expected in timeline.header.text()
        assert expected in timeline.strip.accessibleDescription()


def test_before_the_first_event(timeline, started):
    started.first()
    assert "before the first operation" in timeline.header.text()


def test_names_of_the_program_are_no_markup(qtbot, timeline, started, client):
    recording = simple_net(1)
    renamed = recording.iteration.nodes[1]
    recording.iteration.nodes[1] = msgspec.structs.replace(renamed, name="<b>x")
    client.record(recording)
    started.seek(0)
    assert "forward &lt;b&gt;x" in timeline.header.text()


def test_a_click_moves_the_moment_behind_that_event(qtbot, timeline, started):
    qtbot.mouseClick(timeline.strip, Qt.MouseButton.LeftButton, pos=point_of(timeline, 7))
    assert started.moment.event == 7


def test_dragging_scrubs_and_stops_at_the_ends(qtbot, timeline, started):
    strip = timeline.strip
    qtbot.mousePress(strip, Qt.MouseButton.LeftButton, pos=point_of(timeline, 3))
    qtbot.mouseMove(strip, point_of(timeline, 12))
    assert started.moment.event == 12
    qtbot.mouseMove(strip, QPoint(strip.width() + 50, 16))
    assert started.moment.event == len(started.iteration.events) - 1
    qtbot.mouseMove(strip, QPoint(-20, 16))
    assert started.moment.event == -1
    qtbot.mouseRelease(strip, Qt.MouseButton.LeftButton, pos=QPoint(0, 16))


def test_what_has_happened_is_bright_and_what_comes_is_not(timeline, started, client):
    started.seek(2)
    assert bar_color(timeline, 1) == theme.color("forward")
    assert bar_color(timeline, 5) != theme.color("forward")
    started.last()
    backward = client.recordings[0].event_of("net/relu", "backward")
    assert bar_color(timeline, backward) == theme.color("backward")


def test_thousands_of_events_are_drawn_as_runs(timeline, started, client):
    recording = simple_net(1)
    nodes = (recording.event_of("net/relu", "forward"), 4)
    recording.iteration.events = [Event("forward", nodes[1])] * 9000 + [Event("backward", nodes[1])] * 9000
    client.record(recording)
    assert len(timeline.strip._runs()) == 2
    started.seek(12_000)
    assert bar_color(timeline, 4000) == theme.color("forward")
    assert bar_color(timeline, 11_000) == theme.color("backward")
    assert timeline.strip.event_at(timeline.strip.x_of(12_000) + 0.01) == 12_001


def test_alternating_phases_never_make_more_runs_than_pixels(timeline, client):
    recording = simple_net(1)
    recording.iteration.events = [Event("forward", 0), Event("update", 0)] * 20_000
    client.record(recording)
    assert len(timeline.strip._runs()) <= timeline.strip.width()


def test_the_run_bar_ends_where_the_epoch_ends(timeline, started, client):
    bar = timeline.run_bar
    assert (bar._done, bar._shown, bar.length) == (1, 1, 157)
    client.record(simple_net(200))
    assert (bar._done, bar._shown, bar.length) == (201, 201, 314)
    assert "201" in timeline._run_length.text()
    assert "step 201 of 201" in bar.accessibleDescription()


def test_a_narrow_timeline_keeps_the_event(timeline, started):
    timeline.resize(360, 160)
    assert "forward flatten" in timeline.header.text() and "epoch" not in timeline.header.text()


def test_without_operations_it_says_whether_some_may_come(qtbot, model):
    view = TimelineView(model, Actions(QWidget()))
    qtbot.addWidget(view)
    model.start("while True: pass", "endless.py")
    model.shown.iteration = msgspec.structs.replace(model.iteration, nodes=[], events=[])
    model.iteration_changed.emit()
    assert "is running" in view.header.text() and "Step" not in view.header.text()
    assert view._run_length.text() == ""
    model.shown.status = Status("failed")
    model.status_changed.emit()
    assert "Space" in view.header.text()


def test_the_run_is_walked_with_the_mouse(qtbot, timeline, started, client):
    client.recordings += [simple_net(index) for index in range(1, 10)]
    client.report(Metrics([Metric("loss", list(range(10)), [1.0] * 10)]))
    bar = timeline.run_bar
    at = lambda step: QPoint(int(bar._x_of(step)), bar.height() // 2)  # noqa: E731
    qtbot.mousePress(bar, Qt.MouseButton.LeftButton, pos=at(8))
    assert started.moment.iteration == 7
    qtbot.mouseMove(bar, at(3))
    qtbot.mouseRelease(bar, Qt.MouseButton.LeftButton, pos=at(3))
    assert bar.step_at(bar._x_of(500)) == 10  # not beyond what has run
