"""What is known of objects by which ones they are, without keeping them alive."""

from __future__ import annotations

import weakref
from contextlib import suppress
from typing import Any, Generic, TypeVar

V = TypeVar("V")
D = TypeVar("D")


class ByIdentity(Generic[V]):
    """Values by objects. The id of one that is gone may be another's: that one has no value yet."""

    def __init__(self) -> None:
        self._found: dict[int, tuple[weakref.ref[Any], V]] = {}

    def __setitem__(self, thing: Any, value: V) -> None:
        with suppress(TypeError):  # a number of NumPy's in place of an array: nobody else has that one
            self._found[id(thing)] = weakref.ref(thing), value

    def __contains__(self, thing: Any) -> bool:
        found = self._found.get(id(thing))
        return found is not None and found[0]() is thing

    def get(self, thing: Any, otherwise: D) -> V | D:
        """The value, or `otherwise`."""
        found = self._found.get(id(thing))
        return found[1] if found is not None and found[0]() is thing else otherwise
