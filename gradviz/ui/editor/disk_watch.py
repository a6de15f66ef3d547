"""Tells when open files may have been written by another program."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal

CALM_MS = 150  # programs often write a file in several steps


class DiskWatch(QObject):
    """Watches the files that `watch` was given last."""

    changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._watcher = QFileSystemWatcher(self)
        self._calm = QTimer(self, singleShot=True, interval=CALM_MS)
        self._watcher.fileChanged.connect(self._calm.start)
        self._calm.timeout.connect(self.changed)

    def watch(self, paths: Iterable[Path | None]) -> None:
        """Call it again after `changed`: a file that was replaced is another file for the watcher."""
        wanted = {str(path) for path in paths if path is not None and path.exists()}
        watched = set(self._watcher.files())
        if gone := watched - wanted:
            self._watcher.removePaths([*gone])
        if new := wanted - watched:
            self._watcher.addPaths([*new])
