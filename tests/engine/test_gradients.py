"""Every operation's gradient against central differences in float64."""

from __future__ import annotations

import inspect
import pkgutil
from importlib import import_module

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import mutually_broadcastable_shapes

import gradviz.engine as torch
from gradviz.engine import inplace, ops
from gradviz.engine.tape import Op
from tests.engine.cases import CASES, Case, Domain


def values(domain: Domain, shape: tuple[int, ...], seed: int) -> torch.Tensor:
    """Distinct numbers in random order, none near a whole or half number or another argument's, so that no
    operation has a kink or a jump within a finite difference."""
    count = int(np.prod(shape))
    grid = np.linspace(domain.low, domain.high, count + 3)[1:-1] + 0.0137 + 0.0071 * (seed % 7)
    near = np.abs(grid * 2 - np.round(grid * 2)) < 0.01
    grid[near] += 0.0213
    order = np.random.default_rng(seed).permutation(len(grid))[:count]
    return torch.tensor(grid[order].reshape(shape), requires_grad=True)


@st.composite
def arguments(draw, case: Case) -> list[torch.Tensor]:
    free = [d for d in case.domains if d.shape == "..."]
    if free:
        shapes = draw(
            mutually_broadcastable_shapes(num_shapes=len(free), max_dims=3, max_side=3)
        ).input_shapes
    else:
        shapes = ()
    shapes = iter(shapes)
    sizes = {letter: draw(st.integers(2, 3), label=letter) for letter in "nmp"}
    seed = draw(st.integers(0, 1000), label="seed")
    found = []
    for i, domain in enumerate(case.domains):
        if domain.shape == "...":
            shape = next(shapes)
        else:
            shape = tuple(int(c) if c.isdigit() else sizes[c] for c in domain.shape)
        found.append(values(domain, shape, seed + i))
    return found


def projected(case: Case, args: list[torch.Tensor], weights: np.ndarray | None = None):
    """A scalar that depends on every element of the result."""
    out = case.function(*args)
    if weights is None:
        weights = np.random.default_rng(0).uniform(0.5, 1.5, tuple(out.shape))
    return (out * torch.tensor(weights)).sum(), weights


def central_differences(function, args: list[torch.Tensor], eps: float = 1e-6) -> list[np.ndarray]:
    found = []
    for x in args:
        flat, slopes = x.array.reshape(-1), np.zeros(x.array.size)
        for i, value in enumerate(flat.copy()):
            flat[i] = value + eps
            high = function(args)
            flat[i] = value - eps
            slopes[i] = (high - function(args)) / (2 * eps)
            flat[i] = value
        found.append(slopes.reshape(x.array.shape))
    return found


@pytest.mark.parametrize("case", CASES, ids=str)
@settings(max_examples=6, deadline=None)
@given(data=st.data())
def test_gradient_is_the_slope(case: Case, data) -> None:
    args = data.draw(arguments(case))
    total, weights = projected(case, args)
    expected = central_differences(lambda a: projected(case, a, weights)[0].item(), args)
    if not total.requires_grad:
        assert all(not slopes.any() for slopes in expected) or case.name == "detach"
        return
    for found, slopes in zip(torch.autograd.grad(total, args, allow_unused=True), expected, strict=True):
        np.testing.assert_allclose(
            0 if found is None else found.detach().numpy(), slopes, rtol=1e-5, atol=1e-6
        )


@pytest.mark.parametrize("case", CASES, ids=str)
@settings(max_examples=2, deadline=None)
@given(data=st.data())
def test_second_gradient_is_the_slope_of_the_first(case: Case, data) -> None:
    args = data.draw(arguments(case))
    _, weights = projected(case, args)

    def first(a: list[torch.Tensor]):
        total = projected(case, a, weights)[0]
        if not total.requires_grad:
            return None
        grads = torch.autograd.grad(total, a, create_graph=True, allow_unused=True)
        return sum((g * g).sum() for g in grads if g is not None)

    start = first(args)
    if start is None or not start.requires_grad:
        return
    expected = central_differences(lambda a: first(a).item(), args)
    for found, slopes in zip(torch.autograd.grad(start, args, allow_unused=True), expected, strict=True):
        np.testing.assert_allclose(
            0 if found is None else found.detach().numpy(), slopes, rtol=1e-4, atol=1e-5
        )


def operations() -> list[type[Op]]:
    """All operations of the engine: the classes that state a formula."""
    modules = [inplace] + [
        import_module(m.name) for m in pkgutil.iter_modules(ops.__path__, ops.__name__ + ".")
    ]
    classes = [c for m in modules for c in vars(m).values() if inspect.isclass(c) and issubclass(c, Op)]
    return sorted({c for c in classes if c.formula}, key=lambda c: c.__name__)


class Seen(torch.Observer):
    def __init__(self) -> None:
        self.kinds: set[type] = set()

    def forward(self, node, inputs, outputs) -> None:
        self.kinds.add(type(node))

    def backward_node(self, node, grads_out, grads_in) -> None:
        self.kinds.add(type(node))


def test_every_operation_has_a_case() -> None:
    seen = Seen()
    previous = torch.observe(seen)
    try:
        for case in CASES:
            sizes = {"n": 2, "m": 3, "p": 2}
            shapes = ["23" if d.shape == "..." else d.shape for d in case.domains]
            args = [
                values(d, tuple(int(c) if c.isdigit() else sizes[c] for c in s), i)
                for i, (d, s) in enumerate(zip(case.domains, shapes, strict=True))
            ]
            out = case.function(*args)
            if out.requires_grad:
                out.sum().backward()
    finally:
        torch.observe(previous)
    assert [c.__name__ for c in operations() if c not in seen.kinds] == []


@pytest.mark.parametrize("op", operations(), ids=lambda c: c.__name__)
def test_operation_says_what_a_person_wants_to_see(op: type[Op]) -> None:
    assert op.args and all(name.isidentifier() for name in op.args)
    assert len(op.vjp) == len(op.args)
    assert op.__init__ is not Op.__init__ or op.forward is not Op.forward
    for text in (op.formula, *op.vjp):
        assert text.count("{") == text.count("}") and text.isascii()
