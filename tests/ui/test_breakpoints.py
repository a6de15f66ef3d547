"""The list of breakpoints, and what of it is there again tomorrow."""

import pytest
from PySide6.QtCore import QSettings

from gradviz.trace.conditions import PRESETS, parse
from gradviz.ui.breakpoints import MAX_PROGRAMS, Breakpoints
from gradviz.ui.presets import SHORT, at_line, at_node, line_of, node_of, preset_of, with_number, words_for

PATH = "/home/ada/net.py"


def opened(program: str = PATH) -> Breakpoints:
    """The breakpoints of a program, as a window finds them when it starts."""
    breakpoints = Breakpoints()
    breakpoints.use(program)
    return breakpoints


def conditions(breakpoints: Breakpoints) -> list[str]:
    return [item.condition for item in breakpoints]


@pytest.fixture
def empty(qapp) -> Breakpoints:
    breakpoints = opened()
    for item in list(breakpoints):
        breakpoints.remove(item)
    return breakpoints


def test_some_are_offered_and_none_is_switched_on(qapp):
    breakpoints = opened()
    assert len(breakpoints) == 3 and not breakpoints.enabled
    assert "NaN or Inf" in {words_for(condition) for condition in conditions(breakpoints)}


def test_a_condition_is_there_once(empty):
    empty.add("grad.norm > 10")
    empty.set_enabled(next(iter(empty)), False)
    empty.add("grad.norm > 10")
    assert [(item.condition, item.enabled) for item in empty] == [("grad.norm > 10", True)]
    empty.toggle("grad.norm > 10")
    assert not len(empty)


def test_another_condition_is_another_breakpoint_in_its_place(empty):
    empty.add("grad.norm > 10")
    empty.add('op == "relu"')
    first = next(iter(empty))
    empty.set_enabled(first, False)
    empty.set_condition(first, "grad.norm > 20")
    assert conditions(empty) == ["grad.norm > 20", 'op == "relu"']
    assert not next(iter(empty)).enabled and empty.find(first.id) is None
    empty.set_condition(next(iter(empty)), 'op == "relu"')
    assert conditions(empty) == ['op == "relu"']


def test_they_are_there_again_tomorrow(empty):
    empty.add("loss > 5", "too high")
    empty.add(at_node("net/relu"))
    empty.set_enabled(next(iter(empty)), False)
    again = opened()
    assert [(item.condition, item.enabled, item.name) for item in again] == [
        ("loss > 5", False, "too high"),
        (at_node("net/relu"), True, ""),
    ]


def test_removing_all_of_them_is_kept_too(empty):
    assert not len(opened())


def test_each_program_has_its_own(empty):
    empty.add("loss > 5")
    empty.use("/home/ada/other.py")
    assert "loss > 5" not in conditions(empty)
    empty.use(PATH)
    assert conditions(empty) == ["loss > 5"]


def test_a_line_set_while_another_program_was_on_view_comes_along(empty):
    empty.add(at_line("other.py", 3))
    empty.add(at_line("net.py", 4))
    empty.use("/home/ada/other.py")
    assert empty.in_file("other.py").keys() == {3} and not empty.in_file("net.py")
    empty.use(PATH)
    assert empty.in_file("net.py").keys() == {4} and not empty.in_file("other.py")


@pytest.mark.parametrize("rubbish", ["", "{", '{"order": 1, "breakpoints": [{"id": -1}]}', "[1, 2]"])
def test_settings_that_make_no_sense_are_not_believed(empty, rubbish):
    stored = QSettings()
    stored.beginGroup("breakpoints")
    stored.setValue(empty._key, rubbish)
    assert len(opened()) == 3


def test_the_settings_do_not_grow_for_ever(qapp):
    for number in range(MAX_PROGRAMS + 5):
        opened(f"/tmp/{number}.py").add("loss > 5")
    stored = QSettings()
    stored.beginGroup("breakpoints")
    assert len(stored.childKeys()) <= MAX_PROGRAMS + 1
    assert "loss > 5" in conditions(opened(f"/tmp/{MAX_PROGRAMS + 4}.py"))
    assert "loss > 5" not in conditions(opened("/tmp/0.py"))


def test_lines_move_with_the_text(empty):
    empty.add(at_line("net.py", 3))
    empty.add(at_line("net.py", 7))
    empty.add(at_line("other.py", 3))
    empty.move_lines("net.py", {3: 4, 7: 8})
    assert empty.in_file("net.py").keys() == {4, 8} and empty.in_file("other.py").keys() == {3}
    assert [item.condition for item in empty.as_run()] == [
        at_line("net.py", 3),
        at_line("net.py", 7),
        at_line("other.py", 3),
    ]
    empty.move_lines("net.py", {4: 8})
    assert empty.in_file("net.py").keys() == {8}


def test_a_line_that_is_new_since_the_start_is_not_run_yet(empty):
    empty.toggle_line("net.py", 5, None)
    empty.toggle_line("net.py", 9, 8)
    assert [item.condition for item in empty.as_run()] == [at_line("net.py", 8)]
    assert empty.in_file("net.py").keys() == {5, 9}
    empty.restart()
    assert [item.condition for item in empty.as_run()] == [at_line("net.py", 5), at_line("net.py", 9)]
    empty.toggle_line("net.py", 5, 5)
    assert empty.in_file("net.py").keys() == {9}


# ── presets ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("preset", [preset for preset in PRESETS if preset.id in SHORT], ids=lambda p: p.id)
@pytest.mark.parametrize("number", ["0.5", "12", "1e-05", "99.9"])
def test_a_preset_is_recognized_by_its_text(preset, number):
    condition = with_number(preset, number)
    parse(condition)
    known = preset_of(condition)
    assert known is not None and known[0] is preset
    assert float(known[1] or number) == pytest.approx(float(number))


def test_what_only_looks_like_a_preset_is_none():
    for condition in ("grad.norm > 10 and epoch > 2", "grad.norm > x", "grad.norm < 10", "", "a(b"):
        assert preset_of(condition) is None


def test_places_are_read_back_whatever_their_names():
    for name in ("net.py", 'a "b".py', "back\\slash.py", "网络.py"):
        assert line_of(at_line(name, 12)) == (name, 12)
        assert node_of(at_node(name)) == name
        parse(at_line(name, 12))
    assert line_of("line == 3") is None and node_of('op == "relu"') is None


def test_words_are_short(qapp):
    assert words_for("grad.norm>10") == "‖grad‖ > 10"
    assert words_for("dead > 0.9") == "dead ReLU > 90 %"
    assert words_for(at_line("net.py", 12)) == "net.py:12"
    assert words_for(at_node("net/relu")) == "at net/relu"
    assert words_for("epoch > 2") == "epoch > 2"
