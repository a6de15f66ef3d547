"""The files that were opened or saved last."""

from pathlib import Path

from PySide6.QtCore import QSettings

KEY = "recentFiles"
MAX_FILES = 12


def recent_files() -> list[Path]:
    """The latest first; only those that still exist."""
    stored = QSettings().value(KEY)
    names = [stored] if isinstance(stored, str) else stored  # QSettings gives a list of one as a str
    return [path for path in map(Path, names) if path.is_file()] if isinstance(names, list) else []


def remember_file(path: Path) -> None:
    """Puts a file first."""
    others = [known for known in recent_files() if known != path]
    QSettings().setValue(KEY, [str(file) for file in (path, *others)][:MAX_FILES])
