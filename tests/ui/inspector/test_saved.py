"""The page Saved: since when an array is kept and until when, who shares it, who overwrote it."""

import pytest

from gradviz.trace import Source
from gradviz.trace.memory import Kept, Memory, Storage, Write
from gradviz.ui.inspector import Inspector
from tests.ui.recordings import FILE, simple_net


@pytest.fixture
def recording():
    recording = simple_net()
    addmm, weight = recording.node("net.fc1/addmm").id, recording.node("net.fc1.weight").id
    flat, update = recording.node("images").id, recording.event_of("net.fc1.weight", "update")
    since, until = (
        recording.event_of("net.fc1/addmm", "forward"),
        recording.event_of("net.fc1/addmm", "backward"),
    )
    recording.iteration.memory = Memory(
        [Storage(200_704, "input", node=flat, holder="<images>"), Storage(401_408, "parameter", node=weight)],
        [Kept(addmm, "mat1", 0, since, until), Kept(addmm, "mat2", 1, since)],
        [Write(1, update, weight, Source(FILE, 35)), Write(0, update, -1, Source(FILE, 9))],
    )
    return recording


@pytest.fixture
def page(qtbot, started, client, recording):
    inspector = Inspector(started)
    qtbot.addWidget(inspector)
    inspector.resize(360, 700)
    inspector.show()
    client.record(recording)
    started.last()
    started.select("net.fc1/addmm")
    inspector.choose_page("saved")
    yield inspector.pages["saved"]


def test_since_and_until_are_links_to_their_events(page, started, recording):
    until = recording.event_of("net.fc1/addmm", "backward")
    assert f'until <a href="event:{until}"' in page.facts.text()
    assert "backward net.fc1/addmm" in page.facts.text()
    page.facts.linkActivated.emit(f"event:{until}")
    assert started.moment.event == until


def test_what_outlives_the_iteration_says_so_with_who_shares_and_who_overwrote_it(page, started):
    page.list.setCurrentRow(1)
    words = page.facts.text()
    assert "still alive at the iteration's end" in words
    assert "Same storage as" in words and "net.fc1.weight</a>" in words
    assert "Overwritten in place by weight, line 35" in words
    page.facts.linkActivated.emit("node:net.fc1.weight")
    assert started.selected_key == "net.fc1.weight"


def test_a_write_after_the_array_was_let_go_is_none_of_its_business(page):
    page.list.setCurrentRow(0)
    assert "Overwritten" not in page.facts.text()


def test_a_strangers_words_are_no_html(page, recording):
    page.list.setCurrentRow(0)
    assert "<images>" not in page.facts.text() and "&lt;images&gt;" in page.facts.text()


def test_without_knowledge_of_the_memory_nothing_is_said(page, client, started):
    client.record(simple_net(1))
    started.last()
    assert not page.facts.isVisibleTo(page) and page.list.count() == 2
