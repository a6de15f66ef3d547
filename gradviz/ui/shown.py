"""The iteration that a branch shows, and the moment in it: what is true of its nodes by then."""

from __future__ import annotations

from gradviz.trace import ArrayRef, Event, Iteration, Moment, Node
from gradviz.trace.backward_graph import forward_key
from gradviz.trace.iteration import states_of
from gradviz.trace.steps import Steps
from gradviz.trace.values import Role
from gradviz.trace.wiring import by_key


class Shown:
    """`iteration` is None until something was recorded."""

    def __init__(self, iteration: Iteration | None = None, moment: Moment | None = None) -> None:
        self.iteration = iteration
        self.moment = moment or Moment(0, -1)
        self.states = states_of(iteration) if iteration else None
        """What had happened to a node by an event."""
        self._nodes = by_key(iteration) if iteration else {}
        self._steps: Steps | None = None  # made when it is needed

    @property
    def last(self) -> int:
        """The last event; -1 where there is none."""
        return len(self.iteration.events) - 1 if self.iteration else -1

    @property
    def current_event(self) -> Event | None:
        """The event that the moment has just seen, or None before the first."""
        if self.iteration is None or not 0 <= self.moment.event <= self.last:
            return None
        return self.iteration.events[self.moment.event]

    def node(self, key: str | None) -> Node | None:
        """The node with that key, or whose backward node it names."""
        if not key:
            return None
        return self._nodes.get(key) or self._nodes.get(forward_key(key))

    def has_value(self, node: Node) -> bool:
        return self.states is not None and self.states.has_value(node.id, self.moment.event)

    def has_gradient(self, node: Node) -> bool:
        return self.states is not None and self.states.has_gradient(node.id, self.moment.event)

    def ref(
        self, node: Node, role: Role, event: int | None, output: int, name: str, edition: int
    ) -> ArrayRef:
        """The address of an array as of an event, or of the moment.

        An array only changes at events of its node, so the reference names the latest of them: it stays the
        same while other nodes run, and with it what was already fetched.
        """
        at = self.moment.event if event is None else event
        if self.states is not None:
            state = self.states.at(node.id, at)
            changes = (state.backward,) if role == "grad" else (state.forward, state.update)
            at = max((change for change in changes if change is not None), default=-1)
        return ArrayRef(self.moment.iteration, at, node.id, role, output, name, edition=edition)

    def steps(self, closed: frozenset[str]) -> Steps:
        """The steps of the iteration, with these boxes closed."""
        assert self.iteration is not None
        if self._steps is None or self._steps.closed != closed:
            self._steps = Steps(self.iteration, closed)
        return self._steps
