"""Conditions as people see them: a few words in place of the text, and a number to choose where there is one.

A breakpoint is nothing but its condition. Presets, lines and nodes are recognized by that text, so that it
does not matter who wrote it.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from gradviz.trace.conditions import PRESETS, Preset
from gradviz.trace.conditions.lexer import quoted

SHORT: dict[str, Any] = {
    "nan": QT_TRANSLATE_NOOP("Breakpoints", "NaN or Inf"),
    "gradient": QT_TRANSLATE_NOOP("Breakpoints", "‖grad‖ > {0}"),
    "weight": QT_TRANSLATE_NOOP("Breakpoints", "‖weight‖ > {0}"),
    "activation": QT_TRANSLATE_NOOP("Breakpoints", "‖activation‖ > {0}"),
    "loss": QT_TRANSLATE_NOOP("Breakpoints", "loss rises × {0}"),
    "dead": QT_TRANSLATE_NOOP("Breakpoints", "dead ReLU > {0} %"),
    "ratio_above": QT_TRANSLATE_NOOP("Breakpoints", "update / weight > {0}"),
    "ratio_below": QT_TRANSLATE_NOOP("Breakpoints", "update / weight < {0}"),
}
"""What the presets of a chip are called, by their ids; the number goes to {0}."""
PERCENT = {"dead"}
"""Presets whose number people see in percent."""
OFFERED_AT_FIRST = tuple(preset for preset in PRESETS if preset.id in ("nan", "gradient", "dead"))

_NUMBER = r"(\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+)"
_TEXT = r'"((?:[^"\\]|\\.)*)"'
_AT_LINE = re.compile(rf"file\s*==\s*{_TEXT}\s*and\s*line\s*==\s*(\d+)")
_AT_NODE = re.compile(rf"node\s*==\s*{_TEXT}")


def preset_of(condition: str) -> tuple[Preset, str] | None:
    """The preset that a condition is, and its number as people see it ("" if it has none)."""
    for preset in PRESETS:
        found = _pattern(preset).fullmatch(condition.strip()) if preset.id in SHORT else None
        if found is not None:
            number = found[1] if preset.default is not None else ""
            return preset, f"{float(number) * 100:.12g}" if preset.id in PERCENT else number
    return None


def with_number(preset: Preset, shown: str) -> str:
    """The preset's condition for a number as people see it."""
    return preset.condition(float(shown) / 100 if preset.id in PERCENT else float(shown))


def at_line(file: str, line: int) -> str:
    """The condition of a breakpoint at a line of a file (its name without folders)."""
    return f"file == {quoted(file)} and line == {line}"


def line_of(condition: str) -> tuple[str, int] | None:
    """(file, line) of a condition that is a breakpoint at a line."""
    found = _AT_LINE.fullmatch(condition.strip())
    return (_unquoted(found[1]), int(found[2])) if found else None


def at_node(key: str) -> str:
    """The condition of a breakpoint at a node."""
    return f"node == {quoted(key)}"


def node_of(condition: str) -> str | None:
    """The node's name or key in a condition that is a breakpoint at a node."""
    found = _AT_NODE.fullmatch(condition.strip())
    return _unquoted(found[1]) if found else None


def words_for(condition: str) -> str:
    """A condition in few words: "‖grad‖ > 10", "simplenet.py:15", "at net/relu", else as it stands."""
    if known := preset_of(condition):
        preset, number = known
        return short_words(preset).format(number)
    if place := line_of(condition):
        return f"{place[0]}:{place[1]}"
    if (node := node_of(condition)) is not None:
        return QCoreApplication.translate("Breakpoints", "at {0}").format(node)
    return condition


def short_words(preset: Preset) -> str:
    """What a preset's chip says, with "{0}" in the number's place."""
    return QCoreApplication.translate("Breakpoints", SHORT[preset.id])


@cache
def _pattern(preset: Preset) -> re.Pattern[str]:
    words = re.escape(preset.template).replace(r"\{\}", _NUMBER)
    return re.compile(words.replace(r"\ ", r"\s*"))


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)
