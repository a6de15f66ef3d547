"""Convolution and pooling, against loops written out and finite differences (of gradients, too)."""

import itertools

import numpy as np
import pytest

import gradviz.engine as torch
import gradviz.engine.nn.functional as F
from gradviz.engine import nn
from gradviz.engine.autograd import gradcheck, gradgradcheck


def wide(*shape):
    """A float64 leaf, for finite differences."""
    return torch.randn(*shape, dtype=torch.float64).requires_grad_()


@pytest.fixture(autouse=True)
def seeded():
    torch.manual_seed(0)


def looped_conv2d(x, weight, stride, padding):
    x = np.pad(x, [(0, 0), (0, 0), (padding, padding), (padding, padding)])
    kernel = weight.shape[-1]
    height, width = ((n - kernel) // stride + 1 for n in x.shape[2:])
    out = np.zeros((len(x), len(weight), height, width))
    for n, o, i, j in itertools.product(*map(range, out.shape)):
        window = x[n, :, i * stride : i * stride + kernel, j * stride : j * stride + kernel]
        out[n, o, i, j] = (window * weight[o]).sum()
    return out


@pytest.mark.parametrize(("stride", "padding"), [(1, 0), (2, 1)])
def test_conv2d_slides_the_kernel_over_the_image(stride, padding):
    x, weight = wide(2, 3, 6, 5), wide(4, 3, 3, 3)
    expected = looped_conv2d(x.detach().numpy(), weight.detach().numpy(), stride, padding)
    out = F.conv2d(x, weight, stride=stride, padding=padding)
    np.testing.assert_allclose(out.detach().numpy(), expected)
    assert out.grad_fn.name() == "ConvolutionBackward0"


@pytest.mark.parametrize(
    "options",
    [{}, {"stride": 2, "padding": 1}, {"dilation": 2}, {"padding": "same"}, {"groups": 2}],
    ids=str,
)
def test_conv2d_gradients(options):
    x, bias = wide(2, 2, 5, 5), wide(2)
    weight = wide(2, 2 // options.get("groups", 1), 2, 2)
    assert gradcheck(lambda *args: F.conv2d(*args, **options), (x, weight, bias))
    small = wide(1, 2, 3, 3)
    assert gradgradcheck(lambda *args: F.conv2d(*args, **options), (small, weight))


def test_conv1d_and_input_without_a_batch():
    layer, x = nn.Conv1d(2, 3, 2).double(), wide(4, 2, 5)
    assert gradcheck(lambda x, *_: layer(x), (x, *layer.parameters()))
    assert torch.allclose(layer(x[0]), layer(x)[0])


# -- transposed convolution --------------------------------------------------------------------------


def test_conv_transpose_puts_a_kernel_at_every_element():
    image = torch.tensor([[[[1.0, 2.0], [0.0, 3.0]]]])
    kernel = torch.tensor([[[[1.0, 10.0], [100.0, 1000.0]]]])
    assert F.conv_transpose2d(image, kernel, stride=2).tolist() == [
        [[[1, 10, 2, 20], [100, 1000, 200, 2000], [0, 0, 3, 30], [0, 0, 300, 3000]]]
    ]
    assert F.conv_transpose2d(image, kernel).tolist() == [[[[1, 12, 20], [100, 1203, 2030], [0, 300, 3000]]]]


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"stride": 2, "padding": 1, "output_padding": 1},
        {"dilation": 2, "output_padding": 1},
        {"groups": 2, "stride": (2, 3)},
    ],
    ids=str,
)
def test_conv_transpose2d_gradients(options):
    x, weight = wide(2, 2, 3, 3), wide(2, 2, 2, 3)
    bias = wide(2 * options.get("groups", 1))
    assert gradcheck(lambda *args: F.conv_transpose2d(*args, **options), (x, weight, bias))
    small = wide(1, 2, 2, 2)
    assert gradgradcheck(lambda *args: F.conv_transpose2d(*args, **options), (small, weight))


def test_conv_transpose_is_the_gradient_of_a_convolution():
    image, weight, g = wide(2, 3, 7, 7), wide(4, 3, 3, 3), wide(2, 4, 3, 3)
    F.conv2d(image, weight, stride=2).backward(g)
    assert torch.allclose(F.conv_transpose2d(g, weight, stride=2), image.grad)


def test_conv_transpose_comes_back_to_a_size():
    down = nn.Conv2d(2, 2, 3, stride=2, padding=1)
    up = nn.ConvTranspose2d(2, 2, 3, stride=2, padding=1)
    for size in (9, 10):
        image = torch.randn(1, 2, size, size)
        assert up(down(image), output_size=image.shape).shape == image.shape
        assert up(down(image)[0], output_size=[size, size]).shape == image[0].shape
    with pytest.raises(ValueError, match=r"valid sizes range from \[9, 9\] to \[10, 10\]"):
        up(down(image), output_size=[11, 10])


def test_conv_transpose1d_and_input_without_a_batch():
    layer, x = nn.ConvTranspose1d(2, 3, 2, stride=2).double(), wide(4, 2, 5)
    assert gradcheck(lambda x, *_: layer(x), (x, *layer.parameters()))
    assert torch.allclose(layer(x[0]), layer(x)[0])


# -- pooling -----------------------------------------------------------------------------------------

POOLS = [
    nn.MaxPool2d(2),
    nn.MaxPool2d(3, stride=2, padding=1),
    nn.MaxPool2d(2, stride=1, dilation=2),
    nn.MaxPool2d(2, ceil_mode=True),
    nn.AvgPool2d(2),
    nn.AvgPool2d(3, stride=2, padding=1, count_include_pad=False),
    nn.AvgPool2d(2, ceil_mode=True),
    nn.AdaptiveAvgPool2d((2, 3)),
    nn.AdaptiveAvgPool2d(1),
]


@pytest.mark.parametrize("pool", POOLS, ids=repr)
def test_pooling_gradients(pool):
    x = wide(2, 2, 5, 5)
    assert gradcheck(pool, (x,))
    assert gradgradcheck(lambda x: pool(x) ** 2, (x,))


def test_pools_take_the_largest_or_the_mean():
    x = torch.arange(16.0).reshape(1, 1, 4, 4)
    assert F.max_pool2d(x, 2).tolist() == [[[[5, 7], [13, 15]]]]
    assert F.avg_pool2d(x, 2).tolist() == [[[[2.5, 4.5], [10.5, 12.5]]]]
    assert F.adaptive_avg_pool2d(x[0], (1, 2)).tolist() == [[[6.5, 8.5]]]


def test_a_small_convolutional_net_learns():
    net = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(36, 2))
    images, labels = torch.randn(32, 1, 8, 8), torch.arange(32) % 2
    images[labels == 1, 0, 2:4] += 2.0
    optimizer = torch.optim.Adam(net.parameters(), lr=0.02)
    for _ in range(30):
        optimizer.zero_grad()
        loss = F.cross_entropy(net(images), labels)
        loss.backward()
        optimizer.step()
    assert (net(images).argmax(1) == labels).float().mean() > 0.95


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (
            lambda: nn.Conv2d(1, 2, 3)(torch.ones(1, 3, 8, 8)),
            "to have 1 channels, but got 3 channels instead",
        ),
        (
            lambda: nn.Conv2d(1, 2, 3)(torch.ones(1, 1, 2, 2)),
            "Kernel size can't be greater than actual input",
        ),
        (lambda: nn.Conv2d(1, 2, 3)(torch.ones(8, 8)), r"Expected 3D \(unbatched\) or 4D \(batched\) input"),
        (
            lambda: nn.ConvTranspose2d(2, 3, 3)(torch.ones(1, 3, 4, 4)),
            "to have 2 channels, but got 3 channels instead",
        ),
        (
            lambda: nn.ConvTranspose2d(2, 3, 3, output_padding=1)(torch.ones(1, 2, 4, 4)),
            "output padding must be smaller than either stride or dilation",
        ),
        (
            lambda: nn.ConvTranspose2d(2, 3, 3, padding=4)(torch.ones(1, 2, 4, 4)),
            "Output size is too small",
        ),
        (lambda: F.max_pool2d(torch.ones(1, 1, 4, 4), 2, padding=2), "at most half of effective kernel size"),
        (lambda: F.max_pool2d(torch.ones(4, 4), 2), r"3D or 4D \(batch mode\) tensor expected"),
    ],
)
def test_sizes_that_do_not_fit_are_refused_in_torchs_words(call, words):
    with pytest.raises(RuntimeError, match=words):
        call()
    with pytest.raises(ValueError, match="in_channels must be divisible by groups"):
        nn.Conv2d(3, 4, 1, groups=2)
