"""What the window has asked about the recorded arrays of a branch, and what it was told."""

from __future__ import annotations

from collections.abc import Callable, Collection

from PySide6.QtCore import QObject, QTimer, Signal

from gradviz.session.protocol import (
    Because,
    Check,
    Checked,
    Command,
    Fetch,
    Fetched,
    Look,
    Match,
    Matched,
    Origin,
    Origins,
    Report,
    Seen,
    UnitsCounted,
)
from gradviz.trace import ArrayRef, Iteration, Summary
from gradviz.trace.reasons import Path
from gradviz.trace.units import Units
from gradviz.trace.values import Part
from gradviz.ui.questions import Questions
from gradviz.ui.summaries import SummaryCache
from gradviz.ui.unit_counts import UnitCounts


class Asked(QObject):
    """Questions to the worker with the answers that have come. `send` takes them there; while it is None
    there is no worker, and nothing is asked."""

    summaries_changed = Signal()  # answers to `summary` or `units` have arrived
    answered = Signal()  # an answer to `because`, `check` or `matching` has arrived
    traced = Signal(object)  # protocol.Origins: the answer to the last `trace`

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.send: Callable[[Command], None] | None = None
        self._summaries = SummaryCache()
        self._units = UnitCounts()
        self._questions = Questions()
        self._checks: dict[tuple[int, int], Checked] = {}
        self._matches: dict[str, list[int] | None] = {}  # by condition; None while they are awaited
        self._matched_in: Iteration | None = None  # the iteration that they are of
        self._fetches = self._traces = 0
        self._deliveries: dict[int, Callable[[Fetched], None]] = {}
        self._look_soon = QTimer(self, singleShot=True, interval=0)
        self._look_soon.timeout.connect(self.look)

    def clear(self) -> None:
        """Another run begins: nothing that was told is true any more."""
        self._summaries.clear()
        self._units.clear()
        self._questions.clear()
        self._checks.clear()
        self._matches.clear()
        self.hang_up()

    def hang_up(self) -> None:
        """The worker is gone: what was asked is not answered. What is known stays."""
        self.send = None
        self._deliveries.clear()
        self._units.hang_up()

    def summary(
        self, ref: ArrayRef, rows: int = 10, cols: int = 16, bins: int = 0, index: tuple[int, ...] = ()
    ) -> Summary | None:
        """The summary if it is here; else None, and it is asked for: `summaries_changed` follows."""
        key = (ref, rows, cols, bins, index)
        found = self._summaries.get(key)
        if found is None and self.send is not None and self._summaries.want(key):
            self._look_soon.start()
        return found

    def units(self, refs: Collection[ArrayRef]) -> list[Units] | None:
        """The dead or saturated units of activations, where there are any to count, if all is here; else
        None, and it is asked for: `summaries_changed` follows."""
        found = self._units.get(refs)
        if found is None and self.send is not None and self._units.want(refs):
            self._look_soon.start()
        return found

    def is_absent(self, ref: ArrayRef) -> bool:
        """Whether the worker does not have an array whose `summary` in one cell was asked for."""
        return self._summaries.is_absent((ref, 1, 1, 0, ()))

    def forget_absent(self) -> None:
        """Another iteration is shown: what the worker did not have it may have now."""
        self._summaries.forget_absent()

    def fetch(self, ref: ArrayRef, deliver: Callable[[Fetched], None], part: Part | None = None) -> None:
        """Asks for an array, or a part of it. Nothing is delivered once the worker is gone."""
        if self.send is not None:
            self._fetches += 1
            self._deliveries[self._fetches] = deliver
            self._ask(Fetch(self._fetches, ref, part))

    def because(self, ref: ArrayRef, index: tuple[int, ...], path: Path | None = None) -> Because | None:
        """Why an element is what it is, if the answer is here; else it is asked for: `answered` follows."""
        question = (ref, index, path)
        known = self._questions.answer(question)
        if known is None and (command := self._questions.command(question)) is not None:
            self._ask(command)
        return known

    def check(self, iteration: int, node: int) -> None:
        """Asks for finite differences beside a node's backward: `answered` follows."""
        self._ask(Check(iteration, node))

    def checked(self, iteration: int, node: int) -> Checked | None:
        """What finite differences said, if they were asked."""
        return self._checks.get((iteration, node))

    def matching(self, iteration: Iteration, condition: str) -> list[int] | None:
        """Ids of the nodes with an event of which a condition is true, if they are known; else they are asked
        for: `answered` follows. Only those in the iteration that was asked about last are kept."""
        if iteration is not self._matched_in:
            self._matched_in = iteration
            self._matches.clear()
        if condition not in self._matches and self.send is not None:
            self._matches[condition] = None
            self._ask(Match(iteration.index, condition))
        return self._matches.get(condition)

    def trace(self, ref: ArrayRef) -> None:
        """Asks where the NaN and infinite numbers of an array came from; `traced` follows."""
        self._traces += 1
        self._ask(Origin(self._traces, ref))

    def receive(self, report: Report) -> None:
        """Takes in an answer; other reports are not for here."""
        match report:
            case Seen():
                self._summaries.answer(report.request, report.summaries)
                self.summaries_changed.emit()
            case UnitsCounted():
                self._units.receive(report)
                self.summaries_changed.emit()
            case Fetched():
                if (deliver := self._deliveries.pop(report.request, None)) is not None:
                    deliver(report)
            case Because():
                self._questions.receive(report)
                self.answered.emit()
            case Checked():
                self._checks[report.iteration, report.node] = report
                self.answered.emit()
            case Matched() if self._matched_in is not None:
                if report.iteration == self._matched_in.index:
                    count = len(self._matched_in.nodes)
                    self._matches[report.condition] = [node for node in report.nodes if node < count]
                    self.answered.emit()
            case Origins() if report.request == self._traces:
                self.traced.emit(report)

    def look(self) -> None:
        """Asks for the summaries and counts that are wanted, all at once."""
        for request, (refs, rows, cols, bins, index) in self._summaries.requests():
            self._ask(Look(request, refs, rows, cols, bins, index))
        for count in self._units.requests():
            self._ask(count)

    def _ask(self, command: Command) -> None:
        if self.send is not None:
            self.send(command)
