"""A note that all copies of a program share: what one process writes, those that wake later read."""

from __future__ import annotations

import mmap
import struct

_HEAD = struct.Struct("<q")


class SharedNote:
    """Holds the last bytes written, at most `capacity` of them, in memory that forked processes share.

    There are two places, and the head says which is the valid one: whoever reads while another process
    writes finds the note before.
    """

    def __init__(self, capacity: int) -> None:
        self._place = capacity + _HEAD.size
        self._memory = mmap.mmap(-1, _HEAD.size + 2 * self._place)  # zeros, which take no space until used

    def write(self, note: bytes) -> None:
        """Raises ValueError for a note that is too long."""
        if _HEAD.size + len(note) > self._place:
            raise ValueError(f"a note of {len(note)} bytes is too long")
        valid = _HEAD.unpack_from(self._memory)[0]
        start = self._start(1 - valid)
        self._memory[start : start + _HEAD.size + len(note)] = _HEAD.pack(len(note)) + note
        _HEAD.pack_into(self._memory, 0, 1 - valid)

    def read(self) -> bytes:
        """b"" when nothing has been written."""
        start = self._start(_HEAD.unpack_from(self._memory)[0])
        length = _HEAD.unpack_from(self._memory, start)[0]
        return self._memory[start + _HEAD.size : start + _HEAD.size + length]

    def _start(self, place: int) -> int:
        return _HEAD.size + place * self._place
