"""How long it takes to say which terms a number is made of.

    python tests/benchmarks/bench_explain.py [--rounds N]

One element of every output and gradient: of SimpleNet, where a neuron of the first layer is 784 products and
a bias, and of a net of convolutions, whose whole batch is computed again. The hundred largest terms are
taken out.
"""

import argparse
from collections.abc import Callable
from functools import partial
from typing import Any

from side_by_side import medians  # first: it sets NumPy's threads

import gradviz.engine as torch
from gradviz.engine import explain, nn
from gradviz.engine.explain import Use

BATCH = 64


class Recorder(torch.Observer):
    """Keeps every operation with its arrays, as the session does."""

    def __init__(self) -> None:
        self.heard: list[tuple[Any, list, list]] = []
        self.grads: dict[Any, Any] = {}

    def forward(self, node, inputs, outputs) -> None:
        named = [(name, t.array) for name, t in zip(node.input_names, inputs, strict=True)]
        self.heard.append((node, named, [out.array for out in outputs]))

    def backward_node(self, node, grads_out, grads_in) -> None:
        self.grads[node] = grads_out


def uses(compute: Callable[[], Any]) -> list[Use]:
    recorder = Recorder()
    torch.observe(recorder)
    compute().backward()
    torch.observe(None)
    return [Use.heard(op, named, out, recorder.grads.get(op, ())) for op, named, out in recorder.heard]


def simple_net() -> list[Use]:
    net = nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))
    images, labels = torch.rand(BATCH, 784), torch.randint(0, 10, (BATCH,))
    return uses(lambda: nn.functional.cross_entropy(net(images), labels))


def convolutions() -> list[Use]:
    net = nn.Sequential(nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(32, 64, 3))
    images = torch.rand(BATCH, 1, 28, 28)
    return uses(lambda: net(images).sum())


def middle(array: Any) -> tuple[int, ...]:
    return tuple(n // 2 for n in array.shape)


def questions(found: list[Use]) -> dict[str, Callable[[], Any]]:
    """For every operation an element in the middle of its output and of each gradient."""
    asked: dict[str, Callable[[], Any]] = {}
    for number, use in enumerate(found, start=1):
        name = f"{number} {use.op.op_name}"
        asked[name] = partial(ask, explain.output, use, middle(use.outputs[0]))
        for i, x in enumerate(use.inputs):
            asked[f"{name} ∂{use.op.args[i]}"] = partial(ask, explain.gradient, use, i, middle(x))
    return asked


def ask(question: Callable, *args: Any) -> None:
    question(*args).largest(100)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5, help="how often each question is asked")
    rounds = parser.parse_args().rounds
    for title, build in {"SimpleNet": simple_net, "Convolutions": convolutions}.items():
        print(f"{title}, batch {BATCH}: the terms of one element")
        for name, seconds in medians(questions(build()), rounds, 1).items():
            print(f"  {name:<24} {1e3 * seconds:8.2f} ms")


if __name__ == "__main__":
    main()
