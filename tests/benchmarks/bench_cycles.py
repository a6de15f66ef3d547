"""What a thousand sessions leave behind: each is started, run, sought in and stopped, every tenth is killed.

    python tests/benchmarks/bench_cycles.py [--cycles N]

Printed are this process's file descriptors, threads and memory, and the worker processes that are left, at
first, on the way and at the end. All but the memory must not grow at all; the memory has to level off.
"""

from __future__ import annotations

import argparse
import os
import queue
import random
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from gradviz.examples import default_example
from gradviz.session.client import SessionClient
from gradviz.session.protocol import Acknowledge, Advance, Recorded, Report, Seek, Start, Status

PATIENCE = 120.0
KILL_EVERY = 10  # cycles: the supervisor is killed, as by a crash
PATH = default_example().path
TEXT = PATH.read_text(encoding="utf-8").replace("range(10)", "range(1)")


def cycle(number: int) -> int:
    """One session, from its start to its end; its process group."""
    reports: queue.Queue[Report | None] = queue.Queue()
    client = SessionClient(
        lambda _branch, report: reports.put(report), lambda _branch, _code: reports.put(None)
    )

    def wait_for(wanted: Callable[[Report], bool]) -> None:
        while (report := reports.get(timeout=PATIENCE)) is not None:
            if isinstance(report, Recorded):
                client.send(Acknowledge())
            if wanted(report):
                return
        raise RuntimeError("the program ended its process")

    group = client._process.pid
    client.send(Start(TEXT, str(PATH), seed=number))
    client.send(Advance("end"))
    wait_for(lambda r: isinstance(r, Status) and r.iteration > 20)
    if number % 2:  # else from wherever it is
        wait_for(lambda r: isinstance(r, Status) and r.state == "finished")
    for target in random.Random(number).sample(range(20), 3):
        client.send(Seek(target))
        wait_for(
            lambda r, target=target: (  # type: ignore[misc]
                isinstance(r, Recorded) and r.iteration.index == target and r.iteration.complete
            )
        )
    if number % KILL_EVERY == KILL_EVERY - 1:
        os.kill(group, signal.SIGKILL)
    client.close(wait=True)
    return group


def processes_of(groups: set[int]) -> int:
    """How many processes of these groups have not ended."""
    found = 0
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                found += os.getpgid(int(entry.name)) in groups
            except OSError:
                continue
    return found


def report(done: int, groups: set[int]) -> None:
    deadline = time.monotonic() + 5.0  # what has been killed needs a moment to go
    while (left := processes_of(groups)) and time.monotonic() < deadline:
        time.sleep(0.05)
    descriptors, threads = len(list(Path("/proc/self/fd").iterdir())), threading.active_count()
    status = Path("/proc/self/status").read_text("ascii")
    memory = int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS")))
    print(
        f"{done:5} cycles: {left} processes, {descriptors} descriptors, {threads} threads,"
        f" {memory / 1024:.1f} MiB",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cycles", type=int, default=1000)
    cycles = parser.parse_args().cycles
    groups: set[int] = set()
    report(0, groups)
    for number in range(cycles):
        groups.add(cycle(number))
        if number in (0, 9) or (number + 1) % max(1, cycles // 10) == 0:
            report(number + 1, groups)


if __name__ == "__main__":
    main()
