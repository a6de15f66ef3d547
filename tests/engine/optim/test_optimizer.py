"""Optimizers: their arithmetic, their bookkeeping, and what an observer hears."""

import numpy as np
import pytest

import gradviz.engine as torch
from gradviz.engine import observe, optim
from gradviz.engine.observer import Observer
from gradviz.engine.optim.optimizer import required


@pytest.fixture
def weight():
    weight = torch.tensor([1.0, -2.0], requires_grad=True)
    weight.grad = torch.tensor([0.5, 1.0])
    return weight


def test_sgd_goes_down_the_gradient(weight):
    optim.SGD([weight], lr=0.1).step()
    assert weight.tolist() == pytest.approx([0.95, -2.1])


def test_sgd_with_everything(weight):
    """Two steps of v = 0.9 v + 0.5 (g + 0.1 w) and w = w - 0.1 v; the first v is the gradient itself."""
    optimizer = optim.SGD([weight], lr=0.1, momentum=0.9, dampening=0.5, weight_decay=0.1)
    w, g = np.array([1.0, -2.0]), np.array([0.5, 1.0])
    v = g + 0.1 * w
    w = w - 0.1 * v
    v = 0.9 * v + 0.5 * (g + 0.1 * w)
    w = w - 0.1 * v
    optimizer.step()
    optimizer.step()
    assert weight.tolist() == pytest.approx(w.tolist())
    assert optimizer.state[weight]["momentum_buffer"].tolist() == pytest.approx(v.tolist())


def test_maximize_climbs(weight):
    optim.SGD([weight], lr=0.1, maximize=True).step()
    assert weight.tolist() == pytest.approx([1.05, -1.9])


def test_adams_first_step_is_lr_long(weight):
    optim.Adam([weight], lr=0.1).step()
    assert weight.tolist() == pytest.approx([0.9, -2.1], rel=1e-6)


def test_adamw_shrinks_the_weights_themselves(weight):
    weight.grad = torch.zeros(2)
    optim.AdamW([weight], lr=0.1, weight_decay=0.5).step()
    assert weight.tolist() == pytest.approx([0.95, -1.9])


@pytest.mark.parametrize(
    "make",
    [
        lambda p: optim.SGD(p, lr=0.1),
        lambda p: optim.SGD(p, lr=0.05, momentum=0.9, nesterov=True),
        lambda p: optim.Adam(p, lr=0.1, amsgrad=True),
        lambda p: optim.AdamW(p, lr=0.1),
        lambda p: optim.RMSprop(p, lr=0.05, momentum=0.5, centered=True),
        lambda p: optim.Adagrad(p, lr=0.5),
        lambda p: optim.Adadelta(p, lr=20.0),
    ],
)
def test_every_optimizer_finds_the_bottom_of_a_bowl(make):
    x = torch.tensor([1.5, -1.0], requires_grad=True)
    optimizer = make([x])

    def closure():
        optimizer.zero_grad()
        loss = ((x - torch.tensor([1.0, 0.5])) ** 2).sum()
        loss.backward()
        return loss

    start = optimizer.step(closure).item()
    for _ in range(150):
        optimizer.step(closure)
    assert closure().item() < 0.01 * start


def test_parameters_move_in_place_and_count_a_version(weight):
    array, version = weight.array, weight._version
    optim.Adam([weight]).step()
    assert weight.array is array and weight._version == version + 1


def test_a_step_between_two_backwards_is_noticed():
    w = torch.ones(2, requires_grad=True)
    loss = (w * w).sum()
    loss.backward(retain_graph=True)
    optim.SGD([w], lr=0.1).step()
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        loss.backward()


# -- groups, state -----------------------------------------------------------------------------------


def test_groups_have_settings_of_their_own(weight):
    other = torch.ones(1, requires_grad=True)
    other.grad = torch.ones(1)
    optimizer = optim.SGD([{"params": [weight]}, {"params": other, "lr": 1.0}], lr=0.1)
    optimizer.step()
    assert weight.tolist() == pytest.approx([0.95, -2.1]) and other.item() == 0
    late = torch.ones(1, requires_grad=True)
    optimizer.add_param_group({"params": [late], "momentum": 0.5})
    assert [group["momentum"] for group in optimizer.param_groups] == [0, 0, 0.5]
    with pytest.raises(ValueError, match="more than one parameter group"):
        optimizer.add_param_group({"params": [weight]})


def test_a_parameter_given_twice_is_warned_of(weight):
    with pytest.warns(UserWarning, match="duplicate parameters"):
        optim.SGD([weight, weight])


def test_named_parameters_keep_their_names(weight):
    optimizer = optim.SGD([("w", weight)], lr=0.1)
    assert optimizer.param_groups[0]["param_names"] == ["w"]
    optimizer.step()
    assert weight.tolist() == pytest.approx([0.95, -2.1])


def test_zero_grad_drops_or_zeroes(weight):
    optimizer = optim.SGD([weight], lr=1.0)
    optimizer.zero_grad(set_to_none=False)
    assert weight.grad.tolist() == [0, 0]
    optimizer.zero_grad()
    assert weight.grad is None
    optimizer.step()
    assert weight.tolist() == [1, -2]


def test_state_survives_a_round_trip(weight):
    optimizer = optim.Adam([weight], lr=0.1)
    optimizer.step()
    saved = optimizer.state_dict()
    assert saved["param_groups"][0]["params"] == [0]
    assert set(saved["state"][0]) == {"step", "exp_avg", "exp_avg_sq"}
    twin_weight = weight.detach().clone().requires_grad_()
    twin_weight.grad = weight.grad.clone()
    twin = optim.Adam([twin_weight], lr=9.0)
    twin.load_state_dict(saved)
    optimizer.step()
    twin.step()
    assert torch.equal(weight, twin_weight)
    with pytest.raises(ValueError, match="different number of parameter groups"):
        twin.load_state_dict({"state": {}, "param_groups": []})


def test_an_optimizer_prints_its_groups(weight):
    assert repr(optim.SGD([weight], lr=0.5)).splitlines()[:2] == ["SGD (", "Parameter Group 0"]
    assert "    lr: 0.5" in repr(optim.SGD([weight], lr=0.5))


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda w: optim.SGD([], lr=1), ValueError, "optimizer got an empty parameter list"),
        (lambda w: optim.SGD([w], lr=-1), ValueError, "Invalid learning rate: -1"),
        (lambda w: optim.SGD([w], lr=1, momentum=-1), ValueError, "Invalid momentum value: -1"),
        (lambda w: optim.SGD([w], lr=1, nesterov=True), ValueError, "Nesterov momentum requires"),
        (lambda w: optim.SGD([w * 2], lr=1), ValueError, "can't optimize a non-leaf Tensor"),
        (lambda w: optim.SGD([3], lr=1), TypeError, "can only optimize Tensors"),
        (lambda w: optim.SGD(w, lr=1), TypeError, "iterable of Tensors or dicts, but got torch.FloatTensor"),
        (lambda w: optim.SGD([{"params": {w}}], lr=1), TypeError, "ordered collections"),
        (lambda w: optim.Adam([w], betas=(1.0, 0.9)), ValueError, "Invalid beta parameter at index 0: 1.0"),
        (lambda w: optim.Adam([w], eps=-1), ValueError, "Invalid epsilon value: -1"),
        (lambda w: optim.RMSprop([w], alpha=-1), ValueError, "Invalid alpha value: -1"),
        (lambda w: optim.Adadelta([w], rho=2), ValueError, "Invalid rho value: 2"),
    ],
)
def test_wrong_settings_are_refused_in_torchs_words(weight, make, error, words):
    with pytest.raises(error, match=words):
        make(weight)


# -- the observer ------------------------------------------------------------------------------------


class Log(Observer):
    def __init__(self):
        self.lines = []

    def step_begin(self, optimizer):
        self.lines.append("begin")

    def step_end(self, optimizer):
        self.lines.append("end")

    def will_change(self, tensor):
        self.lines.append(("before", tensor.tolist()))

    def changed(self, tensor):
        self.lines.append(("after", tensor.tolist()))


@pytest.fixture
def log():
    log = Log()
    previous = observe(log)
    yield log
    observe(previous)


def test_the_observer_sees_old_and_new_values(log):
    w = torch.tensor([1.0], requires_grad=True)
    w.grad = torch.tensor([1.0])
    optimizer = optim.SGD([w], lr=0.5)
    log.lines.clear()
    optimizer.step()
    assert log.lines == ["begin", ("before", [1.0]), ("after", [0.5]), "end"]


def test_a_users_own_optimizer_is_heard_too(log):
    class Halve(optim.Optimizer):
        def __init__(self, params):
            super().__init__(params, {})

        @torch.no_grad()
        def step(self, closure=None):
            for group in self.param_groups:
                for p in group["params"]:
                    p.mul_(0.5)

    class HalveTwice(Halve):
        def step(self, closure=None):
            super().step()
            super().step()

    w = torch.tensor([1.0], requires_grad=True)
    HalveTwice([w]).step()
    assert [line for line in log.lines if isinstance(line, str)] == ["begin", "end"]
    assert w.item() == 0.25


def test_a_step_that_fails_ends_too(log):
    class Broken(optim.Optimizer):
        def step(self, closure=None):
            raise ZeroDivisionError

    broken = Broken([torch.zeros(1, requires_grad=True)], {})
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            broken.step()
    assert log.lines == ["begin", "end"] * 2


def test_rprop_looks_at_signs_only(weight):
    """The same steps whatever the size of the gradient, longer each time."""
    optimizer = optim.Rprop([weight], lr=0.1)
    optimizer.step()
    assert weight.tolist() == pytest.approx([0.9, -2.1])
    optimizer.step()
    assert weight.tolist() == pytest.approx([0.78, -2.22])


def test_a_required_setting_and_the_old_way_to_unpickle():
    class Old(optim.Optimizer):
        def __init__(self, params, lr=required):
            super().__init__(params, {"lr": lr})

        def __setstate__(self, state):
            super().__setstate__(state)

    with pytest.raises(ValueError, match="didn't specify a value of required optimization parameter lr"):
        Old([torch.zeros(1, requires_grad=True)])
    assert Old([torch.zeros(1, requires_grad=True)], lr=1).param_groups[0]["lr"] == 1


def test_groups_are_printed_apart():
    a, b = torch.zeros(1, requires_grad=True), torch.zeros(1, requires_grad=True)
    text = repr(optim.SGD([{"params": [a]}, {"params": [b], "lr": 1}], lr=0.5))
    assert text.startswith("SGD (\nParameter Group 0\n    dampening: 0\n")
    assert "weight_decay: 0\n\nParameter Group 1\n" in text and text.endswith("weight_decay: 0\n)")
