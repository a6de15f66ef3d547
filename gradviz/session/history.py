"""What all copies of a program share: how far it has come, and what every iteration came to.

A copy that runs through iterations again must find in them what the program found. If not, the program
depends on something that cannot be wound back, such as the clock, and what the window shows is not what was.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import struct
import sys
import zlib

ITERATIONS = 1 << 20  # that can be compared: later ones are believed
_CELL = struct.Struct("<q")
_HEAD = 2  # cells before those of the iterations


class History:
    """Lives in memory that forked processes share."""

    def __init__(self) -> None:
        # zeros, which take no space until used: the furthest, whether a difference was told, the iterations
        self._memory = mmap.mmap(-1, (_HEAD + ITERATIONS) * _CELL.size)
        self._outputs: tuple[int, int] | None = None  # where standard output and error lead, while muted

    @property
    def furthest(self) -> int:
        """The last iteration that any copy has begun; -1 before the first."""
        return _CELL.unpack_from(self._memory, 0)[0] - 1

    @property
    def repeating(self) -> bool:
        """Whether this process runs through what another has run through before."""
        return self._outputs is not None

    def repeat(self) -> None:
        """This process has gone back: until it comes to something new, its output has been seen already."""
        flush_output()
        if self._outputs is None:
            self._outputs = os.dup(1), os.dup(2)
            nowhere = os.open(os.devnull, os.O_WRONLY)
            for output in (1, 2):
                os.dup2(nowhere, output)
            os.close(nowhere)

    def began(self, iteration: int) -> None:
        """An iteration begins."""
        if iteration <= self.furthest:
            return
        _CELL.pack_into(self._memory, 0, iteration + 1)
        if self._outputs is not None:
            flush_output()
            for output, kept in zip((1, 2), self._outputs, strict=True):
                os.dup2(kept, output)
                os.close(kept)
            self._outputs = None

    def agrees(self, iteration: int, *came_to: float) -> bool:
        """Notes what an iteration came to; False when it came to something else before."""
        if iteration >= ITERATIONS:
            return True
        place = (_HEAD + iteration) * _CELL.size
        found = zlib.crc32(struct.pack(f"<{len(came_to)}d", *came_to)) + 1
        before = _CELL.unpack_from(self._memory, place)[0]
        if not before:
            _CELL.pack_into(self._memory, place, found)
        return before in (0, found)

    def first_to_differ(self) -> bool:
        """True for the first process that asks: one of them says it, the others need not."""
        told = _CELL.unpack_from(self._memory, _CELL.size)[0]
        _CELL.pack_into(self._memory, _CELL.size, 1)
        return not told


def flush_output() -> None:
    """Hands on what the program has printed so far."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):  # the program may have put anything in their place
            stream.flush()
