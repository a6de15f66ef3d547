"""How fast the engine is on a GPU: a training step of SimpleNet there, on the CPU, and in PyTorch.

    python tests/benchmarks/bench_cuda.py [--rounds N]

Needs CuPy and a GPU (the `cuda` extra). Printed are the medians and their ratios to the engine's on the GPU;
a step counts until the GPU is done with it. PyTorch takes part if it is installed, on the GPU if it can.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import Any

from side_by_side import frameworks, medians, report

BATCHES = 64, 256, 4096
PIXELS, HIDDEN, CLASSES, LR = 784, 128, 10, 0.01


def step_of(torch: Any, device: str, batch: int) -> Callable[[], None]:
    """A training step of SimpleNet on the device, written for `torch` or for the engine."""
    nn = torch.nn
    net = nn.Sequential(nn.Flatten(), nn.Linear(PIXELS, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, CLASSES))
    net.to(device)
    criterion, optimizer = nn.CrossEntropyLoss(), torch.optim.SGD(net.parameters(), lr=LR)
    images = torch.rand(batch, 1, 28, 28).to(device)
    labels = torch.randint(CLASSES, (batch,)).to(device)

    def step() -> None:
        loss = criterion(net(images), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if device == "cuda":
            torch.cuda.synchronize()

    return step


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=30)
    rounds = parser.parse_args().rounds
    libraries = frameworks()
    if not libraries["engine"].cuda.is_available():
        sys.exit("There is no GPU that CuPy can use: see `gradviz doctor`.")
    print(f"on {libraries['engine'].cuda.get_device_name()}")
    for batch in BATCHES:
        steps = {
            f"{name}, {device}": step_of(torch, device, batch)
            for name, torch in libraries.items()
            for device in ("cuda", "cpu")
            if device == "cpu" or torch.cuda.is_available()
        }
        report(f"SimpleNet, batch {batch}", medians(steps, rounds, repeat=10), 1e-6, "µs")


if __name__ == "__main__":
    main()
