"""The terms of an update add up to the new value, for every optimizer of the engine."""

import inspect

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gradviz.engine as torch
from gradviz.engine import optim
from gradviz.engine.explain import updates as explain
from gradviz.engine.optim.optimizer import Optimizer

CASES = {
    "SGD": [
        {},
        {"lr": 0.1, "momentum": 0.9},
        {"lr": 0.1, "momentum": 0.9, "dampening": 0.3, "weight_decay": 0.2},
        {"lr": 0.1, "momentum": 0.9, "nesterov": True, "maximize": True, "weight_decay": 0.2},
    ],
    "Adam": [
        {},
        {"amsgrad": True, "weight_decay": 0.2},
        {"decoupled_weight_decay": True, "weight_decay": 0.2},
    ],
    "AdamW": [{}, {"maximize": True, "lr": 0.1}],
    "Adamax": [{}, {"weight_decay": 0.1}],
    "NAdam": [{}, {"weight_decay": 0.1, "decoupled_weight_decay": True}, {"weight_decay": 0.1}],
    "RAdam": [{"lr": 0.1}, {"weight_decay": 0.1, "decoupled_weight_decay": True, "betas": (0.5, 0.6)}],
    "RMSprop": [{}, {"momentum": 0.9, "centered": True, "weight_decay": 0.1}],
    "Adagrad": [{}, {"lr_decay": 0.1, "weight_decay": 0.1, "initial_accumulator_value": 0.5}],
    "Adadelta": [{}, {"weight_decay": 0.1, "maximize": True}],
    "Adafactor": [{}, {"weight_decay": 0.1, "maximize": True, "d": 2.0}],
    "ASGD": [{}, {"lambd": 0.1, "weight_decay": 0.1, "t0": 1}],
    "Rprop": [{}, {"etas": (0.3, 1.4)}],
}
ALL = [(name, options) for name, many in CASES.items() for options in many]


def test_every_optimizer_is_among_them():
    """LBFGS moves all parameters together, along a direction that its whole history gives."""
    kinds = {name for name, kind in inspect.getmembers(optim, inspect.isclass) if issubclass(kind, Optimizer)}
    assert kinds - {"Optimizer"} == {*CASES, "LBFGS"}


@pytest.mark.parametrize(("name", "options"), ALL, ids=[f"{n}{list(o)}" for n, o in ALL])
@pytest.mark.parametrize("shape", [(3, 4), (5,), (), (2, 3, 2)], ids=str)
@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 1000), steps=st.integers(1, 8))
def test_the_terms_give_the_new_value(name, options, shape, seed, steps):
    random = np.random.default_rng(seed)
    parameter = torch.tensor(random.standard_normal(shape), requires_grad=True)
    optimizer = getattr(optim, name)([parameter], **options)
    for _ in range(steps):
        parameter.grad = torch.tensor(random.standard_normal(shape))
        ((_, step),) = explain.Step.all_of(optimizer)
        old = parameter.array.copy()
        optimizer.step()
    for index in np.ndindex(shape):
        why = explain.update(step, old, float(parameter.array[index]), index)
        size = max(abs(term.value) for term in why)
        assert abs(why.rounding) <= 1e-10 * size
        assert next(iter(why)).value == old[index]
        assert explain.update_equation(why).endswith(
            f" = {explain.update_equation(why).rpartition(' = ')[2]}"
        )


def test_the_equation_of_plain_descent():
    parameter = torch.tensor([1.0, 2.0], dtype=torch.float64, requires_grad=True)
    optimizer = optim.SGD([parameter], lr=0.1, weight_decay=0.5)
    parameter.grad = torch.tensor([0.5, -4.0], dtype=torch.float64)
    ((_, step),) = explain.Step.all_of(optimizer)
    old = parameter.array.copy()
    optimizer.step()
    why = explain.update(step, old, float(parameter.array[1]), (1,))
    assert [(t.value, t.coefficient, t.factors[0].source.name) for t in why] == [
        (2.0, 1.0, "value"),
        (0.4, -0.1, "gradient"),
        (pytest.approx(-0.1), pytest.approx(-0.05), "value"),
    ]
    assert explain.update_equation(why) == r"2 -0.1 \cdot (-3) = 2.3"


def test_an_optimizer_of_ones_own_says_nothing_of_its_steps():
    class Mine(Optimizer):
        def step(self, closure=None):
            pass

    parameter = torch.tensor([1.0], requires_grad=True)
    parameter.grad = torch.tensor([1.0])
    assert explain.Step.all_of(Mine([parameter], {})) == []
    assert explain.Step.all_of(optim.LBFGS([parameter])) == []
