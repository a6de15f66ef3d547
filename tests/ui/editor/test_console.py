"""Printed output."""

from __future__ import annotations

import pytest

from gradviz.ui.editor import ConsoleView
from gradviz.ui.editor.console import MAX_CHARACTERS, MAX_LINE, MAX_LINES
from gradviz.ui.theme import theme


@pytest.fixture
def console(qtbot, model) -> ConsoleView:
    console = ConsoleView(model)
    qtbot.addWidget(console)
    console.resize(330, 120)
    console.show()
    return console


def shown(qtbot, console, model, *pieces: str, stream: str = "stdout") -> str:
    """What the console shows of output that arrives in these pieces."""
    for piece in pieces:
        model.output_received.emit(stream, piece)
    settle(qtbot, console)
    return console.toPlainText()


def settle(qtbot, console) -> None:
    qtbot.waitUntil(lambda: not console.busy)


@pytest.mark.parametrize(
    ("pieces", "text"),
    [
        (["epoch 0\n", "损失 2.3🎉\n"], "epoch 0\n损失 2.3🎉\n"),
        (["a\r\nb\r\n"], "a\nb\n"),
        (["a\r", "\nb"], "a\nb"),
        (["\r 10%", "\r 20%", "\r100%\n", "done"], "100%\ndone"),
        (["10%\r20%\r", "30%"], "30%"),
        (["head\n10%\r20%\nnext\n"], "head\n20%\nnext\n"),
        (["\x1b[31mred\x1b[0m \x1b]0;title\x07plain"], "red plain"),
        (["\x1b", "[1;3", "1mred\x1b[", "0m"], "red"),
        (["\x1b[\n", "next"], "[\nnext"),
        (["bell\x07 and\x00 nul\x08"], "bell and nul"),
        (["tab\there"], "tab\there"),
    ],
)
def test_a_terminal_s_output_is_readable(qtbot, console, model, pieces, text):
    assert shown(qtbot, console, model, *pieces) == text


def test_errors_are_tinted_also_after_a_change_of_theme(qtbot, console, model):
    shown(qtbot, console, model, "out\n")
    shown(qtbot, console, model, "err\n", stream="stderr")

    def colors() -> list[str]:
        lines = (console.document().findBlockByNumber(line) for line in (0, 1))
        return [part.format.foreground().color().name() for line in lines for part in line.textFormats()]

    assert colors() == [theme.tokens.text, theme.tokens.warning]
    theme.use("light")
    assert colors() == [theme.tokens.text, theme.tokens.warning]


def test_it_is_bounded_in_lines(qtbot, console, model):
    text = shown(qtbot, console, model, *(f"line {n}\n" for n in range(MAX_LINES + 500)))
    assert console.blockCount() <= MAX_LINES
    assert text.endswith(f"line {MAX_LINES + 499}\n")


def test_it_is_bounded_in_characters_and_long_lines_are_broken(qtbot, console, model):
    text = shown(qtbot, console, model, "x" * (MAX_CHARACTERS + 100_000), "y\n", "end\n")
    assert len(text) <= MAX_CHARACTERS
    assert max(map(len, text.split("\n"))) <= MAX_LINE
    assert text.endswith("y\nend\n")


def test_a_flood_leaves_turns_to_the_window(qtbot, console, model):
    model.output_received.emit("stdout", "flood\n" * 100_000)
    assert console.toPlainText() == ""  # nothing is done at once
    sizes = []
    console.textChanged.connect(lambda: sizes.append(console.blockCount()))
    settle(qtbot, console)
    assert len(sizes) > 3


def test_it_scrolls_only_when_it_was_at_the_end(qtbot, console, model):
    shown(qtbot, console, model, "line\n" * 100)
    bar = console.verticalScrollBar()
    assert bar.value() == bar.maximum()
    bar.setValue(10)
    shown(qtbot, console, model, "line\n" * 100)
    assert bar.value() == 10


def test_a_restart_clears_it(qtbot, console, model):
    shown(qtbot, console, model, "old\n\x1b[")
    model.output_received.emit("stdout", "waiting\n")
    model.restarted.emit()
    assert shown(qtbot, console, model, "1m new") == "1m new"
    assert console.placeholderText()
