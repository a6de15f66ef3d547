"""Quantiles, and the places of values in sorted tensors."""

import math

import pytest

import gradviz.engine as torch

TENTHS = torch.arange(11.0)


@pytest.mark.parametrize(
    ("interpolation", "expected"),
    [("linear", 2.5), ("lower", 2.0), ("higher", 3.0), ("midpoint", 2.5), ("nearest", 2.0)],
)
def test_a_quantile_between_two_elements(interpolation, expected):
    assert torch.quantile(TENTHS, 0.25, interpolation=interpolation).item() == expected


def test_several_shares_make_a_new_first_dimension():
    rows = torch.stack([TENTHS, TENTHS * 2])
    found = torch.quantile(rows, torch.tensor([0.1, 0.5]), dim=1)
    assert found.tolist() == [[1.0, 2.0], [5.0, 10.0]]
    assert torch.quantile(rows, torch.tensor([0.1, 0.5]), dim=1, keepdim=True).shape == (2, 2, 1)


def test_nan_makes_the_quantile_nan_unless_it_is_ignored():
    x = torch.tensor([1.0, math.nan, 3.0])
    assert torch.quantile(x, 0.5).isnan()
    assert torch.nanquantile(x, 0.5).item() == 2.0


def test_the_gradient_goes_to_the_two_neighbours():
    x = torch.tensor([4.0, 1.0, 2.0], requires_grad=True)
    torch.quantile(x, 0.75).backward()
    assert x.grad.tolist() == [0.5, 0.0, 0.5]


@pytest.mark.parametrize(
    ("q", "words"),
    [(1.5, r"q must be in the range \[0, 1\] but got 1.5"), (torch.tensor(0.5).double(), "same dtype")],
)
def test_wrong_shares_are_refused(q, words):
    with pytest.raises(RuntimeError, match=words):
        torch.quantile(TENTHS, q)


def test_places_in_a_sorted_vector():
    edges, values = torch.tensor([1.0, 2.0, 3.0]), torch.tensor([0.5, 2.0, 9.0])
    assert torch.searchsorted(edges, values).tolist() == [0, 1, 3]
    assert torch.searchsorted(edges, values, right=True).tolist() == [0, 2, 3]
    assert torch.bucketize(values, edges, out_int32=True).dtype is torch.int32


def test_each_sorted_row_serves_a_row_of_values():
    rows = torch.tensor([[1.0, 3.0], [10.0, 30.0]])
    assert torch.searchsorted(rows, torch.tensor([[2.0], [2.0]])).tolist() == [[1], [0]]


def test_a_sorter_stands_for_sorting():
    x = torch.tensor([3.0, 1.0, 2.0])
    assert torch.searchsorted(x, torch.tensor([2.5]), sorter=x.argsort()).item() == 2
