"""What is wrong and what to do about it, in the window's language."""

from __future__ import annotations

import re
from pathlib import PurePath

from PySide6.QtCore import QCoreApplication

from gradviz.session.protocol import Problem

_FIELD = re.compile(r"\{([0-9]{1,3})\}")


def title_of(problem: Problem) -> str:
    """ "file.py:12 — message", as much of it as there is."""
    place = f"{PurePath(problem.source.file).name}:{problem.source.line}" if problem.source else ""
    return " — ".join(filter(None, (place, message_of(problem))))


def message_of(problem: Problem) -> str:
    """What is wrong: in Python's or torch's own words, or in gradviz's, which are translated."""
    said = _filled(problem.words, problem.arguments)
    return " ".join(filter(None, (problem.message, said))) or ("" if problem.hint else problem.kind)


def hint_of(problem: Problem) -> str:
    """What to do, in the window's language."""
    return _filled(problem.hint, problem.hint_arguments)


def _filled(template: str, words: tuple[str, ...]) -> str:
    """The template in the window's language. Only {0}, {1}, … are filled: it may be a stranger's."""
    template = QCoreApplication.translate("hints", template) if template else ""
    return _FIELD.sub(
        lambda field: words[int(field[1])] if int(field[1]) < len(words) else field[0], template
    )
