"""The rooms and the direction of imports: who may know whom."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import gradviz

PACKAGE = Path(gradviz.__file__).parent

# Small modules beside the rooms that need nothing but Python; every room but the engine may use them.
HELPERS = {
    f"gradviz.{name}" for name in ("display", "errors", "examples", "resources", "source", "translate")
}

MAY_IMPORT = {
    "engine": {"numpy", "cupy", "cupyx", "gradviz.engine"},
    "trace": {"numpy", "networkx", "msgspec", "gradviz.trace"} | HELPERS,
    "session": {"numpy", "msgspec", "jedi", "gradviz.engine", "gradviz.trace", "gradviz.session"} | HELPERS,
    "ui": {
        "numpy",
        "PySide6",
        "shiboken6",
        "pyqtgraph",
        "pygments",
        "ziamath",
        "ziafont",
        "msgspec",
        "networkx",
        "graphlay",
        "gradviz.trace",
        "gradviz.session.client",
        "gradviz.session.environment",
        "gradviz.session.hints",
        "gradviz.session.kinds",
        "gradviz.session.language.protocol",
        "gradviz.session.player",
        "gradviz.session.protocol",
        "gradviz.ui",
    }
    | HELPERS,
}

# Run as users' programs, never imported.
PROGRAMS = {PACKAGE / "session" / "builtin.py", PACKAGE / "session" / "rehearsal.py"}
FILES = sorted(set(PACKAGE.rglob("*.py")) - PROGRAMS)


def imports(path: Path) -> Iterator[str]:
    """Full names of all that a file imports, inside functions too."""
    package = ".".join(("gradviz", *path.relative_to(PACKAGE).parent.parts))
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*parents, *filter(None, [base])])
            yield from (f"{base}.{alias.name}" for alias in node.names)


def is_within(name: str, allowed: set[str]) -> bool:
    return any(name == root or name.startswith(root + ".") for root in allowed)


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_a_room_imports_only_what_it_may(room: str) -> None:
    files = [path for path in FILES if path.relative_to(PACKAGE).parts[0] == room]
    assert files
    # `import gradviz` alone is the package's own name and version, no room.
    allowed = MAY_IMPORT[room] | set(sys.stdlib_module_names) | {"gradviz.__version__", "gradviz.__file__"}
    wrong = [
        f"{path.relative_to(PACKAGE)} imports {name}"
        for path in files
        for name in imports(path)
        if name != "gradviz" and not is_within(name, allowed)
    ]
    assert not wrong


def test_helpers_need_only_python() -> None:
    for name in HELPERS:
        path = PACKAGE / f"{name.removeprefix('gradviz.')}.py"
        for imported in imports(path):
            assert is_within(imported, HELPERS | set(sys.stdlib_module_names)), f"{name} imports {imported}"


def test_the_array_library_is_chosen_in_one_file() -> None:
    for path in FILES:
        if path in (PACKAGE / "engine/backend.py", PACKAGE / "doctor.py"):
            continue
        assert not any(is_within(name, {"cupy", "cupyx"}) for name in imports(path)), path
        strings = {
            node.value
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(node, ast.Constant)
        }
        assert "cupy" not in strings, path


def test_import_rules_see_every_kind_of_import(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reader above is what the other tests rest on."""
    monkeypatch.setattr(sys.modules[__name__], "PACKAGE", tmp_path)
    path = tmp_path / "ui" / "plots" / "some.py"
    path.parent.mkdir(parents=True)
    path.write_text(
        "import a.b\nfrom .c import d\nfrom .. import e\ndef f():\n    from gradviz.session import g\n"
    )
    assert set(imports(path)) == {"a.b", "gradviz.ui.plots.c.d", "gradviz.ui.e", "gradviz.session.g"}


WITHOUT_QT = """
import importlib, pkgutil, sys

class NoQt:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"PySide6", "shiboken6", "pyqtgraph"}:
            raise ImportError("no Qt here")

sys.meta_path.insert(0, NoQt())
room = importlib.import_module("gradviz." + sys.argv[1])
for module in pkgutil.walk_packages(room.__path__, room.__name__ + "."):
    if module.name not in ("gradviz.session.builtin", "gradviz.session.rehearsal"):
        importlib.import_module(module.name)
"""


@pytest.mark.parametrize("room", ["engine", "trace", "session"])
def test_a_room_below_the_window_needs_no_qt(room: str) -> None:
    done = subprocess.run([sys.executable, "-c", WITHOUT_QT, room], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_command_line_starts_without_the_rooms() -> None:
    code = (
        "import sys, gradviz.cli; print({'numpy', 'PySide6', 'gradviz.engine'} & set(sys.modules) or 'light')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "light", done.stdout + done.stderr
