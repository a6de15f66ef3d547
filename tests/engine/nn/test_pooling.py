"""Pooling: windows, the places of maxima, and the way back."""

import pytest

import gradviz.engine as torch
from gradviz.engine.nn import functional as F


def test_the_largest_of_every_window():
    x = torch.tensor([[1.0, 5.0, 2.0, 4.0, 3.0]])
    assert F.max_pool1d(x, 2).tolist() == [[5.0, 4.0]]
    assert F.max_pool1d(x, 2, ceil_mode=True).tolist() == [[5.0, 4.0, 3.0]]
    assert F.max_pool1d(x, 3, stride=1, padding=1).tolist() == [[5.0, 5.0, 5.0, 4.0, 4.0]]


def test_indices_lead_back():
    x = torch.tensor([[[1.0, 2.0, 9.0], [4.0, 3.0, 0.0]]])
    values, places = F.max_pool2d(x, (2, 1), return_indices=True)
    assert values.tolist() == [[[4.0, 3.0, 9.0]]] and places.tolist() == [[[3, 4, 2]]]
    back = F.max_unpool2d(values, places, (2, 1))
    assert back.tolist() == [[[0.0, 0.0, 9.0], [4.0, 3.0, 0.0]]]


def test_unpooling_refuses_a_size_that_pooling_cannot_come_from():
    values, places = torch.ones(1, 2), torch.tensor([[0, 2]])
    assert F.max_unpool1d(values, places, 2, output_size=(5,)).tolist() == [[1.0, 0.0, 1.0, 0.0, 0.0]]
    with pytest.raises(ValueError, match=r"dim 0 must be between 2 and 6"):
        F.max_unpool1d(values, places, 2, output_size=(6,))
    with pytest.raises(RuntimeError, match="invalid max index"):
        F.max_unpool1d(values, torch.tensor([[0, 9]]), 2)


def test_volumes():
    x = torch.arange(8.0).reshape(1, 2, 2, 2)
    assert F.max_pool3d(x, 2).item() == 7
    assert F.avg_pool3d(x, 2).item() == 3.5
    assert F.adaptive_avg_pool3d(x, (1, 2, 1)).flatten().tolist() == [2.5, 4.5]
    assert F.adaptive_max_pool3d(x, (1, 1, 2)).flatten().tolist() == [6, 7]
    assert F.lp_pool3d(x, 1, 2).item() == 28


def test_adaptive_windows_overlap_where_they_must():
    x = torch.tensor([[0.0, 1.0, 2.0, 3.0, 4.0]])
    assert F.adaptive_avg_pool1d(x, 2).tolist() == [[1.0, 3.0]]
    values, places = F.adaptive_max_pool1d(x, 2, return_indices=True)
    assert values.tolist() == [[2.0, 4.0]] and places.tolist() == [[2, 4]]


def test_fractional_windows_reach_both_ends():
    torch.manual_seed(0)
    x = torch.arange(49.0).reshape(1, 1, 7, 7)
    out = torch.nn.FractionalMaxPool2d(2, output_ratio=0.6)(x)
    assert out.shape == (1, 1, 4, 4) and out.max() == 48
    with pytest.raises(ValueError, match="only one of output_size and output_ratio"):
        torch.nn.FractionalMaxPool2d(2, output_size=3, output_ratio=0.5)


@pytest.mark.parametrize(
    ("pool", "words"),
    [
        (lambda x: F.max_pool2d(x, 2, padding=2), "pad should be at most half of effective kernel size"),
        (lambda x: F.max_pool2d(x, 2, stride=0), "stride should not be zero"),
        (lambda x: F.max_pool2d(x, 9), "Output size is too small"),
        (lambda x: F.max_pool3d(x[0], 2), "non-empty 4D or 5D"),
        (lambda x: F.max_pool1d(x[0], 0), "kernel_size must be greater than zero"),
        (lambda x: F.avg_pool2d(x, 2, divisor_override=0), "divisor must be not zero"),
        (lambda x: F.adaptive_avg_pool2d(x, (-1, 2)), "greater than or equal to 0 but received {-1, 2}"),
    ],
)
def test_refuses_in_torchs_words(pool, words):
    with pytest.raises(RuntimeError, match=words):
        pool(torch.ones(1, 1, 4, 4))
