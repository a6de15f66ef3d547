"""What all copies of a program share: how far it has come, and what every iteration came to.

A copy that runs through iterations again must find in them what the program found. If not, the program
depends on something that cannot be wound back, such as the clock, and what the window shows is not what was.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import sys
import zlib
from array import array

ITERATIONS = 1 << 20  # that can be compared: later ones are believed
NUMBERS = 1 << 23  # that are kept one by one, of all iterations together: 64 MiB
_FURTHEST, _TOLD, _USED = range(3)  # cells before those of the iterations
_HEAD = 3
_PER_ITERATION = 2  # cells: a checksum of its numbers, and where they are kept; each 0 for none
_CELLS = _HEAD + _PER_ITERATION * ITERATIONS
_SIZE = 8 * (_CELLS + NUMBERS)


class History:
    """Lives in memory that forked processes share."""

    def __init__(self) -> None:
        self._share()
        self._outputs: tuple[int, int] | None = None  # where standard output and error lead, while muted

    def _share(self, descriptor: int = -1) -> None:
        memory = memoryview(mmap.mmap(descriptor, _SIZE))  # zeros, which take no space until used
        self._cells = memory[: 8 * _CELLS].cast("q")
        self._numbers = memory[8 * _CELLS :].cast("d")

    @property
    def furthest(self) -> int:
        """The last iteration that any copy has begun; -1 before the first."""
        return self._cells[_FURTHEST] - 1

    @property
    def repeating(self) -> bool:
        """Whether this process runs through what another has run through before."""
        return self._outputs is not None

    def print_to(self, stdout: int, stderr: int) -> None:
        """What is new will be printed to these descriptors; until then nothing is."""
        self.repeat()
        assert self._outputs is not None
        for kept, output in zip(self._outputs, (stdout, stderr), strict=True):
            os.dup2(output, kept)
            os.close(output)

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
        self._cells[_FURTHEST] = iteration + 1
        if self._outputs is not None:
            flush_output()
            for output, kept in zip((1, 2), self._outputs, strict=True):
                os.dup2(kept, output)
                os.close(kept)
            self._outputs = None

    def part(self, iteration: int, printed: int) -> int:
        """From `iteration` on this process, and the copies it will make, do something else than the others:
        they share what came before, and what comes is compared among themselves only. What they print before
        iteration `printed` is known already.

        Returns a descriptor with which further processes can `join` them.
        """
        cells, numbers = self._cells, self._numbers
        descriptor = os.memfd_create("gradviz-history")
        os.ftruncate(descriptor, _SIZE)
        self._share(descriptor)
        known, used = _HEAD + _PER_ITERATION * min(iteration, ITERATIONS), cells[_USED]
        self._cells[:known] = cells[:known]
        self._numbers[:used] = numbers[:used]
        self._cells[_FURTHEST] = printed
        self._cells[_TOLD] = 0
        return descriptor

    def join(self, descriptor: int) -> None:
        """From here on this process does what those do who have parted."""
        self._share(descriptor)

    # ── what iterations came to ───────────────────────────────────────────────────────────────────────────

    def numbers(self, iteration: int) -> memoryview[float] | None:
        """What the iteration came to when it was run first, number by number; None if that is not known."""
        start = self._cells[_place(iteration) + 1] if iteration < ITERATIONS else 0
        if not start:
            return None
        first = start - 1
        return self._numbers[first + 1 : first + 1 + int(self._numbers[first])]

    def agrees(self, iteration: int, numbers: array[float]) -> bool:
        """Notes what an iteration came to; False when it came to something else before."""
        if iteration >= ITERATIONS:
            return True
        place, found = _place(iteration), zlib.crc32(numbers) + 1
        before = self._cells[place]
        if not before:
            self._cells[place] = found
            self._keep(place + 1, numbers)
        return before in (0, found)

    def _keep(self, place: int, numbers: array[float]) -> None:
        start = self._cells[_USED]
        end = start + 1 + len(numbers)
        if end <= NUMBERS:
            self._numbers[start] = len(numbers)
            self._numbers[start + 1 : end] = memoryview(numbers)
            self._cells[place], self._cells[_USED] = start + 1, end

    def first_to_differ(self, iteration: int) -> bool:
        """Whether nobody has said yet that an iteration as early as this came out differently.

        True for the first process that asks: that one says it, the others need not.
        """
        told = self._cells[_TOLD]
        if told and told <= iteration + 1:
            return False
        self._cells[_TOLD] = iteration + 1
        return True


def _place(iteration: int) -> int:
    return _HEAD + _PER_ITERATION * iteration


def flush_output() -> None:
    """Hands on what the program has printed so far."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):  # the program may have put anything in their place
            stream.flush()
