"""Cards say how far two compared branches differ, while that is wanted."""

import pytest

from gradviz.trace.branches import SetLearningRate
from gradviz.trace.difference import Difference
from gradviz.ui.differences import Differences
from gradviz.ui.graph.marks import Mark


@pytest.fixture
def settle(qtbot, view):
    """Waits until every number and every difference that is seen has come."""

    def drawn() -> bool:
        view.grab()  # asks for what is seen
        return view.placed and not view._faces._waiting

    return lambda: qtbot.waitUntil(drawn)


@pytest.fixture
def forked(shown, model, settle):
    """The view of SimpleNet's second iteration, one step after another learning rate began."""
    model.draft.change(SetLearningRate(0.5))
    model.draft.fork()
    model.step_forward("step")
    model.step_forward("step")
    settle()
    return shown


def marks(view, key) -> list[str]:
    face = view._faces.face(view._diagram.cards[key])
    return [f"{mark.sign} {mark.words}" for mark in face.marks]


def test_they_appear_when_they_are_wanted_and_go_again(forked, model, settle):
    assert marks(forked, "net/relu") == []
    plain = forked.grab().toImage()
    model.differences.show(True)
    settle()
    assert marks(forked, "images") == ["Δ same"]
    assert all(words.endswith(" %") for words in marks(forked, "net/relu"))
    assert len(marks(forked, "net.fc1.weight")) == 2
    assert forked.grab().toImage() != plain
    model.differences.show(False)
    settle()
    assert marks(forked, "images") == [] and forked.grab().toImage() == plain


def test_they_follow_the_moment(forked, model, settle):
    model.differences.show(True)
    settle()
    assert "not yet" not in " ".join(marks(forked, "net/relu"))
    model.seek(0)
    settle()
    assert marks(forked, "net/relu") == ["Δ not yet", "∇Δ not yet"]


def test_without_a_compared_branch_there_are_none(forked, model, settle):
    model.differences.show(True)
    model.branches.compare(None)
    settle()
    assert marks(forked, "net/relu") == []


def test_they_are_seen_from_afar_as_well(forked, model, settle):
    forked.canvas.camera.scale = 0.4
    model.differences.show(True)
    settle()
    with_marks = forked.grab().toImage()
    model.differences.show(False)
    settle()
    assert forked.grab().toImage() != with_marks


def test_nothing_is_asked_for_while_they_are_not_wanted(forked, model, settle, monkeypatch):
    def ask(*_arguments, **_options):
        raise AssertionError("asked")

    monkeypatch.setattr(Differences, "of", ask)
    model.step_back("op")
    settle()


@pytest.mark.parametrize(
    ("relative", "share"), [(0.0, 0.0), (1e-9, 0.04), (1e-2, 0.5), (1.0, 1.0), (9.0, 1.0)]
)
def test_a_bar_is_fuller_the_more_they_differ(relative, share):
    difference = Difference("numbers" if relative else "same", 1.0, 1.0, relative, None)
    assert Mark.of("Δ", difference).share == pytest.approx(share)
