"""What going back in time costs: seeks to random iterations of a SimpleNet run, and the checkpoints for them.

    python tests/benchmarks/bench_timeline.py [--epochs N] [--seeks N]

Printed are the percentiles of the time from asking for an iteration to having it recorded, the memory that
the checkpoints keep for themselves, and the speed of the run beside one without them, in alternation.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import queue
import random
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from gradviz.examples import default_example
from gradviz.session.client import SessionClient
from gradviz.session.protocol import Acknowledge, Advance, Metrics, Recorded, Report, Seek, Start, Status
from gradviz.session.supervisor import private_bytes

PATIENCE = 600.0


class Run:
    """A program run to its end at full speed."""

    def __init__(self, text: str, path: str, *, checkpoints: bool) -> None:
        self._reports: queue.Queue[Report | None] = queue.Queue()
        self._client = SessionClient(
            lambda _branch, report: self._reports.put(report), lambda _branch, _code: self._reports.put(None)
        )
        self.losses: dict[int, float] = {}
        self.differing = 0
        self._client.send(Start(text, path, checkpoints=checkpoints))
        self._wait_for(lambda report: isinstance(report, Status) and report.state == "ready")
        started = time.perf_counter()
        self._client.send(Advance("end"))
        self._wait_for(lambda report: isinstance(report, Status) and report.state == "finished")
        self.seconds = time.perf_counter() - started

    def seek(self, iteration: int) -> float:
        """Seconds until the iteration is there."""
        started = time.perf_counter()
        self._client.send(Seek(iteration))
        found = self._wait_for(
            lambda r: isinstance(r, Recorded) and r.iteration.index == iteration and r.iteration.complete
        )
        assert isinstance(found, Recorded)
        self.differing += found.iteration.loss != self.losses[iteration]
        return time.perf_counter() - started

    def memory(self) -> tuple[int, int]:
        """How many processes there are, and the bytes that they do not share."""
        group = self._client._process.pid
        members = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
        members = [process for process in members if _group_of(process) == group]
        return len(members), sum(map(private_bytes, members))

    def close(self) -> None:
        self._client.close(wait=True)

    def _wait_for(self, wanted: Callable[[Report], bool]) -> Report:
        while True:
            report = self._reports.get(timeout=PATIENCE)
            assert report is not None, "the program ended its process"
            if isinstance(report, Recorded):
                self._client.send(Acknowledge())
            if isinstance(report, Metrics):
                for metric in report.metrics:
                    if metric.name == "loss":
                        pairs = zip(metric.iterations, metric.values, strict=True)
                        self.losses |= {i: loss for i, loss in pairs if i not in self.losses}
            if wanted(report):
                return report


def _group_of(process: int) -> int:
    try:
        return os.getpgid(process)
    except OSError:
        return -1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=64, help="of 157 iterations each")
    parser.add_argument("--seeks", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3, help="runs with and without checkpoints")
    arguments = parser.parse_args()
    path = default_example().path
    text = path.read_text(encoding="utf-8").replace("range(10)", f"range({arguments.epochs})")
    seconds: dict[bool, list[float]] = {True: [], False: []}
    for _ in range(arguments.rounds):
        for checkpoints in (False, True):
            run = Run(text, str(path), checkpoints=checkpoints)
            seconds[checkpoints].append(run.seconds)
            run.close()
    plain, watched = (statistics.median(seconds[checkpoints]) for checkpoints in (False, True))
    run = Run(text, str(path), checkpoints=True)
    count = len(run.losses)
    print(f"{count} iterations: {watched:.2f} s, {watched / plain:.3f} x the time without checkpoints")
    generator = random.Random(0)
    times = sorted(1e3 * run.seek(generator.randrange(count)) for _ in range(arguments.seeks))
    median, late, last = (times[int(share * (len(times) - 1))] for share in (0.5, 0.95, 1))
    print(f"{len(times)} seeks: median {median:.0f} ms, 95 % within {late:.0f} ms, longest {last:.0f} ms")
    print(f"iterations that came out differently: {run.differing}")
    processes, private = run.memory()
    print(f"{processes} processes with {private / 2**20:.0f} MiB of their own")
    run.close()


if __name__ == "__main__":
    main()
