"""The Chinese translation is complete, well-formed, and what the window loads."""

import ast
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QTranslator
from PySide6.QtWidgets import QApplication, QDialogButtonBox, QWidget

import gradviz.ui
from gradviz.resources import asset
from gradviz.session.hints import TEMPLATES
from gradviz.ui.language import current_language, use_language

SOURCES = sorted(Path(gradviz.ui.__file__).parent.rglob("*.py"))
ADVICE = "run `python assets/translations/update.py`, translate what is unfinished, and run it again"


def texts_of(tree: ast.AST, context: str = "") -> Iterator[tuple[str, ast.expr]]:
    """(context, text) of every call that asks for a translation; `self.tr` means the class around it."""
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.Call):
            name = getattr(child.func, "attr", getattr(child.func, "id", ""))
            if name == "tr":
                yield context, child.args[0]
            elif name in ("translate", "QT_TRANSLATE_NOOP") and isinstance(child.args[0], ast.Constant):
                yield child.args[0].value, child.args[1]
        yield from texts_of(child, child.name if isinstance(child, ast.ClassDef) else context)


def translations() -> dict[tuple[str, str], str]:
    """(context, English) → Chinese, for what is finished."""
    found = {}
    for context in ElementTree.parse(asset("translations", "gradviz_zh_CN.ts")).iter("context"):
        for message in context.iter("message"):
            translation = message.find("translation")
            if translation.get("type") is None:
                found[context.findtext("name"), message.findtext("source")] = translation.text
    return found


@pytest.fixture
def chinese(qapp) -> Iterator[None]:
    use_language("zh_CN")
    yield
    use_language("en")


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_every_text_is_translated(source):
    known = translations()
    for context, text in texts_of(ast.parse(source.read_text("utf-8"))):
        if isinstance(text, ast.Constant):
            assert (context, text.value) in known, ADVICE
        else:  # a name: its texts stand in a table somewhere, marked with QT_TRANSLATE_NOOP
            assert isinstance(text, ast.Name | ast.Attribute | ast.Subscript), ast.unparse(text)


def test_every_hint_is_translated():
    assert {("hints", text) for text in TEMPLATES} <= set(translations()), ADVICE


def test_translations_fill_the_same_places():
    def places(text: str) -> set[str]:
        return set(re.findall(r"\{.*?\}", text))

    for (_, english), chinese in translations().items():
        assert places(english) == places(chinese), english


def test_the_compiled_file_is_in_step():
    translator = QTranslator()
    assert translator.load("gradviz_zh_CN", str(asset("translations")))
    for (context, english), chinese in translations().items():
        assert translator.translate(context, english) == chinese, ADVICE


def test_open_windows_hear_of_a_new_language(qtbot):
    class Listener(QWidget):
        heard = 0

        def changeEvent(self, event: QEvent) -> None:
            self.heard += event.type() == QEvent.Type.LanguageChange

    listener = Listener()
    qtbot.addWidget(listener)
    use_language("zh_CN")
    QApplication.sendPostedEvents(None, QEvent.Type.LanguageChange)
    assert listener.heard
    assert current_language() == "zh_CN"
    assert QCoreApplication.translate("Commands", "Run") == "运行"
    use_language("en")
    assert QCoreApplication.translate("Commands", "Run") == "Run"


def test_qts_own_buttons_are_chinese_too(qtbot, chinese):
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
    qtbot.addWidget(buttons)
    assert "取消" in buttons.buttons()[0].text()


def test_an_unknown_language_is_refused():
    with pytest.raises(ValueError, match="en, zh_CN"):
        use_language("fr")
