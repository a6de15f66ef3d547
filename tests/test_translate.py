"""Every text of the command line has its Chinese, with the same places for values."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import gradviz
from gradviz import cli
from gradviz.translate import catalogue, preferred_language, set_language, tr, tr_hint


def texts_in_code() -> Iterator[str]:
    """The texts given to `tr` (not to Qt's `self.tr`)."""
    for path in Path(gradviz.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "tr":
                if isinstance(node.args[0], ast.Constant):
                    yield node.args[0].value
                else:
                    assert path.name == "cli.py", f"{path}:{node.lineno}: give tr the text itself"


def help_texts() -> Iterator[str]:
    """What the help formatter hands to `tr`."""
    yield from ("Options", "Commands", "Show this message and exit.")
    for command in (cli.gradviz, *cli.gradviz.commands.values()):
        yield from filter(None, (command.help, command.short_help))
        yield from (
            option.help for option in command.params if isinstance(option, click.Option) and option.help
        )


def test_every_text_has_its_translation_and_no_translation_is_left_over() -> None:
    assert set(catalogue("zh_CN")) == {*texts_in_code(), *help_texts()}


def test_translations_hold_the_same_values() -> None:
    for english, chinese in catalogue("zh_CN").items():
        assert sorted(re.findall(r"{.*?}", english)) == sorted(re.findall(r"{.*?}", chinese)), english


def test_a_text_is_given_in_the_language_that_was_set() -> None:
    assert tr("Data") == "Data"
    set_language("zh_CN")
    assert tr("Data") == "数据"
    assert tr("not in the catalogue") == "not in the catalogue"
    with pytest.raises(ValueError, match="one of en, zh_CN"):
        set_language("fr")


def test_what_the_window_says_too_is_translated_as_there() -> None:
    assert tr_hint("Did you mean {0}?", ("relu",)) == "Did you mean relu?"
    set_language("zh_CN")
    assert tr_hint("Did you mean {0}?", ("relu",)).isascii() is False
    assert "relu" in tr_hint("Did you mean {0}?", ("relu",))
    assert tr_hint("in no {0}", ("catalogue",)) == "in no catalogue"


@pytest.mark.parametrize(
    ("environ", "language"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh_CN"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "de_DE.UTF-8"}, "en"),
        ({"LANG": "en_GB.UTF-8", "LC_MESSAGES": "zh_CN"}, "zh_CN"),
        ({"LC_ALL": "en_US.UTF-8", "GRADVIZ_LANG": "zh_CN"}, "zh_CN"),
    ],
)
def test_the_language_comes_from_the_environment(environ: dict[str, str], language: str) -> None:
    assert preferred_language(environ) == language
