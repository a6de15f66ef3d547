"""A stand-in for CuPy where there is no GPU: NumPy's arrays behind a wall, so that the engine can be tested.

It is as strict as CuPy, or stricter. Its arrays are no NumPy arrays and never become one unless asked
(`get`); arrays of both kinds do not mix, not even as an index; results without dimensions stay arrays;
results lie in memory in C's order; positions out of range wrap round in silence; functions, methods and
keywords that CuPy lacks are lacking. The tables follow the sources of CuPy 14 and its page "Differences
between CuPy and NumPy".
"""

from __future__ import annotations

import operator
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np


def words(text: str) -> set[str]:
    return set(text.split())


# Functions of NumPy that CuPy does not have.
MISSING = words(
    """block bmat busday_count einsum_path frompyfunc fromregex geomspace histogram_bin_edges insert isnat
    matvec nanpercentile nanquantile ndenumerate nditer nested_iters polyder polydiv polyint spacing unstack
    vecdot vecmat"""
)
MISSING_IN_LINALG = words("diagonal matrix_norm multi_dot outer svdvals tensordot trace vecdot vector_norm")
# Keywords that CuPy's functions and methods do not take, by the names of these.
MISSING_KEYWORDS = {
    "where": words("all any mean amax amin max min prod sum std var"),
    "initial": words("amax amin max min prod sum"),
    "mean": words("std var"),
    "correction": words("std var"),
    "order": words("argsort sort argpartition partition"),
    "stable": words("argsort sort"),
    "kind": words("argpartition partition isin"),
    "min": {"clip"},
    "max": {"clip"},
    "keepdims": {"count_nonzero"},
    "mode": {"take"},
    "sorted": {"unique"},
}
METHODS = words(
    """all any argmax argmin argpartition argsort astype clip compress conj copy cumprod cumsum diagonal dot
    flatten max mean min nonzero partition prod ravel repeat reshape round searchsorted sort squeeze std sum
    swapaxes take trace transpose var view"""
)
ATTRIBUTES = words("dtype itemsize nbytes ndim shape size strides")
MAKERS = words(
    "arange array asarray ascontiguousarray empty eye full identity linspace logspace ones tri zeros"
)
FACTS = words("may_share_memory shares_memory shape ndim size result_type iscomplexobj")
ADDED_AT = "efdIiL"  # the dtypes (character codes) that add.at takes
UFUNC_METHODS = {"reduce": {"add", "multiply"}, "accumulate": {"add", "multiply"}}


class ndarray:
    """An array that is not NumPy's."""

    __slots__ = ("__weakref__", "_host", "base")
    __array_priority__ = 100
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, host: np.ndarray, base: ndarray | None = None) -> None:
        self._host = host
        self.base = base  # the array whose memory this one is a view of

    # -- what crosses the wall, and what does not -----------------------------------------------------------

    def get(self) -> np.ndarray:
        return self._host.copy()

    def item(self) -> Any:
        return self._host.item()

    def tolist(self) -> Any:
        return self._host.tolist()

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        raise TypeError(
            "Implicit conversion to a NumPy array is not allowed. Please use `.get()` to construct a NumPy "
            "array explicitly."
        )

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if "out" in kwargs:
            (kwargs["out"],) = kwargs["out"]
        if any(not isinstance(x, (ndarray, np.ndarray, np.generic, bool, int, float)) for x in inputs):
            return NotImplemented
        if ufunc.__name__ in MISSING:
            return NotImplemented
        if method == "__call__":
            return elementwise(ufunc, inputs, kwargs)
        if ufunc.__name__ not in UFUNC_METHODS.get(method, ()):
            raise NotImplementedError(f"`cupy_{ufunc.__name__}.{method}` is not supported yet")
        return call(getattr(ufunc, method), inputs, kwargs)

    def __array_function__(self, func: Any, types: Any, args: tuple, kwargs: dict[str, Any]) -> Any:
        place = func.__module__.split(".")[1:]
        if place not in ([], ["linalg"], ["lib", "stride_tricks"]):
            return NotImplemented
        if func.__name__ in (MISSING_IN_LINALG if place == ["linalg"] else MISSING):
            return NotImplemented
        return call_function(func, args, kwargs)

    # -- facts ----------------------------------------------------------------------------------------------

    @property
    def T(self) -> ndarray:
        return wrap(self._host.T, (self,))

    @property
    def flags(self) -> Any:
        flags = self._host.flags  # there is no `writeable`
        return SimpleNamespace(
            c_contiguous=flags.c_contiguous, f_contiguous=flags.f_contiguous, owndata=flags.owndata
        )

    @property
    def data(self) -> Any:
        return SimpleNamespace(ptr=self._host.__array_interface__["data"][0])

    @property
    def device(self) -> Any:
        return SimpleNamespace(id=0)

    def __len__(self) -> int:
        return len(self._host)

    def __bool__(self) -> bool:
        return bool(self._host)

    def __int__(self) -> int:
        return int(self._host)

    def __float__(self) -> float:
        return float(self._host)

    def __iter__(self) -> Any:
        if not self.ndim:
            raise TypeError("iteration over a 0-d array")
        return (self[i] for i in range(len(self)))

    def __repr__(self) -> str:
        return repr(self._host)

    def __format__(self, spec: str) -> str:
        return format(self._host, spec)

    def __deepcopy__(self, memo: dict) -> ndarray:
        return wrap(self._host.copy())

    # -- indexing -------------------------------------------------------------------------------------------

    def __getitem__(self, index: Any) -> ndarray:
        return wrap(self._host[host_index(index, self.shape)], (self,))

    def __setitem__(self, index: Any, value: Any) -> None:
        if isinstance(value, np.ndarray) and value.ndim:
            raise ValueError("non-scalar numpy.ndarray cannot be used for fill")
        self._host[host_index(index, self.shape)] = host_of(value)

    def fill(self, value: Any) -> None:
        self._host.fill(host_of(value))


def host_index(index: Any, shape: tuple[int, ...]) -> Any:
    """The index for NumPy: positions out of range in an array wrap round."""
    items = index if isinstance(index, tuple) else (index,)
    dims = [item.ndim if is_mask(item) else int(item is not None and item is not Ellipsis) for item in items]
    found, axis = [], 0
    for item, taken in zip(items, dims, strict=True):
        if isinstance(item, (list, np.ndarray)):
            raise TypeError(f"an index of type {type(item).__name__} would be copied to the GPU")
        if item is Ellipsis:
            taken = len(shape) - sum(dims)
        if isinstance(item, ndarray):
            item = item._host
            if item.dtype.kind in "iu" and item.size:
                item = item.astype(np.int64) % shape[axis]
        found.append(item)
        axis += taken
    return tuple(found)


def is_mask(item: Any) -> bool:
    return isinstance(item, ndarray) and item.dtype == bool


# -- calling NumPy -----------------------------------------------------------------------------------------


def host_of(x: Any) -> Any:
    """The value behind the wall; a NumPy array that has dimensions is refused."""
    if isinstance(x, ndarray):
        return x._host
    if isinstance(x, np.ndarray):
        raise TypeError(f"Unsupported type {type(x)}")
    if isinstance(x, (tuple, list)):
        return type(x)(map(host_of, x))
    return x


def wrap(result: Any, sources: tuple = ()) -> Any:
    """A result in front of the wall; one that shares memory with a source knows it as its base."""
    if isinstance(result, (tuple, list)):
        wrapped = map(wrap, result)
        return type(result)(*wrapped) if hasattr(result, "_fields") else type(result)(wrapped)
    if isinstance(result, np.generic):
        return ndarray(np.asarray(result))
    if not isinstance(result, np.ndarray):
        return result
    for source in sources:
        if isinstance(source, ndarray):
            if result is source._host:
                return source
            if result.base is not None and np.may_share_memory(result, source._host):
                return ndarray(result, source if source.base is None else source.base)
    return ndarray(result)


def call(function: Any, args: tuple, kwargs: dict[str, Any]) -> Any:
    out = kwargs.get("out")
    result = function(*host_of(args), **{name: host_of(value) for name, value in kwargs.items()})
    return wrap(result, args) if out is None else out


def elementwise(ufunc: np.ufunc, inputs: tuple, kwargs: dict[str, Any]) -> Any:
    """The memory of a result lies in C's order, unlike NumPy's, which keeps the operands'."""
    result = call(ufunc, inputs, kwargs)
    if "out" in kwargs or isinstance(result, tuple):
        return result
    return ndarray(np.asarray(result._host, order="C"))


def call_function(function: Any, args: tuple, kwargs: dict[str, Any]) -> Any:
    name = function.__name__
    check_keywords(name, kwargs)
    if name == "polyval" and not isinstance(args[0], ndarray):
        raise TypeError("p must be 1d ndarray or poly1d object")
    if name == "sliding_window_view":
        if kwargs.get("writeable"):
            raise NotImplementedError("Writeable views are not supported.")
        kwargs = kwargs | {"writeable": True}  # CuPy knows no others
    if name in MAKERS:
        args = tuple(x._host if isinstance(x, ndarray) else x for x in args)
        return wrap(np.array(function(*args, **kwargs)))
    if name in FACTS:
        return function(*host_of(args), **kwargs)
    result = call(function, args, kwargs)
    if name == "diagonal":
        result._host.flags.writeable = True
    return wrap(np.bool_(result)) if isinstance(result, bool) else result


def check_keywords(name: str, kwargs: dict[str, Any]) -> None:
    for keyword in kwargs:
        if name in MISSING_KEYWORDS.get(keyword, ()):
            raise TypeError(f"{name}() got an unexpected keyword argument '{keyword}'")
    if kwargs.get("kind", "stable") not in (None, "stable"):
        raise ValueError("kind can only be None or 'stable'")


def add_at(out: ndarray, index: Any, values: Any) -> None:
    """cupy.add.at, which NumPy's name does not reach: an index that is a tuple keeps the protocol from it."""
    if out.dtype.char not in ADDED_AT:
        raise TypeError(f"cupy.add.at does not support {out.dtype}")
    np.add.at(out._host, host_index(index, out.shape), host_of(values))


def as_strided(x: ndarray, shape: tuple[int, ...], strides: tuple[int, ...]) -> ndarray:
    return call(np.lib.stride_tricks.as_strided, (x, shape, strides), {})


def _method(name: str) -> Any:
    def method(self: ndarray, *args: Any, **kwargs: Any) -> Any:
        check_keywords(name, kwargs)
        if name == "nonzero" and not self.ndim:
            raise ValueError("Calling nonzero on 0d arrays is not allowed.")
        return call(getattr(np.ndarray, name), (self, *args), kwargs)

    return method


def _operator(name: str, ufunc: np.ufunc) -> None:
    def forward(self: ndarray, other: Any) -> Any:
        return NotImplemented if leaves_to(other) else ufunc(self, other)

    def reflected(self: ndarray, other: Any) -> Any:
        return ufunc(other, self)

    def in_place(self: ndarray, other: Any) -> ndarray:
        if leaves_to(other):
            return NotImplemented
        return ufunc(self, other, out=self)

    setattr(ndarray, f"__{name}__", forward)
    if name not in ("lt", "le", "gt", "ge", "eq", "ne"):
        setattr(ndarray, f"__r{name}__", reflected)
        setattr(ndarray, f"__i{name}__", in_place)


def leaves_to(other: Any) -> bool:
    """Whether an operator leaves the work to the other operand, as to a class of higher priority."""
    return not hasattr(other, "__array_ufunc__") and getattr(other, "__array_priority__", 0) > 100


for _name in METHODS:
    setattr(ndarray, _name, _method(_name))
for _name in ATTRIBUTES:
    setattr(ndarray, _name, property(operator.attrgetter(f"_host.{_name}")))
for _name, _ufunc in {
    "add": np.add, "sub": np.subtract, "mul": np.multiply, "truediv": np.true_divide, "pow": np.power,
    "floordiv": np.floor_divide, "mod": np.remainder, "matmul": np.matmul, "and": np.bitwise_and,
    "or": np.bitwise_or, "xor": np.bitwise_xor, "lshift": np.left_shift, "rshift": np.right_shift,
    "lt": np.less, "le": np.less_equal, "gt": np.greater, "ge": np.greater_equal, "eq": np.equal,
    "ne": np.not_equal,
}.items():  # fmt: skip
    _operator(_name, _ufunc)
for _name, _ufunc in {
    "neg": np.negative,
    "abs": np.absolute,
    "invert": np.invert,
    "pos": np.positive,
}.items():
    setattr(ndarray, f"__{_name}__", lambda self, ufunc=_ufunc: ufunc(self))


# -- the module --------------------------------------------------------------------------------------------


class Device:
    id = 0

    def __init__(self, device: int = 0) -> None:
        if device != 0:
            raise ValueError("cudaErrorInvalidDevice: invalid device ordinal")

    def __enter__(self) -> Device:
        return self

    def __exit__(self, *exception: object) -> None:
        pass

    def use(self) -> None:
        pass

    def synchronize(self) -> None:
        pass


class Event:
    done = True

    def __init__(self, block: bool = False, disable_timing: bool = False) -> None:
        pass

    def record(self) -> None:
        pass

    def synchronize(self) -> None:
        pass


PROPERTIES = {
    "name": b"Stand-in",
    "major": 9,
    "minor": 0,
    "totalGlobalMem": 1 << 30,
    "multiProcessorCount": 1,
}


def modules() -> dict[str, ModuleType]:
    """What `sys.modules` needs for `import cupy` to give the stand-in."""
    cupy, cupyx = ModuleType("cupy"), ModuleType("cupyx")
    pool = SimpleNamespace(used_bytes=lambda: 0, total_bytes=lambda: 0, free_all_blocks=lambda: None)
    runtime = SimpleNamespace(
        getDeviceCount=lambda: 1,
        getDeviceProperties=lambda number: PROPERTIES,
        memGetInfo=lambda: (1 << 29, 1 << 30),
    )
    vars(cupy).update(
        ndarray=ndarray,
        asarray=lambda x: x if isinstance(x, ndarray) else ndarray(np.array(x)),
        add=SimpleNamespace(at=add_at),
        lib=SimpleNamespace(stride_tricks=SimpleNamespace(as_strided=as_strided)),
        is_available=lambda: True,
        get_default_memory_pool=lambda: pool,
        cuda=SimpleNamespace(Device=Device, Event=Event, get_elapsed_time=lambda a, b: 0.0, runtime=runtime),
    )
    vars(cupyx).update(seterr=lambda **settings: None)
    return {"cupy": cupy, "cupyx": cupyx}
