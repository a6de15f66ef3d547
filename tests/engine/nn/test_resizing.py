"""Borders, resizing, shuffling and folding: numbers that only move, or mix with their neighbours."""

import pytest

import gradviz.engine as torch
from gradviz.engine import nn
from gradviz.engine.nn import functional as F

row = torch.tensor([[[1.0, 2.0, 3.0]]])


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        (nn.ZeroPad1d((1, 2)), [0, 1, 2, 3, 0, 0]),
        (nn.ConstantPad1d(1, 9.0), [9, 1, 2, 3, 9]),
        (nn.ReflectionPad1d(2), [3, 2, 1, 2, 3, 2, 1]),
        (nn.ReplicationPad1d((2, 0)), [1, 1, 1, 2, 3]),
        (nn.CircularPad1d((1, 2)), [3, 1, 2, 3, 1, 2]),
        (nn.ReplicationPad1d((-1, 1)), [2, 3, 3]),
    ],
)
def test_borders(layer, expected):
    assert layer(row).flatten().tolist() == expected


def test_a_border_must_fit():
    with pytest.raises(
        RuntimeError, match="Padding size should be less than the corresponding input dimension"
    ):
        F.pad(row, (3, 0), "reflect")
    with pytest.raises(RuntimeError, match="wrapping around more than once"):
        F.pad(row, (4, 0), "circular")
    with pytest.raises(NotImplementedError, match="Padding size 2 is not supported for 4D input"):
        F.pad(row.unsqueeze(0), (1, 1), "replicate")


def test_convolutions_may_continue_the_image():
    conv = nn.Conv1d(1, 1, 3, padding=1, padding_mode="circular", bias=False)
    conv.weight.data = torch.ones(1, 1, 3)
    assert conv(row).flatten().tolist() == [6, 6, 6]
    assert repr(conv).endswith("padding=(1,), bias=False, padding_mode=circular)")


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"scale_factor": 2}, [1, 1, 2, 2, 3, 3]),
        ({"size": 2}, [1, 2]),
        ({"size": 2, "mode": "nearest-exact"}, [1, 3]),
        ({"size": 5, "mode": "linear", "align_corners": True}, [1, 1.5, 2, 2.5, 3]),
        ({"size": 6, "mode": "linear"}, [1, 1.25, 1.75, 2.25, 2.75, 3]),
        ({"size": 1, "mode": "area"}, [2]),
    ],
)
def test_interpolation(settings, expected):
    assert F.interpolate(row, **settings).flatten().tolist() == pytest.approx(expected)
    assert nn.Upsample(**settings)(row).flatten().tolist() == pytest.approx(expected)


def test_interpolation_refuses_what_torch_refuses():
    with pytest.raises(ValueError, match="either size or scale_factor should be defined"):
        F.interpolate(row)
    with pytest.raises(NotImplementedError, match="Got 3D input, but bilinear mode needs 4D input"):
        F.interpolate(row, 2, mode="bilinear")
    with pytest.raises(ValueError, match="align_corners option can only be set"):
        F.interpolate(row, 2, align_corners=True)


def test_channels_become_pixels_and_back():
    x = torch.arange(8.0).reshape(1, 4, 1, 2)
    shuffled = nn.PixelShuffle(2)(x)
    assert shuffled.tolist() == [[[[0, 2, 1, 3], [4, 6, 5, 7]]]]
    assert torch.equal(nn.PixelUnshuffle(2)(shuffled), x)
    with pytest.raises(RuntimeError, match=r"input.size\(-3\)=4 is not divisible by 9"):
        F.pixel_shuffle(x, 3)


def test_channels_are_dealt_out():
    x = torch.arange(4.0).reshape(1, 4, 1)
    assert nn.ChannelShuffle(2)(x).flatten().tolist() == [0, 2, 1, 3]


def test_windows_as_columns_and_back():
    x = torch.arange(9.0).reshape(1, 1, 3, 3)
    columns = nn.Unfold(2)(x)
    assert columns[0, :, 0].tolist() == [0, 1, 3, 4]
    counts = nn.Fold((3, 3), 2)(torch.ones(1, 4, 4))
    assert counts.flatten().tolist() == [1, 2, 1, 2, 4, 2, 1, 2, 1]
    with pytest.raises(RuntimeError, match="calculated number of sliding blocks 1"):
        F.fold(columns, (2, 3), 2)


def test_a_turned_image():
    """A quarter turn takes every pixel to another one's place."""
    x = torch.tensor([[[[1.0, 2.0], [3.0, 4.0]]]])
    turn = torch.tensor([[[0.0, -1.0, 0.0], [1.0, 0.0, 0.0]]], requires_grad=True)
    grid = F.affine_grid(turn, (1, 1, 2, 2), align_corners=True)
    out = F.grid_sample(x, grid, align_corners=True)
    assert out.flatten().tolist() == pytest.approx([2, 4, 1, 3])
    out.sum().backward()
    assert turn.grad.shape == (1, 2, 3)


@pytest.mark.parametrize(("padding_mode", "expected"), [("zeros", 0), ("border", 4), ("reflection", 1)])
def test_places_outside_of_the_image(padding_mode, expected):
    x = torch.tensor([[[[1.0, 2.0], [3.0, 4.0]]]])
    place = torch.full((1, 1, 1, 2), 3.0)
    out = F.grid_sample(x, place, padding_mode=padding_mode, align_corners=True)
    assert out.item() == expected
