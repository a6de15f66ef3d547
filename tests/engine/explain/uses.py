"""The uses of operations in a computation, as an observer keeps them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st

import gradviz.engine as torch
from gradviz.engine.explain import Explanation, Use
from gradviz.engine.tape import Op
from tests.engine.cases import Case
from tests.engine.test_gradients import arguments


class Recorder(torch.Observer):
    """Copies every array that it hears of: of a tensor changed in place, what it was before."""

    def __init__(self) -> None:
        self.heard: list[tuple[Op, list[tuple[str, np.ndarray]], list[np.ndarray]]] = []
        self.grads_out: dict[Op, list] = {}
        self.grads_in: dict[Op, list] = {}
        self._before: dict[int, np.ndarray] = {}

    def will_change(self, tensor) -> None:
        self._before[id(tensor)] = tensor.array.copy()

    def forward(self, node, inputs, outputs) -> None:
        assert all(name in vars(node) for name in node.companions)  # see Use.heard
        changed = [t for t in inputs if any(t is out for out in outputs)]
        arrays = [
            self._before.get(id(t), t.array) if any(t is c for c in changed) else t.array.copy()
            for t in inputs
        ]
        named = list(zip(node.input_names, arrays, strict=True))
        self.heard.append((node, named, [out.array.copy() for out in outputs]))

    def backward_node(self, node, grads_out, grads_in) -> None:
        self.grads_out[node] = [None if g is None else g.copy() for g in grads_out]
        self.grads_in[node] = [None if g is None else g.copy() for g in grads_in]


def recorded(compute: Callable[[], Any]) -> Recorder:
    """What is heard while `compute` runs; a tensor that it returns is projected to a scalar and goes back."""
    recorder = Recorder()
    previous = torch.observe(recorder)
    try:
        out = compute()
        if out.requires_grad:
            weights = np.random.default_rng(0).uniform(0.5, 1.5, tuple(out.shape))
            (out * torch.tensor(weights)).sum().backward()
    finally:
        torch.observe(previous)
    return recorder


def uses(compute: Callable[[], Any]) -> list[tuple[Use, list]]:
    """All uses of operations in `compute`, each with the gradients of its inputs."""
    heard = recorded(compute)
    return [
        (Use.heard(op, named, outputs, heard.grads_out.get(op, ())), heard.grads_in.get(op, []))
        for op, named, outputs in heard.heard
    ]


def use_of(kind: str, compute: Callable[[], Any]) -> Use:
    """The first use of the operation called `kind`."""
    return next(use for use, _ in uses(compute) if use.op.op_name == kind)


@st.composite
def elements(draw, case: Case) -> tuple[Use, list, int, tuple[int, ...]]:
    """A use of an operation in a case, the gradients of its inputs, and one element of one output."""
    args = draw(arguments(case))
    use, grads = draw(st.sampled_from(uses(lambda: case.function(*args))))
    filled = [nr for nr, array in enumerate(use.outputs) if array.size]
    nr = draw(st.sampled_from(filled or [0]), label="output")
    return use, grads, nr, index_in(draw, use.outputs[nr])


def index_in(draw, array: np.ndarray) -> tuple[int, ...]:
    return tuple(draw(st.integers(0, max(n - 1, 0)), label="index") for n in array.shape)


def assert_adds_up(why: Explanation) -> None:
    """The terms give the number to 1e-10 of the largest number involved."""
    values = [abs(v) for group in why.groups for v in group.values.tolist()]
    assert why.rounding == 0 or abs(why.rounding) <= 1e-10 * max([abs(why.value), *values])
    assert len(list(why)) == len(why) == len(why.largest(len(why)))
