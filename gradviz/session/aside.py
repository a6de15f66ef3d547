"""Copies of arrays in memory that checkpoints leave out: a fork has zeros in their place.

What only the window wants to look at is nothing to a checkpoint. Kept among the program's own arrays it would
be in every checkpoint, and push those arrays to new places in memory, which are then copied as well.
"""

from __future__ import annotations

import contextlib
import mmap
import sys
from collections.abc import Sequence

import numpy as np

_WIPE_ON_FORK = 18  # madvise, since Linux 4.14
_ALIGNMENT = 64  # bytes


def set_aside(arrays: Sequence[np.ndarray]) -> list[np.ndarray]:
    """A copy of each. The memory lives as long as one of them does."""
    if sys.platform != "linux":  # there are no checkpoints
        return [array.copy() for array in arrays]
    places = np.cumsum([0] + [-(-array.nbytes // _ALIGNMENT) * _ALIGNMENT for array in arrays]).tolist()
    memory = mmap.mmap(-1, max(places[-1], 1), flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    with contextlib.suppress(OSError):  # an older system copies it: that costs time, nothing else
        memory.madvise(_WIPE_ON_FORK)
    copies = []
    for array, place in zip(arrays, places, strict=False):
        copy: np.ndarray = np.ndarray(array.shape, array.dtype, memory, place)
        np.copyto(copy, array)
        copies.append(copy)
    return copies
