"""Breakpoints, where they hit, and what of a run has been examined for them."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Collection, Iterable
from typing import Annotated, NamedTuple

from msgspec import Meta, Struct

from gradviz.trace.graph import Text
from gradviz.trace.iteration import Moment

MAX_BREAKPOINTS = 100
MAX_HITS = 50_000
"""That a list keeps: beyond, those of the earliest iterations are forgotten, and count as not examined."""

Id = Annotated[int, Meta(ge=0, lt=1 << 62)]
Index = Annotated[int, Meta(ge=0, lt=1 << 62)]


class Breakpoint(Struct, frozen=True):
    """Holds the program where `condition` (see conditions.py) is true of an event.

    An id stands for one condition for ever: another condition is another breakpoint.
    """

    id: Id
    condition: Text
    enabled: bool = True
    name: Text = ""


class Hit(Struct, frozen=True, order=True, array_like=True):
    """A breakpoint's condition was true of an event. `reason`: the facts behind it, "grad.norm = 12.3".

    `node` is the name of the event's node in the program, `line` its line, 0 where there is none.
    """

    iteration: Index
    event: Index
    breakpoint: Id
    reason: Text = ""
    node: Text = ""
    line: Annotated[int, Meta(ge=0)] = 0

    @property
    def moment(self) -> Moment:
        return Moment(self.iteration, self.event)


class _Span(NamedTuple):
    """Iterations `first` to `last`, both included."""

    first: int
    last: int


class HitList:
    """The hits of a run, ascending, and which iterations have been examined for which breakpoint."""

    def __init__(self) -> None:
        self._hits: list[Hit] = []
        self._examined: dict[int, list[_Span]] = {}

    def __len__(self) -> int:
        return len(self._hits)

    @property
    def spans(self) -> dict[int, list[tuple[int, int]]]:
        """For every breakpoint the first and last of the iterations in a row that have been examined."""
        return {own: [(span.first, span.last) for span in spans] for own, spans in self._examined.items()}

    def keep(self, breakpoints: Iterable[Breakpoint]) -> None:
        """Forgets what belongs to breakpoints that are no more."""
        kept = {each.id for each in breakpoints}
        self._hits = [hit for hit in self._hits if hit.breakpoint in kept]
        self._examined = {own: spans for own, spans in self._examined.items() if own in kept}

    def add(self, first: int, last: int, breakpoints: Collection[int], hits: Iterable[Hit]) -> None:
        """Iterations `first` to `last` have been examined for these breakpoints: replaces what was known."""
        of_these = set(breakpoints)
        start = bisect_left(self._hits, Hit(first, 0, 0))
        end = bisect_left(self._hits, Hit(last + 1, 0, 0))
        others = [hit for hit in self._hits[start:end] if hit.breakpoint not in of_these]
        self._hits[start:end] = sorted({*others, *hits})
        for own in of_these:
            self._examined[own] = _with(self._examined.get(own, []), _Span(first, last))
        if len(self._hits) > MAX_HITS:
            self._forget_up_to(self._hits[len(self._hits) - MAX_HITS].iteration)

    def hits(self, breakpoints: Collection[int]) -> list[Hit]:
        """The known hits of these breakpoints, ascending."""
        return [hit for hit in self._hits if hit.breakpoint in breakpoints]

    def within(self, first: int, last: int, breakpoints: Collection[int]) -> list[Hit]:
        """The known hits of these breakpoints in iterations `first` to `last`, ascending."""
        start, end = bisect_left(self._hits, Hit(first, 0, 0)), bisect_left(self._hits, Hit(last + 1, 0, 0))
        return [hit for hit in self._hits[start:end] if hit.breakpoint in breakpoints]

    def at(self, moment: Moment, breakpoints: Collection[int]) -> list[Hit]:
        """The known hits of these breakpoints at a moment."""
        hits = self.within(moment.iteration, moment.iteration, breakpoints)
        return [hit for hit in hits if hit.event == moment.event]

    def after(self, moment: Moment, breakpoints: Collection[int]) -> Hit | None:
        """The first known hit of these breakpoints after a moment."""
        start = bisect_left(self._hits, Hit(moment.iteration, moment.event + 1, 0))
        return next((hit for hit in self._hits[start:] if hit.breakpoint in breakpoints), None)

    def before(self, moment: Moment, breakpoints: Collection[int]) -> Hit | None:
        """The last known hit of these breakpoints before a moment."""
        end = bisect_left(self._hits, Hit(moment.iteration, max(moment.event, 0), 0))
        return next((hit for hit in reversed(self._hits[:end]) if hit.breakpoint in breakpoints), None)

    def examined(self, first: int, last: int, breakpoints: Iterable[int]) -> bool:
        """Whether all these iterations have been examined for all these breakpoints."""
        return first > last or self.examined_since(last, breakpoints) <= first

    def examined_since(self, iteration: int, breakpoints: Iterable[int]) -> int:
        """The first of the iterations that, up to `iteration`, have all been examined for these breakpoints;
        `iteration + 1` when it has not been examined itself."""
        since = 0
        for own in breakpoints:
            around = (span for span in self._examined.get(own, []) if span.first <= iteration <= span.last)
            since = max(since, next(around, _Span(iteration + 1, iteration)).first)
        return since

    def _forget_up_to(self, iteration: int) -> None:
        end = bisect_left(self._hits, Hit(iteration + 1, 0, 0))
        del self._hits[:end]
        for own, spans in self._examined.items():
            later = [_Span(max(span.first, iteration + 1), span.last) for span in spans]
            self._examined[own] = [span for span in later if span.first <= span.last]


def _with(spans: list[_Span], new: _Span) -> list[_Span]:
    """The spans and a new one; those that touch become one."""
    apart = []
    for span in spans:
        if span.last + 1 < new.first or new.last + 1 < span.first:
            apart.append(span)
        else:
            new = _Span(min(span.first, new.first), max(span.last, new.last))
    insort(apart, new)
    return apart
