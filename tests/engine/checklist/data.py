"""How data are collated, split and drawn."""

from collections import namedtuple

import numpy as np
import pytest


def loaders(torch):
    return torch.utils.data


def numbers_are_collated_to_int64_and_float64(torch):
    batch = loaders(torch).default_collate([(1, 2.5, True), (3, 4.5, False)])
    assert [t.dtype for t in batch] == [torch.int64, torch.float64, torch.bool]
    assert loaders(torch).default_collate([np.float32(1), np.float32(2)]).dtype == torch.float32


def dicts_tuples_and_strings_keep_their_form(torch):
    Point = namedtuple("Point", "x y")
    collate = loaders(torch).default_collate
    assert collate([{"a": 1, "b": "u"}, {"a": 2, "b": "v"}])["b"] == ["u", "v"]
    assert collate([Point(1, 2), Point(3, 4)]).y.tolist() == [2, 4]
    assert [t.tolist() for t in collate([[1, 2], [3, 4]])] == [[1, 3], [2, 4]]


def samples_of_different_sizes_are_not_collated(torch):
    with pytest.raises(RuntimeError, match="each element in list of batch should be of equal size"):
        loaders(torch).default_collate([[1, 2], [3]])
    with pytest.raises(RuntimeError, match="stack expects each tensor to be equal size"):
        loaders(torch).default_collate([torch.ones(2), torch.ones(3)])
    with pytest.raises(TypeError, match="default_collate: batch must contain tensors"):
        loaders(torch).default_collate([None])


def drop_last_drops_what_fills_no_batch(torch):
    DataLoader = loaders(torch).DataLoader
    assert [len(b) for b in DataLoader(range(7), batch_size=3)] == [3, 3, 1]
    assert [len(b) for b in DataLoader(range(7), batch_size=3, drop_last=True)] == [3, 3]
    assert len(DataLoader(range(7), batch_size=3)) == 3
    assert len(DataLoader(range(7), batch_size=3, drop_last=True)) == 2


def samplers_choose_the_order(torch):
    data = loaders(torch)

    class Backwards(data.Sampler):
        def __iter__(self):
            return iter([3, 2, 1, 0])

        def __len__(self):
            return 4

    assert [b.tolist() for b in data.DataLoader(range(4), batch_size=3, sampler=Backwards())] == [
        [3, 2, 1],
        [0],
    ]
    batches = data.DataLoader(range(4), batch_sampler=[[0, 3], [1]])
    assert [b.tolist() for b in batches] == [[0, 3], [1]]
    with pytest.raises(ValueError, match="sampler option is mutually exclusive with shuffle"):
        data.DataLoader(range(4), shuffle=True, sampler=Backwards())


def a_generator_decides_the_shuffle(torch):
    data = loaders(torch)

    def order(seed):
        loader = data.DataLoader(range(8), shuffle=True, generator=torch.Generator().manual_seed(seed))
        return [int(b) for b in loader]

    assert order(1) == order(1) and order(1) != order(2) and sorted(order(1)) == list(range(8))


def random_split_takes_lengths_or_fractions(torch):
    data = loaders(torch)
    parts = data.random_split(range(10), [7, 3], torch.Generator().manual_seed(0))
    assert sorted([*parts[0], *parts[1]]) == list(range(10))
    assert [len(p) for p in data.random_split(range(10), [0.5, 0.3, 0.2])] == [5, 3, 2]
    with pytest.raises(
        ValueError, match="Sum of input lengths does not equal the length of the input dataset"
    ):
        data.random_split(range(10), [5, 4])


def iterable_datasets_are_batched_and_have_no_order_to_choose(torch):
    data = loaders(torch)

    class Stream(data.IterableDataset):
        def __iter__(self):
            return iter(range(5))

    assert [b.tolist() for b in data.DataLoader(Stream(), batch_size=2)] == [[0, 1], [2, 3], [4]]
    with pytest.raises(ValueError, match="expected unspecified shuffle option"):
        data.DataLoader(Stream(), shuffle=True)


def the_draws_of_a_seed_are_the_same_each_time(torch):
    def draw():
        torch.manual_seed(3)
        weights = torch.tensor([0.1, 0.2, 0.7])
        return [
            torch.rand(2).tolist(), torch.randn(2).tolist(), torch.randperm(4).tolist(),
            torch.multinomial(weights, 4, replacement=True).tolist(), torch.bernoulli(weights).tolist(),
            torch.nn.Linear(2, 1).weight.tolist(), torch.nn.functional.dropout(torch.ones(4)).tolist(),
        ]  # fmt: skip

    assert draw() == draw()


def the_state_of_a_stream_is_a_tensor_of_bytes(torch):
    torch.manual_seed(1)
    state = torch.get_rng_state()
    first = torch.randn(3)
    torch.set_rng_state(state)
    assert torch.equal(torch.randn(3), first) and state.dtype == torch.uint8 and state.shape == (5056,)
    generator = torch.Generator().manual_seed(1)
    twin = torch.Generator()
    twin.set_state(generator.get_state())
    assert torch.equal(torch.rand(2, generator=generator), torch.rand(2, generator=twin))
