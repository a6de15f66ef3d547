"""The check of all gradients of an iteration: which operations were asked about, and what was said."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from gradviz.session.protocol import Checked
from gradviz.trace import Iteration, Node
from gradviz.trace.checks import GradientCheck
from gradviz.ui.branch import BranchModel

QUIETLY = 60
"""Operations: of an iteration with no more the gradients are checked without being asked for."""


class GradientCheckRun(QObject):
    """Asks the worker about one operation at a time, the one nearest to the loss first.

    A later check takes the place of one that is under way. Operations that are alike (a loop's, of the same
    line and shapes) are asked about once.
    """

    changed = Signal()  # it has begun, got an answer, or ended

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.nodes: list[Node] = []
        """What is checked, in this order."""
        self.iteration = -1
        self.running = False
        self._answers: dict[int, Checked] = {}
        self._branch: BranchModel | None = None
        self._done_quietly = False

    def clear(self) -> None:
        """Another run begins."""
        self._leave()
        self.nodes, self.iteration, self._answers = [], -1, {}
        self._done_quietly = False
        self.changed.emit()

    def begin(self, branch: BranchModel, iteration: Iteration) -> None:
        """Checks an iteration, as far as it is known."""
        self._leave()
        self._done_quietly = True
        self.iteration, self.nodes, self._answers = iteration.index, _to_check(iteration), {}
        self._branch, self.running = branch, True
        branch.asked.answered.connect(self._on_answer)
        self._ask()

    def begin_quietly(self, branch: BranchModel, iteration: Iteration | None) -> None:
        """Checks the first iteration of a run, if that is small."""
        if self._done_quietly or iteration is None or not iteration.complete or branch.send is None:
            return
        self._done_quietly = True
        if 0 < len(_to_check(iteration)) <= QUIETLY:
            self.begin(branch, iteration)

    def verdicts(self, node: Node) -> list[GradientCheck] | None:
        """On a node's arguments; None while they are not known."""
        answer = self._answers.get(node.id)
        return None if answer is None else answer.verdicts

    @property
    def checked(self) -> int:
        """How many operations are known."""
        return len(self._answers)

    @property
    def wrong(self) -> list[Node]:
        return [node for node in self.nodes if _any(self.verdicts(node), "wrong")]

    @property
    def error(self) -> float:
        """The largest relative error of what is right."""
        known = [check for answer in self._answers.values() for check in answer.verdicts]
        return max((check.error for check in known if check.state == "right"), default=0.0)

    @property
    def judged(self) -> bool:
        """Whether anything was found to be right or wrong."""
        return any(_any(answer.verdicts, "right", "wrong") for answer in self._answers.values())

    # ── inside ────────────────────────────────────────────────────────────────────────────────────────────

    def _ask(self) -> None:
        waiting = next((node for node in self.nodes if node.id not in self._answers), None)
        if waiting is None or self._branch is None or self._branch.send is None:
            self._leave()
        else:
            self._branch.asked.check(self.iteration, waiting.id)
        self.changed.emit()

    def _on_answer(self) -> None:
        assert self._branch is not None
        waiting = next((node for node in self.nodes if node.id not in self._answers), None)
        answer = None if waiting is None else self._branch.asked.checked(self.iteration, waiting.id)
        if waiting is not None and answer is not None:
            self._answers[waiting.id] = answer
            self._ask()

    def _leave(self) -> None:
        if self.running and self._branch is not None:
            self._branch.asked.answered.disconnect(self._on_answer)
        self.running = False


def _any(checks: list[GradientCheck] | None, *states: str) -> bool:
    return any(check.state in states for check in checks or ())


def _to_check(iteration: Iteration) -> list[Node]:
    found: dict[object, Node] = {}
    for node in reversed(iteration.nodes):
        if node.kind == "operation" and node.requires_grad:
            shapes = tuple(iteration.nodes[edge.node].shape for edge in node.inputs)
            found.setdefault((node.name, node.source, node.scope, node.shape, shapes), node)
    return list(found.values())
