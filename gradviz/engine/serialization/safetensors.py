"""safetensors: eight bytes of header length, a JSON header, then the tensors' bytes without gaps.

Source: https://huggingface.co/docs/safetensors/index
"""

from __future__ import annotations

import json
import math
from typing import Any

import numpy

from gradviz.engine.backend import asarray, to_numpy
from gradviz.engine.serialization.nest import FormatError
from gradviz.engine.tensor import Tensor, wrap

MAX_HEADER = 16 << 20  # bytes

_DTYPES = {
    "BOOL": "?",
    "U8": "u1",
    "I8": "i1",
    "I16": "<i2",
    "I32": "<i4",
    "I64": "<i8",
    "F16": "<f2",
    "F32": "<f4",
    "F64": "<f8",
}
_NAMES = {numpy.dtype(code).newbyteorder("="): name for name, code in _DTYPES.items()}


def encode(tensors: Any) -> bytes:
    """The file that holds a dict of tensors by name. Raises TypeError for anything else."""
    if not isinstance(tensors, dict) or not all(
        isinstance(name, str) and isinstance(tensor, Tensor) for name, tensor in tensors.items()
    ):
        raise TypeError(
            "torch.save: a .safetensors file holds a dict of tensors by name, such as net.state_dict(). Use "
            "another ending, such as .pt, for anything else."
        )
    header: dict[str, Any] = {}
    data = bytearray()
    # The largest elements first, then by name: so every tensor begins at a multiple of its element's size.
    for name, tensor in sorted(tensors.items(), key=lambda item: (-item[1].array.itemsize, item[0])):
        array = to_numpy(tensor.array)
        kind = _NAMES[array.dtype]
        start = len(data)
        data += array.astype(_DTYPES[kind]).tobytes()
        header[name] = {"dtype": kind, "shape": list(array.shape), "data_offsets": [start, len(data)]}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + bytes(data)


def decode(content: bytes) -> dict[str, Tensor]:
    """The tensors by name, in the order of the file; bfloat16 becomes float32. Raises FormatError."""
    length = int.from_bytes(content[:8], "little")
    if length > min(MAX_HEADER, len(content) - 8):
        raise FormatError(
            f"as a safetensors file it has a header of {length} bytes; it is cut off or something else."
        )
    header = json.loads(content[8 : 8 + length], object_pairs_hook=_without_repeats)
    header.pop("__metadata__", None)
    data = memoryview(content)[8 + length :]
    tensors, end = {}, 0
    for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        start, stop = entry["data_offsets"]
        if start != end or not start <= stop <= len(data):
            raise FormatError(f"the bytes of {name!r} are not where they should be. Get the file anew.")
        tensors[name], end = _tensor(name, entry, data[start:stop]), stop
    if end != len(data):
        raise FormatError(f"it has {len(data)} bytes of tensors, its header names {end}. Get the file anew.")
    return {name: tensors[name] for name in header}


def _tensor(name: str, entry: dict[str, Any], data: memoryview) -> Tensor:
    kind, shape = entry["dtype"], entry["shape"]
    if kind != "BF16" and kind not in _DTYPES:
        known = ", ".join(_DTYPES)
        raise FormatError(f"{name!r} has the dtype {kind}. Convert it to one of these: {known}.")
    stored = numpy.dtype("<u2" if kind == "BF16" else _DTYPES[kind])
    if any(type(n) is not int or n < 0 for n in shape) or math.prod(shape) * stored.itemsize != len(data):
        raise FormatError(f"{name!r} is not of the length of its shape {shape}. Get the file anew.")
    array = numpy.frombuffer(data, stored).reshape(shape)
    if kind == "BF16":  # the upper half of a float32
        array = (array.astype("u4") << 16).view("f4")
    return wrap(asarray(array.astype(array.dtype.newbyteorder("="))))


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) < len(pairs):
        raise FormatError("a name occurs twice in its header. Get the file anew.")
    return dict(pairs)
