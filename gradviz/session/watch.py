"""Watches a running program for the window: examines every recorded iteration for the breakpoints."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from gradviz.session.hints import BAD_CONDITION
from gradviz.session.protocol import Hits, Problem, Report
from gradviz.session.recording import Recording
from gradviz.session.shared import SharedNote
from gradviz.trace import Breakpoint
from gradviz.trace.conditions import Condition, ConditionError, parse
from gradviz.trace.hits import hits_in

CAPACITY = 4 << 20  # bytes: a hundred breakpoints with the longest conditions and names
_Breakpoints = msgspec.msgpack.Decoder(list[Breakpoint])


class Watch:
    """The breakpoints are known to all copies of the program: one that is woken reads them anew."""

    def __init__(self, send: Callable[[Report], None]) -> None:
        self._send = send
        self._note = SharedNote(CAPACITY)
        self._conditions: dict[int, Condition] = {}
        self._unreported: Hits | None = None

    @property
    def active(self) -> bool:
        """Whether there is something to look for."""
        return bool(self._conditions)

    def set(self, breakpoints: list[Breakpoint]) -> None:
        """Sets the breakpoints, in place of those before. Says which conditions cannot be read."""
        self._note.write(msgspec.msgpack.encode(breakpoints))
        self._conditions, unreadable = conditions_of(breakpoints)
        for problem in unreadable:
            self._send(problem)

    def renew(self) -> None:
        """This process is a copy that slept: takes what another has been told meanwhile."""
        self._unreported = None
        note = self._note.read()
        self._conditions, _ = conditions_of(_Breakpoints.decode(note)) if note else ({}, [])

    def examine(self, recording: Recording) -> bool:
        """An iteration has ended, in this thread. True when a condition was true in it."""
        if not recording.whole or not self.active:
            return False
        hits = self._hits(recording, copy=False)
        self._note_down(hits)
        if hits.hits:
            self.report()
        return bool(hits.hits)

    def examine_again(self, recording: Recording) -> None:
        """Examines an iteration that has ended, while the program may compute in another thread."""
        if recording.whole and self.active:
            self._send(self._hits(recording, copy=True))

    def report(self) -> None:
        """Says what has been examined since the last report."""
        unreported, self._unreported = self._unreported, None
        if unreported is not None:
            self._send(unreported)

    def _hits(self, recording: Recording, copy: bool) -> Hits:
        conditions, index = self._conditions, recording.iteration.index
        found = hits_in(recording.iteration, lambda ref: recording.find(ref, copy), conditions)
        return Hits(index, index, sorted(conditions), found)

    def _note_down(self, hits: Hits) -> None:
        """Adds an iteration's hits to those that are to be reported."""
        before = self._unreported
        if before is not None and before.last + 1 == hits.first and before.breakpoints == hits.breakpoints:
            hits = Hits(before.first, hits.last, hits.breakpoints, [*before.hits, *hits.hits])
        else:
            self.report()
        self._unreported = hits


def conditions_of(breakpoints: Iterable[Breakpoint]) -> tuple[dict[int, Condition], list[Problem]]:
    """The conditions of the enabled breakpoints, and what is wrong with the others."""
    conditions: dict[int, Condition] = {}
    problems: list[Problem] = []
    for breakpoint_ in breakpoints:
        if not breakpoint_.enabled:
            continue
        try:
            conditions[breakpoint_.id] = parse(breakpoint_.condition)
        except ConditionError as error:
            words = (breakpoint_.condition, str(error))
            problems.append(Problem("warning", "condition", "", hint=BAD_CONDITION, hint_arguments=words))
    return conditions, problems
