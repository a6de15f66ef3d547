"""Stopping at hits, and continue and reverse-continue: what the worker is asked, and where one comes to."""

from __future__ import annotations

import pytest

from gradviz.session.protocol import Advance, Break, Hits, Metrics, Recorded, Scan, Seek, Status, Unreachable
from gradviz.trace import Hit, Metric
from gradviz.ui.model import LIVE
from gradviz.ui.search import FIRST_CHUNK
from tests.ui.recordings import simple_net

LENGTH = 200  # iterations that have run


@pytest.fixture
def breaking(started):
    """The model at the first event, with one breakpoint that is switched on."""
    started.breakpoints.add("grad.norm > 1")
    return started


@pytest.fixture
def number(breaking) -> int:
    """The id of the breakpoint."""
    return next(iter(breaking.breakpoints.enabled))


@pytest.fixture
def slow(breaking, client, number):
    """The worker, which answers nothing by itself. All iterations have run; the shown one has no hit."""
    client.send = client.keep
    examine(client, number, 0, 0)
    client.report(Metrics([Metric("loss", list(range(LENGTH)), [1.0] * LENGTH)]))
    client.commands.clear()
    return client


def examine(client, number: int, first: int, last: int, *places: tuple[int, int]) -> None:
    """Reports iterations as examined, with hits at (iteration, event)."""
    hits = [Hit(iteration, event, number, "grad.norm = 2") for iteration, event in places]
    client.report(Hits(first, last, [number], hits))


def show(client, index: int, state: str = "holding") -> None:
    """Reports an iteration, and how the program stands at its end."""
    client.report(Recorded(simple_net(index).iteration))
    client.report(Status(state, index))


def asked(client, kind: type) -> list:
    return [command for command in client.commands if isinstance(command, kind)]


def sought(client) -> list[int]:
    """The iterations that the worker was asked to go to."""
    return [seek.iteration for seek in asked(client, Seek)]


# ── stopping ──────────────────────────────────────────────────────────────────────────────────────────────


def test_breakpoints_are_told_to_the_worker_when_they_are_switched_on(started, client):
    item = next(iter(started.breakpoints))
    started.breakpoints.set_enabled(item, True)
    assert asked(client, Break)[-1].breakpoints == [started.breakpoints.find(item.id)]
    started.breakpoints.set_enabled(item, False)
    assert asked(client, Break)[-1] == Break()


def test_a_new_start_is_told_before_the_program_runs(breaking, client):
    breaking.start("x = 1", "simplenet.py")
    kinds = [type(command).__name__ for command in type(client).instances[-1].commands]
    assert kinds[:3] == ["Start", "Break", "Advance"]


@pytest.mark.parametrize("grain", ["phase", "step", "over"])
def test_a_step_goes_no_further_than_the_first_hit(breaking, client, number, grain):
    examine(client, number, 0, 0, (0, 2), (0, 4))
    breaking.step_forward(grain)
    assert breaking.moment == (0, min(2, breaking.moment.event))
    for _ in range(2):
        breaking.step_forward(grain)
    assert breaking.moment.event >= 2 and breaking.selected is not None


def test_playing_stops_at_a_hit_and_selects_its_node(breaking, client, number, qtbot):
    examine(client, number, 0, 0, (0, 3))
    breaking.set_speed(LIVE - 1)
    breaking.play()
    qtbot.waitUntil(lambda: not breaking.playing)
    assert breaking.moment == (0, 3)
    assert breaking.selected.id == breaking.current_event.node
    assert [hit.event for hit in breaking.hits_here] == [3]


def test_live_training_stops_at_the_hit_that_holds_it(breaking, slow, number):
    breaking.set_speed(LIVE)
    breaking.play()
    examine(slow, number, 1, 7, (7, 5), (7, 9))
    show(slow, 7)
    assert breaking.moment == (7, 5) and not breaking.playing


def test_going_somewhere_does_not_stop_at_hits(breaking, client, number):
    examine(client, number, 0, 0, (0, 3))
    breaking.last()
    assert breaking.at_end
    breaking.step_back("step")
    assert breaking.moment.event == -1


def test_hits_of_a_breakpoint_that_is_switched_off_do_not_count(breaking, client, number):
    examine(client, number, 0, 0, (0, 3))
    breaking.breakpoints.set_enabled(breaking.breakpoints.find(number), False)
    breaking.step_forward("step")
    assert breaking.at_end and not breaking.hits_here


# ── continue ──────────────────────────────────────────────────────────────────────────────────────────────


def test_continue_goes_to_a_hit_that_is_known(breaking, slow, number):
    examine(slow, number, 0, 0, (0, 4), (0, 8))
    breaking.continue_()
    assert breaking.moment == (0, 4) and not asked(slow, Advance)
    breaking.continue_()
    assert breaking.moment == (0, 8)


def test_continue_runs_on_until_a_hit_holds_the_program(breaking, slow, number):
    breaking.continue_()
    assert asked(slow, Advance) == [Advance("end")] and breaking.search.direction == "forward"
    show(slow, 5, "running")  # an iteration is shown now and then
    assert breaking.search.direction == "forward"
    examine(slow, number, 1, 9, (9, 6))
    show(slow, 9)
    assert breaking.moment == (9, 6) and breaking.search.direction is None


def test_continue_says_when_nothing_hits(breaking, slow, qtbot):
    with qtbot.waitSignal(breaking.search.exhausted) as ended:
        breaking.continue_()
        show(slow, 12, "finished")
    assert ended.args == ["forward"] and breaking.search.direction is None


def test_continue_is_paused_like_playing(breaking, slow):
    breaking.continue_()
    breaking.toggle_play()
    assert asked(slow, Advance)[-1] == Advance("iteration") and breaking.search.direction is None


def test_what_was_not_examined_between_the_shown_moment_and_the_program_is_first(breaking, slow, number):
    show(slow, 3)
    slow.report(Recorded(simple_net(1).iteration))  # it was kept: the program still holds at the later one
    breaking.shown.seek(2)
    slow.commands.clear()
    breaking.continue_()
    assert asked(slow, Scan) == [Scan(1, 3)]
    examine(slow, number, 1, 3, (1, 1), (1, 5), (2, 4))
    show(slow, 3)
    assert sought(slow) == [1]
    show(slow, 1)
    assert breaking.moment == (1, 5)


def test_without_a_hit_there_the_program_runs_on(breaking, slow, number):
    show(slow, 3)
    breaking.continue_()
    examine(slow, number, 3, 3)
    show(slow, 3)
    assert asked(slow, Advance) == [Advance("end")]


# ── reverse-continue ──────────────────────────────────────────────────────────────────────────────────────


def at_the_end(model, client, number: int) -> None:
    """The last iteration is shown, and has been examined."""
    client.report(Recorded(simple_net(LENGTH - 1).iteration))
    model.shown.seek(10**6)
    examine(client, number, LENGTH - 1, LENGTH - 1)
    client.commands.clear()


def test_reverse_continue_goes_to_the_last_known_hit_before(breaking, slow, number):
    examine(slow, number, 0, 0, (0, 0), (0, 4))
    breaking.seek(4)
    breaking.reverse_continue()
    assert breaking.moment == (0, 0) and not asked(slow, Scan)


def test_reverse_continue_has_earlier_iterations_examined_in_growing_pieces(breaking, slow, number):
    at_the_end(breaking, slow, number)
    moment = breaking.moment
    breaking.reverse_continue()
    first = LENGTH - 1 - FIRST_CHUNK
    assert asked(slow, Scan) == [Scan(first, LENGTH - 2)]
    examine(slow, number, first, LENGTH - 2)
    show(slow, LENGTH - 2)
    assert asked(slow, Scan)[-1] == Scan(first - 2 * FIRST_CHUNK, first - 1)
    assert breaking.moment == moment  # what is examined is not shown
    examine(slow, number, first - 2 * FIRST_CHUNK, first - 20, (110, 3), (110, 9))
    examine(slow, number, first - 19, first - 1)
    show(slow, first - 1)
    assert sought(slow) == [110]
    show(slow, 110)
    assert breaking.moment == (110, 9) and breaking.search.direction is None


def test_the_reports_of_a_scanned_iteration_come_in_any_order(breaking, slow, number):
    at_the_end(breaking, slow, number)
    breaking.reverse_continue()
    scan = asked(slow, Scan)[-1]
    slow.report(Recorded(simple_net(scan.last).iteration))
    examine(slow, number, scan.first, scan.last, (scan.last, 2))
    assert sought(slow) == [scan.last]


def test_a_hit_at_or_after_the_moment_is_not_before_it(breaking, slow, number):
    show(slow, 1)
    breaking.seek(5)
    breaking.reverse_continue()
    assert asked(slow, Scan) == [Scan(0, 1)]
    examine(slow, number, 0, 1, (0, 9), (1, 5), (1, 7))
    show(slow, 1)
    assert sought(slow) == [0]
    show(slow, 0)
    assert breaking.moment == (0, 9)


def test_reverse_continue_says_when_nothing_hit_and_comes_back(breaking, slow, number, qtbot):
    show(slow, 1)
    breaking.seek(5)
    with qtbot.waitSignal(breaking.search.exhausted) as ended:
        breaking.reverse_continue()
        examine(slow, number, 0, 1)
        show(slow, 1)
    assert ended.args == ["backward"] and sought(slow) == [1]
    show(slow, 1)  # the worker has been elsewhere
    assert breaking.moment == (1, 5) and not breaking.shown.awaiting


def test_cancel_goes_back_to_where_the_search_began(breaking, slow, number):
    at_the_end(breaking, slow, number)
    moment = breaking.moment
    breaking.reverse_continue()
    breaking.search.cancel()
    assert sought(slow) == [LENGTH - 1]
    show(slow, LENGTH - 2, "running")  # from the scan, which was on its way
    assert breaking.moment == moment
    show(slow, LENGTH - 1)
    assert breaking.moment == moment and not breaking.shown.awaiting


def test_stopping_the_program_ends_the_search(breaking, slow, number):
    at_the_end(breaking, slow, number)
    breaking.reverse_continue()
    breaking.stop()
    assert breaking.search.direction is None and not breaking.started


def test_going_elsewhere_ends_the_search(breaking, slow, number):
    at_the_end(breaking, slow, number)
    breaking.reverse_continue()
    breaking.go_to(3)
    show(slow, LENGTH - 1)
    show(slow, 3)
    assert breaking.moment.iteration == 3 and breaking.search.direction is None


def test_a_program_that_cannot_go_back_runs_again_and_is_examined_whole(breaking, slow, number):
    at_the_end(breaking, slow, number)
    breaking.reverse_continue()
    slow.report(Unreachable(asked(slow, Scan)[-1].first))
    again = type(slow).instances[-1]
    assert again is not slow and asked(again, Scan) == [Scan(0, LENGTH - 2)]
    again.send = again.keep
    examine(again, number, 0, LENGTH - 2, (3, 1))
    show(again, LENGTH - 2)
    assert sought(again) == [3]


def test_reverse_continue_while_training_live_holds_the_program_first(breaking, slow, number):
    breaking.set_speed(LIVE)
    breaking.play()
    breaking.reverse_continue()
    assert asked(slow, Advance)[-1] == Advance("iteration") and not breaking.playing


def test_in_a_file_only_hits_in_iterations_that_it_keeps_are_gone_to(breaking, slow, number, qtbot):
    show(slow, 4, "finished")
    breaking.shown.kept = [4, 9]
    examine(slow, number, 0, 12, (2, 1), (4, 3), (6, 2), (9, 5))
    breaking.seek(8)
    breaking.reverse_continue()
    assert breaking.moment == (4, 3)
    breaking.continue_()
    assert sought(slow) == [9] and not asked(slow, Scan) and not asked(slow, Advance)
    show(slow, 9, "finished")
    assert breaking.moment == (9, 5)
    with qtbot.waitSignal(breaking.search.exhausted):
        breaking.continue_()
