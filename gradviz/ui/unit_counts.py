"""What is known, wanted and under way of the dead and saturated units that the graph shows."""

from __future__ import annotations

from collections.abc import Iterable

from gradviz.session.protocol import CountUnits, UnitsCounted
from gradviz.trace import ArrayRef
from gradviz.trace.units import Units

MAX_KNOWN = 200_000
MAX_ASKED = 10_000  # in one message


class UnitCounts:
    """Counts by the array that they are of."""

    def __init__(self) -> None:
        self._known: dict[ArrayRef, Units | None] = {}
        self._wanted: dict[ArrayRef, None] = {}
        self._asked: dict[int, list[ArrayRef]] = {}
        self._pending: set[ArrayRef] = set()
        self._next_request = 0

    def clear(self) -> None:
        """Another run begins."""
        self._known.clear()
        self.hang_up()

    def hang_up(self) -> None:
        """What was asked is not answered."""
        self._wanted.clear()
        self._asked.clear()
        self._pending.clear()

    def get(self, refs: Iterable[ArrayRef]) -> list[Units] | None:
        """The counts of those arrays in which there is something to count; None while some are not known."""
        refs = list(refs)
        if not all(ref in self._known for ref in refs):
            return None
        return [units for ref in refs if (units := self._known[ref]) is not None]

    def want(self, refs: Iterable[ArrayRef]) -> bool:
        """Notes what is wanted; False when all of it was asked for already."""
        new = [ref for ref in refs if ref not in self._known and ref not in self._pending]
        self._wanted.update(dict.fromkeys(new))
        self._pending.update(new)
        return bool(new)

    def requests(self) -> list[CountUnits]:
        """What is wanted and not yet asked for."""
        by_iteration: dict[int, list[ArrayRef]] = {}
        for ref in self._wanted:
            by_iteration.setdefault(ref.iteration, []).append(ref)
        self._wanted.clear()
        requests = []
        for iteration, refs in by_iteration.items():
            for start in range(0, len(refs), MAX_ASKED):
                self._next_request += 1
                self._asked[self._next_request] = refs[start : start + MAX_ASKED]
                requests.append(CountUnits(self._next_request, iteration, self._asked[self._next_request]))
        return requests

    def receive(self, report: UnitsCounted) -> None:
        if len(self._known) > MAX_KNOWN:
            self._known.clear()
        for ref, units in zip(self._asked.pop(report.request, ()), report.units, strict=False):
            self._pending.discard(ref)
            self._known[ref] = units
