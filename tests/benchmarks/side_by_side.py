"""Measuring alternatives beside each other: in one process, on one BLAS thread, in alternating rounds.

Whatever else the machine does meets all of them alike, so that the ratios hold where the times do not.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # read when NumPy is imported
os.environ.setdefault("MKL_NUM_THREADS", "1")

import importlib.util
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))


def frameworks() -> dict[str, Any]:
    """The engine, and PyTorch on one thread if it is installed: both go by the name `torch`."""
    import gradviz.engine as engine

    libraries: dict[str, Any] = {"engine": engine}
    if importlib.util.find_spec("torch"):
        import torch

        torch.set_num_threads(1)
        libraries["PyTorch"] = torch
    return libraries


def medians(steps: dict[str, Callable[[], None]], rounds: int, repeat: int) -> dict[str, float]:
    """Seconds a step takes, the median over rounds in which all take their turn."""
    times: dict[str, list[float]] = {name: [] for name in steps}
    for step in steps.values():
        for _ in range(repeat):
            step()
    for _ in range(rounds):
        for name, step in steps.items():
            start = time.perf_counter()
            for _ in range(repeat):
                step()
            times[name].append((time.perf_counter() - start) / repeat)
    return {name: statistics.median(values) for name, values in times.items()}


def report(title: str, seconds: dict[str, float], unit: float, unit_name: str) -> None:
    first = next(iter(seconds.values()))
    print(title)
    for name, value in seconds.items():
        print(f"  {name:<16} {value / unit:8.2f} {unit_name}   {value / first:5.2f}")
