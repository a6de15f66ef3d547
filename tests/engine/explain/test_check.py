"""A backward that is right is not accused, and one that is wrong is caught: finite differences say which."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gradviz.engine as torch
from gradviz.engine.autograd import Function
from gradviz.engine.explain import Verdict, check
from tests.engine.cases import CASES, Case
from tests.engine.explain.uses import elements, uses


def verdicts(compute: Callable[[], torch.Tensor]) -> list[Verdict]:
    """On the gradients of the first operation."""
    use, grads = uses(compute)[0]
    return [check(use, position) for position, g in enumerate(grads) if g is not None]


@pytest.mark.parametrize("case", CASES, ids=str)
@settings(max_examples=3, deadline=None)
@given(data=st.data())
def test_no_operation_of_the_engine_is_accused(case: Case, data) -> None:
    use, grads, _, _ = data.draw(elements(case))
    for position, gradient in enumerate(grads):
        if gradient is not None:
            verdict = check(use, position)
            assert verdict.state != "wrong", verdict


# ── what is right at a kink ───────────────────────────────────────────────────────────────────────────────

TIED = [1.0, 3.0, 3.0, -2.0]
FLAT_AND_KINKED = {
    "relu at 0": lambda x: torch.relu(x - x.detach()),
    "abs at 0": lambda x: x.abs(),
    "hardtanh at its ends": lambda x: torch.nn.functional.hardtanh(x),
    "clamp at its bounds": lambda x: x.clamp(-1, 1),
    "sign is flat": lambda x: torch.sign(x + 0.3),
    "a shared maximum": lambda x: x.amax(),
    "max of two that are equal": lambda x: torch.maximum(x, x.detach()),
    "max pooling": lambda x: torch.nn.functional.max_pool1d(x.reshape(1, 1, -1), 2),
    "huber at its joint": lambda x: torch.nn.functional.huber_loss(x, torch.zeros_like(x)),
    "leaky relu": lambda x: torch.nn.functional.leaky_relu(x),
}


@pytest.mark.parametrize("name", FLAT_AND_KINKED)
@pytest.mark.parametrize("numbers", [[0.0, 0.0, 1.0, -1.0], TIED, [1.0, 1.0, 1.0, 1.0]], ids=str)
def test_kinks_and_flat_regions_are_no_mistakes(name, numbers):
    x = torch.tensor(numbers, dtype=torch.float64, requires_grad=True)
    for use, grads in uses(lambda: FLAT_AND_KINKED[name](x)):
        for position, gradient in enumerate(grads):
            if gradient is not None:
                verdict = check(use, position)
                assert verdict.state != "wrong", (use.op.op_name, verdict)


# ── seeded mistakes ───────────────────────────────────────────────────────────────────────────────────────


def custom(forward: Callable, backward: Callable) -> type[Function]:
    """A Function of one argument that saves it."""

    class Custom(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return forward(x)

        @staticmethod
        def backward(ctx, g):
            return backward(g, *ctx.saved_tensors)

    return Custom


MISTAKES = {
    "sign": custom(lambda x: -x.exp(), lambda g, x: g * x.exp()),
    "factor": custom(lambda x: x * x, lambda g, x: g * x),
    "stale": custom(lambda x: x.tanh(), lambda g, x: g * (1 - x * x)),
    "nothing": custom(lambda x: x.sin(), lambda g, x: torch.zeros_like(x)),
    "only one element": custom(
        lambda x: 2 * x,
        lambda g, x: torch.where(torch.arange(x.numel(), device=x.device).reshape(x.shape) == 7, g, 2 * g),
    ),
    "wrong axis": custom(lambda x: x.cumsum(0), lambda g, x: g.flip(1).cumsum(1).flip(1)),
    "mean without its count": custom(lambda x: x.mean().reshape(1), lambda g, x: g.expand(x.shape)),
    "wrong on one side of a kink": custom(
        lambda x: x.clamp(min=0), lambda g, x: g * (x > 0) + 0.1 * g * (x < 0)
    ),
    "raises": custom(lambda x: x * 3, lambda g, x: g @ torch.ones(17, 2, device=x.device)),
    "forgets the gradient that comes in": custom(lambda x: x * 3, lambda g, x: torch.full_like(x, 3.0)),
}


@pytest.mark.parametrize("name", MISTAKES)
@pytest.mark.parametrize("shape", [(3, 4), (40, 30)], ids=str)
def test_a_wrong_backward_is_caught(name, shape):
    numbers = np.random.default_rng(1).standard_normal(shape)
    x = torch.tensor(numbers, requires_grad=True)
    heard = {}

    class Listener(torch.Observer):
        def forward(self, node, inputs, outputs):
            if node.op_name == "Custom":
                heard["use"] = (node, [("x", inputs[0].array)], [out.array for out in outputs])

    previous = torch.observe(Listener())
    try:
        MISTAKES[name].apply(x)
    finally:
        torch.observe(previous)
    from gradviz.engine.explain import Use

    verdict = check(Use.heard(*heard["use"]), 0)
    assert verdict.state == "wrong"
    if name == "only one element":
        (difference,) = verdict.worst
        assert difference.index == tuple(np.unravel_index(7, shape))
        assert difference.found == pytest.approx(difference.expected / 2, rel=1e-4)


def test_an_operation_that_is_random_is_not_judged():
    noisy = custom(lambda x: x + torch.rand(3, device=x.device), lambda g, x: g)
    x = torch.rand(3, dtype=torch.float64, requires_grad=True)
    (verdict,) = [v for v in verdicts(lambda: noisy.apply(x)) if v]
    assert verdict.state == "unchecked" and "twice" in verdict.words
