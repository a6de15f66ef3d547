"""Which number is being asked about, and the way of questions that led to it."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from gradviz.session.protocol import Because
from gradviz.trace import ArrayRef, Node
from gradviz.trace.reasons import Path, Place
from gradviz.trace.values import Role
from gradviz.ui.model import SessionModel

MAX_STEPS = 256


@dataclass(frozen=True)
class Step:
    """One element of a node's array. `event` is the moment asked about, None for the one that is shown."""

    key: str
    role: Role
    output: int
    index: tuple[int, ...]
    event: int | None = None
    path: Path | None = None


class Inquiry(QObject):
    """A person asks why a number is what it is, then why one of its terms is, and so on; and back again."""

    changed = Signal()

    def __init__(self, model: SessionModel) -> None:
        super().__init__(model)
        self._model = model
        self.steps: list[Step] = []
        """From the first number that was asked about to the present one."""
        self._iteration = -1
        model.iteration_changed.connect(self._on_iteration)

    @property
    def step(self) -> Step | None:
        return self.steps[-1] if self.steps else None

    @property
    def node(self) -> Node | None:
        """The node whose number is asked about, if the shown iteration has it."""
        return self._model.node(self.step.key) if self.step else None

    @property
    def ref(self) -> ArrayRef | None:
        """The array whose element is asked about; None while it does not exist."""
        node, step = self.node, self.step
        if node is None or step is None or step.output >= len(node.outputs):
            return None
        exists = self._model.has_gradient if step.role == "grad" else self._model.has_value
        if step.event is None and not exists(node):
            return None
        return self._model.ref(node, step.role, event=step.event, output=step.output)

    def answer(self) -> Because | None:
        """What the worker says; None while it is on its way, or there is nothing to ask."""
        ref, step = self.ref, self.step
        return None if ref is None or step is None else self._model.because(ref, step.index, step.path)

    # ── intents ───────────────────────────────────────────────────────────────────────────────────────────

    def start(self, ref: ArrayRef, index: tuple[int, ...], event: int | None = None) -> None:
        """Asks about an element of an array that is on view, as of an event or whatever moment is shown."""
        node = self._node_of(ref)
        if node is not None and ref.role != "saved":
            self.steps = [Step(node.key, ref.role, ref.output, index, event)]
            self._show()

    def follow(self, place: Place) -> None:
        """Asks about an element that a term is made of."""
        node = None if place.ref is None else self._node_of(place.ref)
        if node is None or place.ref is None or len(self.steps) >= MAX_STEPS:
            return
        ref = place.ref
        self.steps.append(Step(node.key, ref.role, ref.output, place.index, ref.event, place.path))
        self._show()

    def go_back(self) -> None:
        if len(self.steps) > 1:
            self.steps.pop()
            self._show()

    # ── inside ────────────────────────────────────────────────────────────────────────────────────────────

    def _node_of(self, ref: ArrayRef) -> Node | None:
        nodes = self._model.nodes
        return nodes[ref.node] if 0 <= ref.node < len(nodes) else None

    def _show(self) -> None:
        assert self.step is not None
        self._model.select(self.step.key)
        self.changed.emit()

    def _on_iteration(self) -> None:
        """The places on the way are of the iteration that was shown; the first question can be asked anew."""
        iteration = self._model.iteration.index if self._model.iteration else -1
        if iteration != self._iteration:
            self._iteration = iteration
            del self.steps[1:]
