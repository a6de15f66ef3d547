"""Breakpoints in running programs: where they hold, what they say, what has been examined."""

import sys
from collections.abc import Callable, Iterator

import pytest

from gradviz.engine import observe
from gradviz.session.controller import Controller
from gradviz.session.program import Program
from gradviz.session.protocol import Advance, Break, Hits, Recorded, Report, Scan, Seek, Start, Status
from gradviz.session.shared import SharedNote
from gradviz.trace import Breakpoint
from tests.session.harness import PATH, Session, record
from tests.session.test_checkpoints import Traveller

needs_fork = pytest.mark.skipif(sys.platform != "linux", reason="checkpoints are made on Linux")

GROWS = """
import torch
w = torch.tensor(1.0, requires_grad=True)
optimizer = torch.optim.SGD([w], lr=1.0)
for i in range(8):
    loss = -(w * w)  # w triples with every step, its gradient is -2 · 3ⁱ
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
"""

GAN = """
import torch
def train(leaf):
    optimizer = torch.optim.SGD([leaf], lr=0.0)
    loss = leaf * 1
    loss.backward()
    optimizer.step()
small = torch.tensor(1.0, requires_grad=True)
large = torch.tensor(100.0, requires_grad=True)
for i in range(3):
    train(small)
    train(large)
"""


def examined(session: Session) -> list[int]:
    """The iterations that were examined, in the order of the reports."""
    hits = [report for report in session.reports if isinstance(report, Hits)]
    return [iteration for report in hits for iteration in range(report.first, report.last + 1)]


def held(session: Session) -> list[int]:
    return [status.iteration for status in session.statuses if status.state == "holding"]


def test_a_run_at_full_speed_holds_at_the_end_of_an_iteration_with_a_hit():
    session = record(GROWS, ["end"], conditions=["grad.norm > 100"])
    assert held(session) == [4, 5, 6]  # the last one ends the program
    assert [session.words(hit) for hit in session.hits if hit.iteration < 6] == [
        "4 accumulate w",
        "5 accumulate w",
    ]
    assert session.hits[0].reason == "grad.norm = 162"


def test_running_to_the_next_epoch_holds_at_a_hit_on_the_way():
    session = record(GROWS, ["epoch"], conditions=["grad.norm > 100"])
    assert held(session)[0] == 0  # the first epoch's first iteration
    session = record(GROWS, ["epoch", "epoch"], conditions=["grad.norm > 100"])
    assert held(session)[:2] == [0, 4]


def test_a_hit_is_told_before_its_iteration_is_shown_and_held():
    reports = record(GROWS, ["end"], conditions=["grad.norm > 100"]).reports

    def first(which: type, test) -> int:
        return next(i for i, report in enumerate(reports) if isinstance(report, which) and test(report))

    hit = first(Hits, lambda report: report.hits)
    shown = first(Recorded, lambda report: report.iteration.index == 4 and report.iteration.complete)
    assert hit < shown < first(Status, lambda report: report.state == "holding")


def test_every_iteration_is_examined_once_and_the_last_one_too():
    session = record(GROWS, ["end"], conditions=['kind == "update" and value.norm > 6000'])
    assert examined(session) == list(range(8))
    assert [(hit.iteration, hit.reason) for hit in session.hits] == [(7, "value.norm = 6561")]


def test_without_an_enabled_breakpoint_nothing_is_examined():
    assert examined(record(GROWS, ["end"])) == []


def test_an_unfinished_last_iteration_is_examined():
    text = GROWS.replace("    optimizer.step()\n", "    if i < 3: optimizer.step()\n")
    session = record(text.replace("range(8)", "range(4)"), ["end"], conditions=["grad.norm == 54"])
    assert [(hit.iteration, hit.reason) for hit in session.hits] == [(3, "grad.norm = 54")]


def test_a_condition_that_cannot_be_read_is_said_and_the_others_work():
    session = record(GROWS, ["end"], conditions=["grad.norm >", "grad.norm > 1000"])
    (problem,) = session.problems
    assert problem.kind == "condition" and problem.hint_arguments[0] == "grad.norm >"
    assert {hit.breakpoint for hit in session.hits} == {1}


def test_two_networks_compare_their_losses_with_their_own():
    session = record(GAN, ["end"], conditions=["loss > 2 * loss.previous", "loss == loss.previous"])
    hits = [(hit.iteration, hit.breakpoint, hit.reason) for hit in session.hits]
    assert hits == [
        (2, 1, "loss = 1, loss.previous = 1"),
        (3, 1, "loss = 100, loss.previous = 100"),
        (4, 1, "loss = 1, loss.previous = 1"),
        (5, 1, "loss = 100, loss.previous = 100"),
    ]


def test_a_breakpoint_set_at_a_hold_is_looked_for_at_once():
    reports: list[Report] = []

    def send(report: Report) -> None:
        reports.append(report)
        if isinstance(report, Status) and report.state == "ready":
            controller.advance("iteration")
        elif isinstance(report, Status) and report.state == "holding":
            controller.set_breakpoints([Breakpoint(5, "grad.norm == 2")])
            assert [hit.breakpoint for hit in reports[-1].hits] == [5]
            controller.set_breakpoints([Breakpoint(5, "grad.norm == 2", enabled=False)])
            controller.advance("end")

    program = Program(GROWS, PATH)
    controller = Controller(program, send)
    before = observe(controller)
    try:
        controller.begin()
        program.run()
    finally:
        observe(before)
    assert [(report.first, report.last) for report in reports if isinstance(report, Hits)] == [(0, 0)]


def test_a_shared_note_is_the_last_one_written():
    note = SharedNote(10)
    assert note.read() == b""
    for text in (b"one", b"", b"0123456789"):
        note.write(text)
        assert note.read() == text
    with pytest.raises(ValueError, match="too long"):
        note.write(b"0123456789a")


# ── with checkpoints, in a worker ─────────────────────────────────────────────────────────────────────────

LONG = GROWS.replace("range(8)", "range(400)").replace("lr=1.0", "lr=0.001")  # w is 1.002ⁱ


@pytest.fixture
def traveller() -> Iterator[Traveller]:
    window = Traveller()
    yield window
    window.client.close(wait=True)


def recorded(iteration: int) -> Callable[[object], bool]:
    return lambda report: (
        isinstance(report, Recorded) and report.iteration.index == iteration and report.iteration.complete
    )


def scan(traveller: Traveller, first: int, last: int) -> tuple[set[int], list[tuple[int, str]]]:
    """The iterations that a scan examines, and the hits in them."""
    since = len(traveller.seen)
    traveller.client.send(Scan(first, last))
    traveller.wait_for(recorded(last))
    traveller.wait_for_state("holding" if last < 399 else "finished")
    hits = [r for r in traveller.seen[since:] if isinstance(r, Hits) and first <= r.first <= last]
    iterations = {i for report in hits for i in range(report.first, report.last + 1)}
    return iterations, [(hit.iteration, hit.reason) for report in hits for hit in report.hits]


@needs_fork
def test_a_scan_examines_the_past_for_breakpoints_that_were_set_later(traveller: Traveller) -> None:
    traveller.begin(LONG)
    traveller.finish()
    traveller.client.send(Break([Breakpoint(3, "grad.norm > 2.5 and iteration % 10 == 0")]))
    iterations, hits = scan(traveller, 100, 150)
    assert iterations == set(range(100, 151))
    assert sorted({iteration for iteration, _ in hits}) == [119, 129, 139, 149]  # one may be known already
    assert hits[0][1] == "grad.norm = 2.537, iteration = 120"
    shown = [r.iteration.index for r in traveller.seen if isinstance(r, Recorded)]
    assert shown[-1] == 150  # and none of those on the way


@needs_fork
def test_what_a_condition_compares_with_is_the_same_by_every_route(traveller: Traveller) -> None:
    traveller.client.send(Start(LONG, PATH))
    traveller.client.send(Break([Breakpoint(1, "loss < loss.previous and loss < loss.lowest")]))
    traveller.client.send(Scan(0, 300))
    traveller.wait_for(recorded(300))
    traveller.wait_for_state("holding")
    forwards = dict(scan(traveller, 0, 350)[1])
    assert sorted(forwards) == list(range(1, 351))
    for first, last in ((200, 220), (20, 25), (340, 341)):
        assert dict(scan(traveller, first, last)[1]) == {i: forwards[i] for i in range(first, last + 1)}


@needs_fork
def test_after_going_back_the_run_holds_at_the_next_hit(traveller: Traveller) -> None:
    traveller.begin(LONG)
    traveller.finish()
    traveller.go_to(50)
    traveller.client.send(Break([Breakpoint(3, "iteration == 201 and event == 2")]))
    traveller.go_to(20)  # by a copy that slept when the breakpoint was set
    traveller.client.send(Advance("end"))
    traveller.wait_for(
        lambda report: isinstance(report, Status) and report.state == "holding" and report.iteration > 20
    )
    assert traveller.seen[-1].iteration == 200
    traveller.client.send(Advance("end"))
    traveller.finish()


def test_the_iteration_in_which_a_program_fails_is_examined(traveller: Traveller) -> None:
    text = LONG.replace("    optimizer.step()", "    if i == 3: raise ValueError\n    optimizer.step()")
    traveller.client.send(Start(text, PATH))
    traveller.client.send(Break([Breakpoint(1, 'kind == "accumulate" and iteration == 4')]))
    traveller.client.send(Advance("end"))
    hits = traveller.wait_for(lambda report: isinstance(report, Hits) and bool(report.hits))
    assert isinstance(hits, Hits) and hits.last == 3
    traveller.wait_for_state("failed")


@needs_fork
def test_a_scan_can_be_cancelled(traveller: Traveller) -> None:
    traveller.begin(LONG.replace("range(400)", "range(100_000)"), until="iteration")
    traveller.wait_for_state("holding")
    traveller.client.send(Break([Breakpoint(3, "iteration == 3")]))
    traveller.client.send(Scan(1, 90_000))
    traveller.wait_for(lambda report: isinstance(report, Hits) and bool(report.hits))
    traveller.client.send(Advance("iteration"))
    assert traveller.wait_for_state("holding").iteration < 90_000


@needs_fork
def test_a_seek_after_a_scan_to_the_same_place_holds_there(traveller: Traveller) -> None:
    traveller.begin(LONG)
    traveller.finish()
    traveller.client.send(Break([Breakpoint(3, "iteration == 3")]))
    scan(traveller, 100, 110)
    traveller.go_to(300)
    traveller.client.send(Seek(100))
    traveller.wait_for(recorded(100))
    traveller.wait_for(
        lambda report: isinstance(report, Status) and report.state == "holding" and report.iteration <= 110
    )
    assert traveller.seen[-1].iteration == 100
