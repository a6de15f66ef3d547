"""How large a graph the window takes: real graphs, recorded from programs that build them with the engine.

    python tests/benchmarks/bench_graph.py [part of a name …]

For each, in milliseconds of the processor, so that the machine's other work counts little:

- *to see*: from the decoded report of the worker to the first picture (wanted: 1,000)
- *to open*: from a double-click on a box until it is drawn open, the slowest of those in sight (200)
- *step*: to the next event, the 95th percentile (33)
- *blocked*: the longest time that the window did not answer, in all of that (100)
- *frame*: panning and zooming with up to 10,000 nodes in sight, the 95th percentile (16)
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from PySide6.QtCore import QCoreApplication, QEvent, QPointF, QSettings

from gradviz.session.protocol import Command, Look, Recorded, Report, Seen, Status, decode_report, encode
from gradviz.trace import summarize
from gradviz.trace.folding import fold
from gradviz.ui.app import build_window, make_application
from gradviz.ui.graph.focus import members
from tests.benchmarks.large_programs import PROGRAMS
from tests.session.harness import Session, record
from tests.ui.watchdog import Watchdog

IN_SIGHT = 10_000
FRAMES = 60
STEPS = 40


def until(done: Callable[[], bool]) -> None:
    """Lets the window live until something is the case."""
    while not done():
        QCoreApplication.processEvents()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


class Show:
    """A window, and a worker that has run its program already."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.window = build_window(language="en")
        self.model, self.graph = self.window.model, self.window.graph
        self.graph.reduce_motion = True
        self.window.resize(1600, 1000)
        self.window.show()
        self.model.shown.send = self._answer
        self.model.restarted.emit()
        until(lambda: self.window.isVisible())
        self._rest()

    def _answer(self, command: Command) -> None:
        if isinstance(command, Look):
            arrays = (self.session.controller.find(ref) for ref in command.arrays)
            found = [
                None if a is None else summarize(a, command.rows, command.cols, command.bins, command.index)
                for a in arrays
            ]
            self.model.shown.receive(Seen(command.request, found))

    def _rest(self) -> None:
        until(lambda: self.graph.placed)
        for _ in range(5):  # paints, asks for what is seen, paints that
            QCoreApplication.processEvents()

    def receive(self, report: Report) -> None:
        self.model.shown.receive(report)

    def see(self, recorded: Recorded) -> None:
        """What a report of the worker goes through, up to its picture."""
        fold(recorded.iteration)
        self.receive(recorded)
        self.receive(Status("holding", recorded.iteration.index))
        self._rest()

    def toggle(self, key: str) -> None:
        self.graph.toggle(key)
        self._rest()

    def step(self) -> None:
        self.model.step_forward("op")
        self._rest()

    def frames(self) -> list[float]:
        """Milliseconds of each frame while somebody pans and zooms around everything."""
        canvas, times = self.graph.canvas, []
        for number in range(FRAMES):
            started = time.thread_time()
            if number % 2:
                canvas.zoom(1.1 if number % 4 == 1 else 1 / 1.1, QPointF(300, 300))
            else:
                canvas.camera.pan(7, 3)
                canvas._view_moved()
            canvas.repaint()
            times.append(1e3 * (time.thread_time() - started))
            QCoreApplication.processEvents()
        return times

    def close(self) -> None:
        self.model.shown.hang_up()
        self.model.close()
        self.window.editor.discard() if hasattr(self.window.editor, "discard") else None
        self.window.close()
        self.window.deleteLater()


def milliseconds(deed: Callable[[], None]) -> float:
    started = time.process_time()
    deed()
    return 1e3 * (time.process_time() - started)


def percentile(values: list[float]) -> float:
    return sorted(values)[int(0.95 * (len(values) - 1))] if values else 0.0


def open_many(show: Show) -> int:
    """Opens boxes until about `IN_SIGHT` nodes are there; how many are."""
    graph = show.graph
    while True:
        diagram = graph._diagram
        closed = [card for card in diagram.cards.values() if card.module]
        sizes = {card.key: len(members(show.model.iteration, diagram.folding, card.key)) for card in closed}
        small = [key for key, size in sizes.items() if size + len(diagram.cards) <= IN_SIGHT]
        if not small:
            return len(diagram.cards)
        graph.open_all(max(small, key=lambda key: sizes[key]))
        show._rest()


def measure(name: str, text: str) -> None:
    session = record(text)
    recorded = decode_report(encode(Recorded(session.iterations[0])))
    assert isinstance(recorded, Recorded)
    show = Show(session)
    with Watchdog() as watchdog:
        seen = milliseconds(lambda: show.see(recorded))
        first = show.graph._placer
        request = first.request
        assert request is not None
        blocked = {"see": (watchdog.longest, watchdog.held_up)}
    at_first = len(show.graph._diagram.cards)
    opening = []
    with Watchdog() as watchdog:
        for card in [card for card in show.graph._diagram.cards.values() if card.module][:6]:
            opening.append(milliseconds(lambda key=card.key: show.toggle(key)))
            show.toggle(card.key)
        blocked["open"] = (watchdog.longest, watchdog.held_up)
    with Watchdog() as watchdog:
        steps = [milliseconds(show.step) for _ in range(STEPS)]
        blocked["step"] = (watchdog.longest, watchdog.held_up)
    with Watchdog() as watchdog:
        in_sight = open_many(show)
        show.graph.fit()
        show._rest()
        blocked["all"] = (watchdog.longest, watchdog.held_up)
    frames = show.frames()
    iteration = recorded.iteration
    print(
        f"{name:24}{len(iteration.nodes):8,}{at_first:7}{seen:8.0f}{max(opening, default=0):8.0f}"
        f"{percentile(steps):7.1f}{in_sight:10,}{percentile(frames):7.1f}   "
        + " ".join(f"{k} {1e3 * a:.0f}/{1e3 * b:.0f}" for k, (a, b) in blocked.items()),
        flush=True,
    )
    show.close()


def main() -> None:
    wanted = sys.argv[1:]
    make_application()
    with tempfile.TemporaryDirectory() as folder:  # settings of a person's own stay as they are
        QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, folder)
        print(
            f"{'':24}{'nodes':>8}{'cards':>7}"
            f"{'to see':>8}{'to open':>8}{'step':>7}{'in sight':>10}{'frame':>7}"
        )
        for name, text in PROGRAMS.items():
            if not wanted or any(part in name for part in wanted):
                measure(name, text)


if __name__ == "__main__":
    main()
