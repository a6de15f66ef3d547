"""How the program with its window starts, survives errors, and ends."""

import os
import signal
import sys

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication

from gradviz.examples import default_example
from gradviz.ui import app as app_module
from gradviz.ui import workers
from gradviz.ui.app import build_window, errors_shown_in, interrupt_closes
from gradviz.ui.language import current_language, use_language
from gradviz.ui.theme import theme
from tests.ui.fake_client import FakeClient


@pytest.fixture(autouse=True)
def no_worker(monkeypatch):
    monkeypatch.setattr(workers, "SessionClient", FakeClient)
    yield
    use_language("en")


@pytest.fixture
def build(qtbot):
    """`build_window`, for windows that are closed at the end."""

    def build(*arguments, **options):
        window = build_window(*arguments, **options)
        qtbot.addWidget(window, before_close_func=lambda window: window.close())
        return window

    return build


def test_it_opens_on_simplenet(build):
    window = build()
    assert window.editor.current_text() == default_example().path.read_text("utf-8")
    assert not window.model.started


def test_it_opens_a_file(build, tmp_path):
    file = tmp_path / "mine.py"
    file.write_text("x = 1\n")
    window = build(file)
    assert window.editor.current_text() == "x = 1\n"
    assert window.windowTitle().startswith("mine.py")


def test_a_file_that_is_gone_meanwhile_is_told(build, tmp_path):
    window = build(tmp_path / "gone.py")
    assert "gone.py" in window.status._message.text()
    assert window.editor.current_path() == "simplenet.py"


def test_what_a_crashed_window_left_is_offered_again(build, qtbot):
    left = build()
    left.editor.open_text("mine.py", "")
    left.editor.focus_text()
    qtbot.keyClicks(left.editor._current.editor, "precious")
    left.editor.flush()
    left.editor._unsaved._store._lock.unlock()  # as the death of its process would
    window = build()
    assert window.editor.current_text() == "precious"


def test_options_reach_the_program(build):
    window = build(seed=3, batch_size=16)
    window.steering.run()
    start = FakeClient.instances[-1].commands[0]
    assert (start.seed, start.batch_size) == (3, 16)
    window.model.stop()


def test_theme_and_language_come_from_the_command_line_then_from_last_time(build, qapp):
    QSettings().setValue("preferences/theme", "light")
    QSettings().setValue("preferences/language", "zh_CN")
    build()
    assert (theme.name, current_language()) == ("light", "zh_CN")
    build(theme_name="dark", language="en")
    assert (theme.name, current_language()) == ("dark", "en")


def test_an_error_in_the_window_is_shown_and_survived(build, qtbot, capsys):
    window = build()
    with errors_shown_in(window):
        sys.excepthook(*_caught(ZeroDivisionError("oops")))
    assert window.problems.count == 1
    assert "oops" in window.status._message.text()
    qtbot.waitUntil(lambda: "ZeroDivisionError: oops" in window.console.toPlainText())
    assert "ZeroDivisionError: oops" in capsys.readouterr().err
    assert sys.excepthook is not None


def _caught(error: Exception):
    try:
        raise error
    except Exception:
        return sys.exc_info()


def test_ctrl_c_closes_the_window(build, qtbot):
    window = build()
    window.show()
    before = signal.getsignal(signal.SIGINT)
    with interrupt_closes(window):
        os.kill(os.getpid(), signal.SIGINT)
        qtbot.waitUntil(lambda: not window.isVisible())
    assert signal.getsignal(signal.SIGINT) is before


def test_main_returns_when_the_window_is_closed(qtbot, qapp, monkeypatch):
    monkeypatch.setattr(app_module, "make_application", lambda: qapp)
    monkeypatch.setattr(QApplication, "exec", lambda self=None: QApplication.closeAllWindows() or 0)
    assert app_module.main(None, language="en", theme="light") == 0
    assert theme.name == "light"
