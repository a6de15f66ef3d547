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


def test_an_operation_that_draws_random_numbers_gets_the_same_ones_each_time():
    noisy = custom(lambda x: x * torch.rand(3, device=x.device), lambda g, x: g * torch.rand(3))
    x = torch.rand(3, dtype=torch.float64, requires_grad=True)
    before = torch.get_rng_state()
    (verdict,) = [v for v in verdicts(lambda: noisy.apply(x)) if v]
    assert verdict.state == "wrong"  # the numbers of backward are others than those of forward
    torch.set_rng_state(before)


def test_an_operation_that_does_not_repeat_itself_is_not_judged():
    count = iter(range(1000))
    noisy = custom(lambda x: x + next(count), lambda g, x: g)
    x = torch.rand(3, dtype=torch.float64, requires_grad=True)
    (verdict,) = [v for v in verdicts(lambda: noisy.apply(x)) if v]
    assert verdict.state == "unchecked" and "twice" in verdict.words


def test_an_operation_that_takes_its_time_holds_nobody_up(monkeypatch):
    seconds = iter(range(1000))
    monkeypatch.setattr("time.perf_counter", lambda: float(next(seconds)))
    computed = []
    slow = custom(lambda x: computed.append(1) or x * 2, lambda g, x: g)
    x = torch.rand(3, dtype=torch.float64, requires_grad=True)
    (verdict,) = [v for v in verdicts(lambda: slow.apply(x)) if v]
    assert verdict.state == "unchecked" and "too long" in verdict.words and len(computed) < 5


def test_checking_leaves_random_streams_where_they_were():
    noisy = custom(lambda x: x + torch.rand(3, device=x.device), lambda g, x: g)
    x = torch.rand(3, dtype=torch.float64, requires_grad=True)
    (use, _) = uses(lambda: noisy.apply(x))[0]
    torch.manual_seed(3)
    check(use, 0)
    drawn = torch.rand(2)
    torch.manual_seed(3)
    assert drawn.tolist() == torch.rand(2).tolist()


# ── what is not the derivative, and not meant to be ───────────────────────────────────────────────────────


def test_a_step_functions_backward_is_a_surrogate():
    rounded = custom(lambda x: x.round(), lambda g, x: g)
    x = torch.randn(4, dtype=torch.float64, requires_grad=True)
    assert [v.state for v in verdicts(lambda: rounded.apply(x))] == ["surrogate"]


def test_a_flat_place_of_a_function_that_is_not_flat_elsewhere_is_no_excuse():
    hinge = custom(lambda x: (1 - x).clamp(min=0), lambda g, x: -g)
    x = torch.tensor([2.0, 3.0], dtype=torch.float64, requires_grad=True)
    assert [v.state for v in verdicts(lambda: hinge.apply(x))] == ["wrong"]
    hinge.surrogate_gradient = True
    assert [v.state for v in verdicts(lambda: hinge.apply(x))] == ["surrogate"]


# ── what only shows in company, or in the program's own run ───────────────────────────────────────────────


class Scale(Function):
    """Confuses which of its inputs needs a gradient."""

    @staticmethod
    def forward(ctx, x, w):
        ctx.save_for_backward(x, w)
        return x * w

    @staticmethod
    def backward(ctx, g):
        x, w = ctx.saved_tensors
        return g * w if ctx.needs_input_grad[1] else None, g * x if ctx.needs_input_grad[1] else None


def test_a_gradient_that_depends_on_what_else_needs_one_is_wrong():
    x, w = (torch.rand(3, dtype=torch.float64, requires_grad=True) for _ in range(2))
    first, second = verdicts(lambda: Scale.apply(x, w))
    assert (first.state, second.state) == ("wrong", "right")
    assert "needs_input_grad" in first.words


def test_a_gradient_that_was_another_one_in_the_program_is_stale():
    square = custom(lambda x: x * x, lambda g, x: 2 * g * x)
    x = torch.rand(3, dtype=torch.float64, requires_grad=True)
    use, (given,) = uses(lambda: square.apply(x))[0]
    assert check(use, 0, given=given).state == "right"
    stale = check(use, 0, given=given * 3)
    assert stale.state == "wrong" and "this run" in stale.words and stale.worst


# ── many equal numbers ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("numbers", [[1.0, 1.0, 1.0], [0.0, 1.0, 1.0, 1.0, 1.0, 2.0]], ids=str)
@pytest.mark.parametrize("kind", ["sort", "median", "topk", "cummax"])
def test_a_choice_among_many_equal_numbers_is_no_mistake(kind, numbers):
    x = torch.tensor(numbers, dtype=torch.float64, requires_grad=True)
    choice = {
        "sort": lambda: x.sort()[0],
        "median": lambda: x.median(),
        "topk": lambda: x.topk(2)[0],
        "cummax": lambda: x.cummax(0)[0],
    }[kind]
    assert [v.state for v in verdicts(choice)] == ["right"]


@pytest.mark.parametrize("near", [1e-2, 1e-4, 1e-6, 1e-8, 1e-12])
@pytest.mark.parametrize("kind", ["sqrt", "log", "reciprocal"])
def test_beside_the_end_of_its_domain_a_function_is_right(kind, near):
    x = torch.tensor([near, 1.0, 3 * near], dtype=torch.float64, requires_grad=True)
    assert [v.state for v in verdicts(lambda: getattr(x, kind)())] == ["right"]
