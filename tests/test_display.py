"""The look before the leap: every way in which a window cannot open is told before Qt would abort."""

import socket
import sys
from pathlib import Path

import pytest

from gradviz import display
from gradviz.display import advice, debian_packages, display_problem, missing_libraries

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux can lack a display")


@pytest.fixture
def libraries(monkeypatch: pytest.MonkeyPatch):
    """Says which libraries this machine lacks: none unless told."""

    def lack(*missing: str) -> None:
        monkeypatch.setattr(display, "_loads", lambda library: library not in missing)

    lack()
    return lack


@pytest.fixture
def x_server(monkeypatch: pytest.MonkeyPatch):
    def answers(whether: bool) -> None:
        monkeypatch.setattr(display, "_x_server_answers", lambda name: whether)

    return answers


def test_no_display_at_all(libraries) -> None:
    problem = display_problem({})
    assert problem is not None
    assert "DISPLAY and WAYLAND_DISPLAY are empty" in problem
    assert "xvfb-run" in problem
    assert "\n" not in problem


def test_an_offscreen_platform_needs_no_display(libraries) -> None:
    assert display_problem({"QT_QPA_PLATFORM": "offscreen"}) is None
    assert display_problem({"QT_QPA_PLATFORM": "vnc:port=5900"}) is None


def test_a_library_that_all_of_qt_needs(libraries) -> None:
    libraries("libEGL.so.1")
    problem = display_problem({"QT_QPA_PLATFORM": "offscreen"})
    assert problem == "Qt lacks system libraries: libEGL.so.1. On Debian or Ubuntu: apt-get install libegl1"


def test_libraries_that_x_needs(libraries, x_server) -> None:
    libraries("libxcb-cursor.so.0", "libxcb-icccm.so.4")
    problem = display_problem({"DISPLAY": ":0"})
    assert problem is not None
    assert problem.endswith("apt-get install libxcb-cursor0 libxcb-icccm4")


def test_a_dead_x_server_is_really_asked(libraries) -> None:
    problem = display_problem({"DISPLAY": ":7177"})
    assert problem is not None
    assert "X display :7177 does not answer" in problem


def test_a_live_x_server(libraries, x_server) -> None:
    x_server(True)
    assert display_problem({"DISPLAY": ":0"}) is None


def test_wayland_needs_its_socket(libraries, tmp_path: Path) -> None:
    environ = {"WAYLAND_DISPLAY": "wayland-0", "XDG_RUNTIME_DIR": str(tmp_path)}
    problem = display_problem(environ)
    assert problem is not None
    assert "no Wayland display" in problem
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "wayland-0"))
        assert display_problem(environ) is None


def test_either_of_two_displays_will_do(libraries, x_server, tmp_path: Path) -> None:
    x_server(True)
    both = {"DISPLAY": ":0", "WAYLAND_DISPLAY": "gone", "XDG_RUNTIME_DIR": str(tmp_path)}
    assert display_problem(both) is None
    assert display_problem(both | {"QT_QPA_PLATFORM": "wayland"}) is not None


def test_the_package_list_is_whole(libraries) -> None:
    """A misspelt use would silently check nothing."""
    for use in ("qt", "x11", "wayland", "font", "chinese"):
        assert list(debian_packages(use)), use
    libraries("libGL.so.1")
    assert advice(missing_libraries("qt")) == "apt-get install libgl1"
