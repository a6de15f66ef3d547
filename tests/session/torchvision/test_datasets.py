"""torchvision.datasets: files under `root`, the sample in their place, and what is said without either."""

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest

import gradviz.engine as torch
from gradviz.engine.utils.data import DataLoader
from gradviz.errors import DataError
from gradviz.session import torchvision
from gradviz.session.mnist import load_mnist
from gradviz.session.torchvision import datasets, transforms
from gradviz.session.torchvision.datasets import MNIST, FashionMNIST

PIXELS = np.arange(3 * 28 * 28, dtype=np.uint8).reshape(3, 28, 28)
LABELS = np.array([7, 0, 9], np.uint8)


def write(folder: Path, split: str = "train", labels: np.ndarray = LABELS) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for kind, array in (("images-idx3", PIXELS), ("labels-idx1", labels)):
        header = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
        (folder / f"{split}-{kind}-ubyte.gz").write_bytes(gzip.compress(header + array.tobytes()))


@pytest.mark.parametrize("dataset", [MNIST, FashionMNIST])
@pytest.mark.parametrize("layout", ["{}/raw", "{}", "."])
def test_files_are_found_in_the_usual_places(tmp_path, capsys, dataset, layout):
    write(tmp_path / layout.format(dataset.__name__))
    train = dataset(tmp_path, train=True, download=True)
    assert len(train) == 3
    assert train.data.dtype is torch.uint8
    assert train.data.tolist() == PIXELS.tolist()
    assert train.targets.tolist() == [7, 0, 9]
    assert train.targets.dtype is torch.int64
    assert capsys.readouterr().out == ""


def test_a_sample_is_an_image_and_a_number(tmp_path):
    write(tmp_path)
    image, label = MNIST(str(tmp_path))[-1]
    assert (image.size, image.mode, repr(image)) == ((28, 28), "L", "<Image mode=L size=28x28>")
    assert image.getpixel((3, 1)) == PIXELS[2, 1, 3]
    assert np.asarray(image).tolist() == PIXELS[2].tolist()
    assert type(label) is int
    with pytest.raises(IndexError):
        MNIST(tmp_path)[3]


def test_transforms_are_applied_to_both(tmp_path):
    write(tmp_path, "t10k")
    one_hot = transforms.Lambda(lambda y: torch.zeros(10).scatter_(0, torch.tensor(y), value=1))
    test = MNIST(tmp_path, train=False, transform=transforms.ToTensor(), target_transform=one_hot)
    image, label = test[0]
    assert image.shape == (1, 28, 28)
    assert label.argmax().item() == 7
    images, labels = next(iter(DataLoader(test, batch_size=2)))
    assert images.shape == (2, 1, 28, 28)
    assert labels.shape == (2, 10)
    assert "Number of datapoints: 3" in repr(test)
    assert "Split: Test" in repr(test)


def test_mnist_without_files_is_the_sample_and_says_so(tmp_path, capsys):
    test = MNIST(tmp_path / "data", train=False, transform=transforms.ToTensor())
    assert capsys.readouterr().out == (
        f"No MNIST files in {tmp_path / 'data/MNIST/raw'}: 2,000 images are taken from gradviz's sample of "
        "MNIST.\n"
    )
    mnist = load_mnist()
    assert test.targets.tolist() == mnist.test_labels.tolist()
    np.testing.assert_array_equal(test[5][0].numpy(), mnist.test_images[5])
    assert test.classes[5] == "5 - five"
    assert test.class_to_idx["9 - nine"] == 9


def test_the_sample_is_the_sessions_data(tmp_path, monkeypatch, capsys):
    write(tmp_path / "mine")
    monkeypatch.setattr(datasets, "sample", tmp_path / "mine")
    assert len(MNIST(tmp_path / "data")) == 3
    assert f"3 images are taken from {tmp_path / 'mine'}" in capsys.readouterr().out


def test_fashion_mnist_without_files_says_which_to_put_where(tmp_path):
    with pytest.raises(RuntimeError) as caught:
        FashionMNIST(tmp_path, train=False, download=True)
    for words in (
        "downloads nothing",
        "t10k-images-idx3-ubyte.gz",
        "t10k-labels-idx1-ubyte.gz",
        str(tmp_path / "FashionMNIST" / "raw"),
    ):
        assert words in str(caught.value)
    assert len(FashionMNIST.classes) == 10


def test_files_that_do_not_fit_are_refused(tmp_path):
    write(tmp_path, labels=LABELS[:2])
    with pytest.raises(DataError, match="holds 2 labels for the 3 images"):
        MNIST(tmp_path)


@pytest.mark.parametrize(
    ("module", "name", "words"),
    [
        (datasets, "Mnist", "no torchvision.datasets.Mnist yet; nearest: torchvision.datasets.MNIST"),
        (datasets, "CIFAR10", "no torchvision.datasets.CIFAR10 yet; there are: FashionMNIST, MNIST"),
        (transforms, "totensor", "nearest: torchvision.transforms.ToTensor"),
        (transforms.v2, "RandomRotation", "no torchvision.transforms.v2.RandomRotation yet"),
        (torchvision, "models", "no torchvision.models yet; there are: datasets, transforms"),
    ],
)
def test_what_is_missing_is_named(module, name, words):
    with pytest.raises(AttributeError, match=words):
        getattr(module, name)
