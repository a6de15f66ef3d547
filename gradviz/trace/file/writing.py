"""Writes a trace file: all of it, or nothing."""

from __future__ import annotations

import contextlib
import os
import secrets
import zipfile
from collections.abc import Callable, Collection
from pathlib import Path
from types import TracebackType

import numpy as np

from gradviz.errors import TraceFileError, reason_of
from gradviz.trace.branches import MAIN
from gradviz.trace.file import arrays
from gradviz.trace.file.archive import MAX_PARTS
from gradviz.trace.file.format import (
    MANIFEST,
    MAX_ARRAY,
    MAX_ITERATION,
    MAX_MANIFEST,
    BranchRun,
    Curve,
    Detail,
    Manifest,
    Program,
    StoredArray,
    array_part,
    iteration_part,
)
from gradviz.trace.iteration import Iteration
from gradviz.trace.packing import pack
from gradviz.trace.run import Run
from gradviz.trace.values import ArrayRef
from gradviz.translate import tr

Find = Callable[[ArrayRef], np.ndarray | None]


class TooLargeError(Exception):
    """There is more of an iteration, or of all of them, than would be read again."""


class TraceWriter:
    """A file that comes to be beside `path` and takes its place with `finish`. Use it in a `with` statement.

    Raises TraceFileError where the file cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._parts: set[str] = set()
        self.nbytes = 0
        """How long the file is so far."""
        try:
            if path.is_dir():
                raise TraceFileError(tr("{0}: is a folder; give the name of a file").format(path))
            if path.exists() and not path.is_file():  # such as /dev/null, whose place must not be taken
                raise TraceFileError(tr("{0}: is not a file").format(path))
            self._target = path.resolve()  # a link stays one
            self._unfinished = self._target.with_name(f".gvtrace-{secrets.token_hex(8)}")
            self._zip = zipfile.ZipFile(self._unfinished, "x")
        except (OSError, ValueError) as problem:
            raise _failure(path, problem) from problem

    def __enter__(self) -> TraceWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._zip.close()
        self._unfinished.unlink(missing_ok=True)

    def add(self, branch: int, iteration: Iteration, refs: Collection[ArrayRef], find: Find) -> None:
        """Keeps an iteration in full detail: `refs` name its arrays, each by the event that it is true from.

        Raises TooLargeError where it would not be read again; the file then lacks that iteration.
        """
        if len(self._parts) + len(refs) + 1 > MAX_PARTS:
            raise TooLargeError
        stored = []
        for ref in refs:
            array = find(ref)
            if array is not None and arrays.storable(array) and array.nbytes < MAX_ARRAY:
                name = self._add_array(array)
                stored.append(StoredArray(ref.node, ref.role, ref.output, ref.name, ref.event, name))
        detail = pack(Detail(iteration, stored))
        if len(detail) > MAX_ITERATION:
            raise TooLargeError
        self._write(iteration_part(branch, iteration.index), detail)

    def add_curves(self, run: Run) -> list[Curve]:
        """Keeps the curves of a run; the result is what a manifest says of them."""
        return [Curve(name, *(self._add_array(points) for points in run.curve(name))) for name in run.names]

    def finish(self, manifest: Manifest) -> None:
        """The file is complete: it takes its place."""
        data = pack(manifest)
        if len(data) > MAX_MANIFEST:
            raise TooLargeError
        self._write(MANIFEST, data)
        try:
            self._zip.close()
            with self._unfinished.open("rb+") as file:
                os.fsync(file.fileno())
            self._unfinished.replace(self._target)
        except OSError as problem:
            raise _failure(self._path, problem) from problem

    def _add_array(self, array: np.ndarray) -> str:
        header, data = arrays.header_and_data(array)
        name = arrays.name_of(header, data)
        if array_part(name) not in self._parts:
            self._write(array_part(name), header, data)
        return name

    def _write(self, part: str, *pieces: bytes | memoryview) -> None:
        info = zipfile.ZipInfo(part)  # without a date: the same run makes the same file
        info.compress_type = zipfile.ZIP_STORED if part.endswith(".npy") else zipfile.ZIP_DEFLATED
        info.file_size = sum(len(piece) for piece in pieces)
        try:
            with self._zip.open(info, "w") as file:
                for piece in pieces:
                    file.write(piece)
        except OSError as problem:
            raise _failure(self._path, problem) from problem
        self._parts.add(part)
        self.nbytes += info.compress_size


def write_iteration(path: Path, iteration: Iteration, refs: Collection[ArrayRef], find: Find) -> None:
    """A file with nothing but that iteration, for another one to take it from. Raises as TraceWriter does."""
    with TraceWriter(path) as writer:
        writer.add(MAIN, iteration, refs, find)
        run = BranchRun(iterations=iteration.index + 1)
        writer.finish(Manifest(program=Program(text="", path=""), branches=(run,)))


def _failure(path: Path, problem: Exception) -> TraceFileError:
    return TraceFileError(tr("{0}: cannot be written ({1})").format(path, reason_of(problem)))
