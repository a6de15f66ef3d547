"""Rules with numbers, as a teacher would write them on the board."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gradviz.engine as torch
from gradviz.engine import explain
from gradviz.engine.explain import Explanation
from gradviz.engine.explain.equations import equation, latex_number
from gradviz.engine.nn import functional as F
from gradviz.engine.tape import Op
from tests.engine.cases import CASES, Case
from tests.engine.explain.board import WordsError, compute
from tests.engine.explain.uses import elements, index_in, use_of

x = torch.tensor([1.5, -2.0], dtype=torch.float64, requires_grad=True)
y = torch.tensor([0.25, -4.0], dtype=torch.float64, requires_grad=True)


@pytest.mark.parametrize(
    ("kind", "compute", "index", "words"),
    [
        ("relu", lambda: x.relu(), (1,), r"\max(0, -2) = 0"),
        ("mul", lambda: x * y, (1,), r"-2 \odot (-4) = 8"),
        ("exp", lambda: y.exp(), (1,), r"e^{-4} = 0.01832"),
        ("pow", lambda: x**2, (1,), r"(-2)^{2} = 4"),
        ("add", lambda: x + y, (1,), "-4 - 2 = -6"),
        ("add", lambda: x + 3, (0,), "1.5 + 3 = 4.5"),
        (
            "leaky_relu",
            lambda: F.leaky_relu(x),
            (1,),
            r"-2\ \mathrm{if}\ -2 > 0\ \mathrm{else}\ 0.01 \cdot (-2) = -0.02",
        ),
        ("clamp", lambda: x.clamp(-1, 1), (1,), r"\min(\max(-2, -1), 1) = -1"),
        ("dot", lambda: x @ y, (), r"-2 \cdot (-4) + 1.5 \cdot 0.25 = 8.375"),
        ("mean", lambda: x.mean(), (), r"0.5 \cdot (-2) + 0.5 \cdot 1.5 = -0.25"),
        ("prod", lambda: x.prod(), (), r"1.5 \cdot (-2) = -3"),
        (
            "mse_loss",
            lambda: F.mse_loss(x, y, reduction="sum"),
            (),
            "((-2 - (-4))^{2}) + ((1.5 - 0.25)^{2}) = 5.562",
        ),
        (
            "std",
            lambda: x.std(),
            (),
            r"S = (1.5 - (-0.25))^{2} / 1 + (-2 - (-0.25))^{2} / 1 = 6.125,\quad \sqrt{S} = 2.475",
        ),
    ],
)
def test_output(kind: str, compute, index: tuple[int, ...], words: str) -> None:
    assert equation(explain.output(use_of(kind, compute), index)) == words


def test_gradient() -> None:
    use = use_of("mul", lambda: (x * y) * 0 + (x * y))
    g = use.grads[0][1]
    assert (
        equation(explain.gradient(use, 0, (1,))) == rf"{latex_number(g)} \odot (-4) = {latex_number(-4 * g)}"
    )


def test_only_the_largest_terms_are_written_out() -> None:
    many = torch.arange(100.0)
    why = explain.output(use_of("sum", lambda: many.sum()), ())
    assert equation(why, 2) == r"99 + 98 + \underbrace{4753}_{98\ \mathrm{more}} = 4950"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.1 + 0.2, "0.3"),
        (-0.0, "0"),
        (1.5e-7, r"1.5 \times 10^{-7}"),
        (math.inf, r"\infty"),
        (-math.inf, r"-\infty"),
        (math.nan, r"\mathrm{NaN}"),
    ],
)
def test_number(value: float, words: str) -> None:
    assert latex_number(value) == words


# Made element by element, but by more than can be computed from what is written: by functions that Python's
# math lacks, sums and integrals, or described in words.
IN_WORDS = {
    *("digamma", "erf", "erfinv", "frexp", "gelu", "i0", "i0e", "i1", "i1e", "igamma", "igammac", "isnan"),
    *("isreal", "logit", "mish", "mvlgamma", "nan_to_num", "ndtri", "nextafter", "normal", "polygamma"),
    *("tril", "triu", "zeta"),
}


def assert_true(why: Explanation, op: Op) -> None:
    """What stands left of an equals sign is what stands right of it."""
    sum_of_terms, _, outer = equation(why, count=10**6, digits=16).rpartition(r",\quad ")
    left, _, right = (outer or sum_of_terms).rpartition(" = ")
    try:
        assert compute(left, S=why.total) == pytest.approx(compute(right), rel=1e-7, abs=1e-9, nan_ok=True)
        if sum_of_terms and outer:
            left, _, right = sum_of_terms.removeprefix("S = ").rpartition(" = ")
            assert compute(left) == pytest.approx(compute(right), rel=1e-8)
    except WordsError as words:
        assert op.decompose is not None or op.op_name in IN_WORDS, words


@pytest.mark.parametrize("case", CASES, ids=str)
@settings(max_examples=3, deadline=None)
@given(data=st.data())
def test_every_equation_is_true(case: Case, data) -> None:
    """So every formula and every rule says what its operation computes."""
    use, grads, nr, index = data.draw(elements(case))
    if use.outputs[nr].size and use.op.op_name != "to":
        assert_true(explain.output(use, index, nr), use.op)
    for position, g in enumerate(grads):
        if g is not None and g.size:
            assert_true(explain.gradient(use, position, index_in(data.draw, g)), use.op)
