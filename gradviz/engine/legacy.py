"""What torch's first years had and programs still use: `torch.LongTensor([1, 2])`, `x.new(3, 4)` …"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any

from gradviz.engine import dtypes
from gradviz.engine.backend import beside, xp
from gradviz.engine.registry import tensor_method, torch_function
from gradviz.engine.tensor import Tensor, begin_change, end_change, legacy_array, wrap


class _TensorType(type):
    """The type of types such as `torch.FloatTensor`, which stand for a dtype."""

    dtype: dtypes.dtype

    def __instancecheck__(cls, obj: Any) -> bool:
        return isinstance(obj, Tensor) and obj.dtype is cls.dtype

    def __call__(cls, *args: Any) -> Tensor:
        return wrap(legacy_array(args, cls.dtype.array))


class FloatTensor(metaclass=_TensorType):
    """A list's values, or zeros of the sizes given."""

    dtype = dtypes.float32


class DoubleTensor(metaclass=_TensorType):
    dtype = dtypes.float64


class HalfTensor(metaclass=_TensorType):
    dtype = dtypes.float16


class LongTensor(metaclass=_TensorType):
    dtype = dtypes.int64


class IntTensor(metaclass=_TensorType):
    dtype = dtypes.int32


class ShortTensor(metaclass=_TensorType):
    dtype = dtypes.int16


class CharTensor(metaclass=_TensorType):
    dtype = dtypes.int8


class ByteTensor(metaclass=_TensorType):
    dtype = dtypes.uint8


class BoolTensor(metaclass=_TensorType):
    dtype = dtypes.bool_


BY_NAME = {f"torch.{d.type_name}": d for d in dtypes.DTYPES}


def dtype_of_type(name_or_type: Any) -> dtypes.dtype:
    """The dtype that "torch.FloatTensor" or torch.FloatTensor stands for, or a dtype itself.

    Raises ValueError for the name of no type.
    """
    if isinstance(name_or_type, str):
        if name_or_type not in BY_NAME:
            raise ValueError(f"invalid type: '{name_or_type}'")
        return BY_NAME[name_or_type]
    return name_or_type.dtype if isinstance(name_or_type, _TensorType) else name_or_type


def set_default_tensor_type(t: Any) -> None:
    """Sets the dtype that Python floats become, by a type such as torch.DoubleTensor or its name."""
    dtypes.set_default_dtype(dtype_of_type(t))


@tensor_method
def type(self: Tensor, dtype: Any = None, non_blocking: bool = False) -> Any:
    """The tensor's type name, such as "torch.FloatTensor"; or the tensor in another dtype."""
    return f"torch.{self.dtype.type_name}" if dtype is None else self.to(dtype_of_type(dtype))


@tensor_method
def new(self: Tensor, *args: Any) -> Tensor:
    """A list's values, or zeros of the sizes given, in this tensor's dtype and on its device."""
    return wrap(beside(legacy_array(args, self.array.dtype), self.array))


@torch_function
def range(start: float = 0, end: float = 0, step: float = 1, *, dtype: Any = None) -> Tensor:
    """Numbers from `start` up to and with `end`, in the default dtype. Use `arange`."""
    warnings.warn(
        "torch.range is deprecated and will be removed in a future release because its behavior is "
        "inconsistent with Python's range builtin. Instead, use torch.arange, which produces values in "
        "[start, end).",
        UserWarning,
        stacklevel=3,
    )
    count = math.floor((end - start) / step) + 1
    values = start + step * xp.arange(count)
    return wrap(values.astype(dtypes.to_array_dtype(dtype) or dtypes.default_array_dtype()))


@tensor_method
def apply_(self: Tensor, callable: Callable[[Any], Any]) -> Tensor:
    """Replaces every element by what a Python function makes of it; slow, and outside the graph."""
    if self.requires_grad:
        raise RuntimeError(
            "Can't call apply_() on Variable that requires grad. Use var.detach().apply_() instead."
        )
    begin_change(self)
    values = [callable(value) for value in self.array.ravel().tolist()]
    self.array[...] = beside(xp.array(values, self.array.dtype).reshape(self.array.shape), self.array)
    end_change(self)
    return self
