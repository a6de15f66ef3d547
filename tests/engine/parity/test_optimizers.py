"""Every optimizer in every setting that PyTorch tests it in: ten steps, state, text, refusals."""

import re
import warnings

import numpy as np
import pytest
import torch
from torch.testing._internal.common_optimizers import OptimizerErrorEnum, optim_db

import gradviz.engine as engine
from tests.engine.parity.translation import Translation

pytestmark = pytest.mark.parity
BOTH = (engine, torch)
SHAPES = [(3, 4), (4,), (2, 3, 2)]
TOLERANCE = {"float32": 2e-5, "float64": 1e-9}
# It divides by differences of nearly equal gradients.
LOOSE = {("LBFGS", "float32"): 5e-3}

# optimizer: why the engine has none
MISSING = {
    "Muon": "computes in bfloat16, which NumPy does not have",
    "SparseAdam": "is for sparse gradients, and the engine's are dense",
}
OPTIMIZERS = [info for info in optim_db if info.name not in MISSING]


def parameters(library, dtype):
    """The same parameters for both."""
    random = np.random.default_rng(0)
    arrays = [random.standard_normal(shape).astype(dtype) for shape in SHAPES]
    return [library.nn.Parameter(library.from_numpy(array)) for array in arrays]


def trained(library, info, settings, dtype, steps):
    """The optimizer and its parameters after some steps down a curved valley."""
    weights = parameters(library, dtype)
    optimizer = getattr(library.optim, info.name)(weights, **settings)
    train(optimizer, weights, steps)
    return optimizer, weights


def train(optimizer, weights, steps):
    def closure():
        optimizer.zero_grad()
        loss = sum(((w * 1.3).sin() + w * w * 0.1).sum() for w in weights)
        loss.backward()
        return loss

    for _ in range(steps):
        optimizer.step(closure)


def compare(info, settings, dtype):
    """Raises AssertionError unless ten steps lead to PyTorch's parameters, state and text."""
    ours, our_weights = trained(engine, info, Translation()(settings), dtype, 10)
    theirs, their_weights = trained(torch, info, settings, dtype, 10)
    assert repr(ours) == repr(theirs)
    tolerance = LOOSE.get((info.name, dtype), TOLERANCE[dtype])
    same([w.detach() for w in our_weights], [w.detach() for w in their_weights], tolerance)
    our_state, their_state = ours.state_dict(), theirs.state_dict()
    assert [set(kept) for kept in our_state["state"].values()] == [
        set(kept) for kept in their_state["state"].values()
    ]
    assert set(our_state["param_groups"][0]) == set(their_state["param_groups"][0])
    for number, kept in their_state["state"].items():
        found = our_state["state"][number]
        tensors = [name for name, value in found.items() if isinstance(value, engine.Tensor)]
        same([found[name] for name in tensors], [kept[name] for name in tensors], tolerance * 10)
    compare_resumed(info, Translation()(settings), dtype)


def compare_resumed(info, settings, dtype):
    """Raises AssertionError unless a saved state makes a new optimizer go on where the old one was."""
    optimizer, weights = trained(engine, info, settings, dtype, 3)
    again = parameters(engine, dtype)
    for copy, weight in zip(again, weights, strict=True):
        copy.data = weight.detach().clone()
    other = getattr(engine.optim, info.name)(again, **settings)
    other.load_state_dict(optimizer.state_dict())
    train(optimizer, weights, 2)
    train(other, again, 2)
    for a, b in zip(weights, again, strict=True):
        np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), 1e-6)


def same(ours, theirs, tolerance):
    for our, their in zip(ours, theirs, strict=True):
        our, their = np.asarray(our.detach().numpy()), np.asarray(their.detach().numpy())
        assert our.dtype == their.dtype
        np.testing.assert_allclose(our, their, tolerance, tolerance)


@pytest.mark.parametrize("info", OPTIMIZERS, ids=lambda info: info.name)
def test_optimizer_agrees(info, record_property):
    wrong, total = [], 0
    for dtype in TOLERANCE:
        for sample in info.optim_inputs_func("cpu"):
            total += 1
            try:
                compare(info, sample.kwargs, dtype)
            except Exception as error:
                wrong.append(f"{dtype} {sample.desc}\n  {type(error).__name__}: {error}"[:600])
    record_property("agreement", (f"optim.{info.name}", total - len(wrong), total))
    assert not wrong, "\n".join(wrong)


REFUSED = [
    (info, sample)
    for info in OPTIMIZERS
    for sample in info.optim_error_inputs_func("cpu", torch.float32)
    if "complex" not in sample.optimizer_error_input.desc
]


@pytest.mark.parametrize(("info", "sample"), REFUSED, ids=lambda x: getattr(x, "name", "")[:20])
def test_errors_have_torchs_words(info, sample):
    given = sample.optimizer_error_input
    params = [engine.nn.Parameter(engine.ones(1, 1))] if given.params is None else Translation()(given.params)
    settings = Translation()(given.kwargs)
    kind = getattr(engine.optim, info.name)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(sample.error_type) as raised:
            optimizer = kind(params, **settings)
            if sample.error_on is OptimizerErrorEnum.STEP_ERROR:
                optimizer.step()
    assert re.search(sample.error_regex, str(raised.value))


@pytest.mark.parametrize("name", MISSING)
def test_what_is_missing_is_missing(name):
    assert not hasattr(engine.optim, name)


@pytest.mark.parametrize(
    "settings", [{"anneal_epochs": 4}, {"anneal_epochs": 3, "anneal_strategy": "linear"}]
)
def test_averaging_agrees(settings):
    def averaged(library):
        library.manual_seed(0)
        net = library.nn.Sequential(
            library.nn.Linear(3, 4), library.nn.BatchNorm1d(4), library.nn.Linear(4, 1)
        )
        swa = library.optim.swa_utils
        models = [
            swa.AveragedModel(net),
            swa.AveragedModel(net, multi_avg_fn=swa.get_ema_multi_avg_fn(0.9), use_buffers=True),
        ]
        optimizer = library.optim.SGD(net.parameters(), lr=0.1)
        scheduler = swa.SWALR(optimizer, swa_lr=0.02, **settings)
        x = library.randn(8, 3)
        rates = []
        for _ in range(6):
            optimizer.zero_grad()
            (net(x) ** 2).mean().backward()
            optimizer.step()
            scheduler.step()
            rates.append(scheduler.get_last_lr()[0])
            for model in models:
                model.update_parameters(net)
        swa.update_bn([x[:4], x[4:]], models[0])
        states = [value for model in models for value in model.state_dict().values()]
        return rates, states

    (rates, states), (their_rates, their_states) = map(averaged, BOTH)
    assert rates == pytest.approx(their_rates)
    same(states, their_states, 1e-5)
