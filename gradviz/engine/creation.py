"""Making tensors from Python values, arrays and sizes."""

from __future__ import annotations

from typing import Any

import numpy

from gradviz.engine.backend import Array, asarray, xp
from gradviz.engine.device import require_cpu
from gradviz.engine.dtypes import default_array_dtype, of_array, to_array_dtype
from gradviz.engine.ops.shape import sizes
from gradviz.engine.registry import tensor_method, torch_function
from gradviz.engine.tensor import Tensor, wrap


def finished(array: Array, requires_grad: bool = False, device: Any = None) -> Tensor:
    """A new leaf around `array`, after the checks that all creation functions share."""
    require_cpu(device)
    result = wrap(array)
    if requires_grad:
        if array.dtype.kind != "f":
            raise RuntimeError("Only Tensors of floating point and complex dtype can require gradients")
        result._requires_grad = True
    return result


def to_array(data: Any, dtype: Any = None) -> Array:
    """A new array with the values of `data`: Python floats take the default dtype, arrays keep theirs."""
    array_dtype = to_array_dtype(dtype)
    if isinstance(data, Tensor):
        return xp.array(data.array, array_dtype)
    if isinstance(data, (numpy.ndarray, numpy.generic)):
        array = xp.array(data, array_dtype)
        of_array(array.dtype)
        return array
    try:
        array = xp.array(_plain(data))
    except ValueError:
        raise ValueError(_ragged(data)) from None
    if array.dtype.kind == "O" or array.dtype.kind in "US":
        raise TypeError(f"new(): invalid data type '{_odd_type(data)}'")
    if array_dtype is None:
        array_dtype = array.dtype
        if array.dtype.kind == "f" and not _has_numpy_values(data) or array.size == 0:
            array_dtype = default_array_dtype()
    return array.astype(array_dtype)


def _plain(data: Any) -> Any:
    """Nested sequences with Tensors replaced by their values."""
    if isinstance(data, Tensor):
        return data.array if data.array.ndim else data.array[()]
    if isinstance(data, (list, tuple)):
        return [_plain(d) if isinstance(d, (list, tuple, Tensor)) else d for d in data]
    return data


def _has_numpy_values(data: Any) -> bool:
    while isinstance(data, (list, tuple)) and data:
        data = data[0]
    return isinstance(data, (numpy.ndarray, numpy.generic, Tensor))


def _odd_type(data: Any) -> str:
    while isinstance(data, (list, tuple)) and data:
        data = data[0]
    return type(data).__name__


def _ragged(data: Any) -> str:
    first = len(data[0]) if hasattr(data[0], "__len__") else 0
    for i, row in enumerate(data):
        if hasattr(row, "__len__") and len(row) != first:
            return f"expected sequence of length {first} at dim 1 (got {len(row)})"
    return "expected sequences of equal lengths at every dimension"


@torch_function
def tensor(data: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """A tensor with a copy of `data` (numbers, nested sequences, arrays)."""
    return finished(to_array(data, dtype), requires_grad, device)


@torch_function
def zeros(*size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    return finished(
        xp.zeros(sizes(size), to_array_dtype(dtype) or default_array_dtype()), requires_grad, device
    )


@torch_function
def ones(*size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    return finished(
        xp.ones(sizes(size), to_array_dtype(dtype) or default_array_dtype()), requires_grad, device
    )


@torch_function
def from_numpy(ndarray: numpy.ndarray) -> Tensor:
    """A tensor that shares memory with a NumPy array."""
    of_array(ndarray.dtype)
    return wrap(asarray(ndarray))
