"""The timeline says where in time the window is, and moves it."""

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip, QWidget

from gradviz.session.protocol import Hits, Metrics, Status
from gradviz.trace import Event, Hit, Metric
from gradviz.ui.actions import Actions
from gradviz.ui.shown import Shown
from gradviz.ui.theme import theme
from gradviz.ui.timeline import TimelineView
from gradviz.ui.timeline.strip import BAR_HEIGHT, BAR_TOP
from gradviz.ui.timeline.ticks import Ticks
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
    model.shown._shown = Shown(msgspec.structs.replace(model.iteration, nodes=[], events=[]))
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


@pytest.fixture
def hits(started, client) -> list[Hit]:
    """Ten iterations have run, and two breakpoints have hit in them."""
    started.breakpoints.add("value.nan")
    started.breakpoints.add("grad.norm > 1")
    nan, grad = sorted(started.breakpoints.enabled)
    client.recordings += [simple_net(index) for index in range(1, 10)]
    client.report(Metrics([Metric("loss", list(range(10)), [1.0] * 10)]))
    found = [Hit(0, 4, nan, "value.nan = 1", "net/relu", 16), Hit(0, 4, grad), Hit(6, 2, nan), Hit(6, 3, nan)]
    client.report(Hits(0, 9, [nan, grad], found))
    return found


def tip_at(qtbot, widget, x: float, monkeypatch) -> str:
    shown = []
    monkeypatch.setattr(QToolTip, "showText", lambda _place, text, _widget: shown.append(text))
    place = QPoint(int(x), widget.height() // 2)
    QApplication.sendEvent(widget, QHelpEvent(QEvent.Type.ToolTip, place, widget.mapToGlobal(place)))
    return shown[-1]


def test_hits_are_ticks_that_say_what_hit(qtbot, timeline, hits, monkeypatch):
    bar = timeline.run_bar
    assert bar.grab().toImage().pixelColor(int(bar._x_of(7)), bar.height() // 2) == theme.color("breakpoint")
    tip = tip_at(qtbot, bar, bar._x_of(7), monkeypatch)
    assert tip.count("iteration 7") == 2 and "value.nan" in tip
    assert "that have run" in tip_at(qtbot, bar, bar._x_of(7) + 20, monkeypatch)


def test_a_click_on_a_tick_goes_to_the_hit_and_a_drag_from_it_scrubs(qtbot, timeline, started, hits):
    bar = timeline.run_bar
    at = lambda x: QPoint(int(x), bar.height() // 2)  # noqa: E731
    qtbot.mousePress(bar, Qt.MouseButton.LeftButton, pos=at(bar._x_of(7) + 2))
    assert started.moment == (6, 2) and started.selected.id == started.current_event.node
    qtbot.mouseMove(bar, at(bar._x_of(7) + 3))
    assert started.moment == (6, 2)
    qtbot.mouseMove(bar, at(bar._x_of(3)))
    assert started.moment.iteration == 2
    qtbot.mouseRelease(bar, Qt.MouseButton.LeftButton, pos=at(bar._x_of(3)))


def test_hits_of_the_shown_iteration_are_on_the_strip(qtbot, timeline, started, hits, monkeypatch):
    strip = timeline.strip
    x = int((strip.x_of(3) + strip.x_of(4)) / 2)
    assert strip.grab().toImage().pixelColor(x, BAR_TOP + BAR_HEIGHT) == theme.color("breakpoint")
    tip = tip_at(qtbot, strip, x, monkeypatch)
    assert "Breakpoint: value.nan (value.nan = 1) at net/relu, line 16" in tip and "grad‖ &gt; 1" in tip
    assert "Breakpoint" not in tip_at(qtbot, strip, strip.x_of(7) + 2, monkeypatch)
    started.go_to(6)
    assert strip.grab().toImage().pixelColor(x, BAR_TOP + BAR_HEIGHT) != theme.color("breakpoint")


def test_ticks_of_breakpoints_that_are_off_are_not_drawn(timeline, started, hits):
    for item in list(started.breakpoints):
        started.breakpoints.set_enabled(item, False)
    assert not len(timeline.run_bar._ticks())


def test_tens_of_thousands_of_hits_are_few_ticks():
    ticks = Ticks(np.sort(np.random.default_rng(0).uniform(0, 800, 50_000)))
    assert len(ticks) <= 100 and sum(len(ticks.members(tick)) for tick in range(len(ticks))) == 50_000
    assert ticks.at(-50) is None and len(Ticks(np.empty(0))) == 0 and Ticks(np.empty(0)).at(3) is None
