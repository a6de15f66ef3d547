"""What single operations say about an element of a gradient."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import gradviz.engine as torch
from gradviz.engine import explain, nn
from gradviz.engine.explain import Explanation, Use
from gradviz.engine.nn import functional as F
from tests.engine.explain.uses import assert_adds_up, use_of, uses


def random(*shape: int) -> torch.Tensor:
    values = np.random.default_rng(sum(shape)).normal(size=shape)
    return torch.tensor(values, requires_grad=True)


def why(kind: str, compute, position: int, index: tuple[int, ...] = ()) -> Explanation:
    found = explain.gradient(use_of(kind, compute), position, index)
    assert_adds_up(found)
    return found


def test_a_weights_gradient_has_a_term_for_every_sample() -> None:
    layer, images = nn.Linear(5, 4).double(), random(3, 5)
    found = why("addmm", lambda: layer(images), 2, (1, 2))
    assert [[(f.source.name, f.index) for f in t.factors] for t in found] == [
        [("g", (n, 2)), ("a", (n, 1))] for n in range(3)
    ]
    assert found.formula == r"a^{\top} g"


def test_a_pixels_gradient_has_a_term_for_every_neuron() -> None:
    layer, images = nn.Linear(5, 4).double(), random(3, 5)
    found = why("addmm", lambda: layer(images), 1, (0, 2))
    assert [t.factors[1].index for t in found] == [(2, j) for j in range(4)]


def test_a_filters_gradient_has_a_term_for_every_place() -> None:
    images, weight = random(2, 1, 4, 4), random(3, 1, 2, 2)
    found = why("convolution", lambda: F.conv2d(images, weight), 1, (2, 0, 1, 1))
    assert len(found) == 2 * 3 * 3
    first = next(iter(found))
    assert [(f.source.name, f.index) for f in first.factors] == [("g", (0, 2, 0, 0)), ("input", (0, 0, 1, 1))]


def test_an_element_by_element_operation_has_a_slope_as_coefficient() -> None:
    x = torch.tensor([1.0, -2.0], requires_grad=True)
    (term,) = why("relu", lambda: torch.relu(x), 0, (1,))
    assert term.coefficient == 0 and term.factors[0].source.kind == "gradient"


def test_what_was_broadcast_gathers_the_gradients_of_all_copies() -> None:
    x, y = random(3), random(2, 3)
    found = why("mul", lambda: x * y, 0, (1,))
    assert [(t.coefficient, t.factors[0].index) for t in found] == [
        (y[0, 1].item(), (0, 1)),
        (y[1, 1].item(), (1, 1)),
    ]


def test_an_output_without_a_gradient_counts_as_zeros() -> None:
    x = random(4)
    use = next(use for use, _ in uses(lambda: x.split(2)[1].sum()) if use.op.op_name == "split")
    why = explain.gradient(use, 0, (3,))
    assert [(t.coefficient, t.factors[0].source.number, t.factors[0].index) for t in why] == [(1, 1, (1,))]
    assert explain.gradient(use, 0, (0,)).value == 0


def test_a_tensor_used_twice_has_a_term_for_every_use() -> None:
    x = torch.tensor([2.0, 3.0], dtype=torch.float64, requires_grad=True)
    found = [use for use, _ in uses(lambda: (x * 5).sum() + (x * x).sum()) if use.op.op_name == "mul"]
    fivefold, square, _ = found
    why = explain.accumulated([(fivefold, 0), (square, 0), (square, 1)], (1,), x.grad[1].item())
    assert_adds_up(why)
    weight = x.grad[1].item() / 11
    assert [t.value / weight for t in why] == pytest.approx([5, 3, 3])
    assert [t.factors[0].source.kind for t in why] == ["contribution"] * 3


class Squares(torch.autograd.Function):
    """Its backward is NumPy's: it cannot be differentiated."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        slope = torch.from_numpy(2 * x.detach().cpu().numpy() * g.detach().cpu().numpy())
        return slope.to(g.device)


def test_a_backward_that_cannot_be_differentiated_is_probed() -> None:
    x = torch.tensor([2.0, 3.0], requires_grad=True)
    why = explain.gradient(use_of("Squares", lambda: Squares.apply(x)), 0, (1,))
    assert why.probed and why.rest == 0
    assert [(t.coefficient, t.factors[0].index) for t in why if t.value] == [(6, (1,))]


class Clipped(torch.autograd.Function):
    """Its backward is not linear."""

    @staticmethod
    def forward(ctx, x):
        return x * 1

    @staticmethod
    def backward(ctx, g):
        return g.clamp(-0.1, 0.1)


def test_a_backward_that_is_not_linear_leaves_a_rest() -> None:
    x = torch.tensor([2.0, 3.0], requires_grad=True)
    use = use_of("Clipped", lambda: Clipped.apply(x) * 0.4)
    why = explain.gradient(use, 0, (1,))
    assert why.probed and why.value == pytest.approx(0.1) and why.total == pytest.approx(0.1)


def test_nothing_needs_to_be_left_of_the_graph() -> None:
    x = random(3)
    use = use_of("exp", lambda: x.exp())
    assert use.op.saved is None
    bare = Use(type(use.op)(), use.inputs, use.outputs, use.grads)
    assert explain.gradient(bare, 0, (1,)).value == pytest.approx(x.grad[1].item())


def test_another_thread_may_ask_also_while_the_program_does_not_record() -> None:
    x = torch.tensor([0.0, 1.0], requires_grad=True)
    use = use_of("log", lambda: x.log())
    with torch.no_grad(), ThreadPoolExecutor() as pool:
        why = pool.submit(explain.gradient, use, 0, (0,)).result()
        assert math.isinf(why.value) and why.rounding == 0 and not why.probed
        assert explain.gradient(use, 0, (1,)).value == pytest.approx(x.grad[1].item())
