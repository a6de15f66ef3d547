"""DataLoader: batches of a dataset, one epoch per iteration over it."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Generic, TypeVar

from gradviz.engine import observer, random
from gradviz.engine.tensor import Tensor, wrap
from gradviz.engine.utils.data.collate import default_collate, default_convert
from gradviz.engine.utils.data.dataset import Dataset, IterableDataset, Subset, TensorDataset
from gradviz.engine.utils.data.sampler import BatchSampler, RandomSampler, Sampler, SequentialSampler

T = TypeVar("T", covariant=True)


class DataLoader(Generic[T]):
    """Batches of `dataset`, in the order and with the random draws of torch.utils.data.DataLoader.

    Samples are fetched in this process, whatever `num_workers` says; the arguments about worker processes
    and pinned memory are accepted for the sake of programs that pass them. With batch_size=None samples come
    singly.
    """

    _epoch: weakref.ref[Iterator[Any]] | None = None  # the batches that it is giving: where it stands

    def __init__(
        self,
        dataset: Dataset[T],
        batch_size: int | None = 1,
        shuffle: bool | None = None,
        sampler: Sampler | Iterable | None = None,
        batch_sampler: Sampler[list] | Iterable[list] | None = None,
        num_workers: int = 0,
        collate_fn: Callable[[list], Any] | None = None,
        pin_memory: bool = False,
        drop_last: bool = False,
        timeout: float = 0,
        worker_init_fn: Callable[[int], None] | None = None,
        multiprocessing_context: Any = None,
        generator: random.Generator | None = None,
        *,
        prefetch_factor: int | None = None,
        persistent_workers: bool = False,
        pin_memory_device: str = "",
        in_order: bool = True,
    ) -> None:
        if num_workers < 0:
            raise ValueError(
                "num_workers option should be non-negative; use num_workers=0 to disable multiprocessing."
            )
        if timeout < 0:
            raise ValueError("timeout option should be non-negative")
        streams = isinstance(dataset, IterableDataset)
        _check_options(streams, batch_size, shuffle, sampler, batch_sampler, drop_last)
        self.dataset = dataset
        self.num_workers = num_workers
        self.pin_memory = pin_memory
        self.timeout = timeout
        self.worker_init_fn = worker_init_fn
        self.generator = generator
        if batch_sampler is not None:
            batch_size, drop_last = None, False
        elif not streams:
            if sampler is None:
                sampler = (
                    RandomSampler(dataset, generator=generator) if shuffle else SequentialSampler(dataset)
                )  # type: ignore[arg-type]
            if batch_size is not None:
                batch_sampler = BatchSampler(sampler, batch_size, drop_last)
        self.batch_size = batch_size
        self.drop_last = drop_last
        self.sampler = sampler
        self.batch_sampler = batch_sampler
        if collate_fn is None:
            collate_fn = default_convert if batch_sampler is None and batch_size is None else default_collate
        self.collate_fn = collate_fn

    def __getstate__(self) -> dict[str, Any]:
        """What is saved of it: not how far it has come."""
        return {name: value for name, value in self.__dict__.items() if name != "_epoch"}

    def __iter__(self) -> Iterator[Any]:
        random.random((), generator=self.generator)  # torch draws a base seed for its workers, even for none
        return self._announced(self._batches())

    def _announced(self, batches: Iterator[Any]) -> Iterator[Any]:
        """The batches, each announced to the observer.

        It does not hear the operations that fetch a batch: to the program a batch is given, not computed.
        """
        count = self._count()
        index = 0
        self._epoch = weakref.ref(batches)
        while True:
            watcher = observer.observe(None)
            try:
                batch = next(batches)
            except StopIteration:
                return
            finally:
                observer.observe(watcher)
            if watcher is not None:
                watcher.batch(self, index, count)
                batch = watcher.deliver(batch)
            yield batch
            index += 1

    def _count(self) -> int | None:
        """The number of batches, None if the dataset or the sampler cannot tell."""
        try:
            return len(self)
        except TypeError:
            return None

    def _batches(self) -> Iterator[Any]:
        if isinstance(self.dataset, IterableDataset):
            yield from self._batches_of_stream(iter(self.dataset))
        elif self.batch_sampler is None:
            for index in self.sampler:  # type: ignore[union-attr]
                yield self.collate_fn(self.dataset[index])  # type: ignore[arg-type]
        else:
            for indices in self.batch_sampler:
                yield self._batch(list(indices))

    def _batches_of_stream(self, samples: Iterator[Any]) -> Iterator[Any]:
        if self.batch_size is None:
            yield from map(self.collate_fn, samples)
            return
        batch = []
        for sample in samples:
            batch.append(sample)
            if len(batch) == self.batch_size:
                yield self.collate_fn(batch)
                batch = []
        if batch and not self.drop_last:
            yield self.collate_fn(batch)

    def _batch(self, indices: list[Any]) -> Any:
        rows, dataset = indices, self.dataset
        while type(dataset) is Subset:
            rows, dataset = [dataset.indices[i] for i in rows], dataset.dataset
        plain = type(dataset) is TensorDataset and not any(t.requires_grad for t in dataset.tensors)
        if plain and self.collate_fn is default_collate:
            # One indexing for the whole batch: the values that collating the samples would give.
            return [_picked(tensor, rows) for tensor in dataset.tensors]  # type: ignore[attr-defined]
        fetch = getattr(self.dataset, "__getitems__", None)
        return self.collate_fn(fetch(indices) if fetch else [self.dataset[i] for i in indices])

    def __len__(self) -> int:
        """The number of batches in an epoch."""
        if isinstance(self.dataset, IterableDataset):
            samples = len(self.dataset)  # type: ignore[arg-type]
            if self.batch_size is None:
                return samples
            return samples // self.batch_size if self.drop_last else -(-samples // self.batch_size)
        return len(self.sampler if self.batch_sampler is None else self.batch_sampler)  # type: ignore[arg-type]


def _picked(tensor: Tensor, rows: list[int]) -> Tensor:
    return tensor[rows] if tensor.is_cuda else wrap(tensor.array[rows])  # the CPU checks the rows itself


def _check_options(
    streams: bool,
    batch_size: int | None,
    shuffle: bool | None,
    sampler: object,
    batch_sampler: object,
    drop_last: bool,
) -> None:
    """Refuse options that contradict each other, in torch's words."""
    if streams:
        for name, given in (
            ("shuffle option, but got shuffle", shuffle or None),
            ("sampler option, but got sampler", sampler),
            ("batch_sampler option, but got batch_sampler", batch_sampler),
        ):
            if given is not None:
                raise ValueError(f"DataLoader with IterableDataset: expected unspecified {name}={given}")
    if sampler is not None and shuffle:
        raise ValueError("sampler option is mutually exclusive with shuffle")
    if batch_sampler is not None and (batch_size != 1 or shuffle or sampler is not None or drop_last):
        raise ValueError(
            "batch_sampler option is mutually exclusive with batch_size, shuffle, sampler, and drop_last"
        )
    if batch_size is None and drop_last:
        raise ValueError(
            "batch_size=None option disables auto-batching and is mutually exclusive with drop_last"
        )


def get_worker_info() -> None:
    """None, as in torch's main process: samples are fetched here, and a stream need not be shared out."""
