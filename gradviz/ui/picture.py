"""A picture of the window for a machine without a display: the real window, of a program that really ran.

python -m gradviz.ui.picture gradviz.png [PROGRAM [dark|light]] [--language zh_CN] [--size 1600x1000]
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEventLoop, QSettings, QSize, QStandardPaths, QTimer
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QApplication

from gradviz.trace import Iteration
from gradviz.translate import preferred_language
from gradviz.ui.app import build_window, make_application
from gradviz.ui.export import write_image
from gradviz.ui.language import LANGUAGES
from gradviz.ui.model import DEFAULT_SPEED, LIVE, SessionModel
from gradviz.ui.theme import THEMES

TRAINING = 400  # iterations before the one that is shown, for a curve worth looking at
_DEADLINE = 60_000  # milliseconds for the training
_SETTLE = 400  # milliseconds without news after which everything is drawn
_NODE = "relu"  # the operation to be selected, where the program has one


def write_picture(
    path: Path,
    program: Path | None = None,
    *,
    size: QSize = QSize(1600, 1000),  # noqa: B008 - never modified
    theme: str = "dark",
    language: str = "en",
    training: int = TRAINING,
) -> None:
    """Trains `program` (or SimpleNet), stops it in the middle of a backward pass and draws the window as PNG.

    Needs a QApplication. Raises OSError when the file cannot be written.
    """
    window = build_window(program, theme_name=theme, language=language)
    window.resize(size)
    window.reset_layout()
    QCursor.setPos(size.width(), size.height())  # nothing is hovered
    window.show()
    model = window.model
    try:
        model.set_speed(LIVE)
        window.steering.run()
        _wait(lambda: _is_over(model) or model.run.last_iteration >= training)
        model.pause()
        _wait(lambda: _is_over(model) or (model.status.state == "holding" and model.iteration is not None))
        model.set_speed(DEFAULT_SPEED)
        _show_backward(model)
        _wait(lambda: window.graph.placed)
        _settle(model)
        window.graph.fit()
        write_image(window.grab().toImage(), path)
    finally:
        window.close()
        model.close()


def _is_over(model: SessionModel) -> bool:
    return model.status.state in ("finished", "failed") or not model.started


def _show_backward(model: SessionModel) -> None:
    """Goes to the moment at which the gradient of the node worth looking at has just been computed."""
    if model.iteration is not None and (event := _backward_event(model.iteration)) is not None:
        model.seek(event)
        model.select(model.iteration.nodes[model.iteration.events[event].node].key)


def _backward_event(iteration: Iteration) -> int | None:
    backward = [index for index, event in enumerate(iteration.events) if event.kind == "backward"]
    preferred = [index for index in backward if iteration.nodes[iteration.events[index].node].name == _NODE]
    return next(iter(preferred or backward[len(backward) // 2 :]), None)


def _wait(done: Callable[[], bool]) -> None:
    """Lets the window live until `done()`, or until the deadline."""
    loop = QEventLoop()
    poll = QTimer(interval=20)
    poll.timeout.connect(lambda: loop.quit() if done() else None)
    poll.start()
    QTimer.singleShot(_DEADLINE, loop, loop.quit)
    loop.exec()


def _settle(model: SessionModel) -> None:
    """Lets the window live until the numbers it asked for are here, and everything is drawn."""
    loop = QEventLoop()
    quiet = QTimer(interval=_SETTLE, singleShot=True)
    quiet.timeout.connect(loop.quit)
    model.summaries_changed.connect(quiet.start)
    quiet.start()
    QTimer.singleShot(_DEADLINE, loop, loop.quit)
    loop.exec()


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="gradviz.ui.picture")
    parser.add_argument("path", type=Path)
    parser.add_argument("program", type=Path, nargs="?")
    parser.add_argument("theme", choices=list(THEMES), default="dark", nargs="?")
    parser.add_argument("--language", choices=list(LANGUAGES), default=preferred_language())
    parser.add_argument("--size", default="1600x1000")
    options = parser.parse_args(arguments)
    width, height = map(int, options.size.split("x"))
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    QStandardPaths.setTestModeEnabled(True)
    app = make_application()
    with tempfile.TemporaryDirectory() as folder:
        # Nobody's layout, recent files or unsaved texts belong on the picture.
        QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, folder)
        write_picture(
            options.path,
            options.program,
            size=QSize(width, height),
            theme=options.theme,
            language=options.language,
        )
        QApplication.sendPostedEvents()
    del app
    return 0


if __name__ == "__main__":
    sys.exit(main())
