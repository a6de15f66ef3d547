"""How the shown branch differs from the one that it is compared with: asked for by views, computed elsewhere.

Both workers send the arrays in full, a thread subtracts them, and the answers are kept.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from threading import Lock, Thread
from typing import Literal, NamedTuple

import numpy as np
from PySide6.QtCore import QObject, Signal

from gradviz.session.protocol import Fetched
from gradviz.trace import ArrayRef, Node, RawArray
from gradviz.trace.difference import Difference, compare, subtract
from gradviz.trace.values import MAX_RAW, Part, Role
from gradviz.ui.branch import BranchModel
from gradviz.ui.branches import Branches

Gap = Literal["away", "missing", "pending", "large"]
"""Why there is no difference: the other branch does not stand at this step; it has no such node; one of the
two has not computed the array at this moment; the arrays are too large to travel."""
Moment = Literal["now", "updated"]
"""As of the shown moment, or after everything that the shown iteration does."""

MAX_CELLS = 8 << 20  # 32 MiB of heat maps
MAX_ANSWERS = 10_000
MAX_IN_FLIGHT = 8  # pairs of arrays: at 32 MiB each, what may lie in memory at once


@dataclass(frozen=True)
class Size:
    """What is wanted of A - B; see `summarize`."""

    rows: int = 1
    cols: int = 1
    bins: int = 0
    index: tuple[int, ...] = ()


ONE_CELL = Size()


class _Key(NamedTuple):
    """Which difference: of which array of which branch, from which of which, in which size."""

    a: int
    ref_a: ArrayRef
    b: int
    ref_b: ArrayRef
    size: Size


class Differences(QObject):
    """Answers at once with what is known; asks for the rest, and `changed` follows."""

    changed = Signal()  # answers have come, or what was said is stale
    shown_changed = Signal()  # whether the graph shows differences

    def __init__(self, branches: Branches, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._branches = branches
        self._wanted_on_graph = False
        self._found: OrderedDict[_Key, Difference | Gap] = OrderedDict()
        self._cells = 0
        self._wanted: list[_Key] = []
        self._in_flight: dict[_Key, dict[int, Fetched]] = {}  # what has come of both, by branch
        self._computing: set[_Key] = set()
        self._comparer = _Comparer()
        self._comparer.done.connect(self._on_done)
        branches.changed.connect(self._start_over)
        branches.moved.connect(self._on_moved)

    @property
    def wanted(self) -> bool:
        """Whether the graph is to show them as soon as there is something to compare."""
        return self._wanted_on_graph

    @property
    def shown(self) -> bool:
        """Whether the graph is to show them: that is wanted, and there is something to compare."""
        return self._wanted_on_graph and self._branches.compared is not None

    def show(self, wanted: bool) -> None:
        """Wants them on the graph, or no longer."""
        self._wanted_on_graph = wanted
        self.shown_changed.emit()

    def of(
        self, node: Node, role: Role, *, output: int = 0, at: Moment = "now", size: Size = ONE_CELL
    ) -> Difference | Gap | None:
        """The difference of an array of a shown node from the compared branch's; None while it is coming."""
        shown, other = self._branches.shown, self._branches.compared
        if other is None or not self._branches.together:
            return None if other is not None and other.awaiting else "away"
        partner = other.node(node.key)
        if partner is None or output >= len(partner.outputs):
            return "missing"
        if not (_exists(shown, node, role, at) and _exists(other, partner, role, at)):
            return "pending"
        key = _Key(
            shown.id,
            _ref(shown, node, role, output, at),
            other.id,
            _ref(other, partner, role, output, at),
            size,
        )
        if key in self._found:
            self._found.move_to_end(key)
            return self._found[key]
        if key not in self._in_flight and key not in self._computing and key not in self._wanted:
            self._wanted.append(key)
            self._ask()
        return None

    def fetch(
        self,
        node: Node,
        role: Role,
        deliver: Callable[[Fetched], None],
        part: Part | None = None,
        output: int = 0,
        at: Moment = "now",
    ) -> None:
        """The difference in full, or a part of it, in double precision; no array where there is none."""
        shown, other = self._branches.shown, self._branches.compared
        partner = other.node(node.key) if other is not None else None
        if other is None or partner is None or shown.send is None or other.send is None:
            deliver(Fetched(0, None))
            return
        came: dict[int, Fetched] = {}

        def take(branch: int, fetched: Fetched) -> None:
            came[branch] = fetched
            if len(came) == 2:
                deliver(_subtracted(came[shown.id], came[other.id]))

        shown.asked.fetch(_ref(shown, node, role, output, at), partial(take, shown.id), part)
        other.asked.fetch(_ref(other, partner, role, output, at), partial(take, other.id), part)

    # ── arrays on their way ───────────────────────────────────────────────────────────────────────────────

    def _ask(self) -> None:
        """Asks for the newest wishes, as many as may be under way."""
        while self._wanted and len(self._in_flight) + len(self._computing) < MAX_IN_FLIGHT:
            key = self._wanted.pop()
            a, b = self._branches.with_id(key.a), self._branches.with_id(key.b)
            if a is not None and b is not None and a.send is not None and b.send is not None:
                self._in_flight[key] = {}
                a.asked.fetch(key.ref_a, partial(self._take, key, key.a))
                b.asked.fetch(key.ref_b, partial(self._take, key, key.b))

    def _take(self, key: _Key, branch: int, fetched: Fetched) -> None:
        pair = self._in_flight.get(key)
        if pair is None:  # nobody waits for it any more
            return
        pair[branch] = fetched
        if len(pair) < 2:
            return
        del self._in_flight[key]
        a, b = pair[key.a], pair[key.b]
        if a.array is not None and b.array is not None:
            self._computing.add(key)
            self._comparer.add(key, a.array.array(), b.array.array())
        else:
            self._keep(key, "large" if a.nbytes and b.nbytes else "pending")
        self._ask()

    def _on_done(self, key: _Key, difference: Difference) -> None:
        self._computing.discard(key)
        self._keep(key, difference)
        self._ask()

    def _keep(self, key: _Key, answer: Difference | Gap) -> None:
        self._found[key] = answer
        self._cells += _cells(answer)
        while self._cells > MAX_CELLS or len(self._found) > MAX_ANSWERS:
            self._cells -= _cells(self._found.popitem(last=False)[1])
        self.changed.emit()

    # ── what becomes stale ────────────────────────────────────────────────────────────────────────────────

    def _on_moved(self) -> None:
        """Arrays of iterations that are not shown any more have left the workers; others may be there now."""
        now = {branch.id: (branch.moment.iteration, branch.edition) for branch in self._branches.all}

        def is_there(branch: int, ref: ArrayRef) -> bool:
            return now.get(branch) == (ref.iteration, ref.edition)

        self._wanted = [
            key for key in self._wanted if is_there(key.a, key.ref_a) and is_there(key.b, key.ref_b)
        ]
        editions = {branch.id: branch.edition for branch in self._branches.all}
        for key in list(self._in_flight):  # an experiment's program that ran on does not answer any more
            if (editions.get(key.a), editions.get(key.b)) != (key.ref_a.edition, key.ref_b.edition):
                del self._in_flight[key]
        for key in [key for key, answer in self._found.items() if answer == "pending"]:
            del self._found[key]

    def _start_over(self) -> None:
        """Branches came or went, and with them perhaps workers that owe an answer."""
        self._wanted.clear()
        self._in_flight.clear()
        known = {branch.id for branch in self._branches.all}
        for key in [key for key in self._found if not {key.a, key.b} <= known]:
            self._cells -= _cells(self._found.pop(key))
        self.shown_changed.emit()
        self.changed.emit()


class _Comparer(QObject):
    """Subtracts off the GUI thread, one pair after the other; the thread ends when there is nothing to do.

    Has no parent: the thread keeps it until it is done, whatever becomes of the window.
    """

    done = Signal(object, object)  # key, Difference

    def __init__(self) -> None:
        super().__init__()
        self._jobs: deque[tuple[_Key, np.ndarray, np.ndarray]] = deque()
        self._lock = Lock()
        self._working = False

    def add(self, key: _Key, a: np.ndarray, b: np.ndarray) -> None:
        with self._lock:
            self._jobs.append((key, a, b))
            if not self._working:
                self._working = True
                Thread(target=self._work, name="gradviz-differences", daemon=True).start()

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._jobs:
                    self._working = False
                    return
                key, a, b = self._jobs.popleft()
            size = key.size
            self.done.emit(key, compare(a, b, size.rows, size.cols, size.bins, size.index))


def _subtracted(a: Fetched, b: Fetched) -> Fetched:
    if a.array is None or b.array is None or a.array.shape != b.array.shape:
        return Fetched(0, None, a.nbytes)
    change = subtract(a.array.array(), b.array.array())
    raw = RawArray.of(change) if change.nbytes <= MAX_RAW else None
    return Fetched(0, raw, change.nbytes)


def _exists(branch: BranchModel, node: Node, role: Role, at: Moment) -> bool:
    if branch.states is None or branch.iteration is None:
        return False
    event = branch.moment.event if at == "now" else len(branch.iteration.events) - 1
    has = branch.states.has_gradient if role == "grad" else branch.states.has_value
    return has(node.id, event)


def _ref(branch: BranchModel, node: Node, role: Role, output: int, at: Moment) -> ArrayRef:
    last = len(branch.iteration.events) - 1 if branch.iteration else -1
    return branch.ref(node, role, event=None if at == "now" else last, output=output)


def _cells(answer: Difference | Gap) -> int:
    summary = answer.summary if isinstance(answer, Difference) else None
    return summary.rows * summary.cols if summary else 0
