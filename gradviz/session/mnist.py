"""MNIST from IDX files: the bundled sample, or a folder of files in the format of the original.

The format: two zero bytes, a type code, the number of dimensions, each dimension as a big-endian uint32, then
the elements, big-endian, last dimension fastest (http://yann.lecun.com/exdb/mnist/). Files come from
anywhere, so nothing is believed before it was checked, and memory grows only with what a file really holds.
"""

import gzip
import math
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np

from gradviz.errors import DataError, reason_of
from gradviz.resources import asset
from gradviz.translate import tr

MAX_BYTES = 256 << 20  # five times the largest MNIST file; a header that claims more is damaged or hostile
_MAX_DIMENSIONS = 4
_CHUNK = 1 << 20
_DTYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}


@dataclass(frozen=True)
class Mnist:
    """Images are float32 [N, 1, 28, 28] in 0..1, labels int64 [N] in 0..9."""

    train_images: np.ndarray
    train_labels: np.ndarray
    test_images: np.ndarray
    test_labels: np.ndarray


def load_mnist(folder: Path | None = None) -> Mnist:
    """MNIST from the four IDX files in `folder`, or the bundled sample (10,000 and 2,000 images) for None.

    The files have their usual names, `train-images-idx3-ubyte` or `train-images.idx3-ubyte` and so on, plain
    or with `.gz`. Raises DataError.
    """
    folder = asset("mnist") if folder is None else Path(folder)
    (train_images, train_labels), (test_images, test_labels) = (
        load_split(folder, split) for split in ("train", "t10k")
    )
    return Mnist(
        _scaled(train_images),
        train_labels.astype(np.int64),
        _scaled(test_images),
        test_labels.astype(np.int64),
    )


def load_split(folder: Path, split: str) -> tuple[np.ndarray, np.ndarray]:
    """The images, uint8 [N, 28, 28], and the labels, uint8 [N], of "train" or "t10k". Raises DataError."""
    try:
        image_path = _find(folder, f"{split}-images", "idx3-ubyte")
        label_path = _find(folder, f"{split}-labels", "idx1-ubyte")
    except OSError as problem:  # not even its name can be looked up
        raise _error(folder, tr("cannot be read ({0})").format(reason_of(problem))) from problem
    images, labels = read_idx(image_path), read_idx(label_path)
    if images.dtype != np.uint8 or images.ndim != 3 or images.shape[1:] != (28, 28):
        found = f"{images.dtype}{list(images.shape)}"
        raise _error(image_path, tr("holds {0}, not images: uint8[N, 28, 28]").format(found))
    if labels.dtype != np.uint8 or labels.ndim != 1:
        found = f"{labels.dtype}{list(labels.shape)}"
        raise _error(label_path, tr("holds {0}, not labels: uint8[N]").format(found))
    if len(labels) != len(images):
        counts = tr("holds {0} labels for the {1} images in {2}")
        raise _error(label_path, counts.format(len(labels), len(images), image_path.name))
    if labels.max() > 9:
        raise _error(label_path, tr("holds the label {0}; digits are 0 to 9").format(labels.max()))
    return images, labels


def _scaled(images: np.ndarray) -> np.ndarray:
    scaled = images.astype(np.float32)
    scaled /= 255  # in place: a second copy of the images would only cost memory
    return scaled[:, np.newaxis]


def _find(folder: Path, stem: str, kind: str) -> Path:
    if not folder.is_dir():
        raise DataError(tr("{0}: no such folder; give one with the four IDX files of MNIST").format(folder))
    for name in (f"{stem}-{kind}", f"{stem}.{kind}"):
        for path in (folder / name, folder / f"{name}.gz"):
            if path.exists():
                return path
    name = f"{stem}-{kind}.gz"
    raise DataError(tr("{0}: the file is missing; put it there, plain or with .gz").format(folder / name))


def read_idx(path: Path) -> np.ndarray:
    """The array in the IDX file `path`, plain or gzip, in native byte order. Raises DataError."""
    if not path.is_file():
        raise _error(path, tr("is not a file"))
    try:
        with path.open("rb") as raw:
            compressed = raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            if compressed:
                with gzip.GzipFile(fileobj=raw) as stream:
                    return _read(stream, path, None)
            return _read(raw, path, path.stat().st_size)
    except (EOFError, zlib.error, gzip.BadGzipFile) as problem:
        raise _error(path, tr("the gzip data is damaged ({0})").format(problem)) from problem
    except OSError as problem:
        raise _error(path, tr("cannot be read ({0})").format(reason_of(problem))) from problem


def _read(stream: IO[bytes] | gzip.GzipFile, path: Path, length: int | None) -> np.ndarray:
    """Reads one array; `length` is the whole file's in bytes, None where only reading can tell (gzip)."""
    header = stream.read(4)
    if len(header) < 4 or header[:2] != b"\0\0" or header[2] not in _DTYPES or header[3] == 0:
        raise _error(path, tr("is not an IDX file: it starts with {0}").format(header.hex(" ") or "nothing"))
    dtype, ndim = np.dtype(_DTYPES[header[2]]), header[3]
    sizes = stream.read(4 * ndim)
    if len(sizes) < 4 * ndim:
        raise _error(path, tr("is cut off within its header"))
    shape = struct.unpack(f">{ndim}I", sizes)
    if ndim > _MAX_DIMENSIONS or 0 in shape:
        raise _error(path, tr("has a shape that no image or label file has: {0}").format(list(shape)[:9]))
    promised = math.prod(shape) * dtype.itemsize
    if promised > MAX_BYTES:
        text = tr("claims {0} bytes of data (shape {1}); at most {2} are read")
        raise _error(path, text.format(promised, list(shape), MAX_BYTES))
    if length is not None and length != 4 + len(sizes) + promised:
        raise _wrong_length(path, shape, promised, length - 4 - len(sizes))
    data = bytearray()
    while len(data) <= promised and (chunk := stream.read(min(_CHUNK, promised + 1 - len(data)))):
        data += chunk
    if len(data) != promised:
        raise _wrong_length(path, shape, promised, len(data))
    return np.frombuffer(data, dtype).reshape(shape).astype(dtype.newbyteorder("="), copy=False)


def _wrong_length(path: Path, shape: tuple[int, ...], promised: int, found: int) -> DataError:
    if found < promised:
        text = tr("is cut off: shape {0} takes {1} bytes, {2} are there")
        return _error(path, text.format(list(shape), promised, found))
    return _error(path, tr("holds more than the {0} bytes of its shape {1}").format(promised, list(shape)))


def _error(path: Path, problem: str) -> DataError:
    return DataError(f"{path}: {problem}. " + tr("Get this file anew, or use another folder of IDX files."))
