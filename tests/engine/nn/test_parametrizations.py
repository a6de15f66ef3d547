"""Weights computed from others: by hooks (weight_norm, spectral_norm) and by parametrizations."""

import copy

import pytest

import gradviz.engine as torch
from gradviz.engine import nn
from gradviz.engine.nn.utils import parametrizations, parametrize


class Symmetric(nn.Module):
    def forward(self, x):
        return x.triu() + x.triu(1).mT


class Doubled(nn.Module):
    def forward(self, x):
        return x * 2

    def right_inverse(self, y):
        return y / 2


def test_a_parametrized_weight_is_computed_whenever_it_is_asked_for():
    layer = parametrize.register_parametrization(nn.Linear(3, 3), "weight", Symmetric())
    assert torch.equal(layer.weight, layer.weight.mT)
    layer(torch.ones(1, 3)).sum().backward()
    assert layer.parametrizations.weight.original.grad[1, 0] == 0
    assert [name for name, _ in layer.named_parameters()] == ["bias", "parametrizations.weight.original"]
    assert isinstance(layer, nn.Linear) and type(layer).__name__ == "ParametrizedLinear"


def test_a_right_inverse_takes_what_is_assigned():
    layer = nn.Linear(2, 2)
    before = layer.bias.clone()
    parametrize.register_parametrization(layer, "bias", Doubled())
    assert torch.equal(layer.bias, before)
    layer.bias = torch.ones(2)
    assert layer.parametrizations.bias.original.tolist() == [0.5, 0.5]


def test_parametrizations_are_chained_removed_and_copied():
    layer = parametrize.register_parametrization(nn.Linear(2, 2), "weight", Symmetric())
    parametrize.register_parametrization(layer, "weight", Doubled())
    twin = copy.deepcopy(layer)
    assert torch.equal(twin.weight, layer.weight)
    value = layer.weight.detach()
    parametrize.remove_parametrizations(layer, "weight")
    assert type(layer) is nn.Linear and torch.equal(layer.weight, value)
    assert parametrize.is_parametrized(twin, "weight") and not parametrize.is_parametrized(layer)


def test_inside_cached_a_weight_is_computed_once():
    layer = parametrize.register_parametrization(nn.Linear(2, 2), "weight", Doubled())
    with parametrize.cached():
        assert layer.weight is layer.weight
    assert layer.weight is not layer.weight


def test_what_cannot_be_parametrized():
    with pytest.raises(ValueError, match="does not have a parameter, a buffer"):
        parametrize.register_parametrization(nn.Linear(2, 2), "wait", Doubled())
    with pytest.raises(ValueError, match="may not change the shape"):
        parametrize.register_parametrization(nn.Linear(2, 2), "bias", nn.Linear(2, 3))


@pytest.mark.parametrize("normalize", [nn.utils.weight_norm, parametrizations.weight_norm])
def test_weight_norm_keeps_the_weight_and_learns_its_lengths(normalize):
    layer = nn.Linear(3, 2)
    weight = layer.weight.detach().clone()
    normalize(layer)
    assert torch.allclose(layer.weight, weight)
    layer(torch.ones(1, 3)).sum().backward()
    shapes = sorted(tuple(p.shape) for p in layer.parameters() if p.grad is not None)
    assert shapes == [(2,), (2, 1), (2, 3)]


@pytest.mark.parametrize("normalize", [nn.utils.spectral_norm, parametrizations.spectral_norm])
@pytest.mark.parametrize("make", [lambda: nn.Linear(4, 3), lambda: nn.ConvTranspose2d(2, 3, 2)])
def test_spectral_norm_makes_the_largest_singular_value_one(normalize, make):
    torch.manual_seed(0)
    layer = normalize(make())
    x = torch.ones(1, 4) if isinstance(layer, nn.Linear) else torch.ones(1, 2, 3, 3)
    for _ in range(50):
        layer(x)
    weight = layer.weight if layer.weight.ndim == 2 else layer.weight.transpose(0, 1).flatten(1)
    assert torch.linalg.matrix_norm(weight, 2).item() == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize(
    ("add", "remove"),
    [
        (nn.utils.weight_norm, nn.utils.remove_weight_norm),
        (nn.utils.spectral_norm, nn.utils.remove_spectral_norm),
    ],
)
def test_hooks_are_removed_and_registered_once(add, remove):
    layer = add(nn.Linear(2, 2))
    with pytest.raises(RuntimeError, match="Cannot register two"):
        add(layer)
    layer(torch.ones(1, 2))
    value = layer.weight.detach()
    remove(layer)
    assert torch.allclose(layer.weight, value) and isinstance(layer.weight, nn.Parameter)
    with pytest.raises(ValueError, match="of 'weight' not found in Linear"):
        remove(layer)


def test_gumbel_softmax_is_one_hot_and_still_differentiable():
    torch.manual_seed(0)
    logits = torch.zeros(5, 3, requires_grad=True)
    hard = nn.functional.gumbel_softmax(logits, hard=True)
    assert hard.sum(1).tolist() == pytest.approx([1] * 5)
    assert hard.detach().round().unique().tolist() == [0, 1]
    (hard[:, 0]).sum().backward()
    assert bool((logits.grad[:, 0] > 0).all())
