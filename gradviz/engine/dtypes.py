"""torch's dtypes and its promotion rules (https://pytorch.org/docs/stable/tensor_attributes.html)."""

from __future__ import annotations

from typing import Any

import numpy

from gradviz.engine.backend import Array, is_array, xp

C_NAMES = {  # what some of torch's error messages call the dtypes
    "float16": "c10::Half",
    "float32": "float",
    "float64": "double",
    "uint8": "unsigned char",
    "int8": "signed char",
    "int16": "short int",
    "int32": "int",
    "int64": "long int",
    "bool": "bool",
}


class dtype:
    """An element type, such as `torch.float32`; `.array` is the array library's name for it."""

    __module__ = "torch"

    def __init__(self, name: str, array: str, scalar_name: str) -> None:
        self.name = name
        self.array = xp.dtype(array)
        self.scalar_name = scalar_name  # "Float", as torch's error messages say
        self.type_name = f"{scalar_name}Tensor"  # as in "torch.FloatTensor"
        self.c_name = C_NAMES[name]
        self.is_floating_point = self.array.kind == "f"
        self.is_complex = False
        self.is_signed = self.array.kind in "fi"
        self.itemsize = self.array.itemsize

    def __repr__(self) -> str:
        return f"torch.{self.name}"

    def __reduce__(self) -> str:
        return "bool_" if self.name == "bool" else self.name


float16 = dtype("float16", "float16", "Half")
float32 = dtype("float32", "float32", "Float")
float64 = dtype("float64", "float64", "Double")
uint8 = dtype("uint8", "uint8", "Byte")
int8 = dtype("int8", "int8", "Char")
int16 = dtype("int16", "int16", "Short")
int32 = dtype("int32", "int32", "Int")
int64 = dtype("int64", "int64", "Long")
bool_ = dtype("bool", "bool", "Bool")


class MissingDtype(dtype):
    """An element type that the array library has no numbers of: programs may name it and compare with it."""

    def __init__(self, name: str, itemsize: int, is_complex: bool) -> None:
        self.name, self.itemsize, self.is_complex = name, itemsize, is_complex
        self.is_floating_point, self.is_signed = not is_complex, True

    @property
    def array(self) -> numpy.dtype:  # type: ignore[override]
        raise NotImplementedError(
            f"gradviz does not compute in {self!r}; use torch.float32, torch.float64 or torch.float16"
        )


bfloat16 = MissingDtype("bfloat16", 2, is_complex=False)
complex64 = cfloat = MissingDtype("complex64", 8, is_complex=True)
complex128 = cdouble = MissingDtype("complex128", 16, is_complex=True)

DTYPES = (float16, float32, float64, uint8, int8, int16, int32, int64, bool_)
_OF_ARRAY = {d.array: d for d in DTYPES}
_CATEGORY = {"b": 0, "u": 1, "i": 1, "f": 2}
_SCALAR_CATEGORY = {bool: 0, int: 1, float: 2}
_default = float32


def of_array(array_dtype: numpy.dtype) -> dtype:
    """torch's dtype for an array's. Raises TypeError for one that torch tensors do not have."""
    try:
        return _OF_ARRAY[array_dtype]
    except KeyError:
        supported = ", ".join(d.name for d in DTYPES)
        raise TypeError(
            f"can't convert np.ndarray of type numpy.{array_dtype}. The only supported types are: "
            f"{supported}."
        ) from None


def to_array_dtype(value: Any) -> numpy.dtype | None:
    """The array dtype for torch's dtype, Python's `float`, `int` or `bool`, or NumPy's; None stays None."""
    if value is None:
        return None
    if isinstance(value, dtype):
        return value.array
    if value is float:
        return _default.array
    if isinstance(value, str) or (isinstance(value, type) and value not in (int, bool)):
        raise TypeError(f"argument 'dtype' must be torch.dtype, not {type(value).__name__}")
    found = of_array(xp.dtype(value))
    return found.array


def get_default_dtype() -> dtype:
    """The dtype that Python floats become (float32 unless set otherwise)."""
    return _default


def set_default_dtype(d: dtype) -> None:
    """Sets the dtype that Python floats become. Raises TypeError unless it is a floating dtype."""
    global _default
    if not isinstance(d, dtype) or not d.is_floating_point:
        raise TypeError(
            "invalid dtype object: only floating-point types are supported as the default type"
            if not isinstance(d, dtype)
            else "only floating-point types are supported as the default type"
        )
    _default = d


def default_array_dtype() -> numpy.dtype:
    return _default.array


def result_type(*operands: Any) -> numpy.dtype:
    """The array dtype that torch computes with, given arrays and Python numbers.

    Operands count in three ranks: arrays with dimensions, then 0-d arrays, then numbers. A lower rank
    changes the result only when its category (bool < integer < float) is higher.
    """
    best: numpy.dtype | None = None
    ranks: list[list[numpy.dtype]] = [[], [], []]
    for x in operands:
        if is_array(x) or isinstance(x, xp.generic):
            ranks[0 if x.ndim else 1].append(x.dtype)
        else:
            ranks[2].append(_scalar_dtype(x))
    for rank in ranks:
        if not rank:
            continue
        this = rank[0]
        for other in rank[1:]:
            this = promote_types(this, other)
        if best is None or category(this) > category(best):
            best = this
    assert best is not None
    return best


def promote_types(a: numpy.dtype, b: numpy.dtype) -> numpy.dtype:
    """The smallest dtype for both; unlike NumPy a float beside an integer keeps its own size."""
    if a == b:
        return a
    if a.kind == "f" and b.kind != "f":
        return a
    if b.kind == "f" and a.kind != "f":
        return b
    return xp.promote_types(a, b)


def category(array_dtype: numpy.dtype) -> int:
    """0 for bool, 1 for integers, 2 for floats: promotion never goes down."""
    return _CATEGORY[array_dtype.kind]


def _scalar_dtype(x: Any) -> numpy.dtype:
    kind = _SCALAR_CATEGORY.get(type(x))
    if kind is None:
        raise TypeError(f"unsupported operand type: expected Tensor or number, got {type(x).__name__}")
    return (bool_.array, int64.array, _default.array)[kind]


def promote(x: Any, y: Any) -> tuple[Any, Any]:
    """Two operands such that the array library computes with torch's result dtype."""
    if type(x) is Array:
        if type(y) is Array:
            if x.dtype is y.dtype:
                return x, y
        elif x.dtype.kind == "f" and type(y) in _SCALAR_CATEGORY:
            return x, y  # NumPy, too, lets a Python number follow a float array
    elif type(y) is Array and y.dtype.kind == "f" and type(x) in _SCALAR_CATEGORY:
        return x, y
    dt = result_type(x, y)
    return _in_dtype(x, dt), _in_dtype(y, dt)


def promote_all(*operands: Any) -> tuple[Any, ...]:
    """Any number of operands in the dtype of their result."""
    array_dtype = result_type(*operands)
    return tuple(_in_dtype(x, array_dtype) for x in operands)


def promote_floating(x: Any, y: Any) -> tuple[Any, Any]:
    """As `promote`, but integers become floats at once: what is computed exists for floats only."""
    if (type(x) is Array and x.dtype.kind == "f") or (type(y) is Array and y.dtype.kind == "f"):
        return promote(x, y)
    dt = result_type(x, y)
    if dt.kind != "f":
        dt = _default.array
    return _in_dtype(x, dt), _in_dtype(y, dt)


def _in_dtype(x: Any, array_dtype: numpy.dtype) -> Any:
    if is_array(x) or isinstance(x, xp.generic):
        return x.astype(array_dtype, copy=False)
    return xp.asarray(x).astype(array_dtype)[()]  # a NumPy number goes with arrays on any device


def floating(x: Any) -> Any:
    """`x`, or its copy in the default float dtype when it holds integers or booleans."""
    return x if x.dtype.kind == "f" else x.astype(_default.array)


class finfo:
    """Limits of a floating dtype, as `torch.finfo`."""

    def __init__(self, type: dtype | None = None) -> None:
        type = type or _default
        if not type.is_floating_point:
            raise TypeError(
                "torch.finfo() requires a floating point input type. Use torch.iinfo to handle 'torch.finfo'"
            )
        self.dtype = type.name
        info = numpy.finfo(type.array)
        self.bits = info.bits
        self.eps, self.max, self.min = (info.dtype.type(v).item() for v in (info.eps, info.max, info.min))
        self.tiny = self.smallest_normal = info.dtype.type(info.tiny).item()
        self.resolution = 10.0**-info.precision

    def __repr__(self) -> str:
        return (
            f"finfo(resolution={self.resolution:g}, min={self.min:g}, max={self.max:g}, eps={self.eps:g}, "
            f"smallest_normal={self.smallest_normal:g}, tiny={self.tiny:g}, dtype={self.dtype})"
        )


class iinfo:
    """Limits of an integer dtype, as `torch.iinfo`."""

    def __init__(self, type: dtype) -> None:
        if type.is_floating_point or type is bool_:
            raise TypeError(
                "torch.iinfo() requires an integer input type. Use torch.finfo to handle 'torch.iinfo'"
            )
        info = numpy.iinfo(type.array)
        self.dtype, self.bits, self.max, self.min = type.name, info.bits, info.max, info.min

    def __repr__(self) -> str:
        return f"iinfo(min={self.min:g}, max={self.max:g}, dtype={self.dtype})"
