"""Batches of sequences of different lengths: padding, packing, and recurrent networks over them."""

import pytest

import gradviz.engine as torch
from gradviz.engine import nn
from gradviz.engine.nn.utils.rnn import (
    pack_padded_sequence,
    pack_sequence,
    pad_packed_sequence,
    pad_sequence,
    unpack_sequence,
    unpad_sequence,
)


@pytest.fixture
def sequences():
    return [torch.arange(n * 2.0).view(n, 2) + 10 * n for n in (2, 4, 1)]


def test_padding_to_the_longest():
    short, long = torch.tensor([1, 2]), torch.tensor([3, 4, 5])
    assert pad_sequence([short, long], batch_first=True, padding_value=-1).tolist() == [[1, 2, -1], [3, 4, 5]]
    assert pad_sequence([short, long]).tolist() == [[1, 3], [2, 4], [0, 5]]
    assert pad_sequence([short, long], True, padding_side="left").tolist() == [[0, 1, 2], [3, 4, 5]]
    back = unpad_sequence(pad_sequence([short, long]), torch.tensor([2, 3]))
    assert [t.tolist() for t in back] == [[1, 2], [3, 4, 5]]


def test_packed_data_is_in_the_order_of_time():
    packed = pack_sequence([torch.tensor([1, 2, 3]), torch.tensor([4, 5])])
    assert packed.data.tolist() == [1, 4, 2, 5, 3] and packed.batch_sizes.tolist() == [2, 2, 1]


def test_unsorted_sequences_come_back_in_their_order(sequences):
    packed = pack_sequence(sequences, enforce_sorted=False)
    assert packed.sorted_indices.tolist() == [1, 0, 2]
    for before, after in zip(sequences, unpack_sequence(packed), strict=True):
        assert torch.equal(before, after)
    padded, lengths = pad_packed_sequence(packed, batch_first=True, padding_value=-1, total_length=5)
    assert padded.shape == (3, 5, 2) and lengths.tolist() == [2, 4, 1]
    assert padded[2, 1:].unique().tolist() == [-1]


def test_lengths_that_do_not_fit_are_refused(sequences):
    with pytest.raises(RuntimeError, match="sorted in decreasing order when `enforce_sorted` is True"):
        pack_sequence(sequences)
    with pytest.raises(RuntimeError, match="has to be greater than 0"):
        pack_padded_sequence(torch.ones(3, 2, 1), [3, 0])
    with pytest.raises(RuntimeError, match=r"Expected `len\(lengths\)` to be equal to batch_size"):
        pack_padded_sequence(torch.ones(3, 2, 1), [3])
    with pytest.raises(ValueError, match="Expected total_length to be at least"):
        pad_packed_sequence(pack_sequence([torch.ones(3)]), total_length=2)


@pytest.mark.parametrize("kind", [nn.RNN, nn.LSTM, nn.GRU])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_a_packed_batch_gives_what_each_sequence_gives_alone(kind, bidirectional, sequences):
    torch.manual_seed(0)
    net = kind(2, 3, num_layers=2, bidirectional=bidirectional, batch_first=True)
    output, last = net(pack_sequence(sequences, enforce_sorted=False))
    states = last if kind is nn.LSTM else (last,)
    for i, (sequence, found) in enumerate(zip(sequences, unpack_sequence(output), strict=True)):
        alone, last_alone = net(sequence.unsqueeze(0))
        assert torch.allclose(found, alone[0], atol=1e-6)
        for state, state_alone in zip(states, last_alone if kind is nn.LSTM else (last_alone,), strict=True):
            assert torch.allclose(state[:, i], state_alone[:, 0], atol=1e-6)


def test_gradients_reach_the_padded_input_but_not_its_padding(sequences):
    padded = (pad_sequence(sequences, batch_first=True) / 50).requires_grad_()
    packed = pack_padded_sequence(padded, [2, 4, 1], batch_first=True, enforce_sorted=False)
    output, _ = nn.GRU(2, 3, batch_first=True)(packed)
    output.data.sum().backward()
    reached = (padded.grad != 0).any(-1)
    assert reached.tolist() == [[True, True, False, False], [True] * 4, [True, False, False, False]]


def test_a_state_goes_to_the_sequence_that_it_is_given_for(sequences):
    net = nn.RNN(2, 3)
    start = torch.randn(1, 3, 3)
    _, last = net(pack_sequence(sequences, enforce_sorted=False), start)
    _, alone = net(sequences[0].unsqueeze(1), start[:, :1])
    assert torch.allclose(last[:, 0], alone[:, 0], atol=1e-6)
