"""The list of hits."""

import pytest
from PySide6.QtCore import Qt

from gradviz.session.protocol import Hits
from gradviz.trace import Hit
from gradviz.ui.hit_list import HitsView
from tests.ui.recordings import simple_net


@pytest.fixture
def hits(qtbot, started):
    view = HitsView(started)
    qtbot.addWidget(view)
    view.resize(300, 200)
    view.show()
    qtbot.waitExposed(view)
    return view


@pytest.fixture
def number(started) -> int:
    started.breakpoints.add("grad.norm > 1")
    return next(iter(started.breakpoints.enabled))


def words(view) -> list[str]:
    model = view.list.model()
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def test_without_hits_it_says_what_to_do(hits):
    assert words(hits) == [] and "F8" in hits.list.empty_words
    hits.grab()


def test_every_hit_has_a_row_in_words(hits, client, number):
    found = [Hit(0, 3, number, "grad.norm = 2", "net/relu", 16), Hit(11, 4, number)]
    client.report(Hits(0, 11, [number], found))
    assert words(hits) == [
        "iteration 1: ‖grad‖ > 1 (grad.norm = 2) at net/relu, line 16",
        "iteration 12: ‖grad‖ > 1",
    ]


def test_a_click_goes_there_and_the_shown_one_is_chosen(qtbot, hits, started, client, number):
    client.report(Hits(0, 0, [number], [Hit(0, 3, number), Hit(0, 6, number)]))
    client.recordings.append(simple_net(1))
    at = hits.list.visualRect(hits.list.model().index(1, 0)).center()
    qtbot.mouseClick(hits.list.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert started.moment == (0, 6) and started.selected.id == started.current_event.node
    started.seek(3)
    assert hits.list.currentIndex().row() == 0
    started.seek(4)
    assert not hits.list.selectedIndexes()


def test_hits_of_breakpoints_that_are_off_are_not_listed(hits, started, client, number):
    client.report(Hits(0, 0, [number], [Hit(0, 3, number)]))
    started.breakpoints.set_enabled(started.breakpoints.find(number), False)
    assert words(hits) == []
    started.breakpoints.set_enabled(started.breakpoints.find(number), True)
    assert len(words(hits)) == 1


def test_another_run_begins_with_an_empty_list(hits, started, client, number):
    client.report(Hits(0, 0, [number], [Hit(0, 3, number)]))
    started.start("x = 1", "simplenet.py")
    assert words(hits) == []
