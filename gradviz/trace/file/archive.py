"""A zip file whose every claim is checked before it is believed.

Arrays are stored, not compressed, so that a file cannot make its reader allocate more than its own length;
the few parts that are compressed have bounds of their own. Nothing is ever unpacked to disk.
"""

from __future__ import annotations

import os
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple

from gradviz.errors import TraceFileError, reason_of
from gradviz.translate import tr

MAX_PARTS = 200_000
MAX_DIRECTORY = 32 << 20  # bytes of the list of parts at the file's end
_ENTRY = b"PK\x01\x02"  # what every part in that list begins with
_END = struct.Struct("<4s4H2LH")  # signature, disks (2), parts (2), size and offset of the list, comment
_END_64 = struct.Struct("<4sQ2H2L4Q")  # in large files also: signature, …, parts (2), size and offset
_LOCATOR_64 = struct.Struct("<4sLQL")  # signature, disk, offset of that, disks
_LOCAL_HEADER = 30  # bytes, and the part's name, before its data
_HARMLESS = 0x80E  # flags of a part: the name is UTF-8; the checksum follows the data; ways to deflate
_BROKEN = (zipfile.BadZipFile, zlib.error, struct.error, ValueError, EOFError, NotImplementedError)


class Kind(NamedTuple):
    """Parts that a file may have: their names, their length in bytes at most, whether they are compressed."""

    name: re.Pattern[str]
    most: int
    compressed: bool


class Archive:
    """An open zip file of nothing but parts of these kinds.

    Its methods raise TraceFileError, which names the file and says what to do, where it is not as it should.
    """

    def __init__(self, path: Path, kinds: Sequence[Kind]) -> None:
        self.path = path
        self._file = _open(path)
        try:
            start = self._start_of_list()
            self._zip = zipfile.ZipFile(self._file)
            self._parts = {info.filename: info for info in self._zip.infolist()}
            if len(self._parts) < len(self._zip.infolist()):
                raise self.damaged(tr("a part is there twice"))
            for info in self._parts.values():
                self._check(info, kinds)
            self._check_places(start)
        except OSError as problem:
            self._file.close()
            raise TraceFileError(_unreadable(path, problem)) from problem
        except _BROKEN as problem:
            self._file.close()
            raise self.damaged(str(problem)) from problem
        except TraceFileError:
            self._file.close()
            raise

    @property
    def names(self) -> list[str]:
        return list(self._parts)

    def __contains__(self, name: str) -> bool:
        return name in self._parts

    def read(self, name: str) -> bytes:
        """The bytes of a part, as its checksum says they are."""
        info = self._parts.get(name)
        if info is None:
            raise self.damaged(tr("the part {0} is missing").format(name))
        try:
            with self._zip.open(info) as part:
                data = part.read(max(1, info.file_size))  # no more is decompressed than it claims
        except OSError as problem:
            raise TraceFileError(_unreadable(self.path, problem)) from problem
        except _BROKEN as problem:
            raise self.damaged(str(problem)) from problem
        if len(data) != info.file_size:
            raise self.damaged(tr("the part {0} is too short").format(name))
        return data

    def close(self) -> None:
        self._zip.close()
        self._file.close()

    def damaged(self, reason: str) -> TraceFileError:
        """The error to raise where the file is not as gradviz writes it."""
        text = tr(
            "{0}: is damaged or was not written by gradviz ({1}). Get the file anew, or record it again"
        )
        return TraceFileError(text.format(self.path, reason))

    # ── checks ────────────────────────────────────────────────────────────────────────────────────────────

    def _start_of_list(self) -> int:
        """Where the list of parts begins: it has to be of a bearable length, and end where the file ends.

        zipfile reads the whole list before it says a word about it.
        """
        size = os.fstat(self._file.fileno()).st_size
        is_zip = self._file.read(4) == b"PK\x03\x04"
        end = size - _END.size
        if end < 0 or not is_zip:
            raise TraceFileError(
                tr("{0}: is not a trace file; give one that gradviz trace wrote").format(self.path)
            )
        signature, *_, count, length, start, comment = _END.unpack(self._read_at(end, _END.size))
        if signature != b"PK\x05\x06" or comment:
            raise self.damaged(tr("its end is missing"))
        if end >= _LOCATOR_64.size + _END_64.size:
            locator = self._read_at(end - _LOCATOR_64.size, _LOCATOR_64.size)
            if locator.startswith(b"PK\x06\x07"):
                end -= _LOCATOR_64.size + _END_64.size
                *_, count, length, start = _END_64.unpack(self._read_at(end, _END_64.size))
        if count > MAX_PARTS or length > MAX_DIRECTORY:
            raise self.damaged(tr("it claims to have {0} parts").format(count))
        if start + length != end:
            raise self.damaged(tr("its list of parts is not where it should be"))
        entries = self._read_at(start, length).count(_ENTRY)
        if entries != count:
            raise self.damaged(tr("it has {0} parts and claims to have {1}").format(entries, count))
        return start

    def _read_at(self, offset: int, length: int) -> bytes:
        self._file.seek(offset)
        return self._file.read(length)

    def _check(self, info: zipfile.ZipInfo, kinds: Sequence[Kind]) -> None:
        name = info.filename
        kind = next((kind for kind in kinds if kind.name.fullmatch(name)), None)
        if kind is None:
            raise self.damaged(tr("it has a part called {0}").format(ascii(name[:80])))
        if info.flag_bits & ~_HARMLESS:
            raise self.damaged(tr("its part {0} is encrypted").format(name))
        stored = info.compress_type == zipfile.ZIP_STORED and info.compress_size == info.file_size
        if not stored and not (kind.compressed and info.compress_type == zipfile.ZIP_DEFLATED):
            raise self.damaged(tr("its part {0} is compressed").format(name))
        if info.file_size > kind.most:
            words = tr("its part {0} would take {1} MiB, and {2} at most are read")
            raise self.damaged(words.format(name, info.file_size >> 20, kind.most >> 20))

    def _check_places(self, end: int) -> None:
        """No two parts share bytes: all of them together are no longer than the file."""
        for info in sorted(self._parts.values(), key=lambda info: info.header_offset, reverse=True):
            if info.header_offset < 0 or info.header_offset + _LOCAL_HEADER + info.compress_size > end:
                raise self.damaged(tr("its part {0} overlaps another").format(info.filename))
            end = info.header_offset


def _open(path: Path) -> BinaryIO:
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise TraceFileError(tr("{0}: is a folder; give a trace file").format(path))
        if not stat.S_ISREG(mode):  # opening a pipe would wait for someone to write into it
            raise TraceFileError(tr("{0}: is not a file").format(path))
        return path.open("rb")
    except FileNotFoundError:
        raise TraceFileError(tr("{0}: there is no such file").format(path)) from None
    except (OSError, ValueError) as problem:
        raise TraceFileError(_unreadable(path, problem)) from None


def _unreadable(path: Path, problem: Exception) -> str:
    return tr("{0}: cannot be read ({1})").format(path, reason_of(problem))
