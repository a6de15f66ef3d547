"""The words of the command line, in English and Simplified Chinese (the window uses Qt's translation).

`tr("English text with {0}")` gives the text in the current language. The English text is the key; the
Chinese ones are in `assets/translations/cli.zh_CN.json`.
"""

import json
import os
from collections.abc import Mapping, Sequence
from functools import cache
from xml.etree import ElementTree

from gradviz.resources import asset

LANGUAGES = ("en", "zh_CN")

_current = "en"


@cache
def catalogue(language: str) -> dict[str, str]:
    """English text → text in `language`; empty for English."""
    if language == "en":
        return {}
    return json.loads(asset("translations", f"cli.{language}.json").read_text("utf-8"))


def preferred_language(environ: Mapping[str, str] = os.environ) -> str:
    """The language that the environment asks for: GRADVIZ_LANG first, then the locale, as POSIX ranks it."""
    for variable in ("GRADVIZ_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        if value := environ.get(variable):
            return "zh_CN" if value.lower().startswith("zh") else "en"
    return "en"


def set_language(language: str) -> None:
    """Makes `tr` speak `language`, one of LANGUAGES."""
    global _current
    if language not in LANGUAGES:
        raise ValueError(f"language must be one of {', '.join(LANGUAGES)}, not {language!r}")
    _current = language


def tr(text: str) -> str:
    """`text` in the current language; as it is where no translation is known."""
    return catalogue(_current).get(text, text)


def tr_hint(template: str, arguments: Sequence[str]) -> str:
    """A text that the window says too, in its translation, with `arguments` in its {0}, {1}, …"""
    return _window_catalogue(_current).get(template, template).format(*arguments)


@cache
def _window_catalogue(language: str) -> dict[str, str]:
    if language == "en":
        return {}
    tree = ElementTree.parse(asset("translations", f"gradviz_{language}.ts"))
    hints = (context for context in tree.iter("context") if context.findtext("name") == "hints")
    return {
        message.findtext("source", ""): message.findtext("translation", "") or message.findtext("source", "")
        for context in hints
        for message in context.iter("message")
    }
