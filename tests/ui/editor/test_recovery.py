"""What was typed survives a crash, a kill, and a second window."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from gradviz.ui.editor.recovery import Buffer, RecoveryStore
from tests.ui.editor.conftest import editor_of

WINDOW = """
import sys
from pathlib import Path
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from gradviz.ui.editor import EditorPanel
from gradviz.ui.editor.code_editor import CodeEditor
from gradviz.ui.editor.recovery import RecoveryStore
from gradviz.ui.model import SessionModel

app = QApplication([])
panel = EditorPanel(SessionModel(), RecoveryStore(Path(sys.argv[1])))
panel.open_path(Path(sys.argv[2]))
panel.show()
QTest.keyClicks(next(e for e in panel.findChildren(CodeEditor) if e.isVisible()), "typed = 1 ")
print("typed", flush=True)
app.exec()
"""


def crash_after_typing(qtbot, root: Path, program: Path) -> None:
    """A real window in a process of its own, killed once what was typed is on disk."""
    window = subprocess.Popen(
        [sys.executable, "-c", WINDOW, str(root), str(program)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert window.stdout.readline() == "typed\n"
        qtbot.waitUntil(lambda: bool(list(root.glob("*/*.json"))), timeout=20_000)
    finally:
        window.send_signal(signal.SIGKILL)
        window.wait()
        window.stdout.close()


def answer(panel, text: str) -> QPushButton:
    return next(b for b in panel.findChildren(QPushButton) if b.isVisible() and b.text() == text)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "recovery"


@pytest.fixture
def program(tmp_path: Path) -> Path:
    path = tmp_path / "program.py"
    path.write_bytes("# 程序\r\n".encode())
    return path


def test_a_killed_window_loses_nothing(qtbot, root, program, make_panel):
    crash_after_typing(qtbot, root, program)
    assert program.read_bytes() == "# 程序\r\n".encode()
    panel = make_panel()
    assert panel.recover() == 1
    assert panel.current_text() == "typed = 1 # 程序\n"
    assert panel.current_path() == str(program)
    assert editor_of(panel).textCursor().position() == len("typed = 1 ")
    assert editor_of(panel).document().isModified()
    qtbot.mouseClick(answer(panel, "Keep"), Qt.MouseButton.LeftButton)
    panel.save()
    assert program.read_bytes() == "typed = 1 # 程序\r\n".encode()
    panel.close()
    assert make_panel().recover() == 0


def test_a_recovered_text_can_be_discarded(qtbot, root, program, make_panel):
    crash_after_typing(qtbot, root, program)
    panel = make_panel()
    panel.recover()
    qtbot.mouseClick(answer(panel, "Discard"), Qt.MouseButton.LeftButton)
    assert panel.current_text() == "# 程序\n"
    panel.flush()
    assert not list(root.glob("*/*.json"))


def test_an_unsaved_text_is_offered_again_after_quitting(qtbot, root, make_panel, model):
    store = RecoveryStore(root)
    store.keep(Buffer("1", "untitled.py", "x = '🎉\u00a0'", position=99))
    store.close()
    panel = make_panel()
    assert panel.recover() == 1
    assert panel.current_path() == "untitled.py"
    assert panel.current_text() == "x = '🎉\u00a0'"


def test_two_windows_do_not_take_each_others_texts(qtbot, make_panel):
    one, other = make_panel(), make_panel()
    qtbot.keyClicks(editor_of(one), "mine")
    one.flush()
    assert other.recover() == 0
    assert one.current_text() == "mine"


def test_leaving_the_text_writes_at_once(qtbot, root, panel):
    editor_of(panel).setFocus()
    qtbot.keyClicks(editor_of(panel), "x")
    assert not list(root.glob("*/*.json"))
    panel.hide()
    assert [file.read_text() for file in root.glob("*/*.txt")] == ["x"]


def test_typing_is_written_without_waiting_for_a_pause(qtbot, root, panel):
    editor = editor_of(panel)

    def type_on() -> bool:
        qtbot.keyClicks(editor, "x")
        return bool(list(root.glob("*/*.txt")))

    qtbot.waitUntil(type_on)


def test_damaged_remains_are_passed_over(qtbot, root, make_panel):
    store = RecoveryStore(root)
    store.keep(Buffer("good", "good.py", "x"))
    store.close()
    folder = next(root.iterdir())
    (folder / "bad.json").write_bytes(b'{"id": 1')
    (folder / "alone.json").write_bytes(b'{"id": "a", "name": "alone.py"}')
    (root / "stray").write_text("no folder")
    panel = make_panel()
    assert panel.recover() == 1
    assert panel.current_text() == "x"


def test_what_is_saved_already_is_not_offered(root, program, make_panel):
    store = RecoveryStore(root)
    store.keep(Buffer("1", "program.py", "# 程序\n", str(program)))
    store.close()
    assert make_panel().recover() == 0


def test_a_full_disk_is_said_and_typing_goes_on(qtbot, panel, messages, monkeypatch):
    def fail(*_):
        raise OSError("No space left on device")

    monkeypatch.setattr(RecoveryStore, "keep", fail)
    qtbot.keyClicks(editor_of(panel), "x")
    panel.flush()
    assert "No space left" in messages[-1]
    assert panel.current_text() == "x"


def test_without_a_place_to_write_the_window_opens_all_the_same(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way of a folder")
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    store = RecoveryStore(tmp_path / "file" / "recovery")
    store.keep(Buffer("1", "a.py", "x"))
    assert store.adopt() == []
    store.close()


def test_a_text_is_recovered_even_if_its_description_is_not(root):
    remains = root / "1-dead"
    remains.mkdir(parents=True)
    (remains / "lone.txt").write_text("x = 1")
    (remains / "damaged.txt").write_text("y = 2")
    (remains / "damaged.json").write_text('{"id": "damaged", "name": "n", "position": 99999999999999}')
    (remains / "loop.txt").symlink_to("loop.txt")
    store = RecoveryStore(root)
    assert {buffer.text for buffer in store.adopt()} == {"x = 1", "y = 2"}
    store.close()
