"""How much memory checkpoints may have, and have: numbers that the supervisor and the program share."""

from __future__ import annotations

import mmap
import struct

DEFAULT_BYTES = 512 << 20
_CELL = struct.Struct("<q")


class Budget:
    """Made before the two become processes of their own; the program sets `bound`, the supervisor `used`."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, 2 * _CELL.size)
        self.bound = DEFAULT_BYTES

    @property
    def bound(self) -> int:
        """Bytes that all checkpoints together may have of their own."""
        return _CELL.unpack_from(self._memory, 0)[0]

    @bound.setter
    def bound(self, size: int) -> None:
        _CELL.pack_into(self._memory, 0, size)

    @property
    def used(self) -> int:
        """Bytes that they had of their own when last weighed."""
        return _CELL.unpack_from(self._memory, _CELL.size)[0]

    @used.setter
    def used(self, size: int) -> None:
        _CELL.pack_into(self._memory, _CELL.size, size)
