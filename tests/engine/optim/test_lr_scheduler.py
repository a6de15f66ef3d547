"""Learning-rate schedules, against their definitions."""

import math

import pytest

import gradviz.engine as torch
from gradviz.engine import optim
from gradviz.engine.optim.lr_scheduler import (
    CosineAnnealingLR,
    ExponentialLR,
    LambdaLR,
    LinearLR,
    LRScheduler,
    MultiStepLR,
    OneCycleLR,
    ReduceLROnPlateau,
    StepLR,
)


@pytest.fixture
def optimizer():
    return optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0, momentum=0.9)


def rates(optimizer, scheduler, epochs):
    """The rate in every epoch, stepping as programs do."""
    seen = []
    for _ in range(epochs):
        seen.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return seen


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda o: StepLR(o, 2, gamma=0.5), [1, 1, 0.5, 0.5, 0.25]),
        (lambda o: MultiStepLR(o, [1, 3]), [1, 0.1, 0.1, 0.01, 0.01]),
        (lambda o: ExponentialLR(o, 0.5), [1, 0.5, 0.25, 0.125, 0.0625]),
        (lambda o: LambdaLR(o, lambda epoch: 1 / (epoch + 1)), [1, 1 / 2, 1 / 3, 1 / 4, 1 / 5]),
        (lambda o: LinearLR(o, 0.2, 1.0, 2), [0.2, 0.6, 1, 1, 1]),
        (lambda o: CosineAnnealingLR(o, 4), [(1 + math.cos(math.pi * i / 4)) / 2 for i in range(5)]),
    ],
)
def test_schedules_follow_their_formula(optimizer, make, expected):
    assert rates(optimizer, make(optimizer), 5) == pytest.approx(expected)


def test_the_cosine_rises_again_after_the_bottom(optimizer):
    seen = rates(optimizer, CosineAnnealingLR(optimizer, 3, eta_min=0.1), 7)
    assert seen[3] == pytest.approx(0.1) and seen[6] == pytest.approx(1.0)


def test_one_cycle_goes_up_and_down_with_momentum_the_other_way(optimizer):
    scheduler = OneCycleLR(optimizer, max_lr=2.0, total_steps=10)
    momenta, seen = [], []
    for _ in range(10):
        seen.append(optimizer.param_groups[0]["lr"])
        momenta.append(optimizer.param_groups[0]["momentum"])
        optimizer.step()
        scheduler.step()
    assert seen[0] == pytest.approx(2 / 25) and max(seen) == pytest.approx(2.0) and seen[-1] < 1e-4
    assert momenta[seen.index(max(seen))] == pytest.approx(0.85)
    with pytest.raises(ValueError, match="specified number of total steps is 10"):
        scheduler.step()


def test_plateau_lowers_the_rate_after_patience(optimizer):
    scheduler = ReduceLROnPlateau(optimizer, patience=1, factor=0.1)
    for loss in (1.0, 0.5, 0.5, 0.5):
        scheduler.step(loss)
    assert optimizer.param_groups[0]["lr"] == pytest.approx(0.1)
    rising = ReduceLROnPlateau(optimizer, mode="max", patience=0)
    for accuracy in (0.1, 0.2, 0.2):
        rising.step(torch.tensor(accuracy))
    assert optimizer.param_groups[0]["lr"] == pytest.approx(0.01)


def test_schedulers_combine_and_resume(optimizer):
    scheduler = StepLR(optimizer, 1, gamma=0.5)
    rates(optimizer, scheduler, 3)
    state = scheduler.state_dict()
    twin = StepLR(optimizer, 1, gamma=0.1)
    twin.load_state_dict(state)
    assert twin.last_epoch == 3 and twin.gamma == 0.5
    assert twin.get_last_lr() == [0.125]


def test_a_schedule_of_ones_own(optimizer):
    class Halving(LRScheduler):
        def get_lr(self):
            return [base / 2**self.last_epoch for base in self.base_lrs]

    assert rates(optimizer, Halving(optimizer), 3) == [1.0, 0.5, 0.25]


def test_stepping_before_the_optimizer_warns(optimizer):
    with pytest.warns(UserWarning, match=r"`lr_scheduler.step\(\)` before `optimizer.step\(\)`"):
        StepLR(optimizer, 1).step()
