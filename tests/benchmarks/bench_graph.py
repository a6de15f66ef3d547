"""How large a graph the window takes: real graphs, recorded from programs that build them with the engine.

    python tests/benchmarks/bench_graph.py [part of a name …]

For each, in milliseconds of the processor, so that the machine's other work counts little:

- *to see*: from the decoded report of the worker to the first picture (wanted: 1,000)
- *to open*: from a double-click on a box until it is drawn open, the slowest of those in sight (200)
- *step*: to the next event, the 95th percentile (33)
- *blocked*: the longest time that the window did not answer, in all of that, by what its own thread did
  (100); *held up*: by what all threads did
- *frame*: panning and zooming with up to 10,000 nodes in sight, the 95th percentile (16)

Then the layout beside graphviz `dot` on the same cards and edges, where that is installed: at first sight,
and with many boxes open. `dot` is spared the boxes, and given up after a minute. A crossing is one of two
straight pieces of edges with no end in common; of curves the lines between their control points are taken.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from threading import Thread

import numpy as np
from numpy.typing import ArrayLike

sys.path.insert(0, str(Path(__file__).parents[2]))

from PySide6.QtCore import QCoreApplication, QEvent, QPointF, QSettings

from gradviz.session.protocol import Command, Look, Recorded, Report, Seen, Status, decode_report, encode
from gradviz.trace import summarize
from gradviz.trace.folding import Folding, ancestors, fold
from gradviz.ui.app import build_window, make_application
from gradviz.ui.graph.diagram import box_key
from gradviz.ui.graph.layout import Request, lay_out
from gradviz.ui.workers import look_ahead
from tests.benchmarks.large_programs import PROGRAMS
from tests.session.harness import Session, record
from tests.ui.watchdog import Watchdog

IN_SIGHT = 10_000
FRAMES = 60
STEPS = 40
PATIENCE = 60  # seconds for dot


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
        thread = Thread(target=look_ahead, args=[recorded.iteration])
        thread.start()
        until(lambda: not thread.is_alive())
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
        self.window.close()
        self.window.deleteLater()


def milliseconds(deed: Callable[[], None]) -> float:
    started = time.process_time()
    deed()
    return 1e3 * (time.process_time() - started)


def percentile(values: list[float]) -> float:
    return sorted(values)[int(0.95 * (len(values) - 1))] if values else 0.0


def sizes_of_boxes(folding: Folding) -> Counter[str]:
    """How many nodes are in each box, by its card's key."""
    return Counter(box_key(path) for home in folding.of for path in ancestors(home, folding.scopes))


def open_many(show: Show, sizes: Counter[str]) -> int:
    """Opens boxes until about `IN_SIGHT` nodes are there; how many are."""
    graph = show.graph
    while True:
        cards = graph._diagram.cards
        small = [key for key, card in cards.items() if card.module and sizes[key] + len(cards) <= IN_SIGHT]
        if not small:
            return len(cards)
        graph.open_all(max(small, key=lambda key: sizes[key]))
        show._rest()


def crossings(lines: dict[tuple[str, str], list[tuple[float, float]]]) -> int:
    """How often edges cross that have no end in common."""
    names = {name: number for number, name in enumerate(dict.fromkeys(key for edge in lines for key in edge))}
    pieces = [
        (*a, *b, names[source], names[target])
        for (source, target), points in lines.items()
        for a, b in pairwise(points)
    ]
    table = np.array(sorted(pieces, key=lambda piece: min(piece[0], piece[2]))).reshape(-1, 6)
    starts, ends, keys = table[:, :2], table[:, 2:4], table[:, 4:]
    left, right = np.minimum(starts[:, 0], ends[:, 0]), np.maximum(starts[:, 0], ends[:, 0])
    found = 0
    for number, last in enumerate(np.searchsorted(left, right, side="right").tolist()):
        others = slice(number + 1, last)
        a, b, p, q = starts[number], ends[number], starts[others], ends[others]
        apart = (_side(a, b, p) * _side(a, b, q) < 0) & (_side(p, q, a) * _side(p, q, b) < 0)
        strangers = (keys[others, :, None] != keys[number]).all(axis=(1, 2))
        found += int((apart & strangers).sum())
    return found


def _side(a: ArrayLike, b: ArrayLike, c: ArrayLike) -> np.ndarray:
    """On which side of the line from a to b a point lies, by its sign."""
    ax, ay = np.asarray(a).T
    (bx, by), (cx, cy) = np.asarray(b).T, np.asarray(c).T
    return (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)


@dataclass(frozen=True)
class Drawn:
    """A layout: milliseconds, and crossings (None where there is no drawing)."""

    took: float
    crossings: int | None

    def __str__(self) -> str:
        return f"{self.took:10,.0f}{'–' if self.crossings is None else f'{self.crossings:,}':>10}"


def by_us(request: Request) -> Drawn:
    started = time.process_time()
    placement = lay_out(request)
    took = 1e3 * (time.process_time() - started)
    return Drawn(took, crossings(placement.edges))


def by_dot(request: Request) -> Drawn:
    names = {key: f"n{number}" for number, key in enumerate(request.cards)}
    size = "width={:.3f} height={:.3f}"
    nodes = [
        f"{names[key]} [{size.format(card.width / 72, card.height / 72)}]"
        for key, card in request.cards.items()
    ]
    edges = [f"{names[a]} -> {names[b]}" for a, b in request.edges]
    text = ";".join(["digraph { rankdir=LR; node [shape=box fixedsize=true]", *nodes, *edges]) + "}"
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    try:
        answer = subprocess.run(
            ["dot", "-Tplain"], input=text, capture_output=True, text=True, check=True, timeout=PATIENCE
        ).stdout
    except subprocess.TimeoutExpired:
        return Drawn(1e3 * PATIENCE, None)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    lines = {}
    for words in (line.split() for line in answer.splitlines()):
        if words[0] == "edge":
            numbers = [float(word) for word in words[4 : 4 + 2 * int(words[3])]]
            lines[words[1], words[2]] = list(zip(numbers[::2], numbers[1::2], strict=True))
    return Drawn(
        1e3 * (after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime), crossings(lines)
    )


def beside_dot(name: str, request: Request) -> str:
    """A line of the second table."""
    ours = by_us(request)
    line = f"{name:36}{len(request.cards):8,}{len(request.edges):8,}{ours}"
    if shutil.which("dot") is None:
        return line
    dots = by_dot(request)
    slower = f"{'>' if dots.crossings is None else ''}{dots.took / max(ours.took, 0.1):,.1f}"
    more = f"{ours.crossings / dots.crossings:.2f}" if dots.crossings and ours.crossings is not None else "–"
    return f"{line}{dots}{slower:>12}{more:>12}"


def measure(name: str, text: str) -> list[str]:
    """Prints a line of the first table; the second table's."""
    session = record(text)
    recorded = decode_report(encode(Recorded(session.iterations[0])))
    assert isinstance(recorded, Recorded)
    show = Show(session)
    with Watchdog() as watchdog:
        seen = milliseconds(lambda: show.see(recorded))
        blocked = {"see": (watchdog.longest, watchdog.held_up)}
    at_first = len(show.graph._diagram.cards)
    requests = {f"{name}, at first": show.graph._placer.request}
    opening = []
    with Watchdog() as watchdog:
        for card in [card for card in show.graph._diagram.cards.values() if card.module][:6]:
            opening.append(milliseconds(lambda key=card.key: show.toggle(key)))
            show.toggle(card.key)
        blocked["open"] = (watchdog.longest, watchdog.held_up)
    with Watchdog() as watchdog:
        steps = [milliseconds(show.step) for _ in range(STEPS)]
        blocked["step"] = (watchdog.longest, watchdog.held_up)
    sizes = sizes_of_boxes(fold(recorded.iteration))
    with Watchdog() as watchdog:
        in_sight = open_many(show, sizes)
        show.graph.fit()
        show._rest()
        blocked["all"] = (watchdog.longest, watchdog.held_up)
    requests[f"{name}, open"] = show.graph._placer.request
    frames = show.frames()
    longest, held_up = (1e3 * max(times) for times in zip(*blocked.values(), strict=True))
    frame = percentile(frames)
    print(
        f"{name:24}{len(recorded.iteration.nodes):8,}{at_first:7}{seen:8.0f}{max(opening, default=0):8.0f}"
        f"{percentile(steps):7.1f}{longest:9.0f}{held_up:9.0f}{in_sight:10,}{frame:7.1f}",
        flush=True,
    )
    show.close()
    return [beside_dot(title, request) for title, request in requests.items() if request is not None]


def main() -> None:
    wanted = sys.argv[1:]
    make_application()
    with tempfile.TemporaryDirectory() as folder:  # settings of a person's own stay as they are
        QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, folder)
        print(
            f"{'':24}{'nodes':>8}{'cards':>7}"
            f"{'to see':>8}{'to open':>8}{'step':>7}{'blocked':>9}{'held up':>9}{'in sight':>10}{'frame':>7}"
        )
        lines = []
        for name, text in PROGRAMS.items():
            if not wanted or any(part in name for part in wanted):
                lines += measure(name, text)
        columns = f"{'cards':>8}{'edges':>8}{'ms':>10}{'crossings':>10}{'dot ms':>10}{'crossings':>10}"
        print(f"\n{'':36}{columns}{'dot/ours':>12}{'ours/dot':>12}", *lines, sep="\n")


if __name__ == "__main__":
    main()
