"""Tensors are views of a row of numbers in memory."""

import operator

import pytest

import gradviz.engine as torch
from tests.engine.tensors import leaf


def test_views_share_the_storage_at_their_own_offset():
    x = torch.arange(6.0).view(2, 3)
    assert x[1].storage_offset() == 3 and x[:, 1:].storage_offset() == 1 and x.t().storage_offset() == 0
    assert list(x[1].storage()) == [0, 1, 2, 3, 4, 5]
    assert x[1].untyped_storage().data_ptr() == x.untyped_storage().data_ptr() == x.data_ptr()
    assert x.untyped_storage().nbytes() == 24


def test_a_transposed_view_does_not_reorder_the_storage():
    x = torch.tensor([[1, 2], [3, 4]])
    assert x.t().storage().tolist() == [1, 2, 3, 4] and x.storage()[1] == 2


def test_writing_to_the_storage_changes_the_tensors_and_their_version():
    x = leaf(1.0, 2.0)
    y = (x * 1).sigmoid()
    y.storage()[0] = 5.0
    assert y[0].item() == 5
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        y.sum().backward()


@pytest.mark.cpu
def test_a_storage_prints_its_numbers_in_a_column():
    assert repr(torch.tensor([1.5, 2.0]).storage()) == (
        " 1.5\n 2.0\n[torch.storage.TypedStorage(dtype=torch.float32, device=cpu) of size 2]"
    )


def test_sizes_added_and_repeated_are_sizes():
    size = torch.Size([1, 2])
    before = (1, 2)
    for found in [size + size, size * 2, 2 * size, before + size]:
        assert isinstance(found, torch.Size) and found == (1, 2, 1, 2)
    with pytest.raises(TypeError, match=r"can only concatenate tuple \(not list\) to torch.Size"):
        operator.add(size, [1])
