"""A hit in words."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from gradviz.trace import Hit
from gradviz.ui.breakpoints import Breakpoints
from gradviz.ui.numbers import grouped
from gradviz.ui.presets import words_for


def hit_words(hit: Hit, breakpoints: Breakpoints) -> str:
    """ "iteration 12: NaN or Inf (value.nan = 1) at net/log, line 9"."""
    template = QCoreApplication.translate("Breakpoints", "iteration {0}: {1}")
    return template.format(grouped(hit.iteration + 1), _what(hit, breakpoints))


def stop_words(hit: Hit, breakpoints: Breakpoints) -> str:
    """ "Breakpoint: NaN or Inf (value.nan = 1) at net/log, line 9"."""
    return QCoreApplication.translate("Breakpoints", "Breakpoint: {0}").format(_what(hit, breakpoints))


def place_words(hit: Hit) -> str:
    """ "net/log, line 9"."""
    if not hit.line:
        return hit.node
    return QCoreApplication.translate("Breakpoints", "{0}, line {1}").format(hit.node, hit.line)


def condition_words(hit: Hit, breakpoints: Breakpoints) -> str:
    """ "NaN or Inf (value.nan = 1)"; "" for a breakpoint that is no more."""
    item = breakpoints.find(hit.breakpoint)
    words = (item.name or words_for(item.condition)) if item is not None else ""
    return f"{words} ({hit.reason})" if hit.reason else words


def _what(hit: Hit, breakpoints: Breakpoints) -> str:
    words = condition_words(hit, breakpoints)
    if not hit.node:
        return words
    return QCoreApplication.translate("Breakpoints", "{0} at {1}").format(words, place_words(hit))
