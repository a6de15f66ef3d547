"""A worker that cannot be trusted: it works as it should, but any part of what it says may be another.

`python -m tests.ui.stranger --rounds 100000` lets it talk to the whole window, and says what came of it.
"""

from __future__ import annotations

import argparse
import collections
import os
import random
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication

from gradviz.session.client import SessionClient
from gradviz.session.protocol import ProtocolError, Report, decode_report, encode
from gradviz.ui import workers
from gradviz.ui.app import build_window, make_application
from gradviz.ui.model import LIVE
from gradviz.ui.window import MainWindow
from tests.session.mutations import mutated

PROGRAM = """
import torch, torch.nn as nn
net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1))
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
x, y = torch.randn(16, 4), torch.randn(16, 1)
for step in range(100_000):
    loss = ((net(x) - y) ** 2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 50 == 0:
        print(step, loss.item())
"""
STALL = 0.1  # seconds for which the window may hold still


class Stranger(SessionClient):
    """Delivers of its worker's reports what survives the wire with a mutation."""

    rng = random.Random(0)
    trust = 0.3
    """How often it says what is so."""
    counts: collections.Counter[str] = collections.Counter()

    def _deliver(self, branch: int, report: Report) -> None:
        message = encode(report)
        if self.rng.random() > self.trust:
            message = mutated(message, self.rng)
        try:
            received = decode_report(message)
        except ProtocolError:
            self.counts["refused"] += 1
            return
        self.counts["taken"] += 1
        super()._deliver(branch, received)


def deeds(window: MainWindow, rng: random.Random) -> list[Callable[[], object]]:
    """What a person may do meanwhile."""
    model, inspector, plots = window.model, window.inspector.tabs, window.plots.tabs
    node = rng.choice(model.nodes) if model.nodes else None
    return [
        lambda: model.step_forward(rng.choice(("op", "phase", "step"))),
        lambda: model.step_back(rng.choice(("op", "phase", "step"))),
        lambda: model.seek(rng.randrange(-1, 60)),
        lambda: model.go_to(rng.randrange(0, 200)),
        lambda: model.select(node.key if node else None),
        lambda: inspector.setCurrentIndex(rng.randrange(inspector.count())),
        lambda: plots.setCurrentIndex(rng.randrange(plots.count())),
        lambda: model.set_speed(rng.choice((LIVE, 3))),
        lambda: node and model.iteration and model.shown.asked.check(model.iteration.index, node.id),
        model.toggle_play,
        model.last,
        window.graph.fit,
        window.grab,
    ]


def talk(window: MainWindow, rounds: int, tell: Callable[[int], None] = lambda _: None) -> float:
    """Lets a person and the stranger at the window for so many messages; the longest stall in seconds."""
    rng, counts, longest = Stranger.rng, Stranger.counts, 0.0
    window.model.start(PROGRAM, "stranger.py")
    begun = time.monotonic()
    while counts.total() < rounds:
        if not window.model.workers.in_use or time.monotonic() - begun > 20:
            window.model.start(PROGRAM, "stranger.py")  # it has talked itself out, or into standing still
            begun = time.monotonic()
        rng.choice(deeds(window, rng))()
        before = time.perf_counter()
        QApplication.processEvents()
        longest = max(longest, time.perf_counter() - before)
        tell(counts.total())
    return longest


def resident() -> int:
    """MiB of memory that this process has."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") >> 20


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    Stranger.rng.seed(options.seed)
    errors: collections.Counter[str] = collections.Counter()
    sys.excepthook = lambda kind, error, trace: errors.update(
        ["".join(traceback.format_exception(kind, error, trace)[-3:])]
    )
    workers.SessionClient = Stranger  # type: ignore[misc]
    make_application()
    memory: list[int] = []

    def tell(done: int) -> None:
        while done >= (len(memory) + 1) * options.rounds // 10:
            memory.append(resident())
            print(f"{done:8} messages  {memory[-1]:5} MiB  {errors.total()} errors", flush=True)

    with tempfile.TemporaryDirectory() as folder:
        QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, folder)
        window = build_window(language="en")
        window.show()
        longest = talk(window, options.rounds, tell)
        window.model.close()
        window.close()
    print(f"taken {Stranger.counts['taken']}, refused {Stranger.counts['refused']}")
    print(f"longest stall {1000 * longest:.0f} ms")
    for error, times in errors.most_common():
        print(f"--- {times} times\n{error}")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
