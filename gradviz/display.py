"""Looks for a display before Qt does: Qt aborts the whole process when it finds none."""

import ctypes
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from gradviz.resources import asset
from gradviz.translate import tr

# Qt's platforms that draw without X or Wayland.
_DISPLAYLESS = {"offscreen", "minimal", "minimalegl", "vnc", "linuxfb", "eglfs", "vkkhrdisplay"}


class Package(NamedTuple):
    """A Debian package, the library or font file in it, and its use: qt, x11, wayland, font, chinese."""

    name: str
    provides: str
    use: str


def debian_packages(use: str) -> Iterator[Package]:
    """The rows of `assets/debian-packages.txt` for one use."""
    for line in asset("debian-packages.txt").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            package = Package(*line.split())
            if package.use == use:
                yield package


def missing_libraries(use: str) -> list[Package]:
    """The system libraries for `use` ("qt", "x11", "wayland") that cannot be loaded; none outside Linux."""
    return (
        [package for package in debian_packages(use) if not _loads(package.provides)] if _on_linux() else []
    )


def advice(packages: list[Package]) -> str:
    """What to type to get `packages`."""
    return "apt-get install " + " ".join(package.name for package in packages)


def display_problem(environ: Mapping[str, str] = os.environ) -> str | None:
    """Why no window can open, and what to do, in one line; None if one can."""
    if not _on_linux():
        return None
    if missing := missing_libraries("qt"):
        return _libraries_problem(missing)
    platform = environ.get("QT_QPA_PLATFORM", "").split(":")[0].split(";")[0]
    if platform in _DISPLAYLESS:
        return None
    problems = []
    if environ.get("WAYLAND_DISPLAY") and not platform.startswith("xcb"):
        problems.append(_wayland_problem(environ))
    if environ.get("DISPLAY") and not platform.startswith("wayland"):
        problems.append(_x11_problem(environ["DISPLAY"]))
    if not problems:
        return tr(
            "there is no display: DISPLAY and WAYLAND_DISPLAY are empty. Log in to a desktop, use ssh -X, or "
            "start gradviz with xvfb-run"
        )
    return None if None in problems else problems[0]


def _wayland_problem(environ: Mapping[str, str]) -> str | None:
    socket = Path(environ.get("XDG_RUNTIME_DIR", ""), environ["WAYLAND_DISPLAY"])
    if not socket.is_socket():
        text = tr("there is no Wayland display at {0}. Check WAYLAND_DISPLAY and XDG_RUNTIME_DIR")
        return text.format(socket)
    missing = missing_libraries("wayland")
    return _libraries_problem(missing) if missing else None


def _x11_problem(display: str) -> str | None:
    if missing := missing_libraries("x11"):
        return _libraries_problem(missing)
    if not _x_server_answers(display):
        text = tr(
            "the X display {0} does not answer. Check that its server runs and that you may use it (xhost)"
        )
        return text.format(display)
    return None


def _libraries_problem(missing: list[Package]) -> str:
    libraries = ", ".join(package.provides for package in missing)
    return tr("Qt lacks system libraries: {0}. On Debian or Ubuntu: {1}").format(libraries, advice(missing))


def _x_server_answers(display: str) -> bool:
    xcb = ctypes.CDLL("libxcb.so.1")
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connect.argtypes = [ctypes.c_char_p, ctypes.c_void_p]
    xcb.xcb_connection_has_error.argtypes = xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(display.encode(), None)
    answers = xcb.xcb_connection_has_error(connection) == 0
    xcb.xcb_disconnect(connection)
    return answers


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _on_linux() -> bool:
    return sys.platform.startswith("linux")
