"""Where somebody has put nodes and boxes of the program on view: changed here, and kept for other days.

They lie in the folder for the application's data, a file for each program, by its path. Nothing is ever
written beside the program.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct
from PySide6.QtCore import QObject, QStandardPaths, Signal

from gradviz.ui.editor.files import write_bytes
from gradviz.ui.graph.layout import Direction

MAX_PINS = 2_000
"""For each program and direction."""
MAX_PROGRAMS = 500
"""Whose places are kept; beyond, those that were changed longest ago are forgotten."""
MAX_BYTES = 4 << 20

Coordinate = Annotated[float, Meta(ge=-1e6, le=1e6)]
Place = tuple[Coordinate, Coordinate]
"""Pixels at 100 %, see `graph/places.py`."""
Pins = Annotated[dict[Annotated[str, Meta(max_length=4097)], Place], Meta(max_length=MAX_PINS)]


class _Kept(Struct, frozen=True, forbid_unknown_fields=True):
    """What a file holds. Each direction of the graph has places of its own."""

    right: Pins = {}
    down: Pins = {}


class KeptPlaces(QObject):
    """The pins of the program on view. What cannot be written is kept as long as the window lives."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._program = ""
        self._pins: dict[Direction, dict[str, Place]] = {"right": {}, "down": {}}

    def pins(self, direction: Direction) -> dict[str, Place]:
        """Where cards and boxes are pinned, by their keys."""
        return self._pins[direction]

    def use(self, program: str) -> None:
        """Takes up the places of a program, or of a recorded run, by its path."""
        if program != self._program:
            self._program = program
            kept = _read(self._file) or _Kept()
            self._pins = {"right": kept.right, "down": kept.down}
            self.changed.emit()

    def pin(self, direction: Direction, key: str, place: tuple[float, float]) -> None:
        """Keeps a card or box at a place. Beyond MAX_PINS the oldest pin is forgotten."""
        pins = {other: known for other, known in self._pins[direction].items() if other != key}
        if len(pins) >= MAX_PINS:
            del pins[next(iter(pins))]
        x, y = (min(max(coordinate, -1e6), 1e6) for coordinate in place)
        self._change(direction, pins | {key: (x, y)})

    def unpin(self, direction: Direction, key: str) -> None:
        """Lets a card or box go back to where the layout puts it."""
        pins = self._pins[direction]
        self._change(direction, {other: pins[other] for other in pins if other != key})

    def unpin_all(self, direction: Direction) -> None:
        self._change(direction, {})

    def _change(self, direction: Direction, pins: dict[str, Place]) -> None:
        if pins != self._pins[direction]:
            self._pins[direction] = pins
            self._save()
            self.changed.emit()

    # ── what is kept ──────────────────────────────────────────────────────────────────────────────────────

    def _save(self) -> None:
        if not self._program:
            return
        kept = _Kept(self._pins["right"], self._pins["down"])
        try:
            if not any(self._pins.values()):
                self._file.unlink(missing_ok=True)
                return
            _folder().mkdir(parents=True, exist_ok=True, mode=0o700)
            write_bytes(self._file, msgspec.json.encode(kept))
            files = sorted(_folder().glob("*.json"), key=lambda file: file.stat().st_mtime)
            for file in files[:-MAX_PROGRAMS]:
                file.unlink(missing_ok=True)
        except OSError:  # a full or locked disk: the places hold until the window is closed
            return

    @property
    def _file(self) -> Path:
        """A path cannot be a file's name: its hash is."""
        name = hashlib.sha256(self._program.encode("utf-8", "surrogatepass")).hexdigest()[:32]
        return _folder() / f"{name}.json"


def _folder() -> Path:
    data = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.AppDataLocation)
    return Path(data) / "places"


def _read(file: Path) -> _Kept | None:
    """What is in a file; None where there is none, or nothing that makes sense."""
    try:
        if not file.is_file() or file.stat().st_size > MAX_BYTES:
            return None
        return msgspec.json.decode(file.read_bytes(), type=_Kept)
    except (OSError, ValueError, RecursionError):  # msgspec's errors are ValueErrors
        return None
