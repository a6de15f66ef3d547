"""Modules with the same seed: weights, outputs, gradients and what they print are PyTorch's."""

import numpy as np
import pytest
import torch

import gradviz.engine as engine

pytestmark = pytest.mark.parity

# how to make the module, the shape of its input
MODULES = [
    (lambda nn: nn.Linear(4, 3), (5, 4)),
    (lambda nn: nn.Linear(4, 3, bias=False), (2, 5, 4)),
    (lambda nn: nn.Linear(4, 3), (4,)),
    (lambda nn: nn.Sequential(nn.Flatten(), nn.Linear(12, 3), nn.Dropout(0.3)), (5, 3, 4)),
    (lambda nn: nn.Dropout(0.4), (5, 4)),
    (lambda nn: nn.Dropout2d(0.4), (5, 4, 3, 3)),
    (lambda nn: nn.LayerNorm(4), (5, 4)),
    (lambda nn: nn.LayerNorm((3, 4), elementwise_affine=False), (5, 3, 4)),
    (lambda nn: nn.GroupNorm(2, 6), (5, 6, 3)),
    (lambda nn: nn.BatchNorm1d(4), (5, 4)),
    (lambda nn: nn.BatchNorm1d(4).eval(), (5, 4, 2)),
    (lambda nn: nn.BatchNorm2d(3, affine=False), (5, 3, 2, 2)),
    (lambda nn: nn.Conv2d(3, 4, 3), (2, 3, 7, 6)),
    (lambda nn: nn.Conv2d(4, 6, (3, 2), stride=2, padding=(1, 0), dilation=(1, 2), groups=2), (2, 4, 7, 6)),
    (lambda nn: nn.Conv2d(3, 4, 4, padding="same", bias=False), (2, 3, 7, 6)),
    (lambda nn: nn.Conv2d(3, 4, 3), (3, 7, 6)),
    (lambda nn: nn.Conv1d(3, 4, 3, stride=2, padding=1), (2, 3, 7)),
    (lambda nn: nn.ConvTranspose2d(3, 4, 3), (2, 3, 5, 4)),
    (lambda nn: nn.ConvTranspose2d(4, 6, (3, 2), 3, (0, 1), (2, 1), 2, False, (1, 2)), (2, 4, 5, 4)),
    (lambda nn: nn.ConvTranspose2d(3, 2, 2, padding=1, output_padding=2, dilation=3), (3, 5, 4)),
    (lambda nn: nn.ConvTranspose1d(3, 4, 4, stride=2, padding=1), (2, 3, 5)),
    (lambda nn: nn.MaxPool2d(2), (2, 3, 7, 6)),
    (lambda nn: nn.MaxPool2d(3, stride=2, padding=1), (2, 3, 7, 6)),
    (lambda nn: nn.MaxPool2d(2, stride=2, ceil_mode=True), (2, 3, 7, 5)),
    (lambda nn: nn.MaxPool2d((2, 3), stride=1, dilation=2), (3, 7, 6)),
    (lambda nn: nn.AvgPool2d(3, stride=2, padding=1), (2, 3, 7, 6)),
    (lambda nn: nn.AvgPool2d((2, 3), padding=1, count_include_pad=False), (2, 3, 7, 6)),
    (lambda nn: nn.AvgPool2d(2, 3, 1, ceil_mode=True), (2, 3, 6, 6)),
    (lambda nn: nn.AvgPool2d(3, 2, 1, ceil_mode=True, count_include_pad=False), (2, 3, 7, 6)),
    (lambda nn: nn.AvgPool2d(2, divisor_override=3), (2, 3, 7, 6)),
    (lambda nn: nn.AdaptiveAvgPool2d((3, 2)), (2, 3, 7, 6)),
    (lambda nn: nn.AdaptiveAvgPool2d(1), (2, 3, 7, 6)),
    (lambda nn: nn.ReLU(), (5, 4)),
    (lambda nn: nn.ReLU6(), (5, 4)),
    (lambda nn: nn.LeakyReLU(0.2), (5, 4)),
    (lambda nn: nn.PReLU(4), (5, 4, 3)),
    (lambda nn: nn.ELU(0.5), (5, 4)),
    (lambda nn: nn.CELU(0.5), (5, 4)),
    (lambda nn: nn.SELU(), (5, 4)),
    (lambda nn: nn.GELU(), (5, 4)),
    (lambda nn: nn.GELU("tanh"), (5, 4)),
    (lambda nn: nn.SiLU(), (5, 4)),
    (lambda nn: nn.Mish(), (5, 4)),
    (lambda nn: nn.Sigmoid(), (5, 4)),
    (lambda nn: nn.Tanh(), (5, 4)),
    (lambda nn: nn.Softplus(3.0, 1.0), (5, 4)),
    (lambda nn: nn.Softmax(1), (5, 4)),
    (lambda nn: nn.LogSoftmax(0), (5, 4)),
    (lambda nn: nn.Softmin(-1), (5, 4)),
    (lambda nn: nn.LogSigmoid(), (5, 4)),
    (lambda nn: nn.Softsign(), (5, 4)),
    (lambda nn: nn.Tanhshrink(), (5, 4)),
    (lambda nn: nn.Softshrink(0.3), (5, 4)),
    (lambda nn: nn.Hardshrink(0.3), (5, 4)),
    (lambda nn: nn.Hardtanh(-0.5, 0.8), (5, 4)),
    (lambda nn: nn.Hardsigmoid(), (5, 4)),
    (lambda nn: nn.Hardswish(), (5, 4)),
    (lambda nn: nn.Threshold(0.1, 2.0), (5, 4)),
    (lambda nn: nn.GLU(), (5, 4)),
    (lambda nn: nn.RReLU(0.2, 0.5), (5, 4)),
    (lambda nn: nn.RReLU().eval(), (5, 4)),
    (lambda nn: nn.Softmax2d(), (2, 3, 4, 4)),
    (lambda nn: nn.Dropout1d(0.4), (5, 4, 3)),
    (lambda nn: nn.Dropout3d(0.4), (4, 3, 2, 2)),
    (lambda nn: nn.AlphaDropout(0.4), (5, 4)),
    (lambda nn: nn.FeatureAlphaDropout(0.4), (5, 4, 3)),
    (lambda nn: nn.Upsample(scale_factor=2), (2, 3, 4)),
    (lambda nn: nn.Upsample(scale_factor=(1.5, 2), mode="bilinear"), (2, 3, 4, 5)),
    (lambda nn: nn.Upsample(size=(3, 9), mode="bicubic", align_corners=True), (2, 3, 4, 5)),
    (lambda nn: nn.UpsamplingNearest2d(size=7), (2, 3, 4, 5)),
    (lambda nn: nn.UpsamplingBilinear2d(scale_factor=3), (2, 3, 4, 5)),
    (lambda nn: nn.PixelShuffle(2), (2, 8, 3, 4)),
    (lambda nn: nn.PixelUnshuffle(2), (2, 4, 6)),
    (lambda nn: nn.ChannelShuffle(2), (2, 4, 3)),
    (lambda nn: nn.Unfold(2, padding=1, stride=2), (2, 3, 5, 4)),
    (lambda nn: nn.Fold((4, 5), (2, 3)), (2, 12, 9)),
    (lambda nn: nn.Conv2d(3, 4, 3, padding=2, padding_mode="reflect"), (2, 3, 7, 6)),
    (lambda nn: nn.Conv1d(3, 4, 4, padding="same", padding_mode="circular"), (2, 3, 7)),
    (lambda nn: nn.Conv3d(2, 4, (1, 2, 3), groups=2, padding_mode="replicate", padding=1), (2, 2, 3, 3, 4)),
    (lambda nn: nn.ConvTranspose3d(2, 3, 2, stride=2), (2, 2, 2, 3, 2)),
    (lambda nn: nn.LazyLinear(3), (5, 4)),
    (lambda nn: nn.LazyBatchNorm2d(), (5, 4, 2, 2)),
    (lambda nn: nn.LazyConvTranspose1d(3, 2, stride=2), (2, 4, 5)),
    (lambda nn: nn.Unflatten(1, (2, 2)), (5, 4)),
    (lambda nn: nn.ModuleList([nn.ReLU(), nn.ReLU(), nn.Linear(2, 2)]), None),
]


def run(torch, make, shape):
    torch.manual_seed(0)
    module = make(torch.nn)
    if shape is None:
        return repr(module), []
    x = (torch.randn(*shape) * 3).requires_grad_()
    out = module(x)
    (out * torch.arange(out.numel(), dtype=torch.float32).reshape(out.shape)).sum().backward()
    tensors = [out, x.grad, *module.state_dict().values(), *(p.grad for p in module.parameters())]
    return repr(module), [tensor.detach().numpy() for tensor in tensors]


@pytest.mark.filterwarnings("ignore:Using padding='same'")  # PyTorch on even kernels
@pytest.mark.parametrize(("make", "shape"), MODULES)
def test_modules_agree(make, shape):
    (text, ours), (their_text, theirs) = run(engine, make, shape), run(torch, make, shape)
    assert text == their_text
    for a, b in zip(ours, theirs, strict=True):
        assert a.shape == b.shape and a.dtype == b.dtype
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=2e-6 * max(np.abs(b).max(), 1))


@pytest.mark.parametrize(
    "fill",
    [
        lambda init, w: init.xavier_uniform_(w),
        lambda init, w: init.xavier_normal_(w, gain=2.0),
        lambda init, w: init.kaiming_uniform_(w, nonlinearity="relu"),
        lambda init, w: init.kaiming_normal_(w, mode="fan_out", nonlinearity="relu"),
        lambda init, w: init.orthogonal_(w),
        lambda init, w: init.trunc_normal_(w, std=0.1, a=-0.15, b=0.2),
        lambda init, w: init.trunc_normal_(w, std=0.1, a=0.15, b=0.3),
        lambda init, w: init.eye_(w),
        lambda init, w: init.sparse_(w, 0.3),
        lambda init, w: init.normal_(w, 1.0, 0.1),
    ],
)
def test_starting_values_agree(fill):
    def filled(torch):
        torch.manual_seed(5)
        return fill(torch.nn.init, torch.empty(13, 7)).numpy()

    np.testing.assert_allclose(filled(engine), filled(torch), atol=3e-6)


def test_embedding_agrees():
    def looked_up(torch):
        torch.manual_seed(2)
        layer = torch.nn.Embedding(6, 3, padding_idx=1)
        out = layer(torch.tensor([[0, 1, 5], [5, 5, 2]]))
        (out * torch.arange(18.0).reshape(2, 3, 3)).sum().backward()
        return np.concatenate([out.detach().numpy().ravel(), layer.weight.grad.numpy().ravel()])

    np.testing.assert_allclose(looked_up(engine), looked_up(torch), atol=1e-6)


def test_state_dicts_and_clipping_agree():
    def clipped(torch):
        torch.manual_seed(0)
        net = torch.nn.Sequential(torch.nn.Linear(5, 4), torch.nn.Tanh(), torch.nn.BatchNorm1d(4))
        (net(torch.randn(6, 5)) ** 3).sum().backward()
        norm = torch.nn.utils.clip_grad_norm_(net.parameters(), 0.1)
        vector = torch.nn.utils.parameters_to_vector(p.grad for p in net.parameters())
        return list(net.state_dict()), [norm.item(), *vector.tolist()]

    (names, numbers), (their_names, their_numbers) = clipped(engine), clipped(torch)
    assert names == their_names
    assert numbers == pytest.approx(their_numbers, rel=1e-3, abs=1e-6)


def test_unpooling_agrees():
    def run(torch):
        torch.manual_seed(0)
        x = torch.randn(2, 3, 5, 6).requires_grad_()
        pooled, places = torch.nn.MaxPool2d(2, return_indices=True)(x)
        out = torch.nn.MaxUnpool2d(2)(pooled, places, output_size=x.shape)
        (out**2).sum().backward()
        return [t.detach().numpy() for t in (pooled, places, out, x.grad)]

    for ours, theirs in zip(run(engine), run(torch), strict=True):
        np.testing.assert_allclose(ours, theirs, 1e-5)


@pytest.mark.parametrize("shape", [(6, 8), (8,)])
def test_adaptive_softmax_agrees(shape):
    def run(torch):
        torch.manual_seed(0)
        layer = torch.nn.AdaptiveLogSoftmaxWithLoss(8, 12, [3, 7], div_value=2.0, head_bias=True)
        x = torch.randn(*shape).requires_grad_()
        target = torch.tensor([0, 4, 11, 2, 8, 5]) if len(shape) > 1 else torch.tensor(9)
        output, loss = layer(x, target)
        loss.backward()
        rows = x.detach().reshape(-1, 8)
        found = [output, loss, x.grad, layer.log_prob(rows), layer.predict(rows)]
        found += [p.grad for p in layer.parameters() if p.grad is not None]
        return repr(layer), [t.detach().numpy() for t in found]

    (text, ours), (their_text, theirs) = run(engine), run(torch)
    assert text == their_text
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a, b, 1e-4, 1e-6)


@pytest.mark.parametrize(
    "settings",
    [
        {"mode": "sum"},
        {"mode": "mean", "padding_idx": 1},
        {"mode": "max"},
        {"max_norm": 1.0, "norm_type": 1.0},
        {"include_last_offset": True},
    ],
)
def test_bags_of_embeddings_agree(settings):
    def run(torch):
        torch.manual_seed(0)
        layer = torch.nn.EmbeddingBag(6, 3, **settings)
        out = layer(
            torch.tensor([0, 1, 5, 5, 2, 1]),
            torch.tensor([0, 2, 2, 6 if "include_last_offset" in settings else 5]),
        )
        (out * torch.arange(float(out.numel())).reshape(out.shape)).sum().backward()
        return repr(layer), [t.detach().numpy() for t in (layer.weight, out, layer.weight.grad)]

    (text, ours), (their_text, theirs) = run(engine), run(torch)
    assert text == their_text
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a, b, 1e-5, 1e-6)
