"""What single operations say about an element of their output."""

from __future__ import annotations

import math

import numpy as np
import pytest

import gradviz.engine as torch
from gradviz.engine import explain, nn
from gradviz.engine.explain import Explanation, Term, Use
from gradviz.engine.nn import functional as F
from tests.engine.explain.uses import assert_adds_up, use_of


def random(*shape: int) -> torch.Tensor:
    values = np.random.default_rng(sum(shape)).normal(size=shape)
    return torch.tensor(values, requires_grad=True)


def said(term: Term) -> tuple:
    """A term as (coefficient, argument and index of each factor …)."""
    return (term.coefficient, *((f.source.name, f.index) for f in term.factors))


def why(kind: str, compute, index: tuple[int, ...] = (), nr: int = 0) -> Explanation:
    found = explain.output(use_of(kind, compute), index, nr)
    assert_adds_up(found)
    return found


def test_a_neuron_is_its_784_products_and_a_bias() -> None:
    layer, images = nn.Linear(784, 8).double(), random(3, 784)
    found = why("addmm", lambda: layer(images), (2, 5))
    assert [len(group) for group in found.groups] == [1, 784]
    bias, products = found.groups
    assert said(bias[0]) == (1, ("bias", (5,)))
    assert said(products[100]) == (1, ("a", (2, 100)), ("b", (100, 5)))
    assert products[100].value == images[2, 100].item() * layer.weight[5, 100].item()


def test_scaled_products_have_their_factor_as_coefficient() -> None:
    a, b = random(2, 3), random(3, 2)
    found = why("addmm", lambda: torch.addmm(random(2), a, b, beta=0.5, alpha=2), (1, 0))
    assert [term.coefficient for term in found] == [0.5, 2, 2, 2]


def test_a_zero_input_is_a_term_all_the_same() -> None:
    found = why("mm", lambda: torch.zeros(2, 3, dtype=torch.float64) @ random(3, 2), (0, 0))
    assert [said(term)[1] for term in found] == [("a", (0, 0)), ("a", (0, 1)), ("a", (0, 2))]
    assert found.value == 0


def test_a_convolution_is_the_products_over_its_patch() -> None:
    images, weight, bias = random(2, 3, 5, 5), random(4, 3, 3, 3), random(4)
    found = why("convolution", lambda: F.conv2d(images, weight, bias, padding=1), (1, 2, 0, 4))
    patch, added = found.groups
    assert len(patch) == 3 * 2 * 2  # the rest of the patch lies in the padding
    assert said(patch[0]) == (1, ("input", (1, 0, 0, 3)), ("weight", (2, 0, 1, 0)))
    assert said(added[0]) == (1, ("bias", (2,)))


def test_einsum_is_explained_by_its_product_of_stacks() -> None:
    a, b = random(2, 3), random(3, 4)
    found = why("bmm", lambda: torch.einsum("ij,jk->ik", a, b), (0, 1, 2))
    assert said(next(iter(found))) == (1, ("a", (0, 1, 0)), ("b", (0, 0, 2)))


def test_sums_of_integers_and_of_answers_have_terms_too() -> None:
    correct = torch.tensor([True, False, True])
    assert [t.value for t in why("sum", lambda: correct.sum())] == [1, 0, 1]


def test_sums_and_means_list_their_elements() -> None:
    x = random(2, 3)
    assert [said(t) for t in why("sum", lambda: x.sum(1), (1,))] == [(1, ("x", (1, j))) for j in range(3)]
    assert [t.coefficient for t in why("mean", lambda: x.mean())] == pytest.approx([1 / 6] * 6)


def test_what_moves_numbers_names_the_one_element() -> None:
    x, y = random(2, 3), random(2, 3)
    assert [said(t) for t in why("cat", lambda: torch.cat([x, y], 1), (1, 4))] == [(1, ("tensors", (1, 1)))]
    (term,) = why("cat", lambda: torch.cat([x, y], 1), (1, 4))
    assert term.factors[0].source.number == 1
    assert [said(t) for t in why("t", lambda: x.t(), (2, 0))] == [(1, ("x", (0, 2)))]
    assert [said(t) for t in why("view", lambda: torch.tensor([1, 2]).view(2, 1), (1, 0))] == [
        (1, ("x", (1,)))
    ]


def test_an_element_by_element_operation_names_its_elements_also_when_the_result_is_zero() -> None:
    (term,) = why("relu", lambda: torch.relu(torch.tensor([1.0, -2.0])), (1,))
    assert term.value == 0 and [f.value for f in term.factors] == [-2]
    (term,) = why("atan2", lambda: torch.atan2(random(2, 3), random(3)), (1, 2))
    assert [(f.source.name, f.index) for f in term.factors] == [("y", (1, 2)), ("x", (2,))]


def test_a_plain_number_is_a_factor_without_an_origin() -> None:
    (term,) = why("mul", lambda: random(2) * 3, (1,))
    assert [f.source.kind for f in term.factors] == ["input", "number"]


def test_the_winner_of_a_maximum_and_its_position() -> None:
    x = torch.tensor([[1.0, 5.0, 2.0]])
    assert [said(t) for t in why("max", lambda: x.max(1).values, (0,))] == [(1, ("x", (0, 1)))]
    position = why("max", lambda: x.max(1).values, (0,), nr=1)
    assert position.value == 1 and next(iter(position)).factors[0].value == 5


def test_a_softmax_is_a_power_over_a_sum_of_powers() -> None:
    x = torch.tensor([[0.0, 1.0, 3.0]]).double()
    found = why("softmax", lambda: x.softmax(1), (0, 1))
    assert found.outer == "e^{x - m} / S" and found.symbols == {"x": 1, "m": 3}
    assert [t.value for t in found] == pytest.approx([math.exp(-3), math.exp(-2), 1])
    assert why("log_softmax", lambda: x.log_softmax(1), (0, 1)).outer == r"x - m - \ln S"


def test_a_deviation_is_the_root_of_a_sum_of_squares() -> None:
    found = why("std", lambda: torch.tensor([1.0, 2.0, 6.0]).double().std())
    assert found.outer == r"\sqrt{S}" and [t.value for t in found] == [2, 0.5, 4.5]
    assert found.symbols == {r"\bar{x}": 3, "d": 2}


def test_a_product_is_one_term_of_all_its_factors() -> None:
    (term,) = why("prod", lambda: torch.tensor([2.0, 3.0, 4.0]).prod())
    assert term.value == 24 and [f.value for f in term.factors] == [2, 3, 4]


def test_batch_norm_has_a_normalized_element_and_a_bias() -> None:
    layer, x = nn.BatchNorm1d(2).double(), random(4, 2)
    found = why("batch_norm", lambda: layer(x), (3, 1))
    assert [[f.source.name for f in t.factors] for t in found] == [["x", "weight"], ["bias"]]
    assert found.symbols[r"\mu"] == pytest.approx(x[:, 1].mean().item())


def test_a_mean_loss_lists_the_labelled_elements_by_their_share() -> None:
    log_probs, labels = random(4, 3), torch.tensor([2, 0, -100, 1])
    weight = torch.tensor([1.0, 2.0, 3.0]).double()
    found = why("nll_loss", lambda: torch.nll_loss(log_probs, labels, weight))
    assert [t.factors[0].index for t in found] == [(0, 2), (1, 0), (3, 1)]
    assert [t.coefficient for t in found] == pytest.approx([-3 / 6, -1 / 6, -2 / 6])


def test_labels_that_the_program_changes_later_do_not_matter() -> None:
    log_probs, labels = random(2, 3), torch.tensor([2, 0])
    use = use_of("nll_loss", lambda: torch.nll_loss(log_probs, labels))
    labels.zero_()
    assert [t.factors[0].index for t in explain.output(use, ())] == [(0, 2), (1, 0)]


def test_what_is_no_element_is_the_rest() -> None:
    border = why("constant_pad_nd", lambda: F.pad(random(2), (1, 0), value=7.0), (0,))
    assert len(border) == 0 and border.rest == 7
    assert why("add", lambda: random(2) + 3, (1,)).rest == pytest.approx(3)


def test_float32_leaves_its_rounding() -> None:
    layer = nn.Linear(100, 1)
    found = explain.output(use_of("addmm", lambda: layer(torch.rand(1, 100))), (0, 0))
    assert 0 < abs(found.rounding) < 1e-5 and found.total + found.rounding == found.value


def test_numbers_that_are_not_finite_are_explained_too() -> None:
    x = torch.tensor([math.inf, -math.inf, 1.0])
    assert math.isnan(explain.output(use_of("sum", lambda: x.sum()), ()).total)
    assert explain.output(use_of("logsumexp", lambda: (x[1:2]).logsumexp(0)), ()).rounding == 0


def test_a_custom_function_is_explained_as_far_as_it_is_linear() -> None:
    class Twice(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, power):
            ctx.save_for_backward(x)
            ctx.power = power
            return 2 * x**power

        @staticmethod
        def backward(ctx, g):
            (x,) = ctx.saved_tensors
            return g * 2 * ctx.power * x ** (ctx.power - 1), None

    x = torch.tensor([3.0, 4.0], requires_grad=True)
    (term,) = why("Twice", lambda: Twice.apply(x, 1), (1,))
    assert said(term) == (2, ("x", (1,)))
    squared = why("Twice", lambda: Twice.apply(x, 2), (1,))
    assert next(iter(squared)).value == 64 and squared.rest == 32 - 64


@pytest.mark.parametrize("name", ["sum", "prod", "norm", "all", "any", "count_nonzero"])
def test_nothing_has_no_terms_or_an_empty_product(name: str) -> None:
    found = why(name, lambda: getattr(torch.zeros(0), name)())
    assert all(not term.factors for term in found) and explain.equation(found)


def test_a_custom_function_that_writes_into_its_input_is_given_a_copy() -> None:
    class Doubled(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.mark_dirty(x.mul_(2))
            return x

        @staticmethod
        def backward(ctx, g):
            return g * 2

    use = Use(use_of("Doubled", lambda: Doubled.apply(random(2) * 1)).op, [np.ones(2)], [np.full(2, 2.0)])
    assert [said(t) for t in explain.output(use, (1,))] == [(2, ("x", (1,)))]
    assert use.inputs[0].tolist() == [1, 1]


def test_a_custom_function_without_a_backward_has_no_terms() -> None:
    class Rounded(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x.round()

    found = explain.output(use_of("Rounded", lambda: Rounded.apply(torch.tensor([1.6]))), (0,))
    assert len(found) == 0 and found.rest == 2
