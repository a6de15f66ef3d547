"""Starting values, gradient clipping, and parameters as one vector."""

import math
import warnings

import numpy as np
import pytest

import gradviz.engine as torch
from gradviz.engine import nn
from gradviz.engine.nn import init


@pytest.fixture
def weight():
    torch.manual_seed(0)
    return nn.Parameter(torch.zeros(40, 50))


@pytest.mark.parametrize(
    ("fill", "bound"),
    [
        (lambda w: init.uniform_(w, -0.3, 0.3), 0.3),
        (init.xavier_uniform_, math.sqrt(6 / 90)),
        (lambda w: init.kaiming_uniform_(w, nonlinearity="relu"), math.sqrt(6 / 50)),
        (lambda w: init.kaiming_uniform_(w, a=math.sqrt(5)), math.sqrt(1 / 50)),
        (lambda w: init.trunc_normal_(w, std=0.5, a=-0.4, b=0.4), 0.4),
    ],
)
def test_bounded_fills_reach_their_bound(weight, fill, bound):
    version = weight._version
    assert fill(weight) is weight
    assert 0.95 * bound < weight.abs().max().item() <= bound
    assert weight._version == version + 1 and weight.is_leaf


@pytest.mark.parametrize(
    ("fill", "std"),
    [
        (lambda w: init.normal_(w, 0.0, 0.3), 0.3),
        (init.xavier_normal_, math.sqrt(2 / 90)),
        (lambda w: init.kaiming_normal_(w, mode="fan_out", nonlinearity="relu"), math.sqrt(2 / 40)),
    ],
)
def test_normal_fills_have_their_deviation(weight, fill, std):
    assert fill(weight).std().item() == pytest.approx(std, rel=0.05)


def test_fixed_fills(weight):
    assert (init.ones_(weight) == 1).all() and (init.zeros_(weight) == 0).all()
    assert (init.constant_(weight, 2.5) == 2.5).all()
    assert np.array_equal(init.eye_(weight).detach().numpy(), np.eye(40, 50, dtype=np.float32))


def test_orthogonal_rows_are_orthonormal(weight):
    rows = init.orthogonal_(weight).detach().numpy()
    np.testing.assert_allclose(rows @ rows.T, np.eye(40), atol=1e-5)


def test_sparse_columns(weight):
    assert (init.sparse_(weight, sparsity=0.25) == 0).sum(0).unique().tolist() == [10]


def test_a_dirac_convolution_passes_its_channels_on():
    x = torch.arange(32.0).view(1, 4, 8)
    for groups in (1, 2):
        conv = nn.Conv1d(4, 4, 3, padding=1, groups=groups, bias=False)
        init.dirac_(conv.weight, groups)
        assert torch.equal(conv(x), x)


def test_old_names_warn(weight):
    with pytest.warns(FutureWarning, match=r"`nn.init.constant` is now deprecated in favor of"):
        assert (init.constant(weight, 2.5) == 2.5).all()


def test_gains_and_refusals(weight):
    assert init.calculate_gain("tanh") == pytest.approx(5 / 3)
    assert init.calculate_gain("leaky_relu", 0.1) == pytest.approx(math.sqrt(2 / 1.01))
    with pytest.raises(ValueError, match="Unsupported nonlinearity swoosh"):
        init.calculate_gain("swoosh")
    with pytest.raises(ValueError, match="fewer than 2 dimensions"):
        init.xavier_uniform_(torch.zeros(3))
    with pytest.raises(ValueError, match="Mode fan_sideways not supported"):
        init.kaiming_normal_(weight, mode="fan_sideways")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        init.kaiming_normal_(torch.zeros(0, 3))
    assert "no-op" in str(caught[0].message)


@pytest.fixture
def pair():
    a, b = torch.zeros(2, requires_grad=True), torch.zeros(1, requires_grad=True)
    a.grad, b.grad = torch.tensor([3.0, 0.0]), torch.tensor([-4.0])
    return a, b


def test_clip_grad_norm_scales_all_gradients_together(pair):
    assert nn.utils.clip_grad_norm_(pair, 1.0).item() == 5
    assert [p.grad.tolist() for p in pair] == [pytest.approx([0.6, 0]), pytest.approx([-0.8])]
    assert nn.utils.clip_grad_norm_(pair, 10.0).item() == pytest.approx(1)
    assert pair[0].grad.tolist() == pytest.approx([0.6, 0])


def test_clip_grad_norm_by_the_largest_element(pair):
    assert nn.utils.clip_grad_norm_(pair, 2.0, norm_type=math.inf).item() == 4
    pair[0].grad = torch.tensor([math.nan, 0.0])
    with pytest.raises(RuntimeError, match="non-finite, so it cannot be clipped"):
        nn.utils.clip_grad_norm_(pair, 1.0, error_if_nonfinite=True)


def test_clip_grad_value_cuts_elements(pair):
    nn.utils.clip_grad_value_(pair, 2.0)
    assert [p.grad.tolist() for p in pair] == [[2, 0], [-2]]


def test_parameters_become_a_vector_and_back(pair):
    vector = nn.utils.parameters_to_vector([torch.ones(2, 2), torch.zeros(3)])
    assert vector.tolist() == [1, 1, 1, 1, 0, 0, 0]
    nn.utils.vector_to_parameters(torch.tensor([1.0, 2.0, 3.0]), pair)
    assert [p.tolist() for p in pair] == [[1, 2], [3]]
