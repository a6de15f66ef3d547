"""torchvision.transforms on pictures small enough to be checked by eye."""

import numpy as np
import pytest

import gradviz.engine as torch
from gradviz.session.torchvision import transforms as T
from gradviz.session.torchvision.image import Image

PIXELS = np.array([[0, 51, 102], [153, 204, 255]], np.uint8)
IMAGE = Image(PIXELS)


def pixels(picture) -> list:
    return np.asarray(picture).tolist() if isinstance(picture, Image) else picture.tolist()


@pytest.fixture(params=["image", "tensor"])
def picture(request):
    """The same picture as an Image and as a tensor [1, 2, 3]."""
    return IMAGE if request.param == "image" else torch.from_numpy(PIXELS[None].astype(np.float32))


def plane(picture) -> list:
    return pixels(picture) if isinstance(picture, Image) else pixels(picture)[0]


def test_to_tensor_scales_bytes_only():
    np.testing.assert_allclose(T.ToTensor()(IMAGE).numpy(), [[[0, 0.2, 0.4], [0.6, 0.8, 1]]], rtol=1e-6)
    assert T.ToTensor()(IMAGE).dtype is torch.float32
    assert T.ToTensor()(PIXELS.astype(np.float64)).tolist() == [PIXELS.tolist()]
    colours = np.zeros((4, 5, 3), np.uint8)
    assert T.ToTensor()(colours).shape == (3, 4, 5)
    with pytest.raises(TypeError, match=r"image or an array\. Got Tensor"):
        T.ToTensor()(torch.zeros(2, 3))
    with pytest.raises(ValueError, match="2/3 dimensional"):
        T.ToTensor()(np.zeros(3))


def test_a_tensor_of_bytes_is_a_copy():
    tensor = T.PILToTensor()(IMAGE)
    assert tensor.dtype is torch.uint8
    tensor.zero_()
    assert IMAGE.getpixel((2, 1)) == 255


def test_normalize_is_per_channel():
    x = torch.arange(8.0).reshape(2, 2, 2)
    normalized = T.Normalize((1.0, 2.0), (2.0, 4.0))(x)
    assert normalized.tolist() == [[[-0.5, 0.0], [0.5, 1.0]], [[0.5, 0.75], [1.0, 1.25]]]
    assert x[0, 0, 0] == 0
    assert T.Normalize(0.0, 2.0, inplace=True)(x) is x
    assert x[1, 1, 1] == 3.5


@pytest.mark.parametrize(
    ("transform", "given", "error", "words"),
    [
        (T.Normalize(0.5, 0.5), IMAGE, TypeError, r"put ToTensor\(\) before it"),
        (T.Normalize(0.5, 0.5), torch.zeros(1, 2, 2, dtype=torch.uint8), TypeError, "float tensor"),
        (T.Normalize(0.5, 0.0), torch.zeros(1, 2, 2), ValueError, "std evaluated to zero"),
        (T.Resize(3), PIXELS, TypeError, "image or a tensor. Got ndarray"),
        (T.CenterCrop(3), IMAGE, ValueError, r"crop size \(3, 3\) is larger than input image size \(2, 3\)"),
    ],
)
def test_wrong_pictures_are_refused(transform, given, error, words):
    with pytest.raises(error, match=words):
        transform(given)


def test_wrong_settings_are_refused():
    with pytest.raises(TypeError, match="lambd should be callable"):
        T.Lambda(3)
    with pytest.raises(ValueError, match="Padding must be"):
        T.Pad((1, 2, 3))(IMAGE)
    with pytest.raises(NotImplementedError, match="only with bilinear"):
        T.Resize(3, interpolation=T.InterpolationMode.NEAREST)


def test_compose_goes_from_the_first_to_the_last():
    transform = T.Compose([T.ToTensor(), T.Lambda(lambda x: x.flatten()), T.Lambda(lambda x: x[-1])])
    assert transform(IMAGE).item() == 1.0
    assert repr(transform) == "Compose(\n    ToTensor()\n    Lambda()\n    Lambda()\n)"


def test_resize_is_bilinear_as_pil_does_it(picture):
    # Worked out with PIL's Image.resize((6, 1), BILINEAR): a triangle over the old pixels, then rounding.
    assert plane(T.Resize((2, 3))(picture)) == PIXELS.tolist()
    halves = plane(T.Resize((2, 6))(picture))[0]
    exact = [0, 12.75, 38.25, 63.75, 89.25, 102]
    assert halves == ([0, 13, 38, 64, 89, 102] if isinstance(picture, Image) else pytest.approx(exact))
    # A reduction by two weighs the neighbours 1/8, 3/8, 3/8, 1/8; beyond the edge there are none.
    line = [0, 80, 160, 240]
    wide = Image(np.array([line], np.uint8)) if isinstance(picture, Image) else torch.tensor([[line]]).float()
    reduced = [(3 * 0 + 3 * 80 + 160) / 7, (80 + 3 * 160 + 3 * 240) / 7]
    expected = [57, 183] if isinstance(picture, Image) else pytest.approx(reduced, rel=1e-5)
    assert plane(T.Resize((1, 2))(wide))[0] == expected


def test_resize_to_a_shorter_edge_keeps_the_proportions(picture):
    resized = T.Resize(4)(picture)
    assert np.shape(plane(resized)) == (4, 6)
    assert type(resized) is type(picture)


def test_padding_and_cropping(picture):
    assert plane(T.Pad(1, fill=9)(picture))[0] == [9] * 5
    assert plane(T.Pad((1, 0))(picture))[0] == [0, 0, 51, 102, 0]
    assert plane(T.Pad((1, 0, 0, 2))(picture)) == [[0, *row] for row in PIXELS.tolist()] + [[0] * 4] * 2
    assert plane(T.CenterCrop((2, 1))(picture)) == [[51], [204]]
    assert plane(T.RandomCrop((2, 3))(picture)) == PIXELS.tolist()


def test_random_transforms_follow_the_seed(picture):
    mirrored, upside_down = PIXELS[:, ::-1].tolist(), PIXELS[::-1].tolist()
    assert plane(T.RandomHorizontalFlip(1.0)(picture)) == mirrored
    assert plane(T.RandomVerticalFlip(1.0)(picture)) == upside_down
    torch.manual_seed(0)
    found = [plane(T.RandomHorizontalFlip()(picture)) for _ in range(20)]
    torch.manual_seed(0)
    drawn = torch.cat([torch.rand(1) for _ in range(20)])
    assert found == [mirrored if x < 0.5 else PIXELS.tolist() for x in drawn]
    torch.manual_seed(0)
    crops = {tuple(map(tuple, plane(T.RandomCrop(1)(picture)))) for _ in range(100)}
    assert len(crops) == 6


def test_the_newer_names():
    transform = T.v2.Compose([T.v2.ToImage(), T.v2.ToDtype(torch.float32, scale=True)])
    assert transform(IMAGE).tolist() == T.ToTensor()(IMAGE).tolist()
    assert T.v2.ToDtype(torch.float32)(T.v2.ToImage()(IMAGE)).tolist() == [PIXELS.tolist()]
