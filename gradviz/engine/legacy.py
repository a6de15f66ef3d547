"""torch's old constructors, by type: `torch.LongTensor([1, 2])`, `x.new(3, 4)`."""

from __future__ import annotations

from typing import Any

from gradviz.engine import dtypes
from gradviz.engine.backend import beside
from gradviz.engine.registry import tensor_method
from gradviz.engine.tensor import Tensor, legacy_array, wrap


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
