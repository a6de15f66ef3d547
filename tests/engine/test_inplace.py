"""In-place changes, versions and views."""

from __future__ import annotations

import pytest

import gradviz.engine as torch
from tests.engine.tensors import leaf


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda x: x.add_(1), "a leaf Variable that requires grad is being used in an in-place operation"),
        (lambda x: x[0].add_(1), "a view of a leaf Variable that requires grad is being used"),
        (lambda x: x.__setitem__(0, 1), "a view of a leaf Variable that requires grad is being used"),
        (lambda x: (x * 1).expand(3, 2).add_(1), "more than one element of the written-to tensor"),
        (lambda x: (x * 1).unbind()[0].add_(1), "output of a function that returns multiple views"),
        (
            lambda x: torch.ones(2).add_(torch.ones(3, 2)),
            r"output with shape \[2\] doesn't match the broadcast shape",
        ),
        (
            lambda x: torch.ones(2).add_(torch.ones(3)),
            r"The size of tensor a \(2\) must match the size of tensor b \(3\)",
        ),
        (
            lambda x: torch.tensor([1]).add_(1.5),
            "result type Float can't be cast to the desired output type Long",
        ),
    ],
)
def test_forbidden_changes(change, words: str) -> None:
    with pytest.raises(RuntimeError, match=words):
        change(leaf(1, 2))


@pytest.mark.parametrize(
    ("operation", "saves"),
    [(torch.exp, "output"), (torch.relu, "output"), (lambda y: y**3, "input"), (lambda y: y + 1, "nothing")],
)
def test_a_change_is_noticed_at_backward_if_the_value_was_saved(operation, saves: str) -> None:
    for changed in ("input", "output"):
        x = leaf(1, 2)
        y = x * 1
        z = operation(y)
        (y if changed == "input" else z).mul_(2)
        if changed == saves:
            with pytest.raises(
                RuntimeError, match=r"has been modified by an inplace operation.*is at version 1; expected"
            ):
                z.sum().backward()
        else:
            z.sum().backward()


def test_an_update_between_two_backwards_is_noticed() -> None:
    w, x = leaf(1, 2), leaf(3, 4)
    y = (w * x).sum()
    y.backward(retain_graph=True)
    with torch.no_grad():
        w -= 0.1 * w.grad
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        y.backward()


def test_what_an_inplace_operation_saves_of_its_target_outlives_the_change() -> None:
    x, factor = leaf(1, 2), leaf(3, 4)
    y = x.clone()
    y.sin_()
    y.mul_(factor)
    y.sum().backward()
    assert torch.allclose(x.grad, x.detach().cos() * factor.detach())
    assert torch.allclose(factor.grad, x.detach().sin())


def test_views_share_storage_and_version() -> None:
    x = torch.zeros(2, 2)
    row, flat, outside, data = x[0], x.view(-1), x.detach(), x.data
    row.add_(1)
    assert flat.tolist() == [1, 1, 0, 0] and outside.tolist() == data.tolist() == x.tolist()
    assert x._version == row._version == flat._version == outside._version == 1
    assert data._version == 0 and data.array is x.array and outside.array is x.array


def test_a_change_through_a_view_is_a_change_of_its_base() -> None:
    x = leaf(1, 2, 3)
    y = x * 1
    y[1:].mul_(10)
    assert y.grad_fn.name() == "torch::autograd::CopySlices"
    (y * y).sum().backward()
    assert x.grad.tolist() == [2, 2 * 20 * 10, 2 * 30 * 10]


def test_a_change_of_the_base_shows_in_a_view_made_before() -> None:
    x = leaf(1, 2)
    y = x * 1
    view = y.view(2, 1)
    y.mul_(3)
    view.sum().backward()
    assert x.grad.tolist() == [3, 3]


def test_assignment_cuts_the_old_value_off_and_attaches_the_new() -> None:
    x = leaf(1, 2, 3)
    y = x.clone()
    y[1] = 5.0
    y[0] = x[2]
    (y * y).sum().backward()
    assert y.tolist() == [3, 5, 3] and x.grad.tolist() == [0, 0, 12]


def test_assignment_makes_a_plain_tensor_part_of_the_graph() -> None:
    x, table = leaf(3), torch.zeros(2, 2)
    table[1, 0] = x[0]
    table[torch.tensor([0]), torch.tensor([1])] = 2 * x
    assert table.requires_grad
    table.sum().backward()
    assert x.grad.tolist() == [3]


def test_a_change_through_a_view_of_a_view_of_a_transposed_base() -> None:
    x = torch.arange(6.0).reshape(2, 3).requires_grad_()
    base = (x * 1).t()
    base[1][0].mul_(7)
    expected = torch.ones(2, 3)
    expected[0, 1] = 7
    base.sum().backward()
    assert x.grad.tolist() == expected.tolist()


def test_a_view_made_without_grad_must_not_be_changed_with_it() -> None:
    y = leaf(1, 2) * 1
    with torch.no_grad():
        view = y[0]
    with pytest.raises(RuntimeError, match="A view was created in no_grad mode"):
        view.mul_(leaf(2)[0])


def test_a_view_made_without_grad_does_not_hide_a_recorded_change_of_its_base() -> None:
    base = torch.zeros(2)
    with torch.no_grad():
        view = base.view(2, 1)
    base.add_(leaf(1, 2))
    with pytest.raises(RuntimeError, match="its base or another view of its base has been modified"):
        view.sum()


def test_view_refuses_what_reshape_copies() -> None:
    x = torch.arange(6).reshape(2, 3).t()
    with pytest.raises(RuntimeError, match="view size is not compatible with input tensor's size and stride"):
        x.view(6)
    assert x.reshape(6).tolist() == [0, 3, 1, 4, 2, 5]


def test_fills() -> None:
    x = torch.zeros(3)
    assert x.fill_(2).tolist() == [2, 2, 2] and x.zero_().tolist() == [0, 0, 0]
    assert x.copy_(torch.tensor([1, 2, 3])).tolist() == [1, 2, 3]
    assert torch.zeros(100).uniform_(2, 3).min() >= 2
    assert torch.zeros(2, dtype=torch.int64).random_(5, 6).tolist() == [5, 5]


def test_addmm_adds_a_product_in_place() -> None:
    x, squares = leaf(1, 2), torch.ones(1, 1)
    (squares + 0 * x.sum()).addmm_(x.view(1, 2), x.view(2, 1), beta=3, alpha=-2).sum().backward()
    assert x.grad.tolist() == [-4, -8]


def test_a_view_that_is_made_to_require_grad_is_a_leaf() -> None:
    x = torch.arange(6.0).reshape(2, 3).requires_grad_()
    with pytest.raises(RuntimeError, match="a view of a leaf Variable that requires grad"):
        x[0].mul_(2)
    (x * x).sum().backward()
    assert x.grad.tolist() == [[0.0, 2.0, 4.0], [6.0, 8.0, 10.0]]


def test_a_view_is_derived_anew_from_a_base_that_changed():
    x = leaf(1.0, 2.0, 3.0)
    base = x * 1
    view = base[1:]
    base.mul_(x)
    assert view.grad_fn.name() == "AsStridedBackward0"
    assert view.grad_fn.next_functions == ((base.grad_fn, 0),)
    view.sum().backward()
    assert x.grad.tolist() == [0.0, 4.0, 6.0]


def test_one_of_several_views_is_lost_when_its_base_changes():
    base = leaf(1.0, 2.0) * 1
    first, _ = base.unbind()
    base.mul_(2)
    with pytest.raises(RuntimeError, match="Output 0 of Unbind is a view and its base or another view"):
        first * 2


def test_assigning_all_elements_is_copy_or_fill():
    x, y = leaf(1.0, 2.0) * 1, leaf(3.0, 4.0)
    x[:] = y
    assert x.grad_fn.name() == "torch::autograd::CopyBackwards"
    x[...] = 0
    assert x.grad_fn.name() == "FillBackward3"
