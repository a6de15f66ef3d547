"""Rules with numbers, as a teacher would write them on the board."""

from __future__ import annotations

import math

import pytest

import gradviz.engine as torch
from gradviz.engine import explain
from gradviz.engine.explain.equations import equation, latex_number
from gradviz.engine.nn import functional as F
from tests.engine.explain.uses import use_of

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
