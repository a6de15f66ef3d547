"""What going back in time costs: seeks to random iterations of a SimpleNet run, and the checkpoints for them.

    python tests/benchmarks/bench_timeline.py [--epochs N] [--seeks N] [--steps N] [--rounds N]

Printed beside the figures that are wanted: percentiles of the time from asking for an iteration to having it
recorded, for random ones and for those beside the last one; the speed of the run beside one without
checkpoints and beside `gradviz run`, in alternation; the memory that the checkpoints keep for themselves.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import queue
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from gradviz.examples import default_example
from gradviz.session.checkpoint_tree import private_bytes
from gradviz.session.client import SessionClient
from gradviz.session.protocol import Acknowledge, Advance, Metrics, Recorded, Report, Seek, Start, Status

PATIENCE = 600.0
LEAD, LEAD_BACK = 1, 16  # iterations before the one gone to that the window has recorded as well


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

    def seek(self, iteration: int, lead: int = LEAD) -> float:
        """Seconds until the iteration is there."""
        started = time.perf_counter()
        self._client.send(Seek(iteration, lead))
        found = self._wait_for(
            lambda r: isinstance(r, Recorded) and r.iteration.index == iteration and r.iteration.complete
        )
        assert isinstance(found, Recorded)
        self.differing += found.iteration.loss != self.losses[iteration]
        return time.perf_counter() - started

    def memory(self) -> tuple[int, int]:
        """How many checkpoints there are, and the bytes that they do not share."""
        supervisor = self._client._process.pid
        members = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
        members = [process for process in members if _group_of(process) == supervisor]
        asleep = [process for process in members if process != supervisor and not _is_talking(process)]
        return len(asleep), sum(map(private_bytes, asleep))

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


def _is_talking(process: int) -> bool:
    """Whether it runs the program: a checkpoint has one thread only."""
    return len(list(Path(f"/proc/{process}/task").iterdir())) > 1


def plain_seconds(text: str) -> float:
    """How long the program takes from its first line to its last in `gradviz run`."""
    timed = f"import time\nstarted = time.perf_counter()\n{text}\nprint(time.perf_counter() - started)\n"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "program.py")
        path.write_text(timed, encoding="utf-8")
        command = [sys.executable, "-m", "gradviz", "run", str(path)]
        root = Path(__file__).parents[2]
        done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=root)
    return float(done.stdout.split()[-1])


def percentiles(seconds: list[float]) -> str:
    times = sorted(1e3 * took for took in seconds)
    median, late, last = (times[int(share * (len(times) - 1))] for share in (0.5, 0.95, 1))
    return f"{len(times)}: median {median:.0f} ms, 95 % within {late:.0f} ms, longest {last:.0f} ms"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=64, help="of 157 iterations each")
    parser.add_argument("--seeks", type=int, default=200)
    parser.add_argument("--steps", type=int, default=100, help="to the iteration before, and as many after")
    parser.add_argument("--rounds", type=int, default=3, help="runs of each kind")
    arguments = parser.parse_args()
    path = default_example().path
    text = path.read_text(encoding="utf-8").replace("range(10)", f"range({arguments.epochs})")
    plain, without, watched = [], [], []
    for _ in range(arguments.rounds):
        plain.append(plain_seconds(text))
        for checkpoints, seconds in ((False, without), (True, watched)):
            run = Run(text, str(path), checkpoints=checkpoints)
            seconds.append(run.seconds)
            run.close()
    run = Run(text, str(path), checkpoints=True)
    count = len(run.losses)
    mine, other, bare = (statistics.median(seconds) for seconds in (watched, without, plain))
    print(f"{count} iterations: {mine:.2f} s")
    print(f"  {mine / other:.3f} x the time without checkpoints (wanted: 1.05)")
    print(f"  {mine / bare:.3f} x the time of gradviz run (wanted: 1.05)")
    processes, private = run.memory()
    print(f"checkpoints: {processes} with {private / 2**20:.0f} MiB of their own (wanted: below 512)")
    generator = random.Random(0)
    seeks = [run.seek(generator.randrange(count)) for _ in range(arguments.seeks)]
    print(f"seeks (wanted: 95 % within 100 ms): {percentiles(seeks)}")
    here = generator.randrange(arguments.steps, count)
    run.seek(here)
    back = [run.seek(i, LEAD_BACK) for i in range(here - 1, here - 1 - arguments.steps, -1)]
    print(f"steps back (wanted: painted within 33 ms): {percentiles(back)}")
    forward = [run.seek(i) for i in range(here - arguments.steps + 1, here + 1)]
    print(f"steps forward (wanted: painted within 33 ms): {percentiles(forward)}")
    print(f"iterations that came out differently (wanted: 0): {run.differing}")
    processes, private = run.memory()
    print(f"checkpoints: {processes} with {private / 2**20:.0f} MiB of their own (wanted: below 512)")
    run.close()


if __name__ == "__main__":
    main()
