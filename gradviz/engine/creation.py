"""Making tensors from Python values, arrays and sizes."""

from __future__ import annotations

import math
from typing import Any

import numpy

from gradviz.engine import dtypes, inference, random
from gradviz.engine.backend import Array, xp
from gradviz.engine.backend import asarray as as_array
from gradviz.engine.device import placed
from gradviz.engine.dtypes import default_array_dtype, of_array, to_array_dtype
from gradviz.engine.errors import type_name
from gradviz.engine.grad_mode import mode
from gradviz.engine.ops.shape import sizes
from gradviz.engine.python_values import to_array
from gradviz.engine.registry import tensor_method, torch_function
from gradviz.engine.tensor import Tensor, wrap


def finished(array: Array, requires_grad: bool = False, device: Any = None) -> Tensor:
    """A new leaf around `array` on its device, after the checks that all creation functions share.

    They compute on the CPU: only so do random numbers follow torch's stream, and the rest is soon moved.
    """
    result = wrap(placed(array, device))
    if mode.inference:
        inference.mark((result,))
    if requires_grad:
        if array.dtype.kind != "f":
            raise RuntimeError("Only Tensors of floating point and complex dtype can require gradients")
        result._requires_grad = True
    return result


@torch_function
def tensor(data: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """A tensor with a copy of `data` (numbers, nested sequences, arrays)."""
    return finished(to_array(data, dtype), requires_grad, device)


@torch_function
def as_tensor(data: Any, dtype: Any = None, device: Any = None) -> Tensor:
    """`data` as a tensor, sharing its memory where that is possible."""
    if isinstance(data, Tensor):
        return data.to(dtype=dtype, device=device)
    if isinstance(data, numpy.ndarray) and to_array_dtype(dtype) in (None, data.dtype):
        of_array(data.dtype)
        return finished(as_array(data), device=device)
    return finished(to_array(data, dtype), device=device)


@torch_function
def asarray(
    obj: Any, *, dtype: Any = None, device: Any = None, copy: bool | None = None, requires_grad: bool = False
) -> Tensor:
    """`obj` as a tensor, sharing its memory where that is possible, unless `copy`."""
    made = as_tensor(obj, dtype, device)
    return finished(made.array.copy() if copy else made.array, requires_grad)


@torch_function
def scalar_tensor(s: float, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """A tensor of no dimensions, by default of the default float dtype."""
    return finished(xp.asarray(s, _float_or(dtype)), requires_grad, device)


@torch_function
def from_numpy(ndarray: numpy.ndarray) -> Tensor:
    """A tensor that shares memory with a NumPy array."""
    if not isinstance(ndarray, numpy.ndarray):
        raise TypeError(f"expected np.ndarray (got {type(ndarray).__name__})")
    of_array(ndarray.dtype)
    return wrap(as_array(ndarray))


def new_sizes(args: tuple, named: dict[str, Any] | None = None) -> tuple[int, ...]:
    """The sizes of a new tensor. Raises TypeError for wrong arguments, RuntimeError for sizes below 0."""
    unknown = set(named or ()) - {"size", "layout", "pin_memory", "memory_format", "names"}
    if unknown:
        raise TypeError(f"got an unexpected keyword argument '{min(unknown)}'")
    if not args and "size" not in (named or ()):
        raise TypeError('missing 1 required positional arguments: "size"')
    shape = sizes(args, named)
    if any(n < 0 for n in shape):
        negative = next(n for n in shape if n < 0)
        raise RuntimeError(f"Trying to create tensor with negative dimension {negative}: {list(shape)}")
    return shape


def _float_or(dtype: Any) -> Any:
    return to_array_dtype(dtype) or default_array_dtype()


@torch_function
def zeros(
    *size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False, **ignored: Any
) -> Tensor:
    """Zeros of the sizes given."""
    return finished(xp.zeros(new_sizes(size, ignored), _float_or(dtype)), requires_grad, device)


@torch_function
def ones(
    *size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False, **ignored: Any
) -> Tensor:
    """Ones of the sizes given."""
    return finished(xp.ones(new_sizes(size, ignored), _float_or(dtype)), requires_grad, device)


@torch_function
def empty(
    *size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False, **ignored: Any
) -> Tensor:
    """A tensor to be overwritten (it holds zeros)."""
    return zeros(*size, dtype=dtype, device=device, requires_grad=requires_grad, **ignored)


@torch_function
def full(
    size: Any, fill_value: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """One value everywhere; its type decides the dtype."""
    value = fill_value.item() if isinstance(fill_value, Tensor) else fill_value
    if not isinstance(value, (int, float)):
        raise TypeError(f"full(): argument 'fill_value' (position 2) must be Number, not {type_name(value)}")
    return finished(
        xp.full(
            new_sizes((size,)), xp.asarray(value).astype(to_array_dtype(dtype) or dtypes.result_type(value))
        ),
        requires_grad,
        device,
    )


@torch_function
def arange(
    start: float,
    end: float | None = None,
    step: float = 1,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Numbers from `start` (0 when only the end is given) up to but without `end`."""
    if end is None:
        start, end = 0, start
    numbers = [n.item() if isinstance(n, (Tensor, numpy.generic)) else n for n in (start, end, step)]
    if numbers[2] == 0:
        raise RuntimeError("step must be nonzero")
    if not (math.isfinite(numbers[0]) and math.isfinite(numbers[1])):
        raise RuntimeError(f"unsupported range: {numbers[0]} -> {numbers[1]}")
    if (numbers[1] - numbers[0]) * numbers[2] < 0:
        raise RuntimeError("upper bound and lower bound inconsistent with step sign")
    array_dtype = to_array_dtype(dtype) or dtypes.result_type(*numbers)
    if array_dtype == "int64":  # for the other integers torch counts before it rounds
        numbers = [int(n) for n in numbers]
        if not numbers[2]:
            raise ValueError("step must be nonzero")
    count = math.ceil((numbers[1] - numbers[0]) / numbers[2])
    if array_dtype.kind in "iu":
        numbers = [int(n) for n in numbers]
    values = numbers[0] + xp.arange(count) * numbers[2]
    return finished(values.astype(array_dtype), requires_grad, device)


@torch_function
def linspace(
    start: float,
    end: float,
    steps: int,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """`steps` numbers evenly spaced from `start` to `end`, both included."""
    first, last = _ends("linspace", start, end, steps)
    return finished(_evenly(first, last, steps, _float_or(dtype)), requires_grad, device)


def _ends(name: str, start: Any, end: Any, steps: int) -> list:
    """Start and end as numbers. Raises RuntimeError or TypeError for what torch refuses."""
    if not isinstance(steps, int):
        kinds = ", ".join(
            "Tensor" if isinstance(x, Tensor) else type(x).__name__ for x in (start, end, steps)
        )
        raise TypeError(
            f"{name}() received an invalid combination of arguments - got ({kinds}): steps is an int"
        )
    if steps < 0:
        raise RuntimeError("number of steps must be non-negative")
    dims = [
        f"{side} with {x.ndim} dimension(s)"
        for side, x in (("start", start), ("end", end))
        if isinstance(x, Tensor) and x.ndim
    ]
    if dims:
        raise RuntimeError(
            f"{name} only supports 0-dimensional start and end tensors, but got {' and '.join(dims)}."
        )
    return [x.item() if isinstance(x, Tensor) else x for x in (start, end)]


def _evenly(start: float, end: float, steps: int, array_dtype: Any) -> Array:
    """Numbers at even distances, rounded like torch's: each half is counted from its own end."""
    kind = array_dtype.type
    start, end = kind(start).item(), kind(end).item()
    step = (end - start) / (steps - 1) if steps > 1 else 0.0
    if array_dtype.kind == "f":
        step = kind(step).item()
    places = xp.arange(steps)
    values = xp.where(places < steps // 2, start + step * places, end - step * (steps - 1 - places))
    return values.astype(array_dtype) if steps != 1 else xp.full(1, start, array_dtype)


@torch_function
def logspace(
    start: float,
    end: float,
    steps: int,
    base: float = 10.0,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Powers of `base` with exponents evenly spaced from `start` to `end`."""
    first, last = _ends("logspace", start, end, steps)
    array_dtype = _float_or(dtype)
    if array_dtype.kind in "iu":
        first, last = int(first), int(last)
    powers = float(base) ** _evenly(first, last, steps, xp.dtype("float64"))
    return finished(powers.astype(array_dtype), requires_grad, device)


@torch_function
def eye(
    n: int, m: int | None = None, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Ones on the diagonal of an (n, m) matrix of zeros."""
    for name, size in (("n", n), ("m", n if m is None else m)):
        if size < 0:
            raise RuntimeError(f"{name} must be greater or equal to 0, got {size}")
    return finished(xp.eye(n, m, dtype=_float_or(dtype)), requires_grad, device)


@torch_function
def tril_indices(row: int, col: int, offset: int = 0, *, dtype: Any = None, device: Any = None) -> Tensor:
    """The row and column numbers of the lower triangle, shape (2, count)."""
    return finished(
        xp.stack(xp.tril_indices(row, offset, col)).astype(to_array_dtype(dtype) or "int64"), False, device
    )


@torch_function
def triu_indices(row: int, col: int, offset: int = 0, *, dtype: Any = None, device: Any = None) -> Tensor:
    """The row and column numbers of the upper triangle, shape (2, count)."""
    return finished(
        xp.stack(xp.triu_indices(row, offset, col)).astype(to_array_dtype(dtype) or "int64"), False, device
    )


@torch_function
def rand(
    *size: Any,
    generator: Any = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    **ignored: Any,
) -> Tensor:
    """Random numbers drawn evenly from [0, 1)."""
    return finished(random.rand(new_sizes(size, ignored), _float_or(dtype), generator), requires_grad, device)


@torch_function
def randn(
    *size: Any,
    generator: Any = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    **ignored: Any,
) -> Tensor:
    """Random numbers of the standard normal distribution."""
    return finished(
        random.randn(new_sizes(size, ignored), _float_or(dtype), generator), requires_grad, device
    )


@torch_function
def randint(
    low: int,
    high: Any = None,
    size: Any = None,
    *,
    generator: Any = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Random integers from [low, high); `randint(high, size)` starts at 0."""
    if size is None:
        low, high, size = 0, low, high
    if isinstance(size, int):
        raise TypeError("randint(): argument 'size' (position 2) must be tuple of ints, not int")
    values = random.randint(
        int(low), int(high), new_sizes((size,)), to_array_dtype(dtype) or "int64", generator
    )
    return finished(values, requires_grad, device)


@torch_function
def randperm(n: int, *, generator: Any = None, dtype: Any = None, device: Any = None) -> Tensor:
    """The integers from 0 to n - 1 in random order."""
    return finished(random.randperm(n, to_array_dtype(dtype) or "int64", generator), False, device)


def _like(make: Any, name: str, summary: str) -> Any:
    """Publishes torch.<name>_like: `make` with the size and dtype of a tensor."""

    def function(
        input: Tensor,
        *args: Any,
        dtype: Any = None,
        device: Any = None,
        requires_grad: bool = False,
        memory_format: Any = None,
        **settings: Any,
    ) -> Tensor:
        return make(
            input.shape,
            *args,
            dtype=dtype or input.dtype,
            device=device or input.device,
            requires_grad=requires_grad,
            **settings,
        )

    function.__name__, function.__doc__ = f"{name}_like", summary
    return torch_function(function)


zeros_like = _like(zeros, "zeros", "Zeros as many as in `input`.")
ones_like = _like(ones, "ones", "Ones as many as in `input`.")
empty_like = _like(empty, "empty", "A tensor like `input`, to be overwritten.")
full_like = _like(full, "full", "One value as often as there are elements in `input`.")
rand_like = _like(rand, "rand", "Numbers from [0, 1) as many as in `input`.")
randn_like = _like(randn, "randn", "Normal numbers as many as in `input`.")


@torch_function
def randint_like(
    input: Tensor, low: int, high: int | None = None, *, dtype: Any = None, **settings: Any
) -> Tensor:
    """Random integers from [low, high) (from [0, low) without `high`), as many as in `input`."""
    low, high = (0, low) if high is None else (low, high)
    settings.setdefault("device", input.device)
    return randint(low, high, input.shape, dtype=dtype or input.dtype, **settings)


def _new(make: Any, name: str) -> None:
    """Publishes Tensor.new_<name>: `make` in the tensor's dtype, on its device."""

    def method(self: Tensor, *args: Any, dtype: Any = None, device: Any = None, **settings: Any) -> Tensor:
        return make(*args, dtype=dtype or self.dtype, device=device or self.device, **settings)

    method.__name__, method.__doc__ = f"new_{name}", f"`torch.{name}` in this tensor's dtype, on its device."
    tensor_method(method)


for _name, _make in {"zeros": zeros, "ones": ones, "empty": empty, "full": full, "tensor": tensor}.items():
    _new(_make, _name)


@torch_function
def is_tensor(obj: Any) -> bool:
    return isinstance(obj, Tensor)


@torch_function
def numel(input: Tensor) -> int:
    """The number of elements."""
    return input.numel()


@torch_function
def result_type(tensor1: Any, tensor2: Any) -> dtypes.dtype:
    """The dtype of arithmetic with two tensors or numbers."""
    return of_array(
        dtypes.result_type(*[x.array if isinstance(x, Tensor) else x for x in (tensor1, tensor2)])
    )


@torch_function
def promote_types(type1: dtypes.dtype, type2: dtypes.dtype) -> dtypes.dtype:
    """The smallest dtype that holds both."""
    return of_array(dtypes.promote_types(type1.array, type2.array))


@torch_function
def can_cast(from_: dtypes.dtype, to: dtypes.dtype) -> bool:
    """Whether results of one dtype may be written into a tensor of the other."""
    return dtypes.category(from_.array) <= dtypes.category(to.array)


@torch_function
def is_floating_point(input: Tensor) -> bool:
    return input.is_floating_point()
