"""gradviz's own file: an uncompressed zip of `index.json` (see nest.py), `arrays/0.npy`, `arrays/1.npy`, ….

Uncompressed, so that a file cannot hold more than its own length; no part is read before its size is known
to fit.
"""

from __future__ import annotations

import io
import json
import math
import zipfile
from typing import IO, Any

import numpy

from gradviz.engine.device import device
from gradviz.engine.serialization.nest import Decoder, Encoder, FormatError

VERSION = 1
MAX_INDEX = 16 << 20  # bytes
NO_PICKLES = (
    "gradviz reads no pickles, for they can run any code. In PyTorch, save the tensors with "
    "safetensors.torch.save_file(net.state_dict(), 'net.safetensors') and load that file here."
)
_INDEX = "index.json"
_HARMLESS = 0x808  # flags of a zip's parts: the name is UTF-8; the checksum follows the data


def encode(obj: Any) -> tuple[bytes, list[numpy.ndarray]]:
    """The index and the arrays of what is to be saved. Raises TypeError or ValueError if it cannot be."""
    encoder = Encoder()
    value = encoder.encode(obj)
    index = json.dumps({"gradviz": VERSION, "value": value}, allow_nan=False).encode()
    if len(index) > MAX_INDEX:
        raise ValueError(
            f"torch.save: the values beside the tensors take {len(index)} bytes, and {MAX_INDEX} at most are "
            "read again; turn long lists of numbers into tensors"
        )
    return index, encoder.arrays


def write(file: IO[bytes], index: bytes, arrays: list[numpy.ndarray]) -> None:
    """The zip of both, written to a file open for writing."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as parts:
        parts.writestr(zipfile.ZipInfo(_INDEX), index)
        for i, array in enumerate(arrays):
            with parts.open(zipfile.ZipInfo(_member(i)), "w", force_zip64=True) as part:
                numpy.lib.format.write_array(part, array, (1, 0), allow_pickle=False)


def read(file: IO[bytes], size: int, where: device) -> Any:
    """What was saved in the zip of `size` bytes, its tensors on the device `where`.

    Raises FormatError, or what zipfile does.
    """
    try:
        parts = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, NotImplementedError) as problem:
        raise FormatError(f"it is damaged or cut off ({problem}). Save it anew.") from problem
    with parts:
        members = _checked_members(parts, size)
        index = json.loads(parts.read(members.pop(_INDEX)))
        if index["gradviz"] != VERSION:
            raise FormatError(f"a newer gradviz wrote it (format {index['gradviz']!r}); update gradviz.")
        arrays = [_read_array(parts.read(members[_member(i)])) for i in range(len(members))]
    return Decoder(arrays, where).decode(index["value"])


def _member(number: int) -> str:
    return f"arrays/{number}.npy"


def _checked_members(parts: zipfile.ZipFile, size: int) -> dict[str, zipfile.ZipInfo]:
    """The parts by name, when names and sizes are what `write` makes of them."""
    members = {info.filename: info for info in parts.infolist()}
    if any(name.rpartition("/")[2] == "data.pkl" for name in members):
        raise FormatError(f"PyTorch wrote it. {NO_PICKLES}")
    if _INDEX not in members:
        raise FormatError("it is a zip file, but not one that torch.save wrote. Is it the right file?")
    expected = {_INDEX, *map(_member, range(len(members) - 1))}
    if len(members) < len(parts.infolist()) or set(members) != expected:
        raise FormatError("it holds parts that torch.save does not write. Save it anew.")
    for info in members.values():
        if info.compress_type != zipfile.ZIP_STORED or info.flag_bits & ~_HARMLESS:
            raise FormatError(f"its part {info.filename} is compressed or encrypted. Save it anew.")
    if sum(info.file_size for info in members.values()) > size or members[_INDEX].file_size > MAX_INDEX:
        raise FormatError("it claims to hold more than it can. Save it anew.")
    return members


def _read_array(data: bytes) -> numpy.ndarray:
    """The array in a `.npy` of plain numbers, when its length is that of its shape."""
    part = io.BytesIO(data)
    if numpy.lib.format.read_magic(part) != (1, 0):
        raise FormatError("an array in it is of a newer .npy format. Save it anew.")
    shape, fortran_order, dtype = numpy.lib.format.read_array_header_1_0(part)
    if dtype.kind not in "biuf":
        raise FormatError(f"an array in it holds {dtype}, not numbers. Save it anew.")
    if min(shape, default=0) < 0 or len(data) - part.tell() != math.prod(shape) * dtype.itemsize:
        raise FormatError(f"an array in it is not of the length of its shape {shape}. Save it anew.")
    array = numpy.frombuffer(data, dtype, offset=part.tell())
    array = array.reshape(shape, order="F" if fortran_order else "C")
    return array.astype(dtype.newbyteorder("="))  # a copy: one that can be written to
