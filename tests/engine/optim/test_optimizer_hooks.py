"""Hooks of optimizers."""

import pytest

import gradviz.engine as torch
from gradviz.engine import optim
from gradviz.engine.optim.optimizer import (
    register_optimizer_step_post_hook,
    register_optimizer_step_pre_hook,
)


@pytest.fixture
def weight():
    weight = torch.tensor([1.0, -2.0], requires_grad=True)
    weight.grad = torch.tensor([0.5, 1.0])
    return weight


def test_hooks_run_around_a_step_until_they_are_removed(weight):
    optimizer, heard = optim.SGD([weight], lr=0.1), []
    handles = [
        register_optimizer_step_pre_hook(lambda *a: heard.append("every step begins")),
        optimizer.register_step_pre_hook(lambda *a: heard.append("begins")),
        optimizer.register_step_post_hook(lambda o, args, kwargs: heard.append((o is optimizer, args[1:]))),
        register_optimizer_step_post_hook(lambda *a: heard.append("every step has ended")),
    ]
    optimizer.step()
    assert heard == ["every step begins", "begins", (True, ()), "every step has ended"]
    for handle in handles:
        handle.remove()
    optimizer.step()
    assert len(heard) == 4


def test_a_hook_may_change_the_arguments_of_a_step(weight):
    optimizer = optim.SGD([weight], lr=0.1)
    optimizer.register_step_pre_hook(lambda o, args, kwargs: ((o, lambda: 7.0), kwargs))
    assert optimizer.step() == 7.0
    optimizer.register_step_pre_hook(lambda *a: "nonsense")
    with pytest.raises(RuntimeError, match="must return None or a tuple of"):
        optimizer.step()


def test_hooks_of_the_state(weight):
    optimizer, heard = optim.SGD([weight], lr=0.1), []
    optimizer.register_state_dict_pre_hook(lambda o: heard.append("before saving"))
    optimizer.register_state_dict_post_hook(lambda o, state: {**state, "note": 1})
    optimizer.register_load_state_dict_pre_hook(lambda o, state: heard.append(state["note"]))
    optimizer.register_load_state_dict_post_hook(lambda o: heard.append("loaded"))
    optimizer.load_state_dict(optimizer.state_dict())
    assert heard == ["before saving", 1, "loaded"]
