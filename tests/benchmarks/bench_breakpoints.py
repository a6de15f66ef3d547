"""What breakpoints cost: SimpleNet at full speed with none, one and five, and with every iteration recorded.

    python tests/benchmarks/bench_breakpoints.py [rounds]

They alternate in one process with one BLAS thread, and none of the conditions is ever true; the medians of
the iterations per second of processor time are printed.
"""

from __future__ import annotations

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"

import statistics
import sys
import time

from gradviz.engine import observe
from gradviz.examples import default_example
from gradviz.session import recorder
from gradviz.session.controller import Controller
from gradviz.session.program import Program
from gradviz.session.protocol import Recorded, Report, Status, encode
from gradviz.trace import Breakpoint

ITERATIONS = 157
FIVE = (
    "value.nan or value.inf or grad.nan or grad.inf",
    "grad.norm > 1e9",
    "loss > 1000 * loss.previous",
    "dead > 0.999",
    "update.ratio > 1000",
)
RUNS: dict[str, tuple[str, ...]] = {
    "no breakpoint": (),
    "one, on a line": ("line == 99999",),
    "one, NaN or Inf": FIVE[:1],
    "five": FIVE,
}


def rate(conditions: tuple[str, ...]) -> float:
    """Iterations per second of processor time."""

    def send(report: Report) -> None:
        encode(report)
        if isinstance(report, Recorded):
            controller.acknowledge()
        if isinstance(report, Status) and report.state in ("ready", "holding"):
            controller.advance("end")

    path = default_example().path
    program = Program(path.read_text(encoding="utf-8").replace("range(10)", "range(1)"), str(path))
    controller = Controller(program, send)
    controller.set_breakpoints([Breakpoint(i, text) for i, text in enumerate(conditions)])
    before = observe(controller)
    started = time.process_time()
    try:
        controller.begin()
        program.run()
    finally:
        observe(before)
    controller.finish("finished", 0)
    return ITERATIONS / (time.process_time() - started)


def rate_of_recording_all() -> float:
    kept = recorder.RECORD_ALL_FOR
    recorder.RECORD_ALL_FOR = float("inf")
    try:
        return rate(())
    finally:
        recorder.RECORD_ALL_FOR = kept


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    rates: dict[str, list[float]] = {}
    for _ in range(rounds):
        for name, conditions in RUNS.items():
            rates.setdefault(name, []).append(rate(conditions))
        rates.setdefault("everything recorded", []).append(rate_of_recording_all())
    for name, found in rates.items():
        print(f"{name:20s} {statistics.median(found):7.0f} iterations/s")


if __name__ == "__main__":
    main()
