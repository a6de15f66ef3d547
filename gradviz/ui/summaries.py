"""What is known, wanted and under way of the summaries that views draw."""

from __future__ import annotations

from collections import OrderedDict

from gradviz.trace import ArrayRef, Summary

MAX_CELLS = 16 << 20  # 64 MiB of heat maps

SummaryKey = tuple[ArrayRef, int, int, int, tuple[int, ...]]


class SummaryCache:
    """Summaries by what was asked, the least recently used forgotten first; and what is still under way."""

    def __init__(self) -> None:
        self._found: OrderedDict[SummaryKey, Summary | None] = OrderedDict()
        self._wanted: list[SummaryKey] = []
        self._asked: dict[int, list[SummaryKey]] = {}
        self._pending: set[SummaryKey] = set()
        self._cells = 0
        self._next_request = 0

    def clear(self) -> None:
        self._found.clear()
        self._wanted.clear()
        self._asked.clear()
        self._pending.clear()
        self._cells = 0

    def get(self, key: SummaryKey) -> Summary | None:
        if key in self._found:
            self._found.move_to_end(key)
            return self._found[key]
        return None

    def is_absent(self, key: SummaryKey) -> bool:
        """Whether the answer was that there is no such array."""
        return key in self._found and self._found[key] is None

    def forget_absent(self) -> None:
        """What was not there may be there now."""
        for key in [key for key, summary in self._found.items() if summary is None]:
            del self._found[key]

    def want(self, key: SummaryKey) -> bool:
        """Notes that a summary is wanted; False when it was already asked for or is known not to exist."""
        if key in self._pending or key in self._found:
            return False
        self._pending.add(key)
        self._wanted.append(key)
        return True

    def requests(self) -> list[tuple[int, tuple[list[ArrayRef], int, int, int, tuple[int, ...]]]]:
        """What is wanted and not yet asked for, one request for all arrays of one size."""
        groups: dict[tuple[int, int, int, tuple[int, ...]], list[SummaryKey]] = {}
        for key in self._wanted:
            groups.setdefault(key[1:], []).append(key)
        self._wanted.clear()
        requests = []
        for size, keys in groups.items():
            self._next_request += 1
            self._asked[self._next_request] = keys
            requests.append((self._next_request, ([key[0] for key in keys], *size)))
        return requests

    def answer(self, request: int, summaries: list[Summary | None]) -> None:
        for key, summary in zip(self._asked.pop(request, ()), summaries, strict=False):
            self._pending.discard(key)
            self._found[key] = summary
            self._cells += summary.rows * summary.cols if summary else 0
        while self._cells > MAX_CELLS:
            _, oldest = self._found.popitem(last=False)
            self._cells -= oldest.rows * oldest.cols if oldest else 0
