"""Reads a program's text from disk, with errors for people."""

import io
import tokenize
from pathlib import Path

from gradviz.errors import SourceError, reason_of
from gradviz.translate import tr

MAX_BYTES = 4 << 20  # no program is that long; a picture or a checkpoint is


def read_source(path: Path) -> str:
    """The text of the Python file `path`, decoded as it declares (else UTF-8). Raises SourceError."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise SourceError(tr("{0}: there is no such file").format(path)) from None
    except IsADirectoryError:
        raise SourceError(tr("{0}: is a folder; give a Python file").format(path)) from None
    except (OSError, ValueError) as problem:
        raise SourceError(tr("{0}: cannot be read ({1})").format(path, reason_of(problem))) from None
    if len(data) > MAX_BYTES:
        raise SourceError(tr("{0}: is longer than {1} MiB; give a Python file").format(path, MAX_BYTES >> 20))
    if b"\0" in data:
        raise SourceError(tr("{0}: is a binary file; give a Python file").format(path))
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        return io.TextIOWrapper(io.BytesIO(data), encoding).read()
    except (SyntaxError, UnicodeDecodeError) as problem:
        raise SourceError(tr("{0}: is not text in its encoding ({1})").format(path, problem)) from None
