"""The page Memory: live bytes over the events, whose total is the sum of what is there."""

import pytest
from PySide6.QtCore import QPoint, Qt

from gradviz.trace.memory import Memory, Storage, is_live
from gradviz.ui.plots import PlotsView
from gradviz.ui.plots.view import PAGES
from tests.ui.recordings import simple_net


def with_memory():
    recording = simple_net()
    weight, relu = recording.node("net.fc1.weight").id, recording.node("net/relu").id
    forward, backward = recording.event_of("net/relu", "forward"), recording.event_of("net/relu", "backward")
    recording.iteration.memory = Memory(
        [
            Storage(50 << 20, "input", holder="train_loader"),
            Storage(401_408, "parameter", node=weight),
            Storage(32_768, "activation", forward, backward, forward + 2, relu),
            Storage(401_408, "gradient", backward + 1, None, None, weight),
            Storage(4, "earlier", holder="losses"),
        ]
    )
    return recording


@pytest.fixture
def recording():
    return with_memory()


@pytest.fixture
def plots(qtbot, started, client, recording):
    view = PlotsView(started)
    qtbot.addWidget(view)
    view.resize(520, 190)
    with qtbot.waitExposed(view):
        view.show()
    client.record(recording)
    started.first()
    view.tabs.setCurrentIndex(PAGES.index("memory"))
    qtbot.waitUntil(view.memory.isVisible)
    return view


@pytest.fixture
def page(plots):
    return plots.memory


def rows(page):
    return [page.list.item(row).text() for row in range(page.list.count())]


def test_the_total_of_the_plot_is_the_sum_of_the_bytes_of_what_is_there(page, recording):
    iteration = recording.iteration
    for event in range(-1, len(iteration.events)):
        there = [s.nbytes for s in iteration.memory.storages if is_live(s, event)]
        assert page.live.total[event + 1] == sum(there)


def test_the_peak_is_said_and_a_click_goes_there_and_lists_the_largest(qtbot, page, started, recording):
    peak = page.live.peak
    assert page.peak.text().endswith(f"at event {peak.event + 1}")
    qtbot.mouseClick(page.peak, Qt.MouseButton.LeftButton)
    assert started.moment.event == peak.event
    listed = rows(page)[rows(page).index("Largest now:") + 1 :]
    assert listed == [
        "50 MiB   train_loader",
        "392 KiB   net.fc1.weight",
        "392 KiB   ∇ net.fc1.weight",
        "4 B   losses",
    ]


def test_a_click_on_a_listed_array_selects_its_node(qtbot, page, started):
    (row,) = [row for row, text in enumerate(rows(page)) if text.endswith("net.fc1.weight")]
    page.list.scrollToItem(page.list.item(row))
    place = page.list.visualItemRect(page.list.item(row))
    qtbot.mouseClick(page.list.viewport(), Qt.MouseButton.LeftButton, pos=place.center())
    assert started.selected_key == "net.fc1.weight"


def test_hovering_says_event_and_bytes_and_a_click_goes_there(qtbot, page, started, recording):
    event = recording.event_of("net/relu", "forward")
    place = QPoint(int(page.plot.x_of(event)), page.plot.height() // 2)
    qtbot.mouseMove(page.plot, place)
    assert page.plot.readout.text().startswith(f"event {event + 1}: 50.4")
    qtbot.mouseClick(page.plot, Qt.MouseButton.LeftButton, pos=place)
    assert started.moment.event == event


def test_what_stays_all_the_time_is_cut_off(page):
    assert page.plot.floor == (50 << 20) + 401_408 + 4


def test_an_iteration_of_which_nothing_is_known_says_so(qtbot, plots, client, started):
    client.record(simple_net(1))
    started.last()
    qtbot.waitUntil(lambda: plots.empty.isVisible())
    assert "not known" in plots.empty.text()


def test_it_is_said_to_a_screen_reader(page):
    assert "Peak" in page.plot.accessibleDescription()
    assert "the beginning" in page.plot.accessibleDescription()
