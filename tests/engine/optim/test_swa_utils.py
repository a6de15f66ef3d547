"""Averages of parameters over the steps of a training."""

import pytest

import gradviz.engine as torch
from gradviz.engine import nn
from gradviz.engine.optim.swa_utils import (
    SWALR,
    AveragedModel,
    get_ema_avg_fn,
    get_ema_multi_avg_fn,
    update_bn,
)


def averages_after(values, **settings):
    """The averaged weight of a model whose weight takes these values one after the other."""
    model = nn.Linear(1, 1, bias=False)
    averaged = AveragedModel(model, **settings)
    for value in values:
        nn.init.constant_(model.weight, value)
        averaged.update_parameters(model)
    assert averaged.n_averaged == len(values)
    return averaged.module.weight.item()


def test_all_updates_weigh_the_same():
    assert averages_after([1.0, 2.0, 6.0]) == pytest.approx(3)


@pytest.mark.parametrize(
    "settings", [{"avg_fn": get_ema_avg_fn(0.5)}, {"multi_avg_fn": get_ema_multi_avg_fn(0.5)}]
)
def test_an_exponential_moving_average_forgets(settings):
    assert averages_after([1.0, 2.0, 6.0], **settings) == pytest.approx(3.75)


def test_the_model_itself_is_left_alone():
    model = nn.Linear(2, 1)
    averaged = AveragedModel(model)
    before = model.weight.clone()
    averaged.update_parameters(model)
    nn.init.zeros_(averaged.module.weight)
    assert torch.equal(model.weight, before)
    assert list(averaged.state_dict()) == ["n_averaged", "module.weight", "module.bias"]


def test_batch_norms_learn_the_statistics_of_the_average():
    model = nn.Sequential(nn.BatchNorm1d(1))
    batches = [torch.tensor([[1.0], [3.0]]), torch.tensor([[5.0], [7.0]])]
    model.eval()
    update_bn(batches, model)
    assert model[0].running_mean.item() == 4 and model[0].momentum == 0.1 and not model.training


@pytest.mark.parametrize(
    ("strategy", "expected"), [("linear", [1.0, 0.75, 0.5, 0.5]), ("cos", [1.0, 0.75, 0.5, 0.5])]
)
def test_the_rate_goes_to_swa_lr_and_stays(strategy, expected):
    optimizer = torch.optim.SGD(nn.Linear(1, 1).parameters(), lr=1.0)
    schedule = SWALR(optimizer, swa_lr=0.5, anneal_epochs=2, anneal_strategy=strategy)
    rates = []
    for _ in range(4):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    assert rates == pytest.approx(expected)
