"""Gradients where a number is infinite, not a number, or equal to another."""

import math

import pytest

import gradviz.engine as torch
from gradviz.engine.nn import functional as F


def slope(function, at):
    x = torch.tensor(at, requires_grad=True)
    function(x).backward()
    return x.grad.item()


@pytest.mark.parametrize("function", [F.relu, F.elu, F.celu, F.hardtanh, F.relu6])
def test_the_gradient_passes_where_the_input_is_not_a_number(function):
    assert slope(function, math.nan) == 1.0


def test_elu_is_a_line_at_infinity():
    assert slope(F.elu, math.inf) == 1.0


def test_the_sign_of_what_is_not_a_number_is_zero():
    assert torch.tensor(math.nan).sign().item() == 0.0
    assert slope(torch.abs, math.nan) == 0.0


def test_a_tie_is_shared_and_nan_counts_on_both_sides():
    x = torch.tensor([1.0, math.nan], requires_grad=True)
    y = torch.tensor([1.0, 2.0], requires_grad=True)
    torch.maximum(x, y).sum().backward()
    assert x.grad.tolist() == [0.5, 1.0] and y.grad.tolist() == [0.5, 1.0]


def test_the_angle_of_the_origin_has_no_slope():
    assert slope(lambda y: torch.atan2(y, torch.tensor(0.0)), 0.0) == 0.0
