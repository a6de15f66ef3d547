"""Learning-rate schedules, against their definitions."""

import math

import pytest

import gradviz.engine as torch
from gradviz.engine import optim
from gradviz.engine.optim.lr_scheduler import (
    ChainedScheduler,
    ConstantLR,
    CosineAnnealingLR,
    CosineAnnealingWarmRestarts,
    CyclicLR,
    ExponentialLR,
    LambdaLR,
    LinearLR,
    LRScheduler,
    MultiplicativeLR,
    MultiStepLR,
    OneCycleLR,
    PolynomialLR,
    ReduceLROnPlateau,
    SequentialLR,
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
        (lambda o: MultiplicativeLR(o, lambda epoch: 0.5), [1, 0.5, 0.25, 0.125, 0.0625]),
        (lambda o: ConstantLR(o, 0.25, 2), [0.25, 0.25, 1, 1, 1]),
        (lambda o: PolynomialLR(o, 4, power=2), [1, 9 / 16, 1 / 4, 1 / 16, 0]),
        (lambda o: CosineAnnealingWarmRestarts(o, 1, T_mult=2), [1, 1, 0.5, 1, (1 + math.sqrt(0.5)) / 2]),
        (lambda o: CyclicLR(o, 1, 3, step_size_up=2, step_size_down=1), [1, 2, 3, 1, 2]),
        (lambda o: CyclicLR(o, 1, 3, step_size_up=1, mode="triangular2"), [1, 3, 1, 2, 1]),
        (lambda o: CyclicLR(o, 1, 3, 1, mode="exp_range", gamma=0.5), [1, 2, 1, 1.25, 1]),
        (lambda o: SequentialLR(o, [ConstantLR(o, 0.5, 9), ExponentialLR(o, 0.5)], [2]),
         [0.5, 0.5, 1, 0.5, 0.25]),
        (lambda o: ChainedScheduler([StepLR(o, 2, 0.1), ExponentialLR(o, 0.5)]),
         [1, 0.5, 0.025, 0.0125, 0.000625]),
    ],
)  # fmt: skip
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


def test_combined_schedulers_go_on_from_their_state(optimizer):
    def make():
        return SequentialLR(optimizer, [LinearLR(optimizer, 0.5, 1, 2), StepLR(optimizer, 1, 0.5)], [2])

    first = make()
    for _ in range(3):
        optimizer.step()
        first.step()
    state = first.state_dict()
    again = make()
    again.load_state_dict(state)
    optimizer.param_groups[0]["lr"] = again.get_last_lr()[0]
    optimizer.step()
    again.step()
    assert again.get_last_lr() == [0.25]
