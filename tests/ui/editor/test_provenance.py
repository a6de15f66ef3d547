"""A file from elsewhere says so before its first run; opening it is always safe."""

import os
import sys

import pytest
from PySide6.QtCore import QStandardPaths, Qt
from PySide6.QtWidgets import QPushButton

from gradviz.ui.editor import provenance
from gradviz.ui.editor.provenance import came_from, has_run, remember_run
from gradviz.ui.language import use_language
from tests.ui.fake_client import FakeClient
from tests.ui.test_window import press, window

__all__ = ["window"]

TEXT = "import torch\n"


def downloaded(path, address="https://example.org/losses/net.py?x=1"):
    try:
        os.setxattr(path, "user.xdg.origin.url", address.encode())
    except (AttributeError, OSError):
        pytest.skip("this file system keeps no such marks")


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "net.py"
    path.write_text(TEXT, "utf-8")
    return path


@pytest.fixture
def foreign(file, monkeypatch):
    monkeypatch.setattr("gradviz.ui.editor.panel.came_from", lambda path: "example.org")
    return file


def answer(window, text):
    [button] = [b for b in window.editor.findChildren(QPushButton) if b.isVisible() and b.text() == text]
    return button


def test_a_file_of_ones_own_is_from_here(file):
    assert came_from(file) is None
    assert came_from(file.parent / "not there.py") is None


def test_a_browsers_mark_names_the_host(file):
    downloaded(file)
    assert came_from(file) == "example.org"


@pytest.mark.parametrize("address", ["", "nonsense", "http://[", "\0\xff", "file:///x"])
def test_any_mark_is_believed_to_be_one(file, address):
    downloaded(file, address)
    assert came_from(file) == ""


def test_what_lies_among_the_downloads_is_from_elsewhere(tmp_path, monkeypatch):
    monkeypatch.setattr(QStandardPaths, "writableLocation", lambda _: str(tmp_path / "Downloads"))
    inside = tmp_path / "Downloads" / "course" / "net.py"
    assert came_from(inside) == ""
    assert came_from(tmp_path / "net.py") is None


@pytest.mark.skipif(sys.platform == "win32", reason="files have no such owner")
def test_what_another_user_owns_is_from_elsewhere(file, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: file.stat().st_uid + 1)
    assert came_from(file) == ""


def test_texts_that_ran_are_known_until_they_change(monkeypatch):
    remember_run("a")
    remember_run("b \ud83d")
    remember_run("b \ud83d")
    assert has_run("a") and has_run("b \ud83d") and not has_run("a ")
    monkeypatch.setattr(provenance, "MAX_TEXTS", 2)
    remember_run("c")
    assert has_run("c") and not has_run("a")


def test_the_first_run_asks_and_later_ones_do_not(qtbot, window, model, foreign):
    window.editor.open_path(foreign)
    window.graph.setFocus()
    press(qtbot, window, Qt.Key.Key_F5)
    assert not model.started and not FakeClient.instances
    qtbot.mouseClick(answer(window, "Run it"), Qt.MouseButton.LeftButton)
    assert model.started and FakeClient.instances[-1].commands[0].text == TEXT
    window.editor.close_current()
    window.editor.open_path(foreign)
    window.graph.setFocus()
    press(qtbot, window, Qt.Key.Key_F5)
    assert len(FakeClient.instances) == 2, "this text has run before"


def test_nothing_runs_when_the_answer_is_no(qtbot, window, model, foreign):
    window.editor.open_path(foreign)
    for key in (Qt.Key.Key_F5, Qt.Key.Key_Space, Qt.Key.Key_Right):
        window.graph.setFocus()
        press(qtbot, window, key)
        no = answer(window, "Not now")
        qtbot.mouseClick(no, Qt.MouseButton.LeftButton)
        assert not model.started and not no.isVisible()


def test_the_question_says_where_from_and_speaks_the_language(qtbot, window, foreign):
    window.editor.open_path(foreign)
    window.editor.may_run()
    bar = answer(window, "Run it").parentWidget()
    assert "net.py came from example.org" in bar.accessibleName()
    use_language("zh_CN")
    qtbot.waitUntil(lambda: "net.py" in bar.accessibleName() and "came from" not in bar.accessibleName())
