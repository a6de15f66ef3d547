"""What watching a program costs: SimpleNet alone, at full speed under the controller, and recorded whole.

    python tests/benchmarks/bench_session.py [rounds]

The three alternate in one process with one BLAS thread; medians and ratios are printed.
"""

from __future__ import annotations

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"

import statistics
import sys
import time

from gradviz.engine import observe
from gradviz.examples import default_example
from gradviz.session.controller import Controller
from gradviz.session.program import Program
from gradviz.session.protocol import Recorded, Report, Status, encode

EPOCHS = 4
ITERATIONS = 157 * EPOCHS


def program() -> Program:
    """Some epochs of the first example."""
    path = default_example().path
    text = path.read_text(encoding="utf-8").replace("range(10)", f"range({EPOCHS})")
    return Program(text, str(path))


def alone() -> None:
    program().run()


def watched(until: str) -> None:
    """Under a controller whose window draws everything at once, and always wants `until`."""

    def send(report: Report) -> None:
        encode(report)
        if isinstance(report, Recorded):
            controller.acknowledge()
        if isinstance(report, Status) and report.state in ("ready", "holding"):
            controller.advance(until)  # type: ignore[arg-type]

    watching = program()
    controller = Controller(watching, send)
    before = observe(controller)
    try:
        controller.begin()
        watching.run()
    finally:
        observe(before)
    controller.finish("finished", 0)


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    ways = {
        "alone": alone,
        "at full speed": lambda: watched("end"),
        "every iteration recorded": lambda: watched("iteration"),
    }
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    alone()  # loads the data
    for _ in range(rounds):
        for name, run in ways.items():
            started = time.perf_counter()
            run()
            seconds[name].append(time.perf_counter() - started)
    print(f"{rounds} rounds of {ITERATIONS} iterations; data loading is part of each")
    for name, times in seconds.items():
        ratios = [mine / theirs for mine, theirs in zip(times, seconds["alone"], strict=True)]
        middle = statistics.median(times)
        print(f"{name:26} {1e3 * middle:7.0f} ms   × {statistics.median(ratios):.2f} of alone")


if __name__ == "__main__":
    main()
