"""What all tests of the window share: no screen, no leaks, own settings, a model without a worker."""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["QT_SCALE_FACTOR"] = "1"
os.environ["QT_FONT_DPI"] = "96"

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QSettings, QStandardPaths
from PySide6.QtWidgets import QApplication

from gradviz.ui import workers
from gradviz.ui.editor.language import Language
from gradviz.ui.model import SessionModel
from gradviz.ui.theme import theme
from tests.ui.fake_client import FakeClient


@pytest.fixture(autouse=True, scope="session")
def young_garbage_only() -> None:
    """What was there before the first test is not looked through after each: it took a third of the time."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def no_leaks(qapp: QApplication) -> Iterator[None]:
    """Fails a test that leaves a window, thread or child process behind."""
    processes = _child_processes()
    threads = set(threading.enumerate())
    windows = {id(widget) for widget in QApplication.topLevelWidgets()}
    yield
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    left = [
        widget
        for widget in QApplication.topLevelWidgets()
        if id(widget) not in windows and widget.parent() is None and widget.isVisible()
    ]
    for thread in set(threading.enumerate()) - threads:
        thread.join(5)  # one that is about to end may do so
        left += [thread] if thread.is_alive() else []
    left += [f"process {pid}" for pid in _child_processes() - processes]
    assert not left, f"left behind: {left}"


def _child_processes() -> set[str]:
    """Ids of the children of this process; empty where there is no /proc."""
    return {
        pid for listed in Path("/proc/self/task").glob("*/children") for pid in listed.read_text().split()
    }


@pytest.fixture(autouse=True)
def own_settings(qapp: QApplication, tmp_path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Settings and standard folders that belong to one test; the dark theme, whatever the last test used."""
    monkeypatch.setenv("HOME", str(tmp_path))  # where Qt's test folders are
    QStandardPaths.setTestModeEnabled(True)
    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(tmp_path))
    qapp.setStyle("Fusion")
    theme.use("dark")
    yield
    QStandardPaths.setTestModeEnabled(False)


@pytest.fixture(autouse=True)
def no_language(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who types in a test gets no answers about names, unless the test asks for `real_language`."""
    if "real_language" not in request.fixturenames:
        monkeypatch.setattr(Language, "ask", lambda *question, **named: None)


@pytest.fixture
def real_language() -> None:
    """A process that answers questions about names may be started."""


@pytest.fixture
def model(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> Iterator[SessionModel]:
    """A model before any program has run. `started` gives one at the first moment of SimpleNet."""
    monkeypatch.setattr(workers, "SessionClient", FakeClient)
    FakeClient.instances.clear()
    model = SessionModel()
    yield model
    model.stop()
    model.deleteLater()


@pytest.fixture
def started(model: SessionModel) -> SessionModel:
    """The model at the first event of SimpleNet's first iteration."""
    model.start("# the program's text does not matter here", "simplenet.py")
    return model


@pytest.fixture
def client(started: SessionModel) -> FakeClient:
    """The fake worker of `started`: its commands, its recordings."""
    return FakeClient.instances[-1]
