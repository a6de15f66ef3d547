"""What stands between the brackets of `x[index]`, and whether it fits the tensor."""

from __future__ import annotations

from typing import Any

from gradviz.engine.backend import Array, asarray, beside, is_array, to_numpy, xp
from gradviz.engine.polymorphic import plain
from gradviz.engine.tensor import Tensor


def parts(index: Any, x: Array) -> list:
    """An index as a list of ints, slices, None and arrays for all dimensions of `x`, on its device."""
    ndim = x.ndim
    found: list = []
    for item in index if isinstance(index, tuple) or _is_tuple_in_disguise(index) else (index,):
        if type(item) is int:  # asked first, since it is the usual case
            pass
        elif isinstance(item, (Tensor, list, range, bool)) or is_array(item):
            item = beside(_positions_or_mask(item), x)
            item = int(item) if item.ndim == 0 and item.dtype != bool else item
        elif isinstance(item, slice):
            if item.step == 0:
                raise ValueError("slice step cannot be zero")
            if item.step is not None and item.step < 0:
                raise ValueError("step must be greater than zero")
            item = slice(*[None if n is None else int(n) for n in (item.start, item.stop, item.step)])
        elif item is not None and item is not Ellipsis:
            if isinstance(item, str):
                raise TypeError("new(): invalid data type 'str'")
            if not hasattr(item, "__index__"):
                raise IndexError(
                    "only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are "
                    f"valid indices (got {type(item).__name__})"
                )
            item = int(item)
        found.append(item)
    taken = sum(item.ndim if is_array(item) and item.dtype == bool else item is not None for item in found)
    ellipses = [i for i, item in enumerate(found) if item is Ellipsis]
    taken -= len(ellipses)
    if ndim == 0 and len(found) == 1 and isinstance(found[0], int) and not isinstance(found[0], bool):
        raise IndexError(
            "invalid index of a 0-dim tensor. Use `tensor.item()` in Python or `tensor.item<T>()` in C++ to "
            "convert a 0-dim tensor to a number"
        )
    if taken > ndim:
        raise IndexError(f"too many indices for tensor of dimension {ndim}")
    at = ellipses[0] if ellipses else len(found)
    after = [item for item in found[at + 1 :] if item is not Ellipsis]
    return found[:at] + [slice(None)] * (ndim - taken) + after


def _positions_or_mask(item: Any) -> Array:
    """An index array as int64 or bool."""
    if isinstance(item, (list, range)):
        item = xp.asarray([to_numpy(plain(i)) for i in item])
    array = asarray(plain(item))
    if array.dtype.kind == "f" and array.size:
        raise IndexError("tensors used as indices must be long, int, byte or bool tensors")
    return array.astype(bool if array.dtype in (bool, "uint8") else "int64", copy=False)


def _is_tuple_in_disguise(index: Any) -> bool:
    """Whether a list counts as a tuple of indices, as once in NumPy: when it holds more than numbers."""
    return isinstance(index, list) and any(
        isinstance(item, (Tensor, list, tuple, slice)) or item is None or item is Ellipsis for item in index
    )


def check_arrays(rest: list, shape: tuple[int, ...]) -> None:
    """Raises IndexError, in torch's words, for index arrays that do not fit `shape`."""
    dim = 0
    number = 0  # of the index array, which torch calls its dimension
    for item in rest:
        if not is_array(item):
            dim += 1
        elif item.dtype == bool:
            if item.shape != shape[dim : dim + item.ndim]:
                raise IndexError(
                    f"The shape of the mask {list(item.shape)} at index 0 does not match the shape of the "
                    f"indexed tensor {list(shape)} at index {dim}"
                )
            dim += item.ndim
        else:
            n = shape[dim]
            wrong = item[(item < -n) | (item >= n)]
            if wrong.size:
                raise IndexError(f"index {wrong[0]} is out of bounds for dimension {number} with size {n}")
            dim += 1
            number += 1
    shapes = [
        one
        for item in rest
        if is_array(item)
        for one in ([(int(item.sum()),)] * item.ndim if item.dtype == bool else [item.shape])
    ]
    try:
        xp.broadcast_shapes(*shapes)
    except ValueError:
        raise IndexError(
            "shape mismatch: indexing tensors could not be broadcast together with shapes "
            + ", ".join(str(list(shape)) for shape in shapes)
        ) from None
