"""Diagrams and what the layout has to place of them: at once where that is quick, else off the GUI thread."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from gradviz.trace import Iteration
from gradviz.trace.folding import Folding
from gradviz.ui.graph.background import Background
from gradviz.ui.graph.diagram import Diagram
from gradviz.ui.graph.layout import Direction, Request

AT_ONCE = 2_000
"""Nodes that may be visible up to which a diagram is made at once; others count a tenth. About 30 ms."""


@dataclass(frozen=True)
class Draft:
    diagram: Diagram
    request: Request
    keep: bool
    """What is on screen had better stay where it is."""


class Drafts(QObject):
    """Makes the diagram that is wanted. Only the latest wish is heard."""

    made = Signal(object)  # Draft
    failed = Signal(object)  # the exception

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._background = Background()
        self._background.done.connect(self.made)
        self._background.failed.connect(self.failed)

    @property
    def busy(self) -> bool:
        """Whether one is being made."""
        return self._background.busy

    def ask(
        self,
        iteration: Iteration | None,
        opened: Collection[str],
        folding: Folding,
        aspect: float,
        direction: Direction,
        *,
        backward: bool,
        keep: bool,
    ) -> None:
        """The diagram of an iteration for a set of open boxes, with or without the backward graph; `made`
        follows, at once or after a while."""
        opened = set(opened)

        def draft() -> Draft:
            diagram = Diagram(iteration, opened, folding, backward=backward)
            return Draft(diagram, diagram.request(aspect, direction), keep)

        if folding.count_in(opened) + len(folding.of) // 10 <= AT_ONCE:
            self.cancel()
            self.made.emit(draft())
        else:
            self._background.ask(lambda _: draft(), large=True)

    def cancel(self) -> None:
        """What is being made is not wanted any more."""
        self._background.cancel()
