"""What the menus offer to open: examples by kind, and a person's own snippets."""

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from gradviz.examples import list_examples
from gradviz.ui.editor import EditorPanel
from gradviz.ui.language import use_language
from gradviz.ui.library import Library, own_snippets, snippets_folder


@pytest.fixture
def library(qtbot, model) -> Library:
    use_language("en")
    editor = EditorPanel(model)
    qtbot.addWidget(editor)
    return Library(editor, editor)


@pytest.fixture
def menu(qtbot, library) -> QMenu:
    menu = QMenu()
    qtbot.addWidget(menu)
    library.fill_examples(menu)
    return menu


def entries(menu: QMenu, title: str) -> list[QAction]:
    [action] = [action for action in menu.actions() if action.text() == title]
    return [entry for entry in action.menu().actions() if not entry.isSeparator()]


def text(library: Library) -> str:
    return library._editor.current_text()


def test_every_example_can_be_opened_from_the_menu(library, menu):
    found = [entry for title in menu.actions()[:4] for entry in entries(menu, title.text())]
    assert [entry.text() for entry in found] == [example.title["en"] for example in list_examples()]
    for entry, example in zip(found, list_examples(), strict=True):
        entry.trigger()
        assert text(library) == example.path.read_text("utf-8")


def test_a_text_that_is_kept_is_a_file_and_stands_in_the_menu(library, menu):
    keep, _ = entries(menu, "My snippets")
    library._editor.open_text("hinge.py", "a = 1")
    keep.trigger()
    library._editor.open_text("hinge.py", "a = 2")
    keep.trigger()
    assert [path.read_text("utf-8") for path in own_snippets()] == ["a = 2", "a = 1"]  # hinge-2, hinge
    menu.clear()
    library.fill_examples(menu)
    second, first, *_ = entries(menu, "My snippets")
    assert (second.text(), first.text()) == ("hinge-2", "hinge")
    first.trigger()
    assert text(library) == "a = 1"


def test_nothing_of_ones_own_is_overwritten(library, menu):
    snippets_folder().mkdir(parents=True)
    (snippets_folder() / "untitled.py").write_text("precious")
    entries(menu, "My snippets")[-2].trigger()
    assert (snippets_folder() / "untitled.py").read_text("utf-8") == "precious"
    assert len(own_snippets()) == 2


def test_a_folder_that_cannot_be_made_is_told(qtbot, library, menu):
    snippets_folder().parent.mkdir(parents=True, exist_ok=True)
    snippets_folder().write_text("in the way")
    keep, show = entries(menu, "My snippets")
    for entry in (keep, show):
        with qtbot.waitSignal(library.message) as told:
            entry.trigger()
        assert "cannot be made" in told.args[0]


def test_snippets_are_listed_with_their_whole_name(library, menu):
    snippets_folder().mkdir(parents=True)
    (snippets_folder() / "a & b.py").write_text("")
    menu.clear()
    library.fill_examples(menu)
    assert entries(menu, "My snippets")[0].text() == "a && b"
