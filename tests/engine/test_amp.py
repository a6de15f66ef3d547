"""torch.amp: programs with mixed precision run, in the dtypes of their tensors."""

import pytest

import gradviz.engine as torch
from gradviz.engine import cuda
from gradviz.engine.amp import GradScaler
from tests.engine.tensors import leaf


def test_autocast_is_a_context_and_a_decorator():
    @torch.autocast("cpu", dtype=torch.float16)
    def double(x):
        return x * 2

    with torch.autocast(device_type="cuda", enabled=False), cuda.amp.autocast():
        assert double(torch.ones(1)).dtype is torch.float32


def test_autocast_takes_the_name_of_a_device():
    with pytest.raises(ValueError, match="Expected `device_type` of type `str`"):
        torch.autocast(torch.float16)


def steps(scaler, losses):
    """The parameter after SGD with learning rate 1 on the given multiples of itself."""
    w = leaf(1.0)
    optimizer = torch.optim.SGD([w], lr=1.0)
    for factor in losses:
        optimizer.zero_grad()
        scaler.scale(w * factor).backward()
        scaler.step(optimizer)
        scaler.update()
    return w.item()


def test_scaling_leaves_the_steps_as_they_are():
    assert steps(GradScaler("cpu"), [0.25, 0.5]) == 0.25


def test_a_step_with_an_infinite_gradient_is_skipped_and_the_scale_falls():
    scaler = GradScaler("cpu", init_scale=8.0)
    assert steps(scaler, [float("inf"), 0.25]) == 0.75
    assert scaler.get_scale() == 4


def test_the_scale_grows_after_good_steps():
    scaler = GradScaler("cpu", init_scale=8.0, growth_interval=2)
    steps(scaler, [0.1] * 4)
    assert scaler.get_scale() == 32
    other = GradScaler("cpu")
    other.load_state_dict(scaler.state_dict())
    assert other.get_scale() == 32


def test_gradients_are_unscaled_for_clipping_once():
    w = leaf(1.0)
    optimizer = torch.optim.SGD([w], lr=1.0)
    scaler = GradScaler("cpu")
    scaler.scale(w * 3).backward()
    scaler.unscale_(optimizer)
    assert w.grad.item() == 3
    with pytest.raises(RuntimeError, match=r"unscale_\(\) has already been called"):
        scaler.unscale_(optimizer)
    scaler.step(optimizer)
    assert w.item() == -2


def test_without_a_gpu_scaling_for_one_is_disabled(monkeypatch):
    monkeypatch.setattr(cuda, "is_available", lambda: False)
    with pytest.warns(UserWarning, match="CUDA is not available"):
        scaler = GradScaler()
    assert steps(scaler, [0.25]) == 0.75
    assert scaler.get_scale() == 1 and scaler.state_dict() == {}
