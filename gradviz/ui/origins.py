"""Where a NaN or an infinite number came from: asked of the worker, iteration by iteration."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QObject, Signal

from gradviz.session.protocol import Origins
from gradviz.trace import Iteration, Node, OriginStep, Run
from gradviz.trace.origin import Outcome
from gradviz.trace.values import Role
from gradviz.ui.branch import BranchModel

MAX_ITERATIONS = 200
"""That are gone back in one search; loss curves make more of them hardly ever necessary."""


@dataclass(frozen=True)
class Station:
    """A step of the way back: the iteration that it is in, and the node that it is about."""

    iteration: int
    step: OriginStep
    key: str
    name: str
    """The node's name in the program."""


class OriginSearch(QObject):
    """One search in one branch. The stations lead from the array that was asked about to the first event that
    made such a number; parameters that came with it lead into earlier iterations."""

    changed = Signal()
    arrived = Signal(object)  # Station: the last one, which is shown as soon as it can be
    failed = Signal(str)  # name of the node that was asked about: all its numbers are finite

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.stations: list[Station] = []
        self.outcome: Outcome | None = None
        """How the way ends; None while it is being searched for, or nothing was asked."""
        self.asked = ""
        """The name of the node that was asked about."""
        self._branch: BranchModel | None = None
        self._roles: list[Role] = []  # of the node's arrays that are still to be asked about
        self._node: Node | None = None
        self._at = -1  # the event as of which they are meant
        self._to: list[int] = []  # iterations to ask in next, the first one that answers counts
        self._key = ""  # of the parameter that is followed there

    @property
    def searching(self) -> bool:
        return self._branch is not None

    def clear(self) -> None:
        """Another run begins, or nobody wants to see it any more."""
        self._end()
        self.stations, self.outcome, self.asked = [], None, ""
        self.changed.emit()

    def find(self, branch: BranchModel, node: Node) -> None:
        """Asks about a node's value and gradient at the shown moment."""
        self._begin(branch, node.qualified_name)
        self._take(node, branch.moment.event)

    def find_loss(self, branch: BranchModel, iteration: int) -> None:
        """Asks about the loss of an iteration that is no number."""
        self._begin(branch, "")
        self._key, self._to = "", [iteration]
        if branch.iteration is not None and branch.iteration.index == iteration:
            self._on_iteration()
        else:
            branch.go_to(iteration, "last")

    def _begin(self, branch: BranchModel, asked: str) -> None:
        self._end()
        self.stations, self.outcome, self.asked = [], None, asked
        self._branch = branch
        branch.asked.traced.connect(self._on_trail)
        branch.iteration_changed.connect(self._on_iteration)
        branch.status_changed.connect(self._on_status)
        self.changed.emit()

    def _take(self, node: Node, event: int) -> None:
        """Asks about the arrays that a node of the shown iteration has after an event; in the backward pass
        first about its gradient."""
        branch = self._branch
        assert branch is not None and branch.iteration is not None and branch.states is not None
        back = event >= 0 and branch.iteration.events[event].phase == "backward"
        roles: tuple[Role, Role] = ("grad", "value") if back else ("value", "grad")
        states = branch.states
        known = {"value": states.has_value(node.id, event), "grad": states.has_gradient(node.id, event)}
        self._node, self._at, self._roles = node, event, [role for role in roles if known[role]]
        self._ask()

    def _ask(self) -> None:
        """Asks about the next array of the node; without any, all its numbers are finite."""
        branch, node = self._branch, self._node
        assert branch is not None and node is not None
        if self._roles:
            branch.asked.trace(branch.ref(node, self._roles.pop(0), event=self._at))
        elif self._to:
            self._go_back()
        elif self.stations:
            self._arrive("earlier")
        else:
            self._end()
            self.changed.emit()
            self.failed.emit(node.qualified_name)

    def _on_trail(self, report: Origins) -> None:
        trail, branch = report.trail, self._branch
        assert branch is not None and branch.iteration is not None
        if trail.outcome == "finite":
            self._ask()
            return
        iteration = branch.iteration
        for step in trail.steps:
            if step.node < len(iteration.nodes):
                node = iteration.nodes[step.node]
                self.stations.append(Station(iteration.index, step, node.key, node.qualified_name))
        self.changed.emit()
        if trail.outcome == "earlier" and iteration.index and self.stations:
            self._key, self._to = self.stations[-1].key, earlier_iterations(branch.run, iteration.index)
            self._go_back()
        else:
            self._arrive(trail.outcome)

    def _go_back(self) -> None:
        assert self._branch is not None
        if len({station.iteration for station in self.stations}) > MAX_ITERATIONS:
            self._arrive("earlier")
        else:
            self._branch.go_to(self._to[0], "last")

    def _on_iteration(self) -> None:
        """The iteration before has come: the parameter holds the number at its end."""
        branch = self._branch
        assert branch is not None
        if not self._to or branch.iteration is None or branch.iteration.index != self._to[0]:
            self._end()  # somebody has gone elsewhere
            self.changed.emit()
        elif branch.iteration.complete:
            self._to.pop(0)
            node = branch.node(self._key) if self._key else _loss_of(branch.iteration)
            if node is None:
                self._arrive("unknown")
            else:
                self.asked = self.asked or node.qualified_name
                self._take(node, len(branch.iteration.events) - 1)

    def _on_status(self) -> None:
        if self._branch is not None and self._branch.send is None:
            self._end()
            self.changed.emit()

    def _arrive(self, outcome: Outcome) -> None:
        """The way ends here: shows it."""
        branch = self._branch
        self._end()
        self.outcome = outcome
        self.changed.emit()
        if branch is not None and self.stations:
            last = self.stations[-1]
            branch.go_to(last.iteration, last.step.event)
            self.arrived.emit(last)

    def _end(self) -> None:
        branch, self._branch = self._branch, None
        self._to, self._roles = [], []
        if branch is not None:
            branch.asked.traced.disconnect(self._on_trail)
            branch.iteration_changed.disconnect(self._on_iteration)
            branch.status_changed.disconnect(self._on_status)


def _loss_of(iteration: Iteration) -> Node | None:
    """The node that made the first loss that is not finite."""
    events = (loss.event for loss in iteration.losses if not math.isfinite(loss.value))
    event = next(events, None)
    return None if event is None else iteration.nodes[iteration.events[event].node]


def earlier_iterations(run: Run, iteration: int) -> list[int]:
    """Where to look for what came with a parameter: where the loss stopped being finite, if it has not been
    finite since; and if that is not it, the iteration before."""
    iterations, losses = run.curve("loss")
    finite = iterations[(iterations < iteration) & np.isfinite(losses)]
    since = int(finite[-1]) + 1 if len(finite) else 0
    known = set(iterations[iterations < iteration].tolist())
    all_known = all(index in known for index in range(since, iteration))
    return [since, iteration - 1] if all_known and since < iteration - 1 else [iteration - 1]
