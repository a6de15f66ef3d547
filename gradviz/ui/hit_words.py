"""A hit in words."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from gradviz.trace import Hit
from gradviz.ui.breakpoints import Breakpoints
from gradviz.ui.numbers import grouped
from gradviz.ui.presets import line_of, node_of, words_for


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
    """ "NaN or Inf (value.nan = 1)", "net.py:9"; "" for a breakpoint that is no more."""
    item = breakpoints.find(hit.breakpoint)
    if item is None:
        return ""
    words = item.name or words_for(item.condition)
    is_place = line_of(item.condition) is not None or node_of(item.condition) is not None
    return words if is_place or not hit.reason else f"{words} ({hit.reason})"


def _what(hit: Hit, breakpoints: Breakpoints) -> str:
    words = condition_words(hit, breakpoints)
    if not hit.node:
        return words
    return QCoreApplication.translate("Breakpoints", "{0} at {1}").format(words, place_words(hit))
