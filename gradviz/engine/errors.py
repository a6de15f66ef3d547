"""Errors in torch's words."""

from __future__ import annotations

import inspect
import itertools
import re
from collections.abc import Callable
from typing import Any

from gradviz.engine.backend import Array, gpu_of, is_array
from gradviz.engine.dtypes import of_array
from gradviz.engine.tensor import Tensor


def in_torchs_words(error: ValueError) -> Exception:
    """What to raise for the array library's ValueError: torch's, when shapes do not broadcast."""
    found = re.findall(r"\(((?:\d+,? ?)+)\)", str(error)) if "broadcast" in str(error) else []
    shapes = [tuple(int(n) for n in sizes.split(",") if n) for sizes in found]
    if "could not broadcast input array" in str(error):
        shapes.reverse()  # what is written into comes first, as in torch
    for a, b in itertools.combinations(shapes, 2):
        for i in range(1, min(len(a), len(b)) + 1):
            if a[-i] != b[-i] and 1 not in (a[-i], b[-i]):
                return RuntimeError(
                    f"The size of tensor a ({a[-i]}) must match the size of tensor b ({b[-i]}) at "
                    f"non-singleton dimension {max(len(a), len(b)) - i}"
                )
    return error


def require_one_dtype(words: str, *arrays: Array) -> None:
    """Raises RuntimeError with the arrays' dtypes in `words`, unless the first two are the same."""
    if arrays[0].dtype != arrays[1].dtype:
        raise RuntimeError(words.format(*[of_array(a.dtype).scalar_name for a in arrays]))


def require_one_device(*arrays: Any) -> None:
    """Raises RuntimeError for arrays on different devices. What is no array goes with any."""
    on_gpu = [a for a in arrays if type(a) is not Array and is_array(a)]
    if on_gpu and any(type(a) is Array for a in arrays):
        raise RuntimeError(
            "Expected all tensors to be on the same device, but found at least two devices, "
            f"cuda:{gpu_of(on_gpu[0])} and cpu!"
        )


def not_a_tensor(function: str, argument: str, position: int, have: Any) -> TypeError:
    """What to raise for an argument that has to be a tensor."""
    return TypeError(
        f"{function}(): argument '{argument}' (position {position}) must be Tensor, not {type_name(have)}"
    )


def type_name(value: Any) -> str:
    """What torch calls a value's type: "list", "numpy.ndarray"."""
    kind = type(value)
    return kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"


def argument_error(
    function: Callable, args: tuple, kwargs: dict[str, Any], error: Exception
) -> TypeError | None:
    """What torch's parser says of a function's arguments when one is missing or has to be a Tensor.

    `error` is what they led to; where it begins with its own word on an argument, the function is named.
    """
    if str(error).startswith(("argument ", "missing ")):
        return TypeError(f"{function.__name__}(){':' if str(error)[0] == 'a' else ''} {error}")
    parameters = inspect.signature(function).parameters
    try:
        given = inspect.signature(function).bind(*args, **kwargs).arguments
    except TypeError:
        given = {**dict(zip(parameters, args, strict=False)), **kwargs}
        required = [
            n for n, p in parameters.items() if p.default is p.empty and p.kind is p.POSITIONAL_OR_KEYWORD
        ]
        missing = ", ".join(f'"{name}"' for name in required if name not in given)
        if not missing:
            return None
        count = missing.count(",") + 1
        return TypeError(f"{function.__name__}() missing {count} required positional arguments: {missing}")
    for position, (name, value) in enumerate(given.items(), 1):
        is_tensor = isinstance(value, Tensor) or is_array(value)
        if parameters[name].annotation == "Tensor" and not is_tensor:
            return not_a_tensor(function.__name__, name, position, value)
    return None


def require_kinds(kinds: str, kernel: str, x: Array) -> None:
    """Raises NotImplementedError for a dtype (by its `kind`) that torch's kernel of this name lacks."""
    if x.dtype.kind not in kinds:
        raise NotImplementedError(f"\"{kernel}\" not implemented for '{of_array(x.dtype).scalar_name}'")


def require_tensors(function: str, **arguments: Any) -> None:
    """Raises TypeError, as torch's functions do, when one of the arguments (in their order) is no tensor."""
    for position, (name, value) in enumerate(arguments.items(), 1):
        if not isinstance(value, Tensor) and not is_array(value):
            raise not_a_tensor(function, name, position, value)
