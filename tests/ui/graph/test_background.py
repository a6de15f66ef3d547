"""Work off the GUI thread: what is heard of it, and what not."""

from threading import Event, current_thread, main_thread

import pytest

from gradviz.ui.graph import drafts, placer
from gradviz.ui.graph.background import Background, SupersededError


def test_only_the_latest_wish_is_heard_and_the_others_end(qtbot):
    background, answers, ended, begun = Background(), [], Event(), Event()
    background.done.connect(answers.append)

    def endless(check) -> None:
        begun.set()
        try:
            while True:
                check()
        except SupersededError:
            ended.set()
            raise

    background.ask(endless)
    assert begun.wait(5)
    background.ask(lambda check: "newer")
    qtbot.waitUntil(lambda: answers == ["newer"])
    assert ended.is_set()


def test_what_nobody_waits_for_any_more_never_begins(qtbot):
    background, begun, hold = Background(), [], Event()
    background.ask(lambda check: hold.wait(5))
    background.ask(lambda check: begun.append("second"))
    background.ask(lambda check: begun.append("third"))
    hold.set()
    with qtbot.waitSignal(background.done):
        pass
    assert begun == ["third"]


def test_an_error_is_told(qtbot):
    background = Background()
    with qtbot.waitSignal(background.failed) as failed:
        background.ask(lambda check: 1 / 0)
    assert isinstance(failed.args[0], ZeroDivisionError)


@pytest.fixture
def broken(monkeypatch):
    """No layout can be made."""

    def lay_out(*_) -> None:
        raise RuntimeError("no room")

    with monkeypatch.context() as patch:
        patch.setattr(placer, "lay_out", lay_out)
        yield patch


def test_a_layout_that_fails_is_said_and_the_last_picture_stays(shown, qtbot, broken):
    before = dict(shown.canvas.drawing.placement.cards)
    with qtbot.captureExceptions() as told:
        shown.toggle("net/")
        qtbot.waitUntil(lambda: "no room" in shown.canvas.notice)
    assert [kind for kind, *_ in told] == [RuntimeError], "as all errors of gradviz itself"
    assert shown.canvas.drawing.placement.cards == before
    assert not shown.placed
    assert "no room" in shown.canvas.accessibleDescription()
    shown.grab()  # paints the words, and the old cards with their old faces
    broken.undo()
    shown.toggle("net/")
    qtbot.waitUntil(lambda: shown.placed)
    assert shown.canvas.notice == ""
    shown.toggle("net/")
    qtbot.waitUntil(lambda: shown.placed and "net/" in shown._diagram.cards)
    assert "net/" in shown.canvas.drawing.placement.cards


def test_a_large_diagram_is_made_off_the_gui_thread_and_the_newest_wish_wins(shown, qtbot, monkeypatch):
    """Closing a box and opening it again at once: the first is never seen."""
    view = shown
    monkeypatch.setattr(drafts, "AT_ONCE", 0)
    threads, make = [], drafts.Diagram

    def noted(*arguments, **more):
        threads.append(current_thread())
        return make(*arguments, **more)

    monkeypatch.setattr(drafts, "Diagram", noted)
    before = view._diagram.cards.keys()
    view.toggle("net/")
    assert not view.placed and view._diagram.cards.keys() == before, (
        "the last picture, and all that goes with it"
    )
    view.toggle("net/")
    qtbot.waitUntil(lambda: view.placed)
    assert view._diagram.cards.keys() == before
    assert main_thread() not in threads
