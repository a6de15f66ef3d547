"""Tensors that change their own shape: unsqueeze_, squeeze_, t_, transpose_."""

from __future__ import annotations

import pytest

import gradviz.engine as torch
from gradviz.engine.autograd import gradcheck

CHANGES = [
    (lambda x: x.unsqueeze_(1), (2, 3), (2, 1, 3), "UnsqueezeBackward1"),
    (lambda x: x.squeeze_(), (2, 1, 3, 1), (2, 3), "SqueezeBackward3"),
    (lambda x: x.squeeze_(1), (2, 1, 3, 1), (2, 3, 1), "SqueezeBackward4"),
    (lambda x: x.squeeze_((1, 3)), (2, 1, 3, 1), (2, 3), "SqueezeBackward5"),
    (lambda x: x.t_(), (2, 3), (3, 2), "TBackward1"),
    (lambda x: x.transpose_(0, 2), (2, 3, 4), (4, 3, 2), "TransposeBackward1"),
]


@pytest.mark.parametrize(("change", "shape", "expected", "node"), CHANGES)
def test_the_tensor_itself_takes_the_new_shape(change, shape, expected, node) -> None:
    x = torch.zeros(*shape)
    whole = x.data
    assert change(x) is x and x.shape == expected and x._version == 1
    x.add_(1)
    assert (whole == 1).all()
    leaf = torch.randn(*shape, dtype=torch.float64).requires_grad_()
    assert change(leaf * 1).grad_fn.name() == node

    def changed(x: torch.Tensor) -> torch.Tensor:
        y = change(x * 2)
        return (y * y).mul_(3)

    assert gradcheck(changed, (leaf,))


def test_a_view_keeps_its_place_in_its_base() -> None:
    x = torch.arange(6.0).reshape(2, 3).clone().requires_grad_()
    base = x * 1
    row = base[0]
    row.unsqueeze_(0)
    row.mul_(3)
    assert row.shape == (1, 3) and base.tolist() == [[0, 3, 6], [3, 4, 5]]
    assert base.grad_fn.name() == "torch::autograd::CopySlices"
    (base + row).sum().backward()
    assert x.grad.tolist() == [[9, 9, 9], [1, 1, 1]]


def test_a_view_changed_without_grad_is_recorded_in_its_new_shape_later() -> None:
    x = torch.arange(6.0).reshape(2, 3).clone().requires_grad_()
    row = (x * 2)[0]
    with torch.no_grad():
        row.unsqueeze_(0)
    (row * torch.tensor([[1.0, 2.0, 3.0]])).sum().backward()
    assert x.grad.tolist() == [[2, 4, 6], [0, 0, 0]]


def test_a_view_from_before_the_change_is_refused() -> None:
    base = torch.ones(2, 3, requires_grad=True) * 1
    row = base[0]
    base.t_()
    with pytest.raises(RuntimeError, match="Make the view again after the change"):
        row.mul_(2)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda: torch.ones(2, requires_grad=True).unsqueeze_(0), "a leaf Variable that requires grad"),
        (lambda: torch.ones(2, 2, requires_grad=True)[0].unsqueeze_(0), "a view of a leaf Variable"),
        (lambda: torch.zeros(2, 3, 4).t_(), r"t_\(\) expects a tensor with <= 2 dimensions, but self is 3D"),
    ],
)
def test_forbidden_changes(change, words: str) -> None:
    with pytest.raises(RuntimeError, match=words):
        change()
    with pytest.raises(IndexError, match="Dimension out of range"):
        torch.zeros(2).unsqueeze_(3)


def test_a_leaf_may_change_its_shape_without_grad() -> None:
    weight = torch.ones(3, requires_grad=True)
    with torch.no_grad():
        weight.unsqueeze_(0)
    (weight * torch.tensor([[1.0, 2.0, 3.0]])).sum().backward()
    assert weight.is_leaf and weight.grad.tolist() == [[1, 2, 3]]


def test_what_was_saved_of_it_counts_as_changed() -> None:
    x = torch.ones(3, requires_grad=True) * 2
    y = (x * x).sum()
    x.unsqueeze_(0)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        y.backward()
