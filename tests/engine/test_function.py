"""Custom autograd.Functions as people write them, and what they get wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import gradviz.engine as torch
from gradviz.engine.autograd.function import FunctionCtx, once_differentiable
from tests.engine.tensors import leaf


def double_with(backward: Callable[[FunctionCtx, torch.Tensor], Any]) -> type[torch.autograd.Function]:
    class Double(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

    Double.backward = staticmethod(backward)
    return Double


@pytest.mark.parametrize(
    ("backward", "error", "words"),
    [
        (lambda ctx, g: (g, g), RuntimeError, "an incorrect number of gradients (expected 1, got 2)"),
        (lambda ctx, g: g[:1].expand(5), RuntimeError,
         "Function DoubleBackward returned an invalid gradient at index 0 - got [5] but expected shape "
         "compatible with [3]"),
        (lambda ctx, g: 2.0, TypeError, "expected a Tensor or None as gradient, got float"),
        (lambda ctx, g: g * ctx.scale, AttributeError, "'DoubleBackward' object has no attribute 'scale'"),
    ],
)  # fmt: skip
def test_a_wrong_backward_is_answered_in_torchs_words(backward, error, words: str) -> None:
    with pytest.raises(error) as raised:
        double_with(backward).apply(leaf(1, 2, 3)).sum().backward()
    assert words in str(raised.value)


def test_a_gradient_may_have_leading_dimensions_to_be_summed() -> None:
    x = leaf(1, 2, 3)
    double_with(lambda ctx, g: g.expand(4, 3)).apply(x).sum().backward()
    assert x.grad.tolist() == [4, 4, 4]


def test_a_function_is_applied_not_called() -> None:
    with pytest.raises(RuntimeError, match="Legacy autograd function with non-static forward method"):
        double_with(lambda ctx, g: g)()(leaf(1))


def test_a_backward_differentiable_once() -> None:
    Double = double_with(once_differentiable(lambda ctx, g: g * 2))
    x = leaf(1, 2)
    (first,) = torch.autograd.grad(Double.apply(x).pow(2).sum(), x, create_graph=True)
    assert first.tolist() == [8, 16]
    with pytest.raises(RuntimeError, match="trying to differentiate twice a function that was marked"):
        first.sum().backward()


def test_every_tensor_is_a_variable() -> None:
    x = torch.autograd.Variable(torch.ones(2), requires_grad=True)
    assert x.requires_grad and type(x) is torch.Tensor
    assert isinstance(x, torch.autograd.Variable) and not isinstance(1.0, torch.autograd.Variable)
