"""Where a file came from, and which texts have run here before: what comes from elsewhere says so first."""

from __future__ import annotations

import hashlib
import os
import re
import sys
from pathlib import Path
from urllib.parse import urlsplit

from PySide6.QtCore import QSettings, QStandardPaths

KEY = "textsThatRan"
MAX_TEXTS = 1000
MAX_HOST = 100  # characters
_ATTRIBUTES = ("user.xdg.origin.url", "user.xdg.referrer.url")
"""What browsers write on Linux (freedesktop.org, "Common extended attributes")."""


def came_from(path: Path) -> str | None:
    """The host that a file was downloaded from, "" where only that it is from elsewhere is known, or None.

    From elsewhere are files that browsers have marked, that lie among the downloads, or that another user
    owns.
    """
    address = _address_on_linux(path) if sys.platform == "linux" else _address_on_windows(path)
    if address is not None:
        return _host_of(address)
    downloads = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DownloadLocation)
    if downloads and Path(downloads) != Path.home() and path.resolve().is_relative_to(Path(downloads)):
        return ""
    return "" if _is_of_another_user(path) else None


def has_run(text: str) -> bool:
    """Whether just this text has been run here before."""
    return _digest(text) in _texts()


def remember_run(text: str) -> None:
    """From now on it may run again."""
    digest = _digest(text)
    if digest not in (known := _texts())[:1]:
        others = [other for other in known if other != digest]
        QSettings().setValue(KEY, [digest, *others][:MAX_TEXTS])


def _texts() -> list[str]:
    """Digests, the latest first."""
    stored = QSettings().value(KEY)
    found = [stored] if isinstance(stored, str) else stored  # QSettings gives a list of one as a str
    return [str(digest) for digest in found] if isinstance(found, list) else []


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _host_of(address: str) -> str:
    try:
        return (urlsplit(address).hostname or "")[:MAX_HOST]
    except ValueError:
        return ""


def _address_on_linux(path: Path) -> str | None:
    for name in _ATTRIBUTES:
        try:
            return os.getxattr(path, name)[:4096].decode("utf-8", "replace")
        except OSError:
            continue
    return None


def _address_on_windows(path: Path) -> str | None:
    """Windows keeps where a file is from in a stream beside it."""
    try:
        zone = Path(f"{path}:Zone.Identifier").read_text("utf-8", "replace")[:4096]
    except (OSError, ValueError):
        return None
    found = re.search(r"^(?:HostUrl|ReferrerUrl)=(.*)$", zone, re.MULTILINE)
    return found[1].strip() if found else ("" if re.search(r"^ZoneId=[34]", zone, re.MULTILINE) else None)


def _is_of_another_user(path: Path) -> bool:
    try:
        return os.name == "posix" and path.stat().st_uid != os.geteuid()
    except OSError:
        return False
