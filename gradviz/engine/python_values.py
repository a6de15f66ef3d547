"""Arrays from Python's values: numbers, nested sequences, and the arrays and tensors among them."""

from __future__ import annotations

import functools
from typing import Any

import numpy

from gradviz.engine import dtypes
from gradviz.engine.backend import Array, to_numpy, xp
from gradviz.engine.dtypes import default_array_dtype, of_array, to_array_dtype
from gradviz.engine.errors import type_name
from gradviz.engine.tensor import Tensor


def to_array(data: Any, dtype: Any = None) -> Array:
    """A new array with the values of `data`: Python floats take the default dtype, arrays keep theirs."""
    array_dtype = to_array_dtype(dtype)
    if isinstance(data, Tensor):
        return data.array.astype(array_dtype or data.array.dtype)
    if isinstance(data, (numpy.ndarray, numpy.generic)):
        array = xp.array(data, array_dtype)
        of_array(array.dtype)
        return array
    if isinstance(data, str):
        raise TypeError("new(): invalid data type 'str'")
    data_in_arrays = _plain(data)
    try:
        array = xp.array(data_in_arrays)
    except ValueError:
        raise _ragged(data, 1) from None
    if array.dtype.kind == "c":
        _ = dtypes.complex64.array  # refuses, and says what to use
    if array.dtype.kind not in "biuf":
        if _odd_type(data) == "str":
            raise ValueError("too many dimensions 'str'")
        raise RuntimeError(f"Could not infer dtype of {_odd_type(data)}")
    if array_dtype is None:
        array_dtype = array.dtype
        if array.size == 0:
            array_dtype = default_array_dtype()
        elif array.dtype.kind == "f":
            array_dtype = _dtype_of_values(data) if _has_numpy_values(data) else default_array_dtype()
    return array.astype(array_dtype)


def _plain(data: Any) -> Any:
    """Nested sequences with Tensors replaced by their values."""
    if isinstance(data, Tensor):
        return to_numpy(data.array)[()]
    if isinstance(data, (list, tuple)):
        return [_plain(d) if isinstance(d, (list, tuple)) else _scalar(d) for d in data]
    return data


def _scalar(element: Any) -> Any:
    """An element of a sequence; of tensors only those with one number can be one."""
    if not isinstance(element, Tensor):
        return element
    if element.numel() != 1:
        raise ValueError("only one element tensors can be converted to Python scalars")
    return to_numpy(element.array).reshape(())[()]


def _has_numpy_values(data: Any) -> bool:
    while isinstance(data, (list, tuple)) and data:
        data = data[0]
    return isinstance(data, (numpy.ndarray, numpy.generic, Tensor))


def _dtype_of_values(data: Any) -> numpy.dtype:
    """What numbers of NumPy or torch among Python's promote to."""
    if isinstance(data, (list, tuple)):
        return functools.reduce(dtypes.promote_types, map(_dtype_of_values, data))
    return data.array.dtype if isinstance(data, Tensor) else dtypes.result_type(data)


def _odd_type(data: Any) -> str:
    """The type of the first value that is no number (or a number too large for int64)."""
    values = [data]
    while values:
        value = values.pop(0)
        if isinstance(value, (list, tuple)):
            values = [*value, *values]
        elif not isinstance(value, (bool, float, Tensor)) and not (
            isinstance(value, int) and abs(value) < 2**63
        ):
            return type(value).__name__
    return type(data).__name__


def _ragged(data: Any, dim: int) -> Exception:
    """The error for nested sequences that are no array: where the first one differs from those beside it."""
    first = data[0]
    for row in data:
        if not hasattr(first, "__len__") and hasattr(row, "__len__"):
            return TypeError(f"'{type_name(row)}' object cannot be interpreted as an integer")
        if hasattr(first, "__len__") and not hasattr(row, "__len__"):
            return TypeError("not a sequence")
        if hasattr(first, "__len__") and len(row) != len(first):
            return ValueError(f"expected sequence of length {len(first)} at dim {dim} (got {len(row)})")
    return _ragged([row for rows in data for row in rows], dim + 1)
