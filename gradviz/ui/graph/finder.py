"""Finds nodes of the shown iteration while one types: by words, or by a condition that is true of them."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QObject, QTimer, Signal

from gradviz.trace import Iteration, Node
from gradviz.trace.conditions import ConditionError, parse
from gradviz.trace.finding import Descriptions, words_of
from gradviz.ui.graph.find import FindField
from gradviz.ui.model import SessionModel

PIECE = 5000
"""Nodes that are looked at before the window gets its turn."""
PAUSE = 200
"""Milliseconds without a key after which a condition is asked for: that takes the worker some time."""
OF_CONDITIONS = frozenset("<>=!~")
"""A text with one of these that finds nothing was meant as a condition."""


class Finder(QObject):
    """What the text of a find field finds. A text that can be read as a condition is one: its hits are the
    nodes with an event in the iteration of which it is true. Else every word has to be about the node."""

    changed = Signal()  # hits
    chosen = Signal(object)  # Node: go there

    def __init__(self, model: SessionModel, field: FindField, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.hits: list[Node] = []
        self._model = model
        self._field = field
        self._at = -1  # the hit that was gone to
        nothing = Iteration(0)
        self._descriptions = (nothing, Descriptions(nothing))  # of the iteration that was searched last
        self._passed = 0  # nodes that have been looked at
        self._asked = ""  # the condition that is waited for
        self._go_on = QTimer(self, singleShot=True, interval=0)
        self._go_on.timeout.connect(self._look_at_some)
        self._ask_soon = QTimer(self, singleShot=True)
        self._ask_soon.timeout.connect(self._ask)
        field.searched.connect(self._on_text)
        field.stepped.connect(self._step)
        model.iteration_changed.connect(self._on_iteration)
        model.answered.connect(self._on_answer)
        model.status_changed.connect(self._on_answer)  # there may be nobody any more who answers

    # ── inside ────────────────────────────────────────────────────────────────────────────────────────────

    def _on_text(self) -> None:
        self._at = -1
        self._begin(PAUSE)

    def _on_iteration(self) -> None:
        """Until it is searched, what was found before is taken for found if it is still there."""
        nodes = (self._model.node(hit.key) for hit in self.hits)
        self.hits = [node for node in nodes if node is not None]
        self._begin(0)

    def _begin(self, pause: int) -> None:
        """Begins anew; a condition is asked for after a pause in milliseconds."""
        self._go_on.stop()
        self._ask_soon.stop()
        self._asked, self._passed = "", 0
        text = self._field.line.text().strip()
        try:
            parse(text)
        except ConditionError:
            self._look_at_some()
        else:
            self._asked = text
            self._ask_soon.start(pause)
            self._field.show_progress()

    def _look_at_some(self) -> None:
        """The next nodes; the first few thousand at once: nothing flickers where there are no more."""
        iteration = self._model.iteration
        words = words_of(self._field.line.text())
        if iteration is None or not words:
            self._take([])
            return
        if self._descriptions[0] is not iteration:
            self._descriptions = (iteration, Descriptions(iteration))
        start, self._passed = self._passed, self._passed + PIECE
        found = self._descriptions[1].find(words, start, self._passed)
        self._take(self.hits + found if start else found)
        if self._passed < len(iteration.nodes):
            self._go_on.start()
        elif not self.hits:
            self._say_what_is_wrong()

    def _ask(self) -> None:
        iteration = self._model.iteration
        if iteration is None or not self._model.started:
            self._asked = ""
            self._take([])
            self._field.show_problem(self.tr("Conditions ask the program for its numbers: run it first (F5)"))
        elif (found := self._model.shown.asked.matching(iteration, self._asked)) is not None:
            self._asked = ""
            self._take([iteration.nodes[number] for number in found])

    def _on_answer(self) -> None:
        if self._asked and not self._ask_soon.isActive():
            self._ask()

    def _say_what_is_wrong(self) -> None:
        """Of a text that found nothing and looks like a condition."""
        text = self._field.line.text().strip()
        try:
            parse(text)
        except ConditionError as error:
            if not OF_CONDITIONS & set(text):
                return
            if error.start >= len(text):
                self._field.show_progress()  # it is only not finished
            else:
                words = QCoreApplication.translate("hints", error.template)
                self._field.show_problem(words.format(*error.arguments))

    def _take(self, hits: list[Node]) -> None:
        self.hits = hits
        if not self._go_on.isActive():
            self._at = min(self._at, len(hits) - 1)
        self.changed.emit()
        self._field.show_count(self._at + 1, len(hits))

    def _step(self, direction: int) -> None:
        if not self.hits:
            return
        start = self._at if self._at >= 0 or direction > 0 else 0
        self._at = (start + direction) % len(self.hits)
        self.chosen.emit(self.hits[self._at])
        self._field.show_count(self._at + 1, len(self.hits))
