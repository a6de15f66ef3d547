"""Normalization: over batches, samples, channels and neighbours."""

import numpy as np
import pytest

import gradviz.engine as torch
from gradviz.engine import nn
from gradviz.engine.nn import functional as F


@pytest.mark.parametrize(
    ("layer", "shape", "axes"),
    [
        (nn.BatchNorm3d(3), (2, 3, 2, 2, 2), (0, 2, 3, 4)),
        (nn.InstanceNorm1d(3), (2, 3, 5), (2,)),
        (nn.InstanceNorm2d(3), (2, 3, 4, 4), (2, 3)),
        (nn.InstanceNorm2d(3), (3, 4, 4), (1, 2)),
        (nn.InstanceNorm3d(3), (2, 3, 2, 2, 2), (2, 3, 4)),
        (nn.GroupNorm(1, 3), (2, 3, 4), (1, 2)),
    ],
)
def test_mean_0_and_variance_1(layer, shape, axes):
    torch.manual_seed(0)
    out = layer(torch.randn(*shape) * 3 + 1).detach().numpy()
    np.testing.assert_allclose(out.mean(axes), 0, atol=1e-6)
    np.testing.assert_allclose(out.var(axes), 1, atol=1e-3)


def test_instance_norm_tracks_the_mean_over_the_samples():
    layer = nn.InstanceNorm1d(1, momentum=1.0, track_running_stats=True)
    layer(torch.tensor([[[1.0, 3.0]], [[5.0, 7.0]]]))
    assert layer.running_mean.tolist() == [4.0] and layer.running_var.tolist() == [2.0]


def test_instance_norm_needs_more_than_one_element():
    with pytest.raises(ValueError, match="Expected more than 1 spatial element"):
        F.instance_norm(torch.ones(2, 3, 1))


def test_rms_norm_leaves_the_mean():
    x = torch.tensor([3.0, 4.0])
    assert F.rms_norm(x, (2,)).tolist() == pytest.approx([3 / 12.5**0.5, 4 / 12.5**0.5])
    assert repr(nn.RMSNorm(2)) == "RMSNorm((2,), eps=None, elementwise_affine=True)"


def test_local_response_norm_divides_by_what_neighbouring_channels_have():
    x = torch.ones(1, 3, 1)
    out = F.local_response_norm(x, 3, alpha=3.0, beta=1.0, k=1.0)
    assert out.flatten().tolist() == pytest.approx([1 / 3, 1 / 4, 1 / 3])
