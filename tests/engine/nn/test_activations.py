"""Activations as modules and functions, against their formulas and finite differences."""

import math

import numpy as np
import pytest

import gradviz.engine as torch
import gradviz.engine.nn.functional as F
from gradviz.engine import nn
from gradviz.engine.autograd import gradcheck

X = np.array([-7.1, -2.9, -1.2, -0.6, -0.2, 0.3, 0.7, 1.4, 3.1, 6.5])


def normal_cdf(x):
    return np.array([0.5 * (1 + math.erf(v / math.sqrt(2))) for v in x])


FORMULAS = [
    (nn.ReLU(), lambda x: np.maximum(x, 0)),
    (nn.ReLU6(), lambda x: np.clip(x, 0, 6)),
    (nn.LeakyReLU(0.1), lambda x: np.where(x > 0, x, 0.1 * x)),
    (nn.PReLU(init=0.3).double(), lambda x: np.where(x > 0, x, 0.3 * x)),
    (nn.ELU(1.5), lambda x: np.where(x > 0, x, 1.5 * np.expm1(x))),
    (nn.CELU(1.5), lambda x: np.where(x > 0, x, 1.5 * np.expm1(x / 1.5))),
    (nn.SELU(), lambda x: 1.0507009873554805 * np.where(x > 0, x, 1.6732632423543772 * np.expm1(x))),
    (nn.GELU(), lambda x: x * normal_cdf(x)),
    (nn.SiLU(), lambda x: x / (1 + np.exp(-x))),
    (nn.Mish(), lambda x: x * np.tanh(np.log1p(np.exp(x)))),
    (nn.Sigmoid(), lambda x: 1 / (1 + np.exp(-x))),
    (nn.Tanh(), np.tanh),
    (nn.Softplus(2.0), lambda x: np.log1p(np.exp(2 * x)) / 2),
    (nn.LogSigmoid(), lambda x: -np.log1p(np.exp(-x))),
    (nn.Softsign(), lambda x: x / (1 + np.abs(x))),
    (nn.Hardtanh(-2, 0.5), lambda x: np.clip(x, -2, 0.5)),
    (nn.Hardsigmoid(), lambda x: np.clip(x + 3, 0, 6) / 6),
    (nn.Hardswish(), lambda x: x * np.clip(x + 3, 0, 6) / 6),
    (nn.Threshold(0.5, -3.0), lambda x: np.where(x > 0.5, x, -3.0)),
    (nn.Hardshrink(1.0), lambda x: np.where(np.abs(x) > 1, x, 0)),
    (nn.Softshrink(1.0), lambda x: np.sign(x) * np.maximum(np.abs(x) - 1, 0)),
    (nn.Tanhshrink(), lambda x: x - np.tanh(x)),
    (nn.Softmax(0), lambda x: np.exp(x) / np.exp(x).sum()),
    (nn.LogSoftmax(0), lambda x: x - np.log(np.exp(x).sum())),
    (nn.Softmin(0), lambda x: np.exp(-x) / np.exp(-x).sum()),
    (nn.GLU(0), lambda x: x[:5] / (1 + np.exp(-x[5:]))),
]


@pytest.mark.parametrize(("module", "formula"), FORMULAS, ids=lambda x: type(x).__name__)
def test_activations_follow_their_formula(module, formula):
    x = torch.tensor(X, requires_grad=True)
    np.testing.assert_allclose(module(x).detach().numpy(), formula(X), rtol=1e-6, atol=1e-12)
    assert gradcheck(module, (x,))


@pytest.mark.parametrize(
    "module",
    [nn.ReLU, nn.ReLU6, nn.SiLU, nn.Mish, nn.SELU, nn.ELU, nn.CELU, nn.LeakyReLU, nn.Hardtanh, nn.Hardswish],
)
def test_inplace_overwrites_the_input_with_the_same_numbers(module):
    x = torch.tensor(X, requires_grad=True)
    expected = module()(x)
    start = x * 1
    out = module(inplace=True)(start)
    assert out is start and torch.allclose(out, expected)
    (wanted,) = torch.autograd.grad(expected.sum(), x)
    (got,) = torch.autograd.grad(out.sum(), x)
    assert torch.allclose(got, wanted)


def test_softmax_without_a_dimension_warns():
    with pytest.warns(UserWarning, match="Implicit dimension choice for softmax has been deprecated"):
        assert torch.allclose(F.softmax(torch.ones(2, 4)), torch.full((2, 4), 0.25))
    with pytest.warns(UserWarning, match="log_softmax"):
        nn.LogSoftmax()(torch.ones(3))


def test_glu_needs_two_halves():
    with pytest.raises(RuntimeError, match="Halving dimension must be even, but dimension 1 is size 3"):
        F.glu(torch.ones(2, 3))


def test_activations_print_their_settings():
    assert repr(nn.LeakyReLU(0.2)) == "LeakyReLU(negative_slope=0.2)"
    assert repr(nn.GELU("tanh")) == "GELU(approximate='tanh')"
    assert repr(nn.ReLU(inplace=True)) == "ReLU(inplace=True)"
    assert repr(nn.Softmax(dim=1)) == "Softmax(dim=1)"


def test_rrelu_draws_a_slope_for_what_is_negative():
    torch.manual_seed(0)
    x = torch.tensor([-1.0, 2.0, -4.0])
    out = F.rrelu(x, 0.25, 0.5, training=True)
    assert out[1] == 2 and 0.25 <= -out[0].item() <= 0.5 and 0.25 <= -out[2].item() / 4 <= 0.5
    assert F.rrelu(x, 0.25, 0.75).tolist() == [-0.5, 2.0, -2.0]


def test_softmax_over_channels():
    out = torch.nn.Softmax2d()(torch.randn(2, 3, 4, 5))
    np.testing.assert_allclose(out.sum(1).numpy(), 1, rtol=1e-6)
    with pytest.raises(ValueError, match="expected input to be 3D or 4D"):
        torch.nn.Softmax2d()(torch.ones(2, 2))
