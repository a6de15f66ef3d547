"""Which backward pass is under way, and whose backward is computing in it."""

from __future__ import annotations

from gradviz.trace.graph import InBackward

NOBODY = -1


class Passes:
    """The backward passes of an iteration: one may begin in another, in a hook for instance."""

    def __init__(self) -> None:
        self._count = 0
        self._under_way: list[tuple[int, int]] = []  # number, and node whose backward computes

    def begin(self) -> None:
        self._under_way.append((self._count, NOBODY))
        self._count += 1

    def end(self) -> None:
        if self._under_way:
            self._under_way.pop()

    def compute(self, node: int) -> None:
        """The backward of this node computes now; NOBODY: that has ended."""
        if self._under_way:
            self._under_way[-1] = (self._under_way[-1][0], node)

    @property
    def now(self) -> InBackward | None:
        """Where an operation that runs now is; None outside of all backward passes."""
        return InBackward(*self._under_way[-1]) if self._under_way else None
