"""Arrays as `.npy`: written like NumPy's own, read without trusting a byte of them."""

from __future__ import annotations

import hashlib
import io
import math
import re

import numpy as np

MAGIC = b"\x93NUMPY\x01\x00"  # of format 1.0, which the length of the header follows, two bytes
# What NumPy writes for plain numbers, and nothing else: no objects, no records, no expressions.
_HEADER = re.compile(
    rb"\{'descr': '([<>|])([biufc]\d{1,2})', 'fortran_order': (False|True), "
    rb"'shape': \(((?:\d{1,19}(?:, \d{1,19})*)?),?\), \} *\n"
)
_KINDS = frozenset({"b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8", "c8", "c16"})
_MAX_DIMENSIONS = 64


class NpyError(ValueError):
    """Bytes are not an array of plain numbers."""


def storable(array: np.ndarray) -> bool:
    """Whether it holds plain numbers, which a file can keep."""
    return array.dtype.str[1:] in _KINDS


def header_and_data(array: np.ndarray) -> tuple[bytes, memoryview]:
    """The header of a storable array, and the bytes of its elements in C order, not copied if possible."""
    array = np.asarray(array, dtype=array.dtype.newbyteorder("<"), order="C")
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, np.lib.format.header_data_from_array_1_0(array))
    return header.getvalue(), array.reshape(-1).view(np.uint8).data


def name_of(header: bytes, data: memoryview) -> str:
    """What an array is called in a file: equal arrays have the same name."""
    digest = hashlib.blake2b(header, digest_size=16)
    digest.update(data)
    return digest.hexdigest()


def decode(data: bytes) -> np.ndarray:
    """The array, read-only where no byte had to be swapped. Raises NpyError.

    Nothing is allocated for an array whose length is not that of its shape.
    """
    start = len(MAGIC) + 2
    if data[: len(MAGIC)] != MAGIC or len(data) < start:
        raise NpyError("not an array of format 1.0")
    end = start + int.from_bytes(data[start - 2 : start], "little")
    found = _HEADER.fullmatch(data[start:end])
    if found is None or found[2].decode() not in _KINDS:
        raise NpyError("not an array of plain numbers")
    dtype = np.dtype((found[1] + found[2]).decode())
    shape = tuple(int(length) for length in found[4].split(b",") if length)
    if len(shape) > _MAX_DIMENSIONS or len(data) - end != math.prod(shape) * dtype.itemsize:
        raise NpyError(f"an array of {len(data) - end} bytes cannot have the shape {shape}")
    array = np.frombuffer(data, dtype, offset=end)
    try:
        array = array.reshape(shape, order="F" if found[3] == b"True" else "C")
    except ValueError as problem:  # an empty array may have axes that are too long for NumPy
        raise NpyError(str(problem)) from problem
    return array.astype(dtype.newbyteorder("="), copy=False)
