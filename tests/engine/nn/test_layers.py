"""Layers: what they compute, how they start, and their gradients against finite differences."""

import numpy as np
import pytest

import gradviz.engine as torch
import gradviz.engine.nn.functional as F
from gradviz.engine import nn
from gradviz.engine.autograd import gradcheck


@pytest.fixture(autouse=True)
def seeded():
    torch.manual_seed(0)


def wide(*shape):
    """A float64 leaf, for finite differences."""
    return torch.randn(*shape, dtype=torch.float64).requires_grad_()


# -- linear ------------------------------------------------------------------------------------------


def test_linear_starts_with_torchs_weights():
    """Printed by torch 2.13 after torch.manual_seed(0)."""
    layer = nn.Linear(3, 2)
    np.testing.assert_allclose(
        layer.weight.tolist(), [[-0.0043, 0.3097, -0.4752], [-0.4249, -0.2224, 0.1548]], atol=5e-5
    )
    np.testing.assert_allclose(layer.bias.tolist(), [-0.0114, 0.4578], atol=5e-5)


@pytest.mark.parametrize("shape", [(3,), (4, 3), (2, 4, 3)])
@pytest.mark.parametrize("bias", [True, False])
def test_linear_multiplies_the_last_dimension(shape, bias):
    layer, x = nn.Linear(3, 2, bias=bias).double(), wide(*shape)
    expected = x.detach().numpy() @ layer.weight.detach().numpy().T
    if bias:
        expected = expected + layer.bias.detach().numpy()
    np.testing.assert_allclose(layer(x).detach().numpy(), expected)
    assert gradcheck(lambda x, *weights: layer(x), (x, *layer.parameters()))


def test_a_matrix_through_linear_is_one_addmm():
    out = nn.Linear(3, 2)(torch.ones(1, 3))
    assert out.grad_fn.name() == "AddmmBackward0"
    assert out.grad_fn.next_functions[2][0].name() == "TBackward0"


def test_bilinear():
    layer, a, b = nn.Bilinear(3, 4, 2).double(), wide(5, 3), wide(5, 4)
    expected = np.einsum("ni,kij,nj->nk", a.detach(), layer.weight.detach(), b.detach()) + layer.bias.tolist()
    np.testing.assert_allclose(layer(a, b).detach().numpy(), expected)


# -- dropout -----------------------------------------------------------------------------------------


def test_dropout_zeroes_its_share_and_scales_the_rest():
    x = torch.ones(100, 100)
    y = nn.Dropout(0.2)(x)
    assert set(np.unique(y.numpy())) == {0.0, np.float32(1.25)}
    assert (y == 0).float().mean().item() == pytest.approx(0.2, abs=0.02)
    layer = nn.Dropout(1.0)
    assert layer(x).sum() == 0
    assert layer.eval()(x) is x
    with pytest.raises(ValueError, match="dropout probability has to be between 0 and 1, but got 2"):
        nn.Dropout(2)


def test_dropout_sends_gradients_through_what_it_kept():
    x = torch.ones(50, requires_grad=True)
    y = F.dropout(x, 0.5)
    y.sum().backward()
    assert torch.equal(x.grad, y.detach())


def test_dropout2d_drops_whole_channels():
    channels = nn.Dropout2d(0.5)(torch.ones(8, 8, 2, 2)).reshape(64, 4)
    assert all(len(set(channel)) == 1 for channel in channels.tolist())


# -- normalization -----------------------------------------------------------------------------------


def test_layer_norm_standardizes_each_sample():
    layer, x = nn.LayerNorm((3, 4)).double(), wide(5, 3, 4)
    out = layer(x).detach().numpy()
    np.testing.assert_allclose(out.mean((1, 2)), 0, atol=1e-12)
    np.testing.assert_allclose(out.var((1, 2)), 1, rtol=1e-3)
    assert gradcheck(lambda x, *weights: layer(x), (x, *layer.parameters()))
    with pytest.raises(RuntimeError, match=r"expected input with shape \[\*, 3, 4\]"):
        layer(wide(5, 4, 3))


def test_group_norm_standardizes_groups_of_channels():
    layer, x = nn.GroupNorm(2, 4).double(), wide(3, 4, 5)
    groups = layer(x).detach().numpy().reshape(3, 2, 10)
    np.testing.assert_allclose(groups.mean(2), 0, atol=1e-12)
    assert gradcheck(lambda x, *weights: layer(x), (x, *layer.parameters()))
    with pytest.raises(ValueError, match=r"num_channels \(3\) must be divisible by num_groups \(2\)"):
        nn.GroupNorm(2, 3)


def test_batch_norm_learns_the_statistics_it_later_uses():
    layer, x = nn.BatchNorm1d(3, momentum=None), torch.randn(50, 3) * 2 + 5
    out = layer(x)
    np.testing.assert_allclose(out.detach().numpy().mean(0), 0, atol=1e-5)
    np.testing.assert_allclose(layer.running_mean.numpy(), x.numpy().mean(0), rtol=1e-5)
    np.testing.assert_allclose(layer.running_var.numpy(), x.numpy().var(0, ddof=1), rtol=1e-4)
    assert layer.num_batches_tracked.item() == 1
    layer.eval()
    expected = (x.numpy() - x.numpy().mean(0)) / np.sqrt(x.numpy().var(0, ddof=1) + 1e-5)
    np.testing.assert_allclose(layer(x).detach().numpy(), expected, atol=1e-4)
    with pytest.raises(ValueError, match="expected 2D or 3D input"):
        layer(torch.zeros(3))


def test_batch_norm_gradients_in_both_modes():
    layer, x = nn.BatchNorm2d(2).double(), wide(3, 2, 2, 2)
    weights = torch.arange(24.0, dtype=torch.float64).reshape(3, 2, 2, 2)
    for mode in (True, False):
        layer.train(mode)
        assert gradcheck(lambda x, *_: layer(x) * weights, (x, *layer.parameters()))


# -- embedding, one_hot, pad -------------------------------------------------------------------------


def test_embedding_looks_rows_up_and_adds_their_gradients():
    layer = nn.Embedding(5, 3, padding_idx=0)
    assert layer.weight[0].tolist() == [0, 0, 0]
    words = torch.tensor([[1, 2, 1], [0, 4, 1]])
    out = layer(words)
    assert torch.equal(out[0, 1], layer.weight[2])
    out.sum().backward()
    assert layer.weight.grad[:, 0].tolist() == [0, 3, 1, 0, 1]
    table = wide(4, 2)
    assert gradcheck(lambda table: F.embedding(torch.tensor([3, 0, 3]), table), (table,))
    with pytest.raises(IndexError, match="index out of range in self"):
        layer(torch.tensor([5]))
    assert not nn.Embedding.from_pretrained(torch.ones(2, 3)).weight.requires_grad


def test_one_hot():
    assert F.one_hot(torch.tensor([1, 0])).tolist() == [[0, 1], [1, 0]]
    assert F.one_hot(torch.tensor([[2]]), 4).tolist() == [[[0, 0, 1, 0]]]
    with pytest.raises(RuntimeError, match="smaller than num_classes"):
        F.one_hot(torch.tensor([3]), 3)


@pytest.mark.parametrize(("mode", "numpy_mode"), [("reflect", "reflect"), ("replicate", "edge")])
def test_pad_repeats_the_border(mode, numpy_mode):
    x = wide(1, 3, 4)
    expected = np.pad(x.detach().numpy(), [(0, 0), (2, 1), (1, 2)], mode=numpy_mode)
    assert np.array_equal(F.pad(x, (1, 2, 2, 1), mode=mode).detach().numpy(), expected)
    assert gradcheck(lambda x: F.pad(x, (1, 2, 2, 1), mode=mode), (x,))


def test_pad_with_constants_may_also_cut():
    x = wide(2, 3)
    assert F.pad(x, (1, -1), value=7.0)[:, 0].tolist() == [7, 7]
    assert torch.equal(F.pad(x, (-1, 0)), x[:, 1:])
    assert gradcheck(lambda x: F.pad(x, (2, -1, 1, 0)), (x,))


# -- likeness ----------------------------------------------------------------------------------------


def test_normalize_and_cosine():
    x, y = wide(4, 3), wide(4, 3)
    np.testing.assert_allclose(np.linalg.norm(F.normalize(x).detach().numpy(), axis=1), 1)
    assert nn.CosineSimilarity()(x, -x).tolist() == pytest.approx([-1] * 4)
    assert gradcheck(F.cosine_similarity, (x, y))
    assert gradcheck(nn.PairwiseDistance(), (x, y))


@pytest.mark.parametrize(("layer", "shape"), [(nn.Dropout1d(), (2, 5, 7)), (nn.Dropout3d(), (5, 2, 3, 2))])
def test_whole_channels_are_dropped(layer, shape):
    out = layer(torch.ones(*shape)).reshape(*shape[: len(shape) - layer_dims(layer)], -1)
    assert set(out.flatten().tolist()) == {0.0, 2.0}
    assert bool((out == out[..., :1]).all())


def layer_dims(layer):
    return int(type(layer).__name__[-2])


@pytest.mark.parametrize("layer", [nn.AlphaDropout(0.3), nn.FeatureAlphaDropout(0.3)])
def test_alpha_dropout_keeps_mean_and_variance(layer):
    x = torch.randn(200, 200, 2)
    out = layer(x)
    assert out.mean().item() == pytest.approx(0, abs=0.05) and out.var().item() == pytest.approx(1, abs=0.1)
    assert layer.eval()(x) is x
