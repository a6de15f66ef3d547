"""Help with names in the editor: what pops up, what takes which keys, and what the text becomes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, Qt
from PySide6.QtTest import QTest

from gradviz.session.language.protocol import Answer, Completion, Completions, Description, Signature
from gradviz.ui.editor import EditorPanel
from gradviz.ui.editor.language import Language
from tests.ui.editor.conftest import editor_of

NAMES = ("log", "log_", "log_softmax", "exp")
Key = Qt.Key


class FakeLanguage:
    """Answers at once, or when told to."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, tuple[int, int], str]] = []
        self.signature = Signature(0, "nll_loss", ["input: Tensor", "target: Tensor"], 1, "Tensor")
        self.late: list[Callable[[], None]] | None = None

    def ask(self, kind, text, path, place, deliver, name="") -> None:
        self.asked.append((kind, text, place, name))
        line = text.split("\n")[place[0] - 1][: place[1]]
        word = line[len(line.rstrip("abcdefghijklmnopqrstuvwxyz_")) :]
        fitting = [Completion(name, "function") for name in NAMES if name.startswith(word)]
        answers: dict[str, Answer] = {
            "complete": Completions(0, len(line) - len(word), fitting),
            "signature": self.signature,
            "hover": Description(0, "exp() -> Tensor", "e to the power of x.", "e^{x}", [("x", "g e^{x}")]),
            "describe": Description(0, f"{name}() -> Tensor"),
        }
        if self.late is None:
            deliver(answers[kind])
        else:
            self.late.append(lambda: deliver(answers[kind]))


@pytest.fixture
def language(monkeypatch: pytest.MonkeyPatch) -> FakeLanguage:
    fake = FakeLanguage()
    monkeypatch.setattr(Language, "ask", lambda _, *question, **named: fake.ask(*question, **named))
    return fake


@pytest.fixture
def editor(panel: EditorPanel, qtbot):
    editor = editor_of(panel)
    panel.activateWindow()
    editor.setFocus()
    qtbot.waitUntil(editor.hasFocus)
    return editor


def type_until_offered(qtbot, panel: EditorPanel, text: str) -> list[str]:
    qtbot.keyClicks(editor_of(panel), text)
    qtbot.waitUntil(lambda: panel.assistance.completion.open)
    return offered(panel)


def offered(panel: EditorPanel) -> list[str]:
    shown = panel.assistance.completion._list
    return [shown._list.item(row).text() for row in range(shown._list.count())]


def press(editor, *keys: Qt.Key) -> None:
    for key in keys:
        QTest.keyClick(editor, key)


def test_names_are_offered_while_one_types_and_fewer_with_every_letter(language, panel, editor, qtbot):
    assert type_until_offered(qtbot, panel, "x.") == ["log", "log_softmax", "exp", "log_"]
    qtbot.keyClicks(editor, "log")
    assert offered(panel) == ["log", "log_softmax", "log_"]
    press(editor, Key.Key_Down, Key.Key_Tab)
    assert panel.current_text() == "x.log_softmax"
    assert not panel.assistance.completion.open
    editor.undo()
    assert panel.current_text() == "x.log"


def test_names_to_import_are_offered_at_once(language, panel, editor, qtbot):
    assert type_until_offered(qtbot, panel, "from math import ") == ["log", "log_softmax", "exp", "log_"]


def test_enter_accepts_and_escape_only_closes(language, panel, editor, qtbot):
    type_until_offered(qtbot, panel, "lo")
    press(editor, Key.Key_Escape)
    assert (panel.current_text(), panel.assistance.completion.open) == ("lo", False)
    press(editor, Key.Key_Return)
    assert panel.current_text() == "lo\n"
    type_until_offered(qtbot, panel, "ex")
    press(editor, Key.Key_Return)
    assert panel.current_text() == "lo\nexp"


def test_up_from_the_first_is_the_last(language, panel, editor, qtbot):
    type_until_offered(qtbot, panel, "lo")
    press(editor, Key.Key_Up, Key.Key_Tab)
    assert panel.current_text() == "log_"


def test_the_list_goes_when_the_caret_leaves_the_word(language, panel, editor, qtbot):
    type_until_offered(qtbot, panel, "lo")
    press(editor, Key.Key_Home)
    assert not panel.assistance.completion.open
    press(editor, Key.Key_End)
    type_until_offered(qtbot, panel, "g")
    qtbot.keyClicks(editor, " ")
    assert not panel.assistance.completion.open


def test_a_word_that_is_complete_needs_no_list(language, panel, editor, qtbot):
    type_until_offered(qtbot, panel, "ex")
    qtbot.keyClicks(editor, "p")
    assert not panel.assistance.completion.open


@pytest.mark.parametrize("text", ["# x.lo", "'x.lo", '"""\nx.lo', "f'lo"])
def test_nothing_pops_up_in_strings_and_comments(language, panel, editor, qtbot, text):
    editor.insertPlainText(text)
    qtbot.keyClicks(editor, "g")
    panel.assistance.completion.ask()
    qtbot.wait(100)
    assert not language.asked


def test_an_answer_that_comes_too_late_is_not_shown(language, panel, editor, qtbot):
    language.late = []
    qtbot.keyClicks(editor, "lo")
    qtbot.waitUntil(lambda: bool(language.late))
    qtbot.keyClicks(editor, " = 1")
    for answer in language.late:
        answer()
    assert not panel.assistance.completion.open


def test_asked_for_names_need_no_letter(language, panel, editor):
    panel.assistance.completion.ask()
    assert sorted(offered(panel)) == sorted(NAMES)


def test_places_count_characters_and_not_utf_16_units(language, panel, editor, qtbot):
    qtbot.keyClicks(editor, "'")
    editor.insertPlainText("😀'; lo")
    panel.assistance.completion.ask()
    assert language.asked[-1][2] == (1, len("'😀'; lo"))
    press(editor, Key.Key_Tab)
    assert panel.current_text() == "'😀'; log"


def test_the_parameter_at_the_caret_is_bold_until_the_call_ends(language, panel, editor, qtbot):
    qtbot.keyClicks(editor, "nll_loss(x,")
    qtbot.waitUntil(lambda: panel.assistance.signature.open)
    assert "<b>target: Tensor</b>" in panel.assistance.signature._sheet._label.text()
    language.signature = Signature(0)
    qtbot.keyClicks(editor, ")")
    qtbot.waitUntil(lambda: not panel.assistance.signature.open)


def test_help_stays_while_a_long_line_scrolls_and_goes_with_the_caret(language, panel, editor, qtbot):
    editor.insertPlainText("x = 1\n" * 100 + "y" * 200)
    qtbot.keyClicks(editor, " nll_loss(x, lo")
    qtbot.waitUntil(lambda: panel.assistance.completion.open)
    panel.assistance.signature.ask()
    qtbot.keyClicks(editor, "g")
    assert panel.assistance.completion.open
    assert panel.assistance.signature.open
    editor.verticalScrollBar().setValue(0)
    assert not panel.assistance.completion.open
    assert not panel.assistance.signature.open


def test_escape_hides_parameters(language, panel, editor):
    panel.assistance.signature.ask()
    assert panel.assistance.signature.open
    press(editor, Key.Key_Escape)
    assert not panel.assistance.signature.open


def test_a_name_is_described_with_its_maths_at_the_caret_and_under_the_mouse(language, panel, editor, qtbot):
    editor.setPlainText("x.exp()")
    cursor = editor.textCursor()
    cursor.setPosition(4)
    editor.setTextCursor(cursor)
    hover = panel.assistance.hover
    hover.ask()
    assert hover.open
    assert len(hover._sheet.card._formulas) == 2
    press(editor, Key.Key_Right)
    assert not hover.open
    place = editor.cursorRect(cursor).center() + QPoint(2, 0)
    editor.hovered.emit(place)
    assert hover.open
    QCoreApplication.sendEvent(editor.viewport(), QEvent(QEvent.Type.Leave))
    assert not hover.open


def test_nothing_is_said_beside_a_name(language, panel, editor):
    editor.setPlainText("x")
    editor.hovered.emit(QPoint(200, 200))
    assert not language.asked


def test_a_real_process_answers_and_ends_with_the_panel(real_language, panel, editor, qtbot):
    qtbot.keyClicks(editor, "import torch")
    press(editor, Key.Key_Return)
    qtbot.keyClicks(editor, "torch.log_so")
    with qtbot.waitSignal(editor.textChanged, timeout=40_000, raising=False):
        qtbot.waitUntil(lambda: panel.assistance.completion.open, timeout=40_000)
        press(editor, Key.Key_Tab)
    assert panel.current_text() == "import torch\ntorch.log_softmax"
    panel.end()


def test_a_process_that_dies_is_replaced(real_language, qtbot):
    language = Language()
    answers: list[Answer] = []
    language.ask("complete", "imp", "x.py", (1, 3), answers.append)
    language._process.kill()
    qtbot.waitUntil(lambda: language._process is None)
    language.ask("complete", "imp", "x.py", (1, 3), answers.append)
    qtbot.waitUntil(lambda: bool(answers), timeout=40_000)
    assert "import" in [item.name for item in answers[0].items]
    language.end()


@pytest.mark.parametrize("said", [b"\xff\xff\xff\xff", b"\x00\x00\x00\x03abc", b"\x00\x00\x00\x01\xc1"])
def test_a_process_that_says_what_is_no_answer_is_ended(real_language, qtbot, said):
    language = Language()
    language.ask("complete", "imp", "x.py", (1, 3), lambda answer: None)
    language._received += said
    language._read()
    assert language._process is None
    assert not language._waiting


def test_after_processes_that_only_fail_there_is_a_rest(real_language, qtbot):
    language = Language()
    for _ in range(5):
        language.ask("complete", "imp", "x.py", (1, 3), lambda answer: None)
        if language._process is not None:
            language._give_up()
    assert language._asked == 3
    language._rest.timeout.emit()
    language.ask("complete", "imp", "x.py", (1, 3), lambda answer: None)
    assert language._process is not None
    language.end()
