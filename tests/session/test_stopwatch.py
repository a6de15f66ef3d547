"""How long operations compute: their own time, without that of others inside them."""

from gradviz.engine.ops.arithmetic import Add, Mul
from gradviz.session import stopwatch
from gradviz.session.stopwatch import Stopwatch


class Clock:
    """Stands still until it is told how many nanoseconds pass."""

    def __init__(self) -> None:
        self.now = 0

    def __call__(self) -> int:
        return self.now


def test_an_operation_takes_from_its_start_to_its_stop():
    clock = Clock()
    watch, op = Stopwatch(clock), Add()
    watch.start(op)
    clock.now = 30
    assert watch.stop(op) == 30


def test_the_time_of_an_operation_inside_another_is_its_own_alone():
    clock = Clock()
    watch, outer, inner = Stopwatch(clock), Mul(), Add()
    watch.start(outer)
    clock.now = 10
    watch.start(inner)
    clock.now = 17
    assert watch.stop(inner) == 7
    clock.now = 1000  # it is being recorded: nobody's time
    watch.resume()
    clock.now = 1003
    assert watch.stop(outer) == 13


def test_one_that_failed_is_forgotten_when_the_one_around_it_ends():
    clock = Clock()
    watch, outer, failed = Stopwatch(clock), Mul(), Add()
    watch.start(outer)
    clock.now = 10
    watch.start(failed)
    clock.now = 20
    assert watch.stop(outer) == 10
    assert watch.stop(failed) == 0


def test_what_was_not_seen_to_begin_took_no_time():
    assert Stopwatch(Clock()).stop(Add()) == 0


def test_those_that_never_end_do_not_gather(monkeypatch):
    monkeypatch.setattr(stopwatch, "MAX_RUNNING", 10)
    watch = Stopwatch(Clock())
    ops = [Add() for _ in range(100)]
    for op in ops:
        watch.start(op)
    assert watch.stop(ops[0]) == 0 and watch.stop(ops[99]) == 0
    assert len(watch._running) <= 10
