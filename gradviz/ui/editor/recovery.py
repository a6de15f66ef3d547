"""Unsaved texts on disk, so that neither a crash nor a kill of the window loses them.

Every window has a folder of its own, which it locks. A folder that nobody holds belonged to a window that is
gone: what lies in it is offered to the next one.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from tempfile import mkdtemp
from typing import Annotated
from uuid import uuid4

import msgspec
from PySide6.QtCore import QLockFile, QStandardPaths

from gradviz.ui.editor.files import fingerprint, write_bytes


class Buffer(msgspec.Struct, frozen=True):
    """An unsaved text. `fingerprint` is that of the file at `path` when the text was read from it."""

    id: str
    name: str
    text: str = ""
    path: str | None = None
    encoding: str = "utf-8"
    newline: str = "\n"
    position: Annotated[int, msgspec.Meta(ge=0, lt=1 << 31)] = 0
    """The caret, in UTF-16 units from the start."""
    fingerprint: tuple[int, int] | None = None


class RecoveryStore:
    """Keeps buffers in `root`/<window>/: `<id>.json` describes one, `<id>.txt` is its text in UTF-8."""

    def __init__(self, root: Path | None = None) -> None:
        app_data = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.AppDataLocation)
        self._root = root or Path(app_data) / "recovery"
        self._folder = self._root / f"{os.getpid()}-{uuid4().hex[:8]}"
        try:
            self._folder.mkdir(parents=True, mode=0o700)
        except OSError:  # no place to write to: the window opens all the same
            self._root = Path(mkdtemp(prefix="gradviz-"))
            self._folder = self._root / self._folder.name
            self._folder.mkdir()
        self._lock = _lock(self._folder)
        self._lock.tryLock(0)

    def keep(self, buffer: Buffer) -> None:
        """Writes the buffer, replacing an earlier state of it. Raises OSError."""
        text, description = self._files(self._folder, buffer.id)
        write_bytes(text, buffer.text.encode())
        write_bytes(description, msgspec.json.encode(msgspec.structs.replace(buffer, text="")))

    def forget(self, buffer_id: str) -> None:
        """Removes the buffer, if it is there."""
        for file in self._files(self._folder, buffer_id):
            file.unlink(missing_ok=True)

    def adopt(self) -> list[Buffer]:
        """Takes over what windows that are gone have left behind."""
        adopted = []
        for folder in sorted(self._root.iterdir()):
            lock = _lock(folder)
            if folder == self._folder or not folder.is_dir() or not lock.tryLock(0):
                continue
            buffers = self._read(folder)
            try:
                for buffer in buffers:
                    self.keep(buffer)
            except OSError:
                lock.unlock()  # there is no space for a copy: the texts stay where they are
            else:
                lock.unlock()
                shutil.rmtree(folder, ignore_errors=True)
            adopted += buffers
        return adopted

    def close(self) -> None:
        """Lets the folder go; it stays if it holds a text that was neither saved nor discarded."""
        self._lock.unlock()
        if self._folder.is_dir() and not any(self._folder.iterdir()):
            self._folder.rmdir()

    def _read(self, folder: Path) -> list[Buffer]:
        """The folder's buffers, oldest first. A text counts even if its description is damaged or missing."""
        files = [file for file in folder.glob("*.txt") if file.is_file()]
        buffers = []
        for file in sorted(files, key=lambda file: fingerprint(file) or (0, 0)):
            try:
                text = file.read_bytes().decode(errors="replace")
            except OSError:
                continue
            try:
                buffer = msgspec.json.decode(file.with_suffix(".json").read_bytes(), type=Buffer)
            except (OSError, msgspec.MsgspecError):
                buffer = Buffer("", "recovered.py")
            buffers.append(msgspec.structs.replace(buffer, id=uuid4().hex, text=text))
        return buffers

    @staticmethod
    def _files(folder: Path, buffer_id: str) -> tuple[Path, Path]:
        return folder / f"{buffer_id}.txt", folder / f"{buffer_id}.json"


def _lock(folder: Path) -> QLockFile:
    lock = QLockFile(str(folder / "lock"))
    lock.setStaleLockTime(0)  # only the death of its process frees a lock, never its age
    return lock
