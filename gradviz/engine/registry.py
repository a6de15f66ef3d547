"""What the engine offers under torch's names. A function that computes is published where it is written:

@torch_function          # torch.exp
@tensor_method           # Tensor.exp
def exp(input): ...
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

from gradviz.engine.tensor import Tensor

F = TypeVar("F", bound=Callable)

TORCH_FUNCTIONS: dict[str, Callable] = {}


def torch_function(function: F) -> F:
    """Publishes a function as `torch.<its name>`."""
    TORCH_FUNCTIONS[function.__name__] = function
    return function


def tensor_method(function: F) -> F:
    """Publishes a function whose first argument is a tensor as `Tensor.<its name>`."""
    setattr(Tensor, function.__name__, function)
    return function


def publish_alias(name: str, function: Callable) -> None:
    """Publishes a function under a second name that torch has for it, as function and method."""
    TORCH_FUNCTIONS[name] = function
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
