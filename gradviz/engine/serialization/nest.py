"""Nests of plain values and tensors as JSON, beside a list of arrays.

None, booleans, numbers, strings and lists stand for themselves. Everything else is an object whose one key
says what it is: `{"dict": [[key, value], …]}`, `{"tuple": […]}`, `{"tensor": number of its array, …}`.
"""

from __future__ import annotations

import math
from collections import Counter, OrderedDict
from collections.abc import Iterable
from typing import Any

import numpy

from gradviz.engine import dtypes
from gradviz.engine.backend import Array, to_numpy
from gradviz.engine.device import device, placed
from gradviz.engine.nn.parameter import Parameter
from gradviz.engine.tensor import Size, Tensor, wrap

MAX_DEPTH = 100

_SEQUENCES = {"tuple": tuple, "Size": Size}
_MAPPINGS = {"dict": dict, "OrderedDict": OrderedDict, "Counter": Counter}
_DTYPES = {d.name: d for d in dtypes.DTYPES}
_NAMES = {kind: name for name, kind in (_SEQUENCES | _MAPPINGS).items()}
_NUMBERS = "biuf"  # the kinds of NumPy's dtypes that are plain numbers


class FormatError(Exception):
    """A file is not what it should be; the text says what is wrong and what to do."""


class Encoder:
    """Turns values into JSON and collects their arrays; one that two tensors share is kept once."""

    def __init__(self) -> None:
        self.arrays: list[numpy.ndarray] = []
        self._numbers: dict[int, int] = {}

    def encode(self, value: Any, place: str = "", depth: int = 0) -> Any:
        """`value` as JSON; `place` says where it is in the whole, as in `['model']['fc.weight']`."""
        if depth > MAX_DEPTH:
            raise ValueError(f"torch.save: nested more than {MAX_DEPTH} deep, or holding itself")
        kind = type(value)
        if value is None or kind in (bool, int, str):
            return value
        if kind is float:
            return value if math.isfinite(value) else {"float": str(value)}
        if isinstance(value, Tensor):
            return self._tensor(value)
        if isinstance(value, numpy.generic) and value.dtype.kind in _NUMBERS:
            return self.encode(value.item())
        if isinstance(value, numpy.ndarray) and value.dtype.kind in _NUMBERS:
            return {"array": self._number(value)}
        if isinstance(value, dtypes.dtype):
            return {"dtype": value.name}
        if kind is list or kind in _SEQUENCES.values():
            items = [self.encode(item, f"{place}[{i}]", depth + 1) for i, item in enumerate(value)]
            return items if kind is list else {_NAMES[kind]: items}
        if kind in _MAPPINGS.values():
            return {_NAMES[kind]: [self._entry(*entry, place, depth) for entry in value.items()]}
        raise TypeError(_refusal(value, place))

    def _entry(self, key: Any, value: Any, place: str, depth: int) -> list[Any]:
        if not isinstance(key, (str, int, float, tuple, type(None))):
            raise TypeError(
                f"torch.save: {type(key).__name__} as a key{_at(place)}; use a string or a number"
            )
        return [self.encode(key, place, depth + 1), self.encode(value, f"{place}[{key!r}]", depth + 1)]

    def _tensor(self, tensor: Tensor) -> dict[str, Any]:
        encoded: dict[str, Any] = {"tensor": self._number(tensor.array)}
        if tensor.requires_grad:
            encoded["requires_grad"] = True
        if isinstance(tensor, Parameter):
            encoded["parameter"] = True
        return encoded

    def _number(self, array: Array) -> int:
        number = self._numbers.setdefault(id(array), len(self.arrays))
        if number == len(self.arrays):
            self.arrays.append(to_numpy(array))
        return number


class Decoder:
    """The way back. What was written as one array is one again."""

    def __init__(self, arrays: list[numpy.ndarray], where: device) -> None:
        self._arrays = arrays
        self._where = where
        self._placed: dict[int, Array] = {}

    def decode(self, encoded: Any, depth: int = 0) -> Any:
        """The value that `encoded` stands for. Raises FormatError for what `Encoder` does not write."""
        if depth > MAX_DEPTH:
            raise FormatError(f"it is nested more than {MAX_DEPTH} deep.")
        if isinstance(encoded, list):
            return self._items(encoded, depth)
        if not isinstance(encoded, dict):
            return encoded
        kind = next(iter(encoded), None)
        if kind not in {*_SEQUENCES, *_MAPPINGS, "tensor", "array", "dtype", "float"}:
            raise FormatError(f"its index holds {kind!r}, which this version of gradviz does not know.")
        content = encoded[kind]
        if kind in _SEQUENCES:
            return _SEQUENCES[kind](self._items(content, depth))
        if kind in _MAPPINGS:
            return _MAPPINGS[kind](dict(self._items(entry, depth) for entry in content))
        if kind == "tensor":
            return self._tensor(encoded)
        if kind == "array":
            return self._array(content)
        return _DTYPES[content] if kind == "dtype" else float(content)

    def _items(self, items: Iterable[Any], depth: int) -> list[Any]:
        return [self.decode(item, depth + 1) for item in items]

    def _tensor(self, encoded: dict[str, Any]) -> Tensor:
        number = encoded["tensor"]
        array = self._array(number)
        dtypes.of_array(array.dtype)  # raises TypeError for one that tensors do not have
        if number not in self._placed:
            self._placed[number] = placed(array, self._where)
        tensor = wrap(self._placed[number])
        requires_grad = encoded.get("requires_grad") is True
        if encoded.get("parameter") is True:
            return Parameter(tensor, requires_grad)
        return tensor.requires_grad_(requires_grad)

    def _array(self, number: Any) -> numpy.ndarray:
        if type(number) is not int or not 0 <= number < len(self._arrays):
            raise FormatError(f"its index names an array {number!r} that is not there.")
        return self._arrays[number]


def _refusal(value: Any, place: str) -> str:
    kind = type(value).__name__
    if hasattr(value, "state_dict"):
        return (
            f"torch.save: a whole {kind}{_at(place)} cannot be saved, because gradviz writes no pickles. "
            "Save its state_dict(), and give that to load_state_dict() after loading."
        )
    return (
        f"torch.save: {kind}{_at(place)} cannot be saved. What can be: tensors, numbers, strings, None, and "
        "dict, list and tuple of these."
    )


def _at(place: str) -> str:
    return f" at {place}" if place else ""
