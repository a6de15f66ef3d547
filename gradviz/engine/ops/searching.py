"""Looking values up: in sorted tensors, and in sets."""

from __future__ import annotations

import math
from typing import Any

from gradviz.engine.backend import Array, asarray, is_array, xp
from gradviz.engine.errors import require_one_device
from gradviz.engine.ops.gathering import gather
from gradviz.engine.polymorphic import plain
from gradviz.engine.registry import tensor_method, torch_function
from gradviz.engine.tensor import Tensor, wrap


@torch_function
def searchsorted(
    sorted_sequence: Tensor,
    input: Any,
    *,
    out_int32: bool = False,
    right: bool = False,
    side: str | None = None,
    sorter: Tensor | None = None,
) -> Tensor:
    """Where in a sorted vector the values would be inserted (int64); `right`: after equal ones.

    Of several sorted rows (…, n) each serves one row of the values (…, m). `sorter` sorts an unsorted
    sequence.
    """
    if side not in (None, "left", "right"):
        raise RuntimeError(f"torch.searchsorted(): side can only be 'left' or 'right' but got {side}")
    if side == "left" and right:
        raise RuntimeError(
            "torch.searchsorted(): side and right can't be set to opposites, got side of left while right "
            "was True"
        )
    if sorter is not None:
        sorted_sequence = _sorted_by(sorted_sequence, sorter)
    boundaries, values = plain(sorted_sequence), plain(input)
    values = values if is_array(values) else xp.asarray(values, like=boundaries)
    require_one_device(boundaries, values)
    _check_rows(boundaries, values)
    kind = "right" if right or side == "right" else "left"
    if boundaries.ndim == 1:
        found = asarray(xp.searchsorted(boundaries, values, kind))
    else:
        found = xp.zeros(values.shape, "int64", like=boundaries)
        n, m, count = boundaries.shape[-1], values.shape[-1], math.prod(values.shape[:-1])
        rows = zip(
            boundaries.reshape(count, n), values.reshape(count, m), found.reshape(count, m), strict=True
        )
        for row, wanted, places in rows:
            places[...] = xp.searchsorted(row, wanted, kind)
    return wrap(found.astype("int32" if out_int32 else "int64"))


def _check_rows(boundaries: Array, values: Array) -> None:
    if not boundaries.ndim:
        raise RuntimeError(
            "torch.searchsorted(): boundaries tensor should have positive dimension, but got 0 dimension"
        )
    if boundaries.ndim == 1:
        return
    if not values.ndim:
        raise RuntimeError(
            "torch.searchsorted(): input value can be a scalar only when boundaries tensor dimension is 1, "
            f"but we got boundaries tensor dim({boundaries.ndim}) and input value's dim(0) numel(1)"
        )
    if boundaries.shape[:-1] != values.shape[:-1]:
        raise RuntimeError(
            "torch.searchsorted(): boundaries tensor should be 1 dimension or the first N-1 dimensions of "
            "boundaries tensor and input value tensor must match, but we got boundaries tensor "
            f"{list(boundaries.shape)} and input value tensor {list(values.shape)}"
        )


def _sorted_by(sequence: Tensor, sorter: Tensor) -> Tensor:
    if sorter.shape != sequence.shape:
        raise RuntimeError(
            "torch.searchsorted(): boundary and sorter must have the same size, but got boundary tensor "
            f"{list(sequence.shape)}and got sorter tensor {list(sorter.shape)}"
        )
    if sorter.array.dtype != "int64":
        raise RuntimeError(
            "torch.searchsorted(): sorter must be a tensor of long dtype but got dtype "
            f"{sorter.dtype.scalar_name}"
        )
    if sorter.numel() and not bool(((sorter >= 0) & (sorter < sequence.shape[-1])).all()):
        raise RuntimeError("torch.searchsorted(): sorter index out of range")
    return gather(sequence, -1, sorter)


@torch_function
@tensor_method
def bucketize(input: Any, boundaries: Tensor, *, out_int32: bool = False, right: bool = False) -> Tensor:
    """The number of the interval between sorted boundaries that every element falls in (int64)."""
    if boundaries.ndim != 1:
        raise RuntimeError(f"boundaries tensor must be 1 dimension, but got dim({boundaries.ndim})")
    return searchsorted(boundaries, input, out_int32=out_int32, right=right)


@torch_function
def isin(elements: Any, test_elements: Any, *, assume_unique: bool = False, invert: bool = False) -> Tensor:
    """Which elements occur in `test_elements` (`invert`: do not); one of the two may be a number."""
    return wrap(asarray(xp.isin(plain(elements), plain(test_elements), assume_unique, invert)))


@torch_function
def unravel_index(indices: Tensor, shape: Any) -> tuple[Tensor, ...]:
    """The coordinates, a tensor a dimension, of positions in the flattened tensor of this shape."""
    sizes = (shape,) if isinstance(shape, int) else tuple(shape)
    if indices.array.dtype.kind not in "iu":
        raise ValueError(f"expected 'indices' to be integer dtype, but got {indices.dtype}")
    positions, found = indices.array, []
    for n in reversed(sizes):
        found.append(wrap(asarray(positions % n)))
        positions = positions // n
    return tuple(reversed(found))
