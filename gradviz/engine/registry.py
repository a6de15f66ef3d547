"""What the engine offers under torch's names. A function that computes is published where it is written:

@torch_function          # torch.exp
@tensor_method           # Tensor.exp
def exp(input): ...
"""

from __future__ import annotations

import functools
from collections import namedtuple
from collections.abc import Callable
from typing import Any, TypeVar

from gradviz.engine import dtypes
from gradviz.engine.errors import argument_error
from gradviz.engine.tensor import Tensor

F = TypeVar("F", bound=Callable)

TORCH_FUNCTIONS: dict[str, Callable] = {}


def torch_function(function: F) -> F:
    """Publishes a function as `torch.<its name>`, where it also takes `out`."""
    TORCH_FUNCTIONS[function.__name__] = _taking_out(function)
    return function


def _taking_out(function: F) -> F:
    """`function` with torch's argument `out`: the tensor (or tuple of them) to write the result into."""

    @functools.wraps(function)
    def wrapper(*args: Any, out: Any = None, **kwargs: Any) -> Any:
        try:
            result = function(*args, **kwargs)
        except (AttributeError, TypeError) as error:
            raise argument_error(function, args, kwargs, error) or error from None
        if out is None:
            return result
        several = isinstance(result, tuple)
        for target, value in zip(out, result, strict=True) if several else [(out, result)]:
            _write(function.__name__, target, value)
        return out

    return wrapper  # type: ignore[return-value]


def _write(name: str, target: Tensor, value: Tensor) -> None:
    if target.requires_grad or value.requires_grad:
        raise RuntimeError(
            f"{name}(): functions with out=... arguments don't support automatic differentiation, but one of "
            "the arguments requires grad."
        )
    if dtypes.category(value.array.dtype) > dtypes.category(target.array.dtype):
        raise RuntimeError(
            f"result type {value.dtype.scalar_name} can't be cast to the desired output type "
            f"{target.dtype.scalar_name}"
        )
    if target.shape != value.shape:  # torch resizes it, too
        target.data = value.to(target.dtype)
    else:
        target.copy_(value)


def tensor_method(function: F) -> F:
    """Publishes a function whose first argument is a tensor as `Tensor.<its name>`."""
    setattr(Tensor, function.__name__, function)
    return function


def publish_alias(name: str, function: Callable) -> None:
    """Publishes a function under a second name that torch has for it, as function and method."""
    TORCH_FUNCTIONS[name] = _taking_out(function)
    setattr(Tensor, name, function)


def numpy_names(function: F) -> F:
    """Lets a function take NumPy's `axis` and `keepdims` for torch's `dim` and `keepdim`, as torch does."""

    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        if kwargs:
            if "axis" in kwargs:
                kwargs["dim"] = kwargs.pop("axis")
            if "keepdims" in kwargs:
                kwargs["keepdim"] = kwargs.pop("keepdims")
        return function(*args, **kwargs)

    return wrapper  # type: ignore[return-value]


def result_of(name: str, *fields: str) -> type:
    """The named tuple that an operation with several results returns, as in torch.return_types."""
    base = namedtuple(name, fields)

    def text(self: Any) -> str:
        rows = ",\n".join(f"{field}={value!r}" for field, value in zip(self._fields, self, strict=True))
        return f"torch.return_types.{name}(\n{rows})"

    return type(name, (base,), {"__slots__": (), "__repr__": text})
