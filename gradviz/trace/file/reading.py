"""Reads a trace file piece by piece: an iteration or an array when it is asked for.

A file may come from anyone. Reading it runs nothing, and what does not fit is a TraceFileError.
"""

from __future__ import annotations

import re
import threading
from bisect import bisect_right
from collections import OrderedDict
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TypeVar

import msgspec
import numpy as np

from gradviz.errors import TraceFileError
from gradviz.trace.branches import MAIN
from gradviz.trace.change import change_of
from gradviz.trace.file import arrays
from gradviz.trace.file.archive import Archive
from gradviz.trace.file.format import (
    KINDS,
    MANIFEST,
    VERSION,
    ArrayName,
    Detail,
    Manifest,
    array_part,
    details,
    iteration_part,
    manifests,
    versions,
)
from gradviz.trace.iteration import Iteration
from gradviz.trace.packing import PackingError, unpack
from gradviz.trace.run import Metric
from gradviz.trace.values import ArrayRef
from gradviz.translate import tr

T = TypeVar("T")

MAX_OPEN = 4  # iterations that are kept decoded


class TraceFile:
    """An open trace file, for several threads. Raises TraceFileError where it is not as it should be."""

    def __init__(self, path: Path) -> None:
        self._archive = Archive(path, KINDS)
        self._lock = threading.Lock()
        self._open: OrderedDict[tuple[int, int], _OpenIteration] = OrderedDict()
        try:
            self.manifest = self._read_manifest()
            self._kept = self._list_iterations()
        except TraceFileError:
            self.close()
            raise

    def __enter__(self) -> TraceFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._archive.close()

    @property
    def path(self) -> Path:
        return self._archive.path

    def iterations(self, branch: int = MAIN) -> list[int]:
        """The iterations of a branch that are there in full detail, ascending."""
        return self._kept.get(branch, [])

    def iteration(self, index: int, branch: int = MAIN) -> Iteration | None:
        """That iteration, or None when it is not there in full detail."""
        found = self._find_iteration(branch, index)
        return found.iteration if found else None

    def arrays(self, index: int, branch: int = MAIN) -> list[ArrayRef]:
        """What arrays there are of an iteration, each by the event that it is true from."""
        found = self._find_iteration(branch, index)
        return found.refs() if found else []

    def find(self, ref: ArrayRef, branch: int = MAIN) -> np.ndarray | None:
        """The array as of the reference's moment; None when it does not exist (yet)."""
        if ref.change:
            return change_of(ref, partial(self.iteration, branch=branch), partial(self.find, branch=branch))
        found = self._find_iteration(branch, ref.iteration)
        name = found.array_of(ref) if found else None
        return None if name is None else self._array(name)

    def curves(self, branch: int = MAIN) -> list[Metric]:
        """The curves of a branch, all their points."""
        metrics = []
        run = self.manifest.run(branch)
        for curve in run.curves if run else ():
            iterations, values = self._array(curve.iterations), self._array(curve.values)
            if (
                iterations.shape != values.shape
                or (iterations.dtype, values.dtype, iterations.ndim) != (np.int64, np.float64, 1)
                or iterations.min(initial=0) < 0
                or (np.diff(iterations) <= 0).any()
            ):
                raise self._archive.damaged(tr("its curve {0} is none").format(ascii(curve.name[:80])))
            metrics.append(Metric(curve.name, iterations.tolist(), values.tolist()))
        return metrics

    # ── inside ────────────────────────────────────────────────────────────────────────────────────────────

    def _read_manifest(self) -> Manifest:
        if MANIFEST not in self._archive:
            raise self._archive.damaged(tr("the part {0} is missing").format(MANIFEST))
        data = self._archive.read(MANIFEST)
        version = self._decode(versions, data, MANIFEST).version
        if version > VERSION:
            text = tr("{0}: was written by a newer gradviz (format {1}, this one reads {2}); update gradviz")
            raise TraceFileError(text.format(self.path, version, VERSION))
        return self._decode(manifests, data, MANIFEST)

    def _list_iterations(self) -> dict[int, list[int]]:
        kept: dict[int, list[int]] = {}
        for name in self._archive.names:
            if found := re.fullmatch(r"iterations/(\d+)/(\d+)\.msgpack", name):
                branch, index = int(found[1]), int(found[2])
                if name != iteration_part(branch, index):  # a second way of writing a number
                    raise self._archive.damaged(tr("it has a part called {0}").format(name))
                kept.setdefault(branch, []).append(index)
        if any(self.manifest.run(branch) is None for branch in kept):
            raise self._archive.damaged(tr("it has iterations of a branch that does not exist"))
        return {branch: sorted(indices) for branch, indices in kept.items()}

    def _find_iteration(self, branch: int, index: int) -> _OpenIteration | None:
        part = iteration_part(branch, index)
        with self._lock:
            found = self._open.pop((branch, index), None)
            if found is None:
                if part not in self._archive:
                    return None
                detail = self._decode(details, self._archive.read(part), part)
                if detail.iteration.index != index:
                    raise self._archive.damaged(tr("its part {0} is another iteration").format(part))
                found = _OpenIteration(detail)
            self._open[branch, index] = found
            if len(self._open) > MAX_OPEN:
                self._open.popitem(last=False)
            return found

    def _array(self, name: ArrayName) -> np.ndarray:
        part = array_part(name)
        try:
            return arrays.decode(self._archive.read(part))
        except arrays.NpyError as problem:
            raise self._archive.damaged(f"{part}: {problem}") from problem

    def _decode(self, decoder: msgspec.msgpack.Decoder[T], data: bytes, part: str) -> T:
        try:
            return unpack(decoder, data)
        except PackingError as problem:
            raise self._archive.damaged(f"{part}: {problem}") from problem


class _OpenIteration:
    """A decoded iteration and what its arrays are called."""

    def __init__(self, detail: Detail) -> None:
        self.iteration = detail.iteration
        self._arrays: dict[tuple[int, str, int, str], tuple[list[int], list[str]]] = {}
        for stored in sorted(detail.arrays, key=lambda stored: stored.event):
            key = (stored.node, stored.role, stored.output, stored.name)
            events, names = self._arrays.setdefault(key, ([], []))
            events.append(stored.event)
            names.append(stored.array)

    def refs(self) -> list[ArrayRef]:
        index = self.iteration.index
        return [
            ArrayRef(index, event, node, role, output, name)  # type: ignore[arg-type]
            for (node, role, output, name), (events, _) in self._arrays.items()
            for event in events
        ]

    def array_of(self, ref: ArrayRef) -> str | None:
        saved = ref.role == "saved"
        key = (ref.node, ref.role, 0 if saved else ref.output, ref.name if saved else "")
        events, names = self._arrays.get(key, ((), ()))
        position = bisect_right(events, ref.event)
        return names[position - 1] if position else None
