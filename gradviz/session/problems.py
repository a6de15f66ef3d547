"""An exception of the user's program as a problem: what happened, at which line, and what to do."""

from __future__ import annotations

import traceback
from collections.abc import Iterable

from gradviz.session.hints import hint_for
from gradviz.session.program import user_traceback
from gradviz.session.protocol import Problem
from gradviz.trace import Source

MAX_TRACEBACK = 20_000  # characters: a recursion error repeats itself


def describe(error: BaseException, sources: Iterable[str]) -> Problem:
    """`sources` are the files whose lines count as the user's; the innermost of them is the place."""
    sources = tuple(sources)
    message = _message(error)
    hint, arguments = hint_for(error, message)
    return Problem(
        "error",
        type(error).__name__,
        message[:4000],
        _place(error, sources),
        user_traceback(error, sources)[-MAX_TRACEBACK:],
        hint,
        arguments,
    )


def _message(error: BaseException) -> str:
    """The words after the class name."""
    if isinstance(error, SyntaxError):
        return error.msg or "invalid syntax"
    try:
        return str(error)
    except BaseException:  # a user's exception may fail to describe itself
        return ""


def _place(error: BaseException, sources: tuple[str, ...]) -> Source | None:
    if isinstance(error, SyntaxError) and error.filename in sources:
        return Source(str(error.filename), max(1, error.lineno or 1))
    frames = traceback.extract_tb(error.__traceback__)
    for frame in reversed(frames):
        if frame.filename in sources:
            return Source(frame.filename, frame.lineno or 1)
    return None
