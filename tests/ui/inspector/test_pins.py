"""Arrays that are kept in sight below the inspector's page, whatever is selected."""

import numpy as np
import pytest
from PySide6.QtCore import Qt

from gradviz.ui.inspector import Inspector
from gradviz.ui.pins import MAX_PINS, Pin


@pytest.fixture
def inspector(qtbot, started):
    inspector = Inspector(started)
    qtbot.addWidget(inspector)
    inspector.resize(340, 760)
    inspector.show()
    started.last()
    inspector.choose_page("value")
    return inspector


def test_what_is_kept_stays_while_another_node_is_selected(qtbot, inspector, started):
    assert inspector.pins.isHidden()
    started.select("net/relu")
    qtbot.mouseClick(inspector.pages["value"].keep, Qt.MouseButton.LeftButton)
    started.select("net.fc1.weight")
    (card,) = inspector.pins.cards
    assert card.isVisible() and card.title.text() == "net.relu"
    assert not inspector.pages["value"].keep.isChecked()
    qtbot.waitUntil(lambda: card.norm.text().startswith("‖·‖ "))


def test_it_follows_the_moment(qtbot, inspector, started, client):
    started.pins.add(Pin("net/relu", "grad"))
    (card,) = inspector.pins.cards
    recording = client.recordings[0]
    arrives = recording.event_of("net/relu", "backward")
    started.seek(arrives - 1)
    assert card.heatmap.words == "Not yet"
    started.seek(arrives)
    norm = np.linalg.norm(recording.arrays[recording.node("net/relu").id, "grad"])
    qtbot.waitUntil(lambda: card.norm.text() != "")
    assert float(card.norm.text().split()[1]) == pytest.approx(norm, rel=1e-3)


def test_it_can_be_removed_at_its_card_and_at_the_page(qtbot, inspector, started):
    started.select("net/relu")
    keep = inspector.pages["value"].keep
    qtbot.mouseClick(keep, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(inspector.pins.cards[0].remove, Qt.MouseButton.LeftButton)
    assert inspector.pins.isHidden() and not inspector.pins.cards and not keep.isChecked()
    for _ in range(2):
        qtbot.mouseClick(keep, Qt.MouseButton.LeftButton)
    assert started.pins.items == ()


def test_there_is_room_for_a_handful(inspector, started):
    keys = [node.key for node in started.nodes]
    for key in keys[: MAX_PINS + 1]:
        started.pins.add(Pin(key, "value"))
    assert len(inspector.pins.cards) == MAX_PINS
    started.select(keys[MAX_PINS])
    keep = inspector.pages["value"].keep
    assert not keep.isEnabled() and "remove one" in keep.toolTip()
    inspector.resize(280, 760)
    assert inspector.minimumSizeHint().width() <= 340
    started.pins.remove(Pin(keys[0], "value"))
    assert keep.isEnabled() and [card.pin.key for card in inspector.pins.cards] == keys[1:MAX_PINS]


def test_a_node_that_this_program_lacks_is_words(inspector, started):
    started.pins.add(Pin("nowhere\n'\"" + "x" * 10_000, "value"))
    (card,) = inspector.pins.cards
    assert card.heatmap.words == "Not in this step" and card.width() <= inspector.width()


def test_a_click_selects_its_node(inspector, started):
    started.pins.add(Pin("net/relu", "value"))
    inspector.pins.cards[0].heatmap.cell_chosen.emit(0, 0)
    assert started.selected_key == "net/relu"
