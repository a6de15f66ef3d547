"""What is known, asked and still wanted of the questions why a number is what it is."""

from __future__ import annotations

from collections import OrderedDict

from gradviz.session.protocol import Because, Why
from gradviz.trace import ArrayRef
from gradviz.trace.reasons import Path

MAX_KEPT = 256

Question = tuple[ArrayRef, tuple[int, ...], Path | None]


class Questions:
    """Answers by what was asked, the least recently used forgotten first."""

    def __init__(self) -> None:
        self._answers: OrderedDict[Question, Because] = OrderedDict()
        self._pending: dict[int, Question] = {}
        self._made = 0

    def clear(self) -> None:
        self._answers.clear()
        self._pending.clear()

    def answer(self, question: Question) -> Because | None:
        if question in self._answers:
            self._answers.move_to_end(question)
        return self._answers.get(question)

    def command(self, question: Question) -> Why | None:
        """What to send to the worker; None while the answer is on its way."""
        if question in self._pending.values():
            return None
        self._made += 1
        self._pending[self._made] = question
        return Why(self._made, *question)

    def receive(self, because: Because) -> None:
        question = self._pending.pop(because.request, None)
        if question is not None:
            self._answers[question] = because
        while len(self._answers) > MAX_KEPT:
            self._answers.popitem(last=False)
