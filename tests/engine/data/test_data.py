"""Datasets, samplers and the loader: which samples come in which order, as what."""

from collections import namedtuple

import numpy as np
import pytest

import gradviz.engine as torch
from gradviz.engine import observe
from gradviz.engine.observer import Observer
from gradviz.engine.utils.data import (
    BatchSampler,
    ChainDataset,
    ConcatDataset,
    DataLoader,
    Dataset,
    IterableDataset,
    RandomSampler,
    SequentialSampler,
    StackDataset,
    Subset,
    SubsetRandomSampler,
    TensorDataset,
    WeightedRandomSampler,
    default_collate,
    random_split,
)


@pytest.fixture
def numbers():
    """Ten samples: (row of two, label)."""
    return TensorDataset(torch.arange(20.0).reshape(10, 2), torch.arange(10))


class Squares(Dataset):
    def __len__(self):
        return 5

    def __getitem__(self, index):
        return index, float(index**2)


class Stream(IterableDataset):
    def __iter__(self):
        return iter(range(5))


# -- datasets ----------------------------------------------------------------------------------------


def test_tensor_dataset_pairs_rows(numbers):
    row, label = numbers[3]
    assert row.tolist() == [6, 7] and label.item() == 3 and len(numbers) == 10
    with pytest.raises(AssertionError, match="Size mismatch between tensors"):
        TensorDataset(torch.zeros(2), torch.zeros(3))


def test_datasets_join_and_shrink(numbers):
    both = Squares() + Squares()
    assert isinstance(both, ConcatDataset) and len(both) == 10
    assert both[7] == both[-3] == (2, 4.0)
    some = Subset(numbers, [5, 1])
    assert [some[i][1].item() for i in range(len(some))] == [5, 1]
    assert StackDataset(a=Squares(), b=Squares())[2] == {"a": (2, 4.0), "b": (2, 4.0)}
    assert list(ChainDataset([Stream(), Stream()])) == [*range(5), *range(5)]


def test_random_split_parts_are_disjoint_and_repeatable(numbers):
    def split(lengths):
        return random_split(numbers, lengths, torch.Generator().manual_seed(42))

    train, test = split([7, 3])
    assert sorted([*train.indices, *test.indices]) == list(range(10))
    assert split([7, 3])[0].indices == train.indices
    assert [len(part) for part in split([0.75, 0.25])] == [8, 2]
    with pytest.raises(ValueError, match="Sum of input lengths"):
        split([7, 4])


# -- samplers ----------------------------------------------------------------------------------------


def test_samplers_cover_what_they_promise():
    source = range(10)
    assert list(SequentialSampler(source)) == list(range(10))
    assert sorted(RandomSampler(source)) == list(range(10))
    assert len(list(RandomSampler(source, replacement=True, num_samples=70))) == 70
    assert sorted(RandomSampler(source, num_samples=20)) == sorted([*range(10)] * 2)
    assert sorted(SubsetRandomSampler([3, 5, 9])) == [3, 5, 9]
    assert set(WeightedRandomSampler([0.0, 1.0, 0.0], 5)) == {1}
    assert sorted(WeightedRandomSampler(torch.ones(4), 4, replacement=False)) == [0, 1, 2, 3]


def test_batch_sampler_cuts_lists():
    assert list(BatchSampler(range(7), 3, False)) == [[0, 1, 2], [3, 4, 5], [6]]
    assert list(BatchSampler(range(7), 3, True)) == [[0, 1, 2], [3, 4, 5]]
    assert len(BatchSampler(range(7), 3, False)) == 3 and len(BatchSampler(range(7), 3, True)) == 2


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: RandomSampler(range(3), num_samples=0), "num_samples should be a positive integer"),
        (lambda: WeightedRandomSampler([1.0], 0), "num_samples should be a positive integer"),
        (lambda: WeightedRandomSampler([[1.0]], 1), "weights should be a 1d sequence"),
        (lambda: BatchSampler(range(3), 0, False), "batch_size should be a positive integer"),
    ],
)
def test_impossible_samplers_are_refused(make, words):
    with pytest.raises(ValueError, match=words):
        make()


# -- loader ------------------------------------------------------------------------------------------


def test_batches_in_order_with_a_shorter_last_one(numbers):
    loader = DataLoader(numbers, batch_size=4)
    batches = list(loader)
    assert len(loader) == len(batches) == 3
    assert [labels.tolist() for _, labels in batches] == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
    assert batches[0][0].shape == (4, 2)
    assert len(list(DataLoader(numbers, batch_size=4, drop_last=True))) == 2


def test_shuffling_follows_the_seed(numbers):
    """The order is torch's after manual_seed(0)."""
    torch.manual_seed(0)
    loader = DataLoader(numbers, batch_size=10, shuffle=True)
    first, second = (next(iter(loader))[1].tolist() for _ in range(2))
    assert first == [6, 7, 1, 4, 2, 0, 9, 8, 3, 5] and sorted(second) == sorted(first) and second != first


def test_indexing_the_whole_batch_gives_what_collating_gives(numbers):
    slow = DataLoader(Subset(numbers, range(10)), batch_size=4, collate_fn=lambda b: default_collate(b))
    for fast, collated in zip(DataLoader(numbers, batch_size=4), slow, strict=True):
        assert all(torch.equal(a, b) and a.dtype == b.dtype for a, b in zip(fast, collated, strict=True))


def test_a_subset_is_indexed_through(numbers):
    loader = DataLoader(Subset(Subset(numbers, [9, 8, 7]), [2, 0]), batch_size=2)
    assert next(iter(loader))[1].tolist() == [7, 9]


def test_samples_of_ones_own_are_collated():
    index, square = next(iter(DataLoader(Squares(), batch_size=3)))
    assert index.dtype == torch.int64 and square.dtype == torch.float64
    assert square.tolist() == [0, 1, 4]


def test_collate_keeps_containers():
    Point = namedtuple("Point", "x y")
    batch = default_collate(
        [
            {"point": Point(1, np.float32(2)), "name": "a", "row": np.zeros(3), "list": [1, 2]},
            {"point": Point(3, np.float32(4)), "name": "b", "row": np.ones(3), "list": [3, 4]},
        ]
    )
    assert batch["point"].x.tolist() == [1, 3] and batch["point"].y.dtype == torch.float32
    assert batch["name"] == ["a", "b"]
    assert batch["row"].shape == (2, 3) and batch["row"].dtype == torch.float64
    assert [column.tolist() for column in batch["list"]] == [[1, 3], [2, 4]]
    with pytest.raises(RuntimeError, match="of equal size"):
        default_collate([[1], [1, 2]])
    with pytest.raises(TypeError, match="default_collate: batch must contain tensors"):
        default_collate([object()])


def test_streams_are_cut_into_batches():
    batches = [batch.tolist() for batch in DataLoader(Stream(), batch_size=2)]
    assert batches == [[0, 1], [2, 3], [4]]
    with pytest.raises(TypeError):
        len(DataLoader(Stream(), batch_size=2))


def test_a_sampler_without_a_length_will_do(numbers):
    class Odd:
        def __iter__(self):
            return iter([1, 3, 5])

    loader = DataLoader(numbers, batch_size=2, sampler=Odd())
    assert [labels.tolist() for _, labels in loader] == [[1, 3], [5]]


def test_a_list_is_a_dataset():
    assert [batch.tolist() for batch in DataLoader([5, 6, 7], batch_size=2)] == [[5, 6], [7]]


def test_without_batching_samples_come_singly(numbers):
    rows = [row.tolist() for row, _ in DataLoader(numbers, batch_size=None)]
    assert rows[1] == [2, 3] and len(rows) == 10


def test_a_batch_sampler_of_ones_own_decides(numbers):
    loader = DataLoader(numbers, batch_sampler=[[1, 2], [3]])
    assert [labels.tolist() for _, labels in loader] == [[1, 2], [3]] and len(loader) == 2


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"shuffle": True, "sampler": [1]}, "sampler option is mutually exclusive with shuffle"),
        ({"batch_sampler": [[1]], "drop_last": True}, "batch_sampler option is mutually exclusive"),
        ({"batch_size": None, "drop_last": True}, "disables auto-batching"),
        ({"batch_size": 0}, "batch_size should be a positive integer"),
        ({"num_workers": -1}, "num_workers option should be non-negative"),
    ],
)
def test_contradicting_options_are_refused(numbers, options, words):
    with pytest.raises(ValueError, match=words):
        DataLoader(numbers, **options)


# -- the observer ------------------------------------------------------------------------------------


class Log(Observer):
    def __init__(self):
        self.lines = []

    def forward(self, node, inputs, outputs):
        self.lines.append(node.op_name)

    def batch(self, loader, index, count):
        self.lines.append((index, count))


def test_the_observer_hears_batches_but_not_how_they_are_made(numbers):
    log = Log()
    previous = observe(log)
    try:
        for rows, _ in DataLoader(numbers, batch_size=5, collate_fn=lambda batch: default_collate(batch)):
            rows.sum()
    finally:
        observe(previous)
    assert log.lines == [(0, 2), "sum", (1, 2), "sum"]


def test_the_observer_is_told_when_the_number_of_batches_is_unknown():
    log = Log()
    previous = observe(log)
    try:
        list(DataLoader(Stream(), batch_size=4))
    finally:
        observe(previous)
    assert log.lines == [(0, None), (1, None)]


def test_a_dataset_that_fails_leaves_the_observer_in_place():
    class Broken(Dataset):
        def __len__(self):
            return 1

        def __getitem__(self, index):
            raise ZeroDivisionError

    log = Log()
    previous = observe(log)
    try:
        with pytest.raises(ZeroDivisionError):
            list(DataLoader(Broken()))
        torch.zeros(1).sum()
    finally:
        observe(previous)
    assert log.lines == ["sum"]


def test_a_stream_shared_out_among_workers_is_read_whole_without_them():
    class Stream(torch.utils.data.IterableDataset):
        def __iter__(self):
            worker = torch.utils.data.get_worker_info()
            return iter(range(6)) if worker is None else iter(range(worker.id, 6, worker.num_workers))

    assert [len(batch) for batch in torch.utils.data.DataLoader(Stream(), 4, num_workers=2)] == [4, 2]
