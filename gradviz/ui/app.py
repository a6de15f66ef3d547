"""The program with its window: what `gradviz` starts."""

from __future__ import annotations

import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QSettings, QSocketNotifier
from PySide6.QtWidgets import QApplication

from gradviz.examples import default_example
from gradviz.ui.icons import application_icon
from gradviz.ui.language import system_language, use_language
from gradviz.ui.model import SessionModel
from gradviz.ui.settings import Preferences
from gradviz.ui.theme import font, theme
from gradviz.ui.window import MainWindow

_FRAME = 48  # height that a desktop may add to a window for its title


def main(
    file: Path | None,
    *,
    seed: int = 0,
    batch_size: int = 64,
    data: str | None = None,
    language: str | None = None,
    theme: str | None = None,
) -> int:
    """Opens the window and returns the exit code once it is closed.

    `language` and `theme` None mean what was chosen last, else the system's language and dark.
    """
    app = make_application()
    window = build_window(
        file, seed=seed, batch_size=batch_size, data=data, language=language, theme_name=theme
    )
    window.model.workers.keeps_spare = True
    try:
        window.model.workers.warm_up()
        _show(window)
        with errors_shown_in(window), interrupt_closes(window):
            return app.exec()
    finally:
        window.model.close()


def make_application() -> QApplication:
    """The QApplication, with the names that settings and recovered texts are filed under."""
    app = QApplication(sys.argv[:1])
    app.setApplicationName("gradviz")
    app.setOrganizationName("gradviz")
    app.setDesktopFileName("gradviz")
    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    app.setStyle("Fusion")
    app.setWindowIcon(application_icon())
    app.setFont(font())
    return app


def build_window(
    file: Path | None = None,
    *,
    seed: int = 0,
    batch_size: int = 64,
    data: str | None = None,
    language: str | None = None,
    theme_name: str | None = None,
) -> MainWindow:
    """The window, on `file` or on SimpleNet, with what an earlier one has left unsaved; not yet shown."""
    preferences = Preferences.load()
    theme.use(theme_name or preferences.theme)
    use_language(language or preferences.language or system_language())
    model = SessionModel()
    model.options = {"seed": seed, "batch_size": batch_size, "data": data}
    if os.environ.get("GRADVIZ_NO_FORK"):  # as where a process cannot be copied
        model.options["checkpoints"] = False
    window = MainWindow(model, preferences)
    model.setParent(window)
    recovered = window.editor.recover()
    opened = file is not None and window.editor.open_path(file)
    if not recovered and not opened:
        window.library.open_example(default_example())
    return window


def _show(window: MainWindow) -> None:
    """Shows the window; where the screen has no room for it and its frame, all over the screen."""
    room = window.screen().availableSize()
    fits = window.width() <= room.width() and window.height() + _FRAME <= room.height()
    window.show() if fits else window.showMaximized()


@contextmanager
def errors_shown_in(window: MainWindow) -> Iterator[None]:
    before = sys.excepthook
    sys.excepthook = lambda kind, error, trace: window.show_error(error)
    try:
        yield
    finally:
        sys.excepthook = before


@contextmanager
def interrupt_closes(window: MainWindow) -> Iterator[None]:
    """Ctrl+C in the terminal closes the window. Qt's loop does not run Python, so a socket wakes it."""
    reader, writer = socket.socketpair()
    writer.setblocking(False)
    notifier = QSocketNotifier(reader.fileno(), QSocketNotifier.Type.Read)
    notifier.activated.connect(lambda: reader.recv(64))
    handlers = {
        number: signal.signal(number, lambda *_: window.close()) for number in (signal.SIGINT, signal.SIGTERM)
    }
    before = signal.set_wakeup_fd(writer.fileno())
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        for number, handler in handlers.items():
            signal.signal(number, handler)
        notifier.setEnabled(False)
        reader.close()
        writer.close()
