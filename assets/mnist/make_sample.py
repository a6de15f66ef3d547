"""Makes the bundled sample from the full MNIST: python assets/mnist/make_sample.py FOLDER [OUTPUT]

FOLDER holds the four original IDX files. The sample has 10,000 training and 2,000 test images with the
original's share of every digit, spread evenly over the original, in its order. Nothing is drawn by chance, so
the same zlib gives the same bytes.
"""

import gzip
import struct
import sys
from pathlib import Path

import numpy as np

from gradviz.session.mnist import read_idx

SIZES = {"train": 10_000, "t10k": 2_000}


def sample_indices(labels: np.ndarray, size: int) -> np.ndarray:
    """Indices of `size` elements, each class with its share (largest remainders), in order."""
    counts = np.bincount(labels)
    shares = counts * size / len(labels)
    quota = shares.astype(int)
    rest = size - quota.sum()
    quota[np.argsort(quota - shares, kind="stable")[:rest]] += 1
    chosen = [
        np.flatnonzero(labels == digit)[np.arange(quota[digit]) * counts[digit] // quota[digit]]
        for digit in range(len(counts))
    ]
    return np.sort(np.concatenate(chosen))


def write_idx(path: Path, array: np.ndarray) -> None:
    header = struct.pack(f">BBBB{array.ndim}I", 0, 0, 0x08, array.ndim, *array.shape)
    with path.open("wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as stream:
        stream.write(header + array.tobytes())


def main(folder: Path, output: Path) -> None:
    for split, size in SIZES.items():
        names = f"{split}-images-idx3-ubyte.gz", f"{split}-labels-idx1-ubyte.gz"
        images, labels = (read_idx(folder / name) for name in names)
        indices = sample_indices(labels, size)
        write_idx(output / names[0], images[indices])
        write_idx(output / names[1], labels[indices])
        print(split, size, np.bincount(labels[indices]))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else Path(__file__).parent)
