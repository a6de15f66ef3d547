"""From a list of samples to one batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from gradviz.engine.creation import as_tensor, tensor
from gradviz.engine.dtypes import float64
from gradviz.engine.ops.joining import stack
from gradviz.engine.tensor import Tensor


def default_collate(batch: Sequence[Any]) -> Any:
    """Tensors, arrays and numbers become one tensor with a new first dimension; containers are kept.

    Integers become int64, floats float64; a list of tuples becomes a list with one batch per place, a list of
    dicts a dict; strings stay a list. Raises TypeError for anything else, RuntimeError for uneven samples.
    """
    first = batch[0]
    if isinstance(first, Tensor):
        return stack(list(batch), 0)
    if isinstance(first, np.ndarray):
        if first.dtype.kind in "SUO":
            raise TypeError(_unknown(first.dtype))
        return stack([as_tensor(array) for array in batch], 0)
    if isinstance(first, np.generic):
        return as_tensor(np.array(batch))
    if isinstance(first, float):
        return tensor(batch, dtype=float64)
    if isinstance(first, int):
        return tensor(batch)
    if isinstance(first, str | bytes):
        return batch
    if isinstance(first, Mapping):
        collated = {key: default_collate([sample[key] for sample in batch]) for key in first}
        return collated if type(first) is dict else type(first)(collated)
    if isinstance(first, Sequence):
        if any(len(sample) != len(first) for sample in batch):
            raise RuntimeError("each element in list of batch should be of equal size")
        columns = [default_collate(column) for column in zip(*batch, strict=True)]
        return type(first)(*columns) if hasattr(first, "_fields") else columns
    raise TypeError(_unknown(type(first)))


def default_convert(sample: Any) -> Any:
    """One sample without batching: arrays and NumPy scalars become tensors, containers are kept."""
    if isinstance(sample, np.ndarray | np.generic):
        return sample if sample.dtype.kind in "SUO" else as_tensor(sample)
    if isinstance(sample, Mapping):
        return {key: default_convert(value) for key, value in sample.items()}
    if isinstance(sample, tuple) and hasattr(sample, "_fields"):
        return type(sample)(*map(default_convert, sample))
    if isinstance(sample, tuple | list):
        return [default_convert(value) for value in sample]
    return sample


def _unknown(kind: Any) -> str:
    return f"default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; found {kind}"
