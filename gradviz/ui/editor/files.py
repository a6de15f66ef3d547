"""Reading and writing text files so that every byte nobody typed stays as it was."""

from __future__ import annotations

import io
import tokenize
from codecs import BOM_UTF8
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QIODevice, QSaveFile

from gradviz.errors import reason_of
from gradviz.ui.numbers import grouped

translate = QCoreApplication.translate

MAX_BYTES = 5 << 20
MAX_LINE = 200_000  # laying out a longer one holds the window up at every key
FALLBACKS = ("gb18030", "latin-1")
"""What a file that is not UTF-8 is taken for; the last one fits any bytes."""
NEWLINES = {"\n": "LF", "\r\n": "CRLF", "\r": "CR"}
"""How lines may end, and what people call it."""


class FileError(Exception):
    """A file cannot be opened or saved; the text is translated, names the file and says why."""


@dataclass(frozen=True)
class TextFile:
    """A file's text with "\\n" between lines, and how it is stored."""

    text: str
    encoding: str = "utf-8"
    newline: str = "\n"
    guessed: bool = False
    """The encoding is one of FALLBACKS."""
    mixed: bool = False
    """Lines end in different ways; `newline` is the most frequent one."""


def read_text(path: Path) -> TextFile:
    """Reads a text file of at most `MAX_BYTES`. Raises FileError."""
    try:
        if is_special(path):
            raise FileError(translate("files", "{0} is not a file: choose a Python file").format(path))
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as problem:
        raise FileError(
            translate("files", "{0} cannot be opened: {1}").format(path, reason_of(problem))
        ) from None
    if len(data) > MAX_BYTES:
        raise FileError(
            translate("files", "{0} is larger than {1} MiB: choose a Python file").format(
                path, MAX_BYTES >> 20
            )
        )
    if b"\0" in data:
        raise FileError(translate("files", "{0} is a binary file: choose a Python file").format(path))
    text, encoding, guessed = _decode(data)
    if (longest := max(map(len, text.splitlines()), default=0)) > MAX_LINE:
        raise FileError(
            translate("files", "{0} has a line of {1} characters: choose a Python file").format(
                path, grouped(longest)
            )
        )
    if (position := text.find("\u2029")) >= 0:
        words = translate(
            "files", "{0} holds the character U+2029 (line {1}), which would become a line break"
        )
        raise FileError(words.format(path, text.count("\n", 0, position) + 1))
    counts = _count_newlines(text)
    newline = max(NEWLINES, key=counts.__getitem__)
    mixed = sum(map(bool, counts.values())) > 1
    return TextFile(text.replace("\r\n", "\n").replace("\r", "\n"), encoding, newline, guessed, mixed)


def write_text(path: Path, text: str, encoding: str, newline: str) -> None:
    """Replaces the file in one step, so that a crash leaves the old or the new text. Raises FileError.

    Raises UnicodeEncodeError when the encoding lacks a character of the text.
    """
    data = text.replace("\n", newline).encode(encoding)
    try:
        if is_special(path):
            raise FileError(translate("files", "{0} is not a file: save under another name").format(path))
        write_bytes(path, data)
    except OSError as problem:
        raise FileError(
            translate("files", "{0} cannot be saved: {1}").format(path, reason_of(problem))
        ) from None


def write_bytes(path: Path, data: bytes) -> None:
    """Replaces the file in one step, keeping links and permissions. Raises OSError."""
    file = QSaveFile(str(path))
    file.setDirectWriteFallback(True)  # a folder that takes no new files may hold a file that can be written
    opened = file.open(QIODevice.OpenModeFlag.WriteOnly)
    if not opened or file.write(data) != len(data) or not file.commit():
        raise OSError(0, file.errorString())


def is_special(path: Path) -> bool:
    """Whether a folder, device or pipe is there: reading it may never end, and writing would replace it."""
    return path.exists() and not path.is_file()


def fingerprint(path: Path) -> tuple[int, int] | None:
    """Changes when the file is written: (modification time in ns, size in bytes); None if it is gone."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size


def is_same_file(path: Path | None, name: str) -> bool:
    """Whether two names, one of them perhaps a link, mean the same existing file."""
    try:
        return path is not None and path.samefile(name)
    except OSError:
        return False


def holds_text(path: Path, text: str) -> bool:
    """Whether the file can be read and holds just this text."""
    try:
        return read_text(path).text == text
    except FileError:
        return False


def _decode(data: bytes) -> tuple[str, str, bool]:
    """(text, encoding, guessed). An encoding counts only if it gives back the very same bytes."""
    try:
        declared = tokenize.detect_encoding(io.BytesIO(data).readline)[0]
    except SyntaxError:
        declared = "utf-8"
    stored = "utf-8-sig" if data.startswith(BOM_UTF8) else declared
    for encoding in (stored, *FALLBACKS):
        try:
            text = data.decode(encoding)
            if text.encode(encoding) == data:
                return text, encoding, encoding != stored
        except (UnicodeError, LookupError):
            continue
    raise AssertionError("latin-1 fits any bytes")


def _count_newlines(text: str) -> dict[str, int]:
    both = text.count("\r\n")
    return {"\r\n": both, "\n": text.count("\n") - both, "\r": text.count("\r") - both}
