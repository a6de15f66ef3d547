"""The language of conditions: what can be said, what it means, and how it refuses the rest."""

from __future__ import annotations

import math

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gradviz.trace.conditions import PRESETS, ConditionError, parse
from gradviz.trace.conditions.facts import KINDS, Value, fact, names
from gradviz.trace.conditions.lexer import quoted
from gradviz.trace.conditions.parser import MAX_LENGTH

FACTS: dict[str, Value] = {
    "grad.norm": 12.3456,
    "grad.nan": 0,
    "grad.inf": 3,
    "grad.finite": False,
    "loss": math.nan,
    "value.max": math.inf,
    "value.min": 0.0,
    "line": 12,
    "op": ("relu_", "relu"),
    "node": ("net.fc1/addmm", "net.fc1/addmm#2", "fc1/addmm"),
    "kind": ("backward",),
}
"""What an event may look like; all other facts are unknown."""


def of(name: str) -> Value:
    assert fact(name) is not None, f"{name} is no fact"
    return FACTS.get(name)


def value(text: str) -> Value:
    return parse(text).evaluate(of)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('grad.norm > 10 and op == "relu"', True),
        ("10 < grad.norm <= 12.3456", True),
        ("1 < 2 > 1", True),
        ('op == "relu_"', True),
        ('op != "relu"', False),
        ('op in ("tanh", "relu",)', True),
        ("op not in ('tanh')", True),
        ('node ~ "net.fc?/*"', True),
        ('node matches "fc1*"', True),
        ('not node ~ "net.FC*"', True),
        ('node == "net.fc1/addmm#2"', True),
        ("grad.inf", 3),
        ("not grad.nan", True),
        ("grad.finite == false", True),
        ("not grad.finite and true", True),
        ("2 ** 3 ** 2 == 512 and -2 ** 2 == -4 and 2 ** -1 == .5", True),
        ("7 - 2 - 1 == 4 and 8 / 4 / 2 == 1 and 7 % 4 == 3", True),
        ("abs(-3) == 3 and min(2, 1) == 1 and max(1, 2, 3) == 3 and log10(1e3) == 3", True),
        ("line in (11, 12) and line not in (-12, 1.5e1)", True),
        ("value.max > 1e308", True),
        ("loss == loss or loss < 1 or loss > 1", False),  # NaN compares as everywhere
        ("loss != loss", True),
        ("(grad.norm > 10)", True),
    ],
)
def test_a_condition_means_what_it_says(text, expected):
    assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("update.ratio > 1", None),
        ("not update.ratio > 1", None),
        ("update.ratio > 1 or true", True),
        ("update.ratio > 1 and false", False),
        ("false and update.ratio > 1", False),
        ("1 / value.min > 0", None),
        ("7 % value.min > 0", None),
        ("0 ** -1 > 0", None),
        ("(-8) ** 0.5 > 0", None),
        ("1e308 * 10 > 0", None),
        ("10 ** 400 > 0", None),
        ("log10(0) < 0 or log10(-1) < 0", None),
        ("value.max * 2 > 0", True),  # infinite, but not by overflow
        ("value.max - value.max != 0", True),  # NaN
        ("1 > 2 > update.ratio", False),
        ("3 > 2 > update.ratio", None),
        ('scope ~ "*"', None),
        ("dead in (1, 2)", None),
        ("min(1, loss) == 1", False),
        ("max(1, dead) > 0", None),
    ],
)
def test_what_cannot_be_told_is_unknown(text, expected):
    assert value(text) is expected
    assert parse(text).holds(of) is bool(expected)


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("", "", "Write a condition"),
        ("   ", "   ", "Write a condition"),
        ("grad > 1", "grad", "is an array: ask for one of its numbers, such as grad.norm"),
        ("grad.norm", "grad.norm", "compare it with another, such as grad.norm > 1"),
        ("op", "op", 'compare it with one in quotes, such as op == "relu"'),
        ("kind or true", "kind", 'such as kind == "forward"'),
        ("gradd.norm > 1", "gradd.norm", "Did you mean grad.norm?"),
        ("xyzzy > 1", "xyzzy", "There is no xyzzy"),
        ("__import__ > 1", "__import__", "There is no __import__"),
        ("loss = 1", "=", "Write == instead of ="),
        ("loss > 1 && true", "&&", "Write and instead of &&"),
        ("!true", "!", "Write not instead of !"),
        ("（loss > 1)", "（", "Write ( instead of （"),
        ("op == “relu”", "“", 'Write " instead of “'),
        ("op == 'relu", "'relu", "no closing quote"),
        ("loss > $", "$", "Conditions have no $"),
        ("loss >", "", "Something is missing here"),
        ("loss > 1 and", "", "Something is missing here"),
        ("(loss > 1", "(", "is not closed"),
        ("min(1, 2", "(", "is not closed"),
        ("loss > 1)", ")", ") cannot stand here"),
        ("loss > 1 2", "2", "2 cannot stand here"),
        ("loss > and", "and", "and cannot stand here"),
        ("op > 'a'", ">", "Only numbers can be compared with >"),
        ("op == 1", "op", "op and 1 cannot be compared"),
        ("line == true", "line", "line and true cannot be compared"),
        ("'a' + 1 > 2", "'a'", "A number is needed here"),
        ("-op > 2", "op", "A number is needed here"),
        ("min > 1", "min", "min is a function"),
        ("abs(1, 2) > 1", "abs", "abs takes one number"),
        ("line in 12", "in", "After in comes a list in brackets, such as (1, 2)"),
        ("line in (loss)", "loss", "After in comes a list"),
        ("op in (1)", "op", "op and 1 cannot be compared"),
        ("op ~ relu", "relu", "After ~ comes a pattern in quotes"),
        ("line ~ '1'", "line", "After ~ comes a pattern in quotes"),
        ("(1 < 2) == true == (2 < 3) in (1)", "in", "Put the comparison before this one into brackets"),
        ("not " * 50 + "true", "not", "nested too deeply"),
        ("true or " * 250 + "false", "false", "at most 2000 characters"),
    ],
)
def test_an_error_says_what_is_wrong_and_where(text, place, words):
    with pytest.raises(ConditionError) as caught:
        parse(text)
    error = caught.value
    assert words in str(error)
    assert str(error) == error.template.format(*error.arguments)
    assert 0 <= error.start <= error.end <= len(text)
    assert text[error.start : error.end] == place


def test_a_reason_names_the_numbers_behind_a_hit():
    def reason(text: str) -> str:
        return parse(text).reason(of)

    assert reason('grad.norm > 10 and op == "relu"') == "grad.norm = 12.35"
    assert reason("value.nan or value.inf or grad.nan or grad.inf") == "grad.inf = 3"
    assert reason("grad.nan == 0") == "grad.nan = 0"
    assert reason('op == "relu"') == "op = relu_"
    assert reason("line > 1 and line < 20") == "line = 12"
    assert reason("loss != loss or not grad.finite") == "loss = nan, grad.finite = false"
    assert reason("true") == ""


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.id)
def test_every_preset_is_a_condition_and_can_be_adjusted(preset):
    assert parse(preset.condition())
    if isinstance(preset.default, float):
        assert "1e-07" in parse(preset.condition(1e-7)).text
    elif preset.default is not None:
        assert parse(preset.condition('a "quoted" name')).text.endswith(r'"a \"quoted\" name"')


# ── against a reference that takes the meaning literally ──────────────────────────────────────────────────

NUMBERS = st.one_of(
    st.integers(0, 20).map(lambda n: (str(n), float(n))),
    st.floats(0, 1e6, allow_nan=False).map(lambda x: (repr(x), x)),
    st.sampled_from(
        ["grad.norm", "grad.inf", "loss", "value.max", "value.min", "line", "dead", "before.std"]
    ).map(lambda name: (name, FACTS.get(name))),
)
TEXTS = st.one_of(
    st.sampled_from(["op", "node", "kind", "scope"]).map(lambda name: (name, FACTS.get(name))),
    st.sampled_from(["relu", "net.fc1/addmm", 'a "b"\\', "", *KINDS]).map(
        lambda text: (quoted(text), (text,))
    ),
)
CONSTANTS = st.sampled_from(
    [("true", True), ("false", False), ("grad.finite", False), ("value.finite", None)]
)


def computed(sign, a, b):
    if a is None or b is None:
        return None
    try:
        result = {
            "+": lambda: a + b,
            "-": lambda: a - b,
            "*": lambda: a * b,
            "/": lambda: a / b,
            "%": lambda: a % b,
            "**": lambda: math.pow(a, b),
        }[sign]()
    except (ArithmeticError, ValueError):
        return None
    overflow = math.isfinite(a) and math.isfinite(b) and not math.isfinite(result)
    return None if overflow else result


def arithmetic(inner):
    two = st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "%", "**"]), inner)
    return st.one_of(
        two.map(lambda p: (f"({p[0][0]}) {p[1]} ({p[2][0]})", computed(p[1], p[0][1], p[2][1]))),
        inner.map(lambda part: (f"-({part[0]})", None if part[1] is None else -part[1])),
        inner.map(lambda part: (f"abs({part[0]})", None if part[1] is None else abs(part[1]))),
    )


def compared(sign, a, b):
    if a is None or b is None:
        return None
    if isinstance(a, tuple):
        return (not set(a).isdisjoint(b)) == (sign == "==")
    return {"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b, "==": a == b, "!=": a != b}[sign]


def both(a, b):
    return False if a is False or b is False else None if a is None or b is None else True


def negated(a):
    return None if a is None else not a


EXPRESSIONS = st.recursive(NUMBERS, arithmetic, max_leaves=4)
COMPARISONS = st.one_of(
    st.tuples(EXPRESSIONS, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), EXPRESSIONS),
    st.tuples(TEXTS, st.sampled_from(["==", "!="]), TEXTS),
).map(lambda p: (f"{p[0][0]} {p[1]} {p[2][0]}", compared(p[1], p[0][1], p[2][1])))


def logic(inner):
    return st.one_of(
        st.tuples(inner, inner).map(lambda p: (f"({p[0][0]}) and ({p[1][0]})", both(p[0][1], p[1][1]))),
        st.tuples(inner, inner).map(
            lambda p: (f"({p[0][0]}) or ({p[1][0]})", negated(both(negated(p[0][1]), negated(p[1][1]))))
        ),
        inner.map(lambda part: (f"not ({part[0]})", negated(part[1]))),
    )


@given(st.recursive(st.one_of(COMPARISONS, CONSTANTS), logic, max_leaves=12))
def test_any_condition_has_the_value_of_the_reference(case):
    text, expected = case
    assume(len(text) <= MAX_LENGTH)
    assert parse(text).evaluate(of) is expected


PIECES = [
    "and",
    "or",
    "not",
    "in",
    "~",
    "(",
    ")",
    ",",
    "<",
    "==",
    "+",
    "-",
    "*",
    "**",
    '"',
    "'",
    "\\",
    ".",
    "1",
    "loss",
]
GARBAGE = st.one_of(
    st.text(max_size=200),
    st.lists(st.sampled_from([*PIECES, *names()]), max_size=60).map(" ".join),
    st.lists(st.sampled_from(PIECES), max_size=100).map("".join),
    st.tuples(st.sampled_from(["(", "not ", "-", "abs(", "1**", "1+", "true and "]), st.integers(0, 700)).map(
        lambda pair: (pair[0] * pair[1])[: MAX_LENGTH + 10]
    ),
    st.text("[]*?!-a^z", max_size=100).map(lambda glob: f"node ~ {quoted(glob)}"),
)


@settings(deadline=1000)  # milliseconds
@given(GARBAGE)
def test_nothing_that_can_be_typed_raises_anything_else(text):
    try:
        condition = parse(text)
    except ConditionError as error:
        assert str(error)
        assert 0 <= error.start <= error.end <= len(text)
    else:
        condition.holds(of)
        condition.reason(of)
