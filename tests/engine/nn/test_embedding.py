"""Tables of vectors: one for an index, and one for a bag of indices."""

import pytest

import gradviz.engine as torch
from gradviz.engine import nn
from gradviz.engine.nn import functional as F

table = torch.tensor([[1.0, 10.0], [2.0, 20.0], [4.0, 5.0]])
indices, offsets = torch.tensor([0, 2, 1]), torch.tensor([0, 2])


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("sum", [[5.0, 15.0], [2.0, 20.0]]),
        ("mean", [[2.5, 7.5], [2.0, 20.0]]),
        ("max", [[4.0, 10.0], [2.0, 20.0]]),
    ],
)
def test_bags_are_reduced(mode, expected):
    assert F.embedding_bag(indices, table, offsets, mode=mode).tolist() == expected


def test_bags_of_equal_length_may_be_a_matrix():
    out = F.embedding_bag(torch.tensor([[0, 1], [2, 2]]), table, mode="sum")
    assert out.tolist() == [[3.0, 30.0], [8.0, 10.0]]


def test_what_stands_for_padding_counts_nothing():
    out = F.embedding_bag(indices, table, offsets, padding_idx=2)
    assert out.tolist() == [[1.0, 10.0], [2.0, 20.0]]


def test_a_sum_may_be_weighed():
    factors = torch.tensor([2.0, 0.5, 1.0], requires_grad=True)
    out = F.embedding_bag(indices, table, offsets, mode="sum", per_sample_weights=factors)
    assert out.tolist() == [[4.0, 22.5], [2.0, 20.0]]
    out.sum().backward()
    assert factors.grad.tolist() == [11.0, 9.0, 22.0]


def test_an_empty_bag_is_zeros():
    assert F.embedding_bag(indices, table, torch.tensor([0, 0]), mode="max").tolist()[0] == [0.0, 0.0]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"offsets": torch.tensor([1, 2])}, r"offsets\[0\] has to be 0"),
        ({"offsets": torch.tensor([0, 9])}, "can not be greater than input's length 3"),
        ({"offsets": offsets, "mode": "median"}, "mode has to be one of sum, mean or max"),
        ({}, "offsets has to be a 1D Tensor but got None"),
    ],
)
def test_refuses_in_torchs_words(arguments, words):
    with pytest.raises((RuntimeError, ValueError), match=words):
        F.embedding_bag(indices, table, **arguments)


def test_long_vectors_are_cut_to_max_norm_in_the_table_itself():
    layer = nn.Embedding.from_pretrained(table.clone(), max_norm=5.0)
    layer(torch.tensor([0]))
    assert layer.weight[0].norm().item() == pytest.approx(5.0)
    assert layer.weight[1].tolist() == [2.0, 20.0]


def test_gradients_may_be_divided_by_how_often_a_row_is_used():
    layer = nn.Embedding(3, 1, scale_grad_by_freq=True)
    layer(torch.tensor([0, 0, 1])).sum().backward()
    assert layer.weight.grad.tolist() == [[1.0], [1.0], [0.0]]
