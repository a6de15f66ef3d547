"""torch.save and torch.load, without pickle: nothing in a file is ever executed.

Source: https://docs.pytorch.org/docs/stable/notes/serialization.html
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from gradviz.engine.device import CPU, device, gpu_number
from gradviz.engine.serialization import archive, safetensors
from gradviz.engine.serialization.nest import FormatError

File = str | os.PathLike | IO[bytes]


def save(obj: Any, f: File, *pickle_settings: Any, **ignored: Any) -> None:
    """Write tensors, numbers, strings, None and nests of dict, list and tuple, such as a checkpoint, to `f`.

    The file is an uncompressed zip of `index.json` and one `.npy` per array, which NumPy can open by itself;
    a path that ends in `.safetensors` gets that format, which holds a dict of tensors by name. torch's
    arguments about pickle are accepted and mean nothing. Raises TypeError for what cannot be saved, and then
    leaves `f` as it is.
    """
    if _is_path(f) and os.fspath(f).endswith(".safetensors"):
        content = safetensors.encode(obj)
        Path(f).write_bytes(content)
        return
    index, arrays = archive.encode(obj)
    with _opened(f, "wb") as file:
        archive.write(file, index, arrays)


def load(
    f: File,
    map_location: str | device | Mapping | Callable | None = None,
    pickle_module: Any = None,
    *,
    weights_only: bool | None = None,
    **ignored: Any,
) -> Any:
    """What `save` wrote to `f`, or the tensors of a safetensors file; on the CPU, or at `map_location`.

    Raises RuntimeError, in words that say what to do, for a file that is damaged or of another program.
    """
    where = device(map_location) if isinstance(map_location, (str, device)) else CPU
    gpu_number(where)  # raises for a device that is not there
    name = f"'{os.fspath(f)}'" if _is_path(f) else "this file object"
    with _opened(f, "rb") as file:
        try:
            return _read(file, where)
        except FormatError as problem:
            raise RuntimeError(f"torch.load cannot read {name}: {problem}") from None
        except Exception as problem:  # zipfile, json and NumPy raise all kinds on what is damaged
            raise RuntimeError(
                f"torch.load cannot read {name}: it is damaged or cut off ({problem}). Save it anew."
            ) from problem


def _read(file: IO[bytes], where: device) -> Any:
    start = file.tell()
    size = file.seek(0, os.SEEK_END) - start
    file.seek(start)
    head = file.read(9)
    file.seek(start)
    if isinstance(head, str):
        raise FormatError("it is open as text; open it with mode 'rb'.")
    if head.startswith(b"PK"):
        return archive.read(file, size, where)
    if head[8:] == b"{":
        return {name: tensor.to(where) for name, tensor in safetensors.decode(file.read()).items()}
    if head.startswith(b"\x80"):
        raise FormatError(f"it is a Python pickle, perhaps of an old PyTorch. {archive.NO_PICKLES}")
    if not head:
        raise FormatError("it is empty. (A file object that was just written to needs f.seek(0) first.)")
    raise FormatError("torch.save did not write it, and it is no safetensors file. Is it the right file?")


def _is_path(f: File) -> bool:
    return isinstance(f, (str, os.PathLike))


@contextmanager
def _opened(f: File, mode: str) -> Iterator[IO[bytes]]:
    """The file at a path for as long as it is needed, or the file object that was given."""
    if _is_path(f):
        with Path(f).open(mode) as file:
            yield file
    elif hasattr(f, "write" if mode == "wb" else "read"):
        yield f
    else:
        raise TypeError(f"expected a path or a file object, but got {type(f).__name__}")
