"""The process that answers the editor's questions: `python -m gradviz.session.language.process FOLDER`.

Questions come on standard input, answers go to standard output. When the window is gone, the input ends: then
this process ends, too, whatever it is doing, and takes the folder with it.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import threading
from pathlib import Path
from typing import BinaryIO

from gradviz.session.language import offers
from gradviz.session.language.answers import Answers
from gradviz.session.language.protocol import LENGTH, MAX_MESSAGE, Question, decode_question, encode
from gradviz.trace.packing import PackingError

MEMORY = 2 << 30  # bytes of address space: a text that needs more is not worth an answer
WRITTEN = "offers-written"
FIRST = Question(0, "complete", "import torch\ntorch.Tensor.", "", 2, 13)
"""Answering it reads what the engine offers; the answers to others then come at once."""


class Inbox:
    """Questions that wait: of each kind the newest."""

    def __init__(self) -> None:
        self._waiting: dict[str, Question] = {}
        self._filled = threading.Condition()

    def put(self, question: Question) -> None:
        with self._filled:
            self._waiting.pop(question.kind, None)
            self._waiting[question.kind] = question
            self._filled.notify()

    def take(self) -> Question:
        with self._filled:
            self._filled.wait_for(lambda: self._waiting)
            return self._waiting.pop(next(iter(self._waiting)))


def main() -> None:
    folder = Path(sys.argv[1])
    answers_to, questions = os.fdopen(os.dup(1), "wb"), sys.stdin.buffer
    os.dup2(2, 1)  # whatever is printed here is no answer
    _limit_memory()
    inbox = Inbox()
    threading.Thread(target=_read, args=(questions, inbox, folder), daemon=True).start()
    if not (folder / WRITTEN).exists():
        offers.write(folder)
        (folder / WRITTEN).touch()
    answers = Answers(folder)
    answers.answer(FIRST)
    while True:
        answers_to.write(encode(answers.answer(inbox.take())))
        answers_to.flush()


def _read(questions: BinaryIO, inbox: Inbox, folder: Path) -> None:
    """Takes questions in until the window is gone, or says what makes no sense."""
    with contextlib.suppress(OSError, PackingError):
        while len(length := questions.read(LENGTH.size)) == LENGTH.size:
            size = LENGTH.unpack(length)[0]
            if size > MAX_MESSAGE:
                break
            inbox.put(decode_question(questions.read(size)))
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(0)


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:  # there is no such limit
        return
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


if __name__ == "__main__":
    main()
