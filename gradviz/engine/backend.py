"""The one file that knows which array libraries do the arithmetic: NumPy on the CPU, CuPy on a GPU.

Operations compute with `xp`, which is NumPy. An array on a GPU answers NumPy's functions by itself, through
the protocols `__array_ufunc__` and `__array_function__`, so that an operation reads the same for both and
costs nothing more on the CPU. What these protocols do not reach is a function here. Three rules keep an
operation portable:

1. A new array is made like one that takes part (`xp.zeros(shape, dtype, like=x)`), else it is on the CPU.
2. Numbers stay Python's or NumPy's, and no array is asked for its value (`if`, `float()`, `.item()`) unless
   the result depends on it: the program would wait there for the GPU.
3. Positions are checked before they are used, and that they are on the same device: CuPy wraps them round
   and copies them in silence. Values are added up at positions by `add_at`.
"""

from __future__ import annotations

import functools
from types import ModuleType
from typing import Any, TypeGuard

import numpy
import numpy as xp

Array = xp.ndarray  # on the CPU; an array on a GPU has the same methods: `is_array` knows both
_gpu_array: type | tuple = ()  # CuPy's, once it is loaded

# torch computes log(0), 0/0 and overflow without a word; so do programs that run on this engine.
xp.seterr(divide="ignore", invalid="ignore", over="ignore", under="ignore")


@functools.cache
def load_cupy() -> ModuleType | None:
    """CuPy, when it is installed and finds a GPU. Loaded on demand: that takes a second."""
    global _gpu_array
    try:
        import cupy
        import cupyx
    except ImportError:
        return None
    if not cupy.is_available():
        return None
    cupyx.seterr(linalg="raise")  # a singular matrix, as in NumPy
    _gpu_array = cupy.ndarray
    return cupy


def gpu_in_use() -> bool:
    """Whether this process may keep arrays on a GPU."""
    return _gpu_array != ()


def is_array(x: Any) -> TypeGuard[Array]:
    """Whether `x` is an array, on whatever device."""
    return isinstance(x, Array) or isinstance(x, _gpu_array)  # noqa: SIM101  (a tuple would have to grow)


def is_array_class(kind: type) -> bool:
    """Whether the instances of a class are arrays."""
    return issubclass(kind, Array) or issubclass(kind, _gpu_array)


def asarray(value: Any, dtype: Any = None) -> Array:
    """`value` as an array, without a copy when it already is one of that dtype; numbers on the CPU."""
    if isinstance(value, _gpu_array):
        return value if dtype is None else value.astype(dtype, copy=False)
    return xp.asarray(value, dtype)


# -- devices -----------------------------------------------------------------------------------------------


def gpu_of(array: Array) -> int | None:
    """The number of the GPU that an array is on, None on the CPU."""
    return array.device.id if isinstance(array, _gpu_array) else None


def to_gpu(array: Array, gpu: int | None) -> Array:
    """The array on the GPU of that number, None for the CPU: itself when it is there already."""
    if gpu_of(array) == gpu:
        return array
    if gpu is None:
        return array.get()
    cupy = load_cupy()
    with cupy.cuda.Device(gpu):
        return cupy.asarray(array)


def beside(array: Array, other: Array) -> Array:
    """The array on the device of another one."""
    return to_gpu(array, gpu_of(other))


def to_numpy(array: Array) -> numpy.ndarray:
    """The array in main memory, sharing it when it is there already."""
    return array.get() if isinstance(array, _gpu_array) else array


# -- memory ------------------------------------------------------------------------------------------------


def owner_of(array: Array) -> Array:
    """The array that owns the memory of this one: all views of one memory have the same."""
    base = viewed(array)
    while base is not None:
        array, base = base, viewed(base)
    return array


def viewed(array: Array) -> Array | None:
    """The array that this one is a view of; None when it is none."""
    base = array.base
    while base is not None and not is_array(base):
        base = getattr(base, "base", None)  # NumPy puts an object of its own before a `strided_view`
    return base


def shares_memory(a: Array, b: Array) -> bool:
    """Whether writing to one may change the other (by address ranges: fast, may err towards True)."""
    return a.base is b or xp.may_share_memory(a, b)  # the first is the usual view


def overlaps_in_part(a: Array, b: Array) -> bool:
    """Whether two arrays share some elements' memory, but are not the same elements in the same places."""
    if (a if a.base is None else a.base) is not (b if b.base is None else b.base):
        return False
    if address(a) == address(b) and a.shape == b.shape and a.strides == b.strides:
        return False
    return bool(xp.may_share_memory(a, b)) and not has_gaps(a) and not has_gaps(b)


def has_gaps(array: Array) -> bool:
    """Whether the elements, in any order, do not fill a piece of memory once."""
    expected = array.itemsize
    for stride, size in sorted(zip(array.strides, array.shape, strict=True)):
        if size > 1:
            if stride != expected:
                return True
            expected *= size
    return False


def is_writeable(array: Array) -> bool:
    """Whether the array may be written to: not when several elements share one place in memory."""
    if isinstance(array, _gpu_array):  # which has no flag for it
        pairs = zip(array.shape, array.strides, strict=True)
        return not array.size or all(stride or size < 2 for size, stride in pairs)
    return array.flags.writeable


def in_order(array: Array) -> Array:
    """The array with its elements in order in memory, as torch's functions return most results."""
    return array if array.flags.c_contiguous else array.copy()


def address(array: Array) -> int:
    """Where the array's first element is in memory."""
    return array.data.ptr if isinstance(array, _gpu_array) else array.__array_interface__["data"][0]


def diagonal_view(array: Array, offset: int, axis1: int, axis2: int) -> Array:
    """The diagonal of two axes as a last axis; writing to it changes the array."""
    view = xp.diagonal(array, offset, axis1, axis2)
    if type(view) is Array:
        view.flags.writeable = array.flags.writeable
    return view


def strided_view(array: Array, shape: tuple[int, ...], strides: tuple[int, ...]) -> Array:
    """The array's memory seen with any shape and strides (in bytes)."""
    library = load_cupy() if isinstance(array, _gpu_array) else xp
    return library.lib.stride_tricks.as_strided(array, shape, strides)


def windows_view(array: Array, size: int, axis: int) -> Array:
    """All windows of an axis, in a new last axis; writing to them changes the array."""
    settings = {"writeable": True} if type(array) is Array else {}  # on a GPU they always are
    return xp.lib.stride_tricks.sliding_window_view(array, size, axis, **settings)


# -- what CuPy lacks ---------------------------------------------------------------------------------------


def add_at(out: Array, index: tuple, values: Array) -> None:
    """`out[index] += values` where a position may occur several times, and then counts as often."""
    if isinstance(out, _gpu_array):
        _add_at_on_gpu(out, index, values)
    elif len(index) == 1 and is_array(index[0]) and index[0].dtype == bool:
        out[index] += values  # a mask names every element once
    elif len(index) == 1 and is_array(index[0]) and out.ndim > 1 and xp.size(values) > 1:
        # Sorting brings equal rows together: much faster than add.at for long rows.
        rows = index[0].ravel() % out.shape[0]
        order = xp.argsort(rows, kind="stable")
        ordered = rows[order]
        starts = xp.flatnonzero(xp.concatenate([[True], ordered[1:] != ordered[:-1]]))
        flat = values.reshape(-1, *out.shape[1:])
        out[ordered[starts]] += xp.add.reduceat(flat[order], starts, 0)
    else:
        xp.add.at(out, index, values)


def _add_at_on_gpu(out: Array, index: tuple, values: Any) -> None:
    values = xp.asarray(values, out.dtype, like=out)
    add = load_cupy().add
    if out.dtype.itemsize < 4 and out.dtype.kind != "f":  # too small for the atomic addition of a GPU
        wide = out.astype("int32")
        add.at(wide, index, values)
        out[...] = wide
    elif out.dtype == "int64":  # whose bits add up like those of uint64, the one that CuPy knows
        add.at(out.view("uint64"), index, values.view("uint64"))
    else:
        add.at(out, index, values)


def combine_at(ufunc: Any, out: Array, index: tuple, values: Array) -> None:
    """As `add_at` with another function of two; for a GPU on the CPU, since CuPy lacks some."""
    if isinstance(out, Array):
        ufunc.at(out, index, values)
        return
    combined = to_numpy(out)
    ufunc.at(combined, tuple([to_numpy(i) if is_array(i) else i for i in index]), to_numpy(values))
    out[...] = beside(combined, out)


def largest(array: Array, axes: Any, lowest: float, keepdims: bool = False) -> Array:
    """The largest elements along the axes, or `lowest` where it is larger or there is nothing."""
    if isinstance(array, Array):
        return array.max(axes, keepdims=keepdims, initial=lowest)
    if array.size:
        return xp.maximum(array.max(axes, keepdims=keepdims), lowest)
    return array.sum(axes, keepdims=keepdims) + lowest


def accumulate(ufunc: Any, array: Array, axis: int) -> Array:
    """Running results of an associative function of two along an axis."""
    if isinstance(array, Array):
        return ufunc.accumulate(array, axis)
    result = array.copy()
    along = xp.moveaxis(result, axis, 0)
    reach = 1  # every element has taken in so many elements up to itself
    while reach < len(along):
        along[reach:] = ufunc(along[:-reach], along[reach:])
        reach *= 2
    return result
