"""How fast the engine is: the same work by the engine, by hand in NumPy and by PyTorch, side by side.

    python tests/benchmarks/bench_step.py [--rounds N] [--long N]

Everything runs in one process on one BLAS thread, in alternating rounds, so that whatever else the machine
does meets all of them alike. Printed are the medians and their ratios to the first line. PyTorch takes part
if it is installed. At last the engine alone computes one long chain, for its time and memory an operation.
"""

# isort: off
from side_by_side import frameworks, medians, report  # before NumPy: it sets the number of threads
# isort: on

import argparse
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np

import gradviz.engine as engine

BATCHES = 1, 16, 64, 256
PIXELS, HIDDEN, CLASSES, LR = 784, 128, 10, 0.01
CHAIN = 200  # operations in the chain of small matrices

rng = np.random.default_rng(0)
all_images = rng.random((max(BATCHES), 1, 28, 28), dtype=np.float32)
all_labels = rng.integers(0, CLASSES, max(BATCHES))
small = rng.random((4, 4), dtype=np.float32)


def simple_net(torch: Any, batch: int) -> Callable[[], None]:
    """A training step of SimpleNet, written for `torch` or for the engine."""
    nn = torch.nn

    class SimpleNet(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc1 = nn.Linear(PIXELS, HIDDEN)
            self.fc2 = nn.Linear(HIDDEN, CLASSES)

        def forward(self, x):
            return self.fc2(torch.relu(self.fc1(torch.flatten(x, 1))))

    net, criterion = SimpleNet(), nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(net.parameters(), lr=LR)
    x, y = torch.from_numpy(all_images[:batch]), torch.from_numpy(all_labels[:batch])

    def step():
        loss = criterion(net(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    return step


def simple_net_by_hand(batch: int) -> Callable[[], None]:
    """The same step with its gradients derived on paper."""
    bound1, bound2 = PIXELS**-0.5, HIDDEN**-0.5
    w1 = rng.uniform(-bound1, bound1, (HIDDEN, PIXELS)).astype(np.float32)
    w2 = rng.uniform(-bound2, bound2, (CLASSES, HIDDEN)).astype(np.float32)
    b1, b2 = np.zeros(HIDDEN, np.float32), np.zeros(CLASSES, np.float32)
    images, labels, rows = all_images[:batch], all_labels[:batch], np.arange(batch)

    def step():
        x = images.reshape(batch, -1)
        hidden = x @ w1.T + b1
        active = np.maximum(hidden, 0)
        scores = active @ w2.T + b2
        shifted = scores - scores.max(1, keepdims=True)
        log_probs = shifted - np.log(np.exp(shifted).sum(1, keepdims=True))
        float(-log_probs[rows, labels].mean())
        g_scores = np.exp(log_probs)
        g_scores[rows, labels] -= 1
        g_scores /= batch
        g_hidden = (g_scores @ w2) * (hidden > 0)
        for weight, gradient in (
            (w1, g_hidden.T @ x),
            (b1, g_hidden.sum(0)),
            (w2, g_scores.T @ active),
            (b2, g_scores.sum(0)),
        ):
            np.subtract(weight, LR * gradient, out=weight)

    return step


def chain(torch: Any, backward: bool) -> Callable[[], None]:
    """Alternating `x * w` and `x + w` on 4×4 matrices, recorded, and the way back if wanted."""
    x, w = torch.from_numpy(small), torch.from_numpy(small.copy()).requires_grad_()

    def step():
        y = x
        for _ in range(CHAIN // 2):
            y = y * w
            y = y + w
        if backward:
            y.sum().backward()
            w.grad = None

    return step


def chain_by_hand(backward: bool) -> Callable[[], None]:
    """The same chain on bare arrays."""

    def step():
        y, inputs = small, []
        for _ in range(CHAIN // 2):
            inputs.append(y)
            y = y * small
            y = y + small
        if backward:
            g, total = np.ones_like(y), np.zeros_like(y)
            for x in reversed(inputs):
                total += g
                total += g * x
                g = g * small

    return step


def long_chain(operations: int) -> None:
    """Prints what one operation of a long chain costs on its way forward, back and out of memory."""
    w = engine.tensor([0.5], requires_grad=True)

    def forward() -> engine.Tensor:
        y = w
        for _ in range(operations // 2):
            y = y * w
            y = y + w
        return y

    marks = [time.perf_counter()]
    y = forward()
    marks.append(time.perf_counter())
    y.backward()
    marks.append(time.perf_counter())
    del y
    marks.append(time.perf_counter())
    print(f"Chain of {operations} operations, per operation")
    for name, start, end in zip(("forward", "backward", "release"), marks, marks[1:], strict=False):
        print(f"  {name:<16} {1e6 * (end - start) / operations:8.2f} µs")
    tracemalloc.start()
    y = forward()
    print(f"  {'memory':<16} {tracemalloc.get_traced_memory()[0] / operations:8.0f} bytes")
    tracemalloc.stop()
    del y


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=41, help="how often each takes its turn")
    parser.add_argument("--long", type=int, default=1_000_000, help="operations of the long chain")
    arguments = parser.parse_args()
    rounds, libraries = arguments.rounds, frameworks()
    for batch in BATCHES:
        steps = {name: simple_net(torch, batch) for name, torch in libraries.items()}
        steps["NumPy by hand"] = simple_net_by_hand(batch)
        report(f"SimpleNet, one training step, batch {batch}", medians(steps, rounds, 10), 1e-3, "ms")
    for title, backward in (("forward", False), ("forward and backward", True)):
        chains = {name: chain(torch, backward) for name, torch in libraries.items()}
        chains["NumPy by hand"] = chain_by_hand(backward)
        per_op = {name: seconds / CHAIN for name, seconds in medians(chains, rounds, 5).items()}
        report(f"4x4 chain, {title}, per operation", per_op, 1e-6, "µs")
    long_chain(arguments.long)


if __name__ == "__main__":
    main()
