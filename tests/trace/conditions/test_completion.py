"""What a condition field proposes at the cursor."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradviz.trace.conditions import ConditionError, complete, parse
from gradviz.trace.conditions.facts import FACTS, STATISTICS, fact
from tests.trace.conditions.test_language import GARBAGE

NAMES = {"op": ["addmm", "relu"], "node": ["net.fc1/addmm"]}


def proposed(text: str) -> list[str]:
    return [candidate.text for candidate in complete(text, len(text), NAMES).candidates]


def test_an_empty_field_proposes_every_fact():
    for name, entry in FACTS.items():
        assert (f"{name}." if entry.type == "array" else name) in proposed("")


def test_after_an_array_come_its_statistics():
    assert proposed("loss > 1 and grad.") == [f"grad.{name}" for name in STATISTICS]
    assert proposed("grad.n") == ["grad.norm", "grad.nan"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("gr", ["grad_fn", "grad."]),
        ("loss > lo", ["loss", "loss.previous", "loss.lowest", "log10("]),
        ("op == ", ['"addmm"', '"relu"']),
        ('op == "re', ['"relu"']),
        ('op in ("addmm", ', ['"addmm"', '"relu"']),
        ("op not in (", ['"addmm"', '"relu"']),
        ('loss > 1 and node ~ "', ['"net.fc1/addmm"']),
        ("kind == ", ['"forward"', '"backward"', '"accumulate"', '"update"']),
        ("op ", ["==", "!=", "~", "in"]),
        ("grad.norm > 1 ", ["and", "or"]),
        ("grad.finite ", ["and", "or"]),
        ("module == ", []),  # no names known
        ('"never closed', []),
    ],
)
def test_only_what_fits_is_proposed(text, expected):
    assert proposed(text) == expected


def test_a_candidate_takes_the_place_of_what_has_been_typed_of_it():
    text = 'loss > 1 and op == "re'
    completion = complete(text, len(text), NAMES)
    assert text[completion.start : completion.end] == '"re'
    assert parse(text[: completion.start] + completion.candidates[0].text + text[completion.end :])


def test_every_candidate_that_is_no_name_is_described():
    for text in ("", "grad.", "loss ", "op "):
        assert all(candidate.description for candidate in complete(text, len(text)).candidates)


@given(GARBAGE, st.integers(-5, 250))
def test_any_text_and_cursor_gets_an_answer(text, cursor):
    completion = complete(text, cursor, NAMES)
    assert 0 <= completion.start <= completion.end <= max(0, min(cursor, len(text)))


@given(st.sampled_from([name for name in FACTS if fact(name).type != "array"]))
def test_a_proposed_fact_is_one_that_can_be_asked(name):
    try:
        parse(name)
    except ConditionError as error:
        assert error.start == 0 and error.end == len(name)  # it only has to be compared with something
