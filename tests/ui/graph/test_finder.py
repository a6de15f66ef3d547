"""The find field: what is typed, what stands out, where Enter goes."""

import numpy as np
import pytest
from PySide6.QtCore import Qt

from gradviz.session.protocol import Match
from gradviz.ui.graph import find, finder
from gradviz.ui.language import use_language
from tests.ui.graph.samples import chain
from tests.ui.recordings import simple_net


def wrong(view) -> str:
    """What stands below the field."""
    return view.find_field._wrong.text()


def type_in(qtbot, view, text: str) -> None:
    """Types a text and waits until it is known what it finds."""
    view.find_field.line.setText(text)
    qtbot.waitUntil(lambda: count(view) != "…")


def count(view) -> str:
    return view.find_field._count.text()


def test_finding_counts_live_and_enter_cycles(shown, qtbot, model):
    qtbot.keyClick(shown.canvas, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    line = shown.find_field.line
    assert line.hasFocus()
    qtbot.keyClicks(line, "addmm")
    assert shown.find_field._count.text() == "2"
    assert shown.canvas.drawing.hits == {"net.fc1/addmm", "net.fc2/addmm"}
    visited = []
    for modifier in (Qt.KeyboardModifier.NoModifier,) * 3 + (Qt.KeyboardModifier.ShiftModifier,):
        qtbot.keyClick(line, Qt.Key.Key_Return, modifier)
        visited.append(model.selected_key)
    assert visited == ["net.fc1/addmm", "net.fc2/addmm", "net.fc1/addmm", "net.fc2/addmm"]
    qtbot.keyClick(line, Qt.Key.Key_Escape)
    assert shown.canvas.hasFocus() and not shown.canvas.drawing.hits


@pytest.mark.parametrize(
    ("query", "count"),
    [("fc1", 4), ("[64,10]", 2), ("[64, 10]", 2), ("parameter fc2", 2), ("WEIGHT", 2), ("zebra", 0)],
)
def test_names_scopes_shapes_and_kinds_are_found(shown, query, count):
    shown.find_field.line.setText(query)
    assert len(shown.finder.hits) == count


def test_a_hit_inside_a_closed_scope_opens_it(shown, qtbot, model, settle):
    shown.toggle("net/")
    settle()
    shown.find_field.line.setText("fc2.bias")
    qtbot.keyClick(shown.find_field.line, Qt.Key.Key_Return)
    settle()
    assert model.selected_key == "net.fc2.bias"
    assert shown.canvas.drawing.selected == "net.fc2.bias"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (":16", {"net/relu"}),
        ("simplenet.py:15", {"net.fc1/t", "net.fc1/addmm"}),
        ("int64", {"labels"}),
        ("784x128", {"net.fc1/t"}),
        ("CrossEntropyLoss nll", {"criterion/nll_loss"}),
        ('op == "relu"', {"net/relu"}),
        ("line == 15 and not kind == 'backward'", {"net.fc1/t", "net.fc1/addmm"}),
        ("grad.size == 10", {"net.fc2.bias"}),
        ("value.zeros > 0.1 and module == 'SimpleNet'", {"net/flatten", "net/relu"}),
        ("dead >= 0", {"net/relu"}),
    ],
)
def test_lines_types_shapes_classes_and_conditions_are_found(qtbot, shown, query, found):
    type_in(qtbot, shown, query)
    assert shown.canvas.drawing.hits == found
    assert count(shown) == str(len(found))


def test_a_condition_is_asked_for_once_the_typing_pauses(qtbot, shown, client):
    qtbot.keyClicks(shown.find_field.line, "grad.norm > 0.01")
    qtbot.waitUntil(lambda: count(shown) != "…")
    assert [each.condition for each in client.commands if isinstance(each, Match)] == ["grad.norm > 0.01"]


def test_the_hits_of_a_condition_are_those_of_the_shown_iteration(qtbot, shown, client, settle):
    type_in(qtbot, shown, "iteration == 2 and op == 'relu'")
    assert count(shown) == "0"
    client.record(simple_net(1))
    qtbot.waitUntil(lambda: count(shown) == "1")
    assert shown.canvas.drawing.hits == {"net/relu"}


def test_what_a_worker_says_of_another_condition_or_of_unknown_nodes_finds_nothing(qtbot, shown, client):
    client.matches = [3, 10**6]
    type_in(qtbot, shown, "grad.norm > 0")
    assert len(shown.finder.hits) == 1


def test_what_is_wrong_with_a_condition_is_said(qtbot, shown):
    for text, words in (("grda.norm > 1", "grda"), ("op = 3", "="), ("grad.norm >> 1", ">")):
        type_in(qtbot, shown, text)
        assert count(shown) == "?"
        assert words in wrong(shown)
        assert shown.find_field.line.accessibleDescription() == wrong(shown)
    type_in(qtbot, shown, "relu")
    assert not wrong(shown) and not shown.find_field.line.accessibleDescription()


def test_the_field_grows_with_the_text_and_with_what_is_wrong_up_to_a_bound(qtbot, shown):
    narrow = shown.find_field.size()
    type_in(qtbot, shown, 'op == "relu" and grad.norm > 0.01')
    wide = shown.find_field.size()
    assert wide.width() > narrow.width() and wide.height() == narrow.height()
    type_in(qtbot, shown, "nothing == " * 100)
    assert shown.find_field.width() == find.WIDE and shown.find_field.height() > wide.height()
    shown.resize(340, 400)
    assert shown.rect().contains(shown.find_field.geometry())
    shown.find_field.line.clear()
    assert shown.find_field.size() == narrow


def test_a_condition_that_is_only_not_finished_is_no_mistake(shown):
    for text in ("grad.norm >", 'op == "relu" and line ==', "value.max <= "):
        shown.find_field.line.setText(text)
        assert count(shown) == "…" and not wrong(shown), text


def test_without_a_program_a_condition_says_what_to_do(qtbot, shown, model):
    model.stop()
    type_in(qtbot, shown, "grad.norm > 1")
    assert "F5" in wrong(shown)
    type_in(qtbot, shown, "relu")
    assert count(shown) == "1"


def test_a_large_graph_is_searched_piece_by_piece(qtbot, shown, client, settle, monkeypatch):
    monkeypatch.setattr(finder, "PIECE", 7)
    client.record(chain(40, index=1))
    settle()
    shown.find_field.line.setText("op3")
    assert count(shown) == "1"
    qtbot.waitUntil(lambda: count(shown) == "11")
    qtbot.keyClick(shown.find_field.line, Qt.Key.Key_Return)
    assert count(shown) == "1/11"


def test_where_one_was_among_the_hits_stays_in_the_next_iteration(qtbot, shown, client, settle):
    type_in(qtbot, shown, "addmm")
    for _ in range(2):
        qtbot.keyClick(shown.find_field.line, Qt.Key.Key_Return)
    assert count(shown) == "2/2"
    client.record(simple_net(1))
    settle()
    assert count(shown) == "2/2"
    client.record(chain(3, index=2, values={0: np.zeros(2, np.float32)}))
    settle()
    assert count(shown) == "0"


def test_the_empty_fields_tip_says_what_can_be_typed(qtbot, shown):
    for part in ("[64, 128]", "simplenet.py:14", "grad.norm &gt; 10", "line of the program"):
        assert part in shown.find_field.line.toolTip()
    shown.find_field.line.setText("relu")
    assert not shown.find_field.line.toolTip(), "in the way of what stands below"
    shown.find_field.line.clear()
    use_language("zh_CN")
    try:
        qtbot.waitUntil(lambda: "程序" in shown.find_field.line.toolTip())
    finally:
        use_language("en")


def test_a_program_that_ends_before_it_answers_is_not_waited_for(qtbot, shown, client, monkeypatch):
    monkeypatch.setattr(client, "send", client.keep)
    shown.model.shown.asked.send = client.keep
    shown.find_field.line.setText("grad.norm > 1")
    qtbot.waitUntil(lambda: any(isinstance(each, Match) for each in client.commands))
    assert count(shown) == "…"
    client.end(1)
    assert count(shown) == "?"
