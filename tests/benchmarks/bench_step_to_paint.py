"""From the key to the picture: what a step takes in the window, in the middle of a long SimpleNet run.

    python tests/benchmarks/bench_step_to_paint.py [--epochs N] [--places N]

Steps to the neighbouring event, within an iteration and from one into another, in both directions, at random
places of the run. Printed are percentiles of the time from the press of the key until the moment is painted,
and until the numbers of all that the worker was asked for are painted, too. Without `QT_QPA_PLATFORM` nothing
is shown on a screen; `QT_QPA_PLATFORM=xcb` measures on one.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, QObject, QSettings, Qt, QTimer
from PySide6.QtTest import QTest

from gradviz.examples import default_example
from gradviz.ui.app import build_window, make_application
from gradviz.ui.model import LIVE
from gradviz.ui.window import MainWindow

WANTED = 33  # milliseconds from the key to the picture
QUIET = 80  # milliseconds without an answer after which no further one is expected
PATIENCE = 300.0  # seconds


class Watch(QObject):
    """Notes when the graph has been painted, and when answers of the worker have."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.painted = self.answered = 0.0
        self._news = False
        window.model.summaries_changed.connect(self._on_answer)
        for view in (window.graph.canvas, window.inspector, window.timeline.strip):
            view.installEventFilter(self)

    def eventFilter(self, _view: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            QTimer.singleShot(0, self._on_painted)  # comes when the whole window has been painted
        return False

    def _on_painted(self) -> None:
        self.painted = time.perf_counter()
        if self._news:
            self._news, self.answered = False, self.painted

    def _on_answer(self) -> None:
        self._news = True


def wait_until(done: Callable[[], bool], what: str) -> None:
    """Lets the window live until something is the case."""
    deadline = time.monotonic() + PATIENCE
    tick = QTimer()  # so that waiting for events has an end
    tick.start(50)
    while not done():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)


def rest(milliseconds: int) -> None:
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


class Walker:
    """Presses keys in a window whose program has run to its end."""

    def __init__(self, epochs: int) -> None:
        self.window = build_window(language="en")
        self.model = self.window.model
        text = default_example().path.read_text(encoding="utf-8")
        self.window.resize(1600, 1000)
        self.window.show()
        self.window.activateWindow()
        wait_until(self.window.isActiveWindow, "the window")
        self.watch = Watch(self.window)
        self.model.speed = LIVE
        self.model.start(text.replace("range(10)", f"range({epochs})"), "simplenet.py")
        self.model.play()
        wait_until(lambda: self.model.status.state in ("finished", "failed"), "the end of the run")
        self.window.graph.setFocus()
        self.window.graph.reduce_motion = True

    def go_to(self, iteration: int, event: int) -> None:
        """Shows a moment and lets the window come to rest."""
        self.model.go_to(iteration)
        wait_until(lambda: self.model.moment.iteration == iteration, f"iteration {iteration}")
        self.model.seek(event)
        rest(3 * QUIET)

    def press(self, key: Qt.Key, moment: tuple[int, int]) -> tuple[float, float]:
        """Milliseconds from the key until `moment` is painted, and until its numbers are."""
        watch, model = self.watch, self.model
        started = time.perf_counter()
        watch.answered = 0.0
        QTest.keyClick(self.window.graph.canvas, key)
        wait_until(lambda: model.moment == moment and self.window.graph.placed, f"moment {moment}")
        arrived = time.perf_counter()
        wait_until(lambda: watch.painted > arrived, "a picture")
        painted = watch.painted
        rest(QUIET)
        return 1e3 * (painted - started), 1e3 * (max(painted, watch.answered) - started)


def measure(walker: Walker, places: int) -> dict[str, list[tuple[float, float]]]:
    """For every kind of step what `press` says of it, once or twice at every place."""
    chance = random.Random(0)
    times: dict[str, list[tuple[float, float]]] = {}

    def press(kind: str, key: Qt.Key, moment: tuple[int, int]) -> None:
        times.setdefault(kind, []).append(walker.press(key, moment))

    for _ in range(places):
        iteration = chance.randrange(1, walker.model.furthest - 1)
        walker.go_to(iteration, 10_000)
        last = walker.model.moment.event
        event = chance.randrange(1, last - 1)
        walker.go_to(iteration, event)
        press("forward within an iteration", Qt.Key.Key_Right, (iteration, event + 1))
        press("back within an iteration", Qt.Key.Key_Left, (iteration, event))
        walker.go_to(iteration, last)
        press("forward into the next iteration", Qt.Key.Key_Right, (iteration + 1, 0))
        walker.go_to(iteration, -1)
        press("back into the iteration before", Qt.Key.Key_Left, (iteration - 1, last))
    return times


def report(times: dict[str, list[tuple[float, float]]]) -> None:
    print(f"{'ms from the key until':34}{'it is painted':>22}{'with all numbers':>22}")
    print(f"{'':34}" + f"{'median':>8}{'95 %':>7}{'worst':>7}" * 2)
    for kind, pairs in times.items():
        columns = ""
        for values in zip(*pairs, strict=True):
            ordered = sorted(values)
            shares = [ordered[int(share * (len(ordered) - 1))] for share in (0.5, 0.95, 1)]
            columns += f"{shares[0]:8.0f}{shares[1]:7.0f}{shares[2]:7.0f}"
        print(f"{kind:34}{columns}")
    print(f"wanted: {WANTED} ms until it is painted")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=64, help="of 157 iterations each")
    parser.add_argument("--places", type=int, default=25, help="random places to step at")
    arguments = parser.parse_args()
    app = make_application()
    with tempfile.TemporaryDirectory() as folder:  # settings of a person's own stay as they are
        QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, folder)
        walker = Walker(arguments.epochs)
        print(f"{walker.model.furthest + 1} iterations, {app.platformName()}")
        report(measure(walker, arguments.places))
        walker.model.close()
        walker.window.close()


if __name__ == "__main__":
    main()
