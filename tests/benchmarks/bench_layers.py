"""How fast larger layers are: training steps of small nets by the engine and by PyTorch, side by side.

    python tests/benchmarks/bench_layers.py [--rounds N]

Printed are the medians and their ratios to the engine's. PyTorch computes an LSTM in one piece of its own
library for CPUs; the engine, as PyTorch on other hardware, step by step, so that its gates can be seen.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from side_by_side import frameworks, medians, report

CLASSES = 10


def conv_net(torch: Any) -> tuple[Any, Any]:
    """Two convolutions with pooling on a batch of 28x28 images."""
    nn = torch.nn
    net = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(32 * 7 * 7, CLASSES),
    )
    return net, torch.randn(32, 1, 28, 28)


def batch_norm_net(torch: Any) -> tuple[Any, Any]:
    """Convolutions with batch norm and a stride on colour images."""
    nn = torch.nn
    net = nn.Sequential(
        nn.Conv2d(3, 16, 3, padding=1, bias=False),
        nn.BatchNorm2d(16),
        nn.ReLU(),
        nn.Conv2d(16, 16, 3, stride=2, padding=1),
        nn.BatchNorm2d(16),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(16, CLASSES),
    )
    return net, torch.randn(16, 3, 32, 32)


def recurrent(kind: str) -> Callable[[Any], tuple[Any, Any]]:
    """A recurrent network over 50 time steps whose last output is classified."""

    def build(torch: Any) -> tuple[Any, Any]:
        class Classifier(torch.nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.recurrent = getattr(torch.nn, kind)(32, 64, batch_first=True)
                self.head = torch.nn.Linear(64, CLASSES)

            def forward(self, x: Any) -> Any:
                return self.head(self.recurrent(x)[0][:, -1])

        return Classifier(), torch.randn(16, 50, 32)

    return build


def transformer(torch: Any) -> tuple[Any, Any]:
    """One encoder layer with four heads over 32 tokens."""

    class Classifier(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.encoder = torch.nn.TransformerEncoderLayer(64, 4, 128, activation="gelu", batch_first=True)
            self.head = torch.nn.Linear(64, CLASSES)

        def forward(self, x: Any) -> Any:
            return self.head(self.encoder(x).mean(1))

    return Classifier(), torch.randn(16, 32, 64)


NETS: dict[str, Callable[[Any], tuple[Any, Any]]] = {
    "Convolutions and pooling, batch 32": conv_net,
    "Convolutions and batch norm, batch 16": batch_norm_net,
    "LSTM, 50 time steps, batch 16": recurrent("LSTM"),
    "GRU, 50 time steps, batch 16": recurrent("GRU"),
    "RNN, 50 time steps, batch 16": recurrent("RNN"),
    "Transformer layer, 32 tokens, batch 16": transformer,
}


def training_step(torch: Any, build: Callable[[Any], tuple[Any, Any]]) -> Callable[[], None]:
    """A step of SGD on one batch."""
    torch.manual_seed(0)
    net, x = build(torch)
    y = torch.randint(0, CLASSES, (len(x),))
    criterion, optimizer = torch.nn.CrossEntropyLoss(), torch.optim.SGD(net.parameters(), lr=0.01)

    def step() -> None:
        loss = criterion(net(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    return step


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=41, help="how often each takes its turn")
    rounds, libraries = parser.parse_args().rounds, frameworks()
    for title, build in NETS.items():
        steps = {name: training_step(torch, build) for name, torch in libraries.items()}
        report(title, medians(steps, rounds, 1), 1e-3, "ms")


if __name__ == "__main__":
    main()
