"""IDX files: the bundled sample, folders of every usual shape, and files that are not what they should be."""

import gzip
import shutil
import struct
import subprocess
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradviz.errors import DataError
from gradviz.resources import asset
from gradviz.session.mnist import MAX_BYTES, load_mnist, read_idx

DIGITS = np.arange(3 * 28 * 28, dtype=np.uint8).reshape(3, 28, 28)
LABELS = np.array([7, 0, 9], np.uint8)


def idx(array: np.ndarray, code: int = 0x08) -> bytes:
    """`array` in IDX format; its dtype must be the big-endian one of `code`."""
    return struct.pack(f">BBBB{array.ndim}I", 0, 0, code, array.ndim, *array.shape) + array.tobytes()


def write_folder(folder: Path, images: np.ndarray = DIGITS, labels: np.ndarray = LABELS) -> Path:
    for split in ("train", "t10k"):
        (folder / f"{split}-images-idx3-ubyte").write_bytes(idx(images))
        (folder / f"{split}-labels-idx1-ubyte").write_bytes(idx(labels))
    return folder


def test_the_sample_is_real_mnist_in_its_proportions() -> None:
    mnist = load_mnist()
    assert mnist.train_images.shape == (10_000, 1, 28, 28)
    assert mnist.test_images.shape == (2_000, 1, 28, 28)
    assert mnist.train_images.dtype == np.float32
    assert mnist.train_labels.dtype == np.int64
    assert mnist.train_images.min() == 0
    assert mnist.train_images.max() == 1
    # MNIST's own counts: 5923 zeros, 6742 ones … of 60,000, and so on.
    train = np.array([5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]) / 6
    test = np.array([980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]) / 5
    assert np.abs(np.bincount(mnist.train_labels) - train).max() <= 1
    assert np.abs(np.bincount(mnist.test_labels) - test).max() <= 1


def test_all_of_the_sample_makes_the_sample_again(tmp_path: Path) -> None:
    """The script that made the bundled files, on the bundled files."""
    script = asset("mnist", "make_sample.py")
    subprocess.run([sys.executable, script, asset("mnist"), tmp_path], check=True, capture_output=True)
    for bundled in asset("mnist").glob("*.gz"):
        made = (tmp_path / bundled.name).read_bytes()
        assert gzip.decompress(made) == gzip.decompress(bundled.read_bytes())
        assert made[:10] == bundled.read_bytes()[:10]  # no time, no file name: the same bytes every time


@pytest.mark.parametrize("separator", ["-", "."])
@pytest.mark.parametrize("compressed", [False, True])
def test_a_folder_may_use_any_of_the_usual_names(tmp_path: Path, separator: str, compressed: bool) -> None:
    for path in list(write_folder(tmp_path).iterdir()):
        data = path.read_bytes()
        path.unlink()
        name = path.name.replace("-idx", f"{separator}idx") + (".gz" if compressed else "")
        (tmp_path / name).write_bytes(gzip.compress(data) if compressed else data)
    mnist = load_mnist(tmp_path)
    assert mnist.test_labels.tolist() == [7, 0, 9]
    np.testing.assert_array_equal(mnist.train_images[:, 0], DIGITS.astype(np.float32) / 255)


@pytest.mark.parametrize(
    ("code", "dtype"),
    [(0x08, "u1"), (0x09, "i1"), (0x0B, ">i2"), (0x0C, ">i4"), (0x0D, ">f4"), (0x0E, ">f8")],
)
def test_every_element_type_is_read(tmp_path: Path, code: int, dtype: str) -> None:
    array = np.array([[1, 2, 3], [4, 5, 127]], dtype)
    path = tmp_path / "array"
    path.write_bytes(idx(array, code))
    read = read_idx(path)
    assert read.dtype == np.dtype(dtype).newbyteorder("=")
    np.testing.assert_array_equal(read, array)


@given(st.integers(0, len(idx(DIGITS)) - 1), st.booleans())
def test_a_file_cut_anywhere_is_refused(
    tmp_path_factory: pytest.TempPathFactory, cut: int, zipped: bool
) -> None:
    whole = gzip.compress(idx(DIGITS)) if zipped else idx(DIGITS)
    path = tmp_path_factory.mktemp("cut") / "train-images-idx3-ubyte"
    path.write_bytes(whole[: cut * len(whole) // len(idx(DIGITS))])
    with pytest.raises(DataError, match="train-images-idx3-ubyte"):
        read_idx(path)


@given(
    st.binary(max_size=200),
    st.sampled_from([b"", b"\0\0\x08", b"\0\0\x08\x01", b"\x1f\x8b", b"\x1f\x8b\x08\0"]),
)
def test_foreign_bytes_are_refused_or_are_an_array(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, start: bytes
) -> None:
    path = tmp_path_factory.mktemp("foreign") / "file"
    path.write_bytes(start + data)
    try:
        assert read_idx(path).nbytes <= len(start + data)
    except DataError as error:
        assert str(path) in str(error)


@given(st.data())
def test_a_flipped_byte_in_gzip_is_noticed(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    whole = bytearray(gzip.compress(idx(DIGITS), mtime=0))
    at = data.draw(st.integers(10, len(whole) - 1))  # the first ten bytes say nothing about the data
    whole[at] ^= data.draw(st.integers(1, 255))
    path = tmp_path_factory.mktemp("flipped") / "file"
    path.write_bytes(whole)
    with pytest.raises(DataError):
        read_idx(path)


def test_a_bomb_is_refused_before_it_grows(tmp_path: Path) -> None:
    honest_header = struct.pack(">BBBBI", 0, 0, 8, 1, 1000)
    bomb = tmp_path / "bomb.gz"
    bomb.write_bytes(gzip.compress(honest_header + bytes(300 << 20), 1))
    tracemalloc.start()
    try:
        with pytest.raises(DataError, match="holds more than the 1000 bytes"):
            read_idx(bomb)
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()


def test_a_header_cannot_make_memory_grow(tmp_path: Path) -> None:
    path = tmp_path / "large"
    for shape in [(2**32 - 1,) * 4, (MAX_BYTES + 1,)]:
        path.write_bytes(struct.pack(f">BBBB{len(shape)}I", 0, 0, 8, len(shape), *shape))
        with pytest.raises(DataError, match="claims"):
            read_idx(path)
    path.write_bytes(gzip.compress(struct.pack(">BBBBI", 0, 0, 8, 1, MAX_BYTES)))
    tracemalloc.start()
    try:
        with pytest.raises(DataError, match="is cut off"):
            read_idx(path)
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("images", "labels", "words"),
    [
        (DIGITS[:2], LABELS, "holds 3 labels for the 2 images"),
        (DIGITS[:, :20], LABELS, r"holds uint8\[3, 20, 28\], not images"),
        (LABELS, LABELS, "not images"),
        (DIGITS, DIGITS, "not labels"),
        (DIGITS, LABELS + 1, "holds the label 10"),
        (DIGITS[:0], LABELS[:0], "shape"),
    ],
)
def test_files_that_do_not_fit_are_refused(
    tmp_path: Path, images: np.ndarray, labels: np.ndarray, words: str
) -> None:
    with pytest.raises(DataError, match=words):
        load_mnist(write_folder(tmp_path, images, labels))


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such folder"):
        load_mnist(tmp_path / "nowhere")
    write_folder(tmp_path)
    (tmp_path / "t10k-labels-idx1-ubyte").unlink()
    with pytest.raises(DataError, match=r"t10k-labels-idx1-ubyte\.gz: the file is missing"):
        load_mnist(tmp_path)
    (tmp_path / "t10k-labels-idx1-ubyte").mkdir()
    with pytest.raises(DataError, match="is not a file"):
        load_mnist(tmp_path)
    shutil.rmtree(tmp_path / "t10k-labels-idx1-ubyte")
