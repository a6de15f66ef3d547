"""The memory behind a tensor and its views: a row of numbers.

Source: https://docs.pytorch.org/docs/stable/storage.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gradviz.engine import dtypes
from gradviz.engine.backend import Array, address, owner_of
from gradviz.engine.registry import tensor_method
from gradviz.engine.tensor import Tensor, begin_change, end_change


def _memory(array: Array) -> Array:
    """All of the memory that an array is a view of, as a row."""
    return owner_of(array).ravel(order="K")


class UntypedStorage:
    """Where the memory is and how large."""

    def __init__(self, tensor: Tensor) -> None:
        self._tensor = tensor
        self._row = _memory(tensor.array)

    def data_ptr(self) -> int:
        """The address of the first byte."""
        return address(self._row)

    def nbytes(self) -> int:
        return self._row.nbytes


class TypedStorage(UntypedStorage):
    """The numbers in memory, in their order there; what is written to them shows in all views."""

    @property
    def dtype(self) -> dtypes.dtype:
        return self._tensor.dtype

    def size(self) -> int:
        return self._row.size

    __len__ = size

    def __getitem__(self, index: int) -> Any:
        return self._row[index].item()

    def __setitem__(self, index: int, value: Any) -> None:
        begin_change(self._tensor)
        self._row[index] = value
        end_change(self._tensor)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.tolist())

    def tolist(self) -> list:
        return self._row.tolist()

    def __repr__(self) -> str:
        rows = "".join(f" {value}\n" for value in self)
        device = self._tensor.device
        size = self.size()
        return f"{rows}[torch.storage.TypedStorage(dtype={self.dtype}, device={device}) of size {size}]"


@tensor_method
def storage(self: Tensor) -> TypedStorage:
    """The numbers in memory that this tensor is a view of."""
    return TypedStorage(self)


@tensor_method
def untyped_storage(self: Tensor) -> UntypedStorage:
    """The memory that this tensor is a view of: the same place for all views of it."""
    return UntypedStorage(self)


@tensor_method
def storage_offset(self: Tensor) -> int:
    """How many elements of the storage come before this tensor's first."""
    return (address(self.array) - address(_memory(self.array))) // self.array.itemsize
