"""Where a view of an array has its numbers from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from gradviz.session.protocol import Fetched
from gradviz.trace import ArrayRef, Summary
from gradviz.trace.values import Part


class Source(Protocol):
    """The model is one; a page that computes something from two arrays can be another."""

    def summary(
        self, ref: ArrayRef, rows: int = 10, cols: int = 16, bins: int = 0, index: tuple[int, ...] = ()
    ) -> Summary | None:
        """The summary if it is here; else None, and the view is to be shown again once it has come."""

    def fetch(self, ref: ArrayRef, deliver: Callable[[Fetched], None], part: Part | None = None) -> None:
        """Asks for the array, or a part of it."""
