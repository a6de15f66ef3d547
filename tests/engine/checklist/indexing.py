"""Reading and writing parts of tensors."""

import pytest


def integers_and_slices_give_views_and_index_tensors_copies(torch):
    x = torch.arange(12).view(3, 4)
    for view in [x[1], x[:, 1:3], x[None], x[..., 0], x[()], x[:]]:
        assert view._base is not None
    for copy in [x[[0, 2]], x[torch.tensor([0])], x[x > 3], x[torch.tensor([True, False, True])]]:
        assert copy._base is None and copy.is_contiguous()


def index_tensors_are_broadcast_and_stand_where_the_first_one_stood(torch):
    x = torch.arange(24).view(2, 3, 4)
    rows, columns = torch.tensor([0, 1]), torch.tensor([2, 0])
    assert x[rows, columns].shape == (2, 4) and x[rows[:, None], columns].shape == (2, 2, 4)
    assert x[:, rows].shape == (2, 2, 4) and x[rows, :, columns].shape == (2, 3)
    assert x[:, [0, 1], [1, 2]].shape == (2, 2) and x[0, :, [1, 2]].shape == (3, 2)


def indices_out_of_bounds_name_the_dimension(torch):
    x = torch.zeros(2, 3)
    for wrong, words in [
        (lambda: x[2], "index 2 is out of bounds for dimension 0 with size 2"),
        (lambda: x[0, 3], "index 3 is out of bounds for dimension 1 with size 3"),
        (lambda: x[:, [0, -4]], "index -4 is out of bounds for dimension 0 with size 3"),
        (lambda: x[0, 0, 0], "too many indices for tensor of dimension 2"),
        (lambda: x[[0, 1], [0, 1, 2]], "indexing tensors could not be broadcast together with shapes"),
        (lambda: x[torch.tensor([True])], r"The shape of the mask \[1\] at index 0 does not match the shape"),
        (lambda: x[0.5], "only integers, slices"),
    ]:
        with pytest.raises(IndexError, match=words):
            wrong()


def values_to_be_written_are_numbers_and_tensors_that_fit(torch):
    x = torch.zeros(2, 3)
    x[0, :2] = torch.tensor([1, 2])
    x[x == 0] = torch.tensor(9)
    x[:, 2] = torch.ones(1, 2)
    assert x.tolist() == [[1, 2, 1], [9, 9, 1]]
    for wrong, error, words in [
        ([1, 2, 3], TypeError, "can't assign a list to a torch.FloatTensor"),
        (None, TypeError, "can't assign a NoneType to a torch.FloatTensor"),
        (
            torch.ones(2),
            RuntimeError,
            r"The expanded size of the tensor \(3\) must match the existing size \(2\)",
        ),
    ]:
        with pytest.raises(error, match=words):
            x[0] = wrong
    with pytest.raises(RuntimeError, match="Index put requires the source and destination dtypes match"):
        x[[0, 1]] = torch.tensor([[1], [2]])
    with pytest.raises(TypeError, match="Tensor does not support deleting items"):
        del x[0]


def the_gradient_of_repeated_elements_adds_up(torch):
    x = torch.zeros(3, requires_grad=True)
    x[torch.tensor([0, 0, 2])].mul(torch.tensor([1.0, 10.0, 100.0])).sum().backward()
    assert x.grad.tolist() == [11, 0, 100]
