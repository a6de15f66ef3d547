"""What memory a SimpleNet run needs at its peak: by the engine, and by hand in NumPy.

    python tests/benchmarks/bench_memory.py [--steps N]

Counted is every allocation from before the parameters exist, after one run has loaded what it needs.
"""

from __future__ import annotations

import argparse
import gc
import tracemalloc
from collections.abc import Callable

from bench_step import BATCHES, simple_net, simple_net_by_hand

import gradviz.engine as engine


def peak_of(build: Callable[[int], Callable[[], None]], batch: int, steps: int) -> int:
    """The most bytes in use at once while `steps` steps run."""
    build(batch)()
    gc.collect()
    tracemalloc.start()
    step = build(batch)
    for _ in range(steps):
        step()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=20, help="how many training steps are watched")
    steps = parser.parse_args().steps
    print("Peak memory of a SimpleNet run")
    for batch in BATCHES:
        own = peak_of(lambda batch: simple_net(engine, batch), batch, steps)
        by_hand = peak_of(simple_net_by_hand, batch, steps)
        print(
            f"  batch {batch:<4} engine {own / 1e6:6.2f} MB   NumPy by hand {by_hand / 1e6:6.2f} MB   "
            f"{own / by_hand:5.2f}"
        )


if __name__ == "__main__":
    main()
