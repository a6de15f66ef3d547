"""`gradviz doctor`: what the machine offers, what it lacks, and what to do about it.

Each check looks at one thing and returns a Finding. Nothing here imports Qt or CuPy into this process: a
broken one can end it.
"""

import contextlib
import importlib.metadata
import importlib.util
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from gradviz import display
from gradviz.errors import DataError
from gradviz.translate import tr

Status = Literal["ok", "warning", "missing"]
DISTRIBUTION = "gradviz-explorer"


@dataclass(frozen=True)
class Finding:
    """What a check found, and what to do about it. The main job needs what is `essential`."""

    check: str
    status: Status
    found: str
    advice: str = ""
    essential: bool = False


def check_python() -> Finding:
    version = platform.python_version()
    if tuple(int(part) for part in platform.python_version_tuple()[:2]) >= (3, 11):
        return Finding("Python", "ok", version)
    return Finding("Python", "missing", version, tr("Install Python 3.11 or newer."), essential=True)


def check_qt() -> Finding:
    """Imports Qt in a process of its own, and compares its version with the one that the package asks for."""
    answer = _python("import PySide6.QtWidgets as w, PySide6; print(PySide6.__version__)")
    if answer.returncode != 0:
        advice = tr("The window needs it: {0}").format("pip install 'PySide6-Essentials>=6.11.2,<6.12'")
        return Finding("Qt", "missing", _last_line(answer.stderr), advice)
    version = answer.stdout.strip()
    wanted = _wanted_qt()
    if wanted and not _satisfies(version, wanted):
        advice = tr("Versions that do not fit may crash: {0}").format(
            f"pip install 'PySide6-Essentials{wanted}'"
        )
        return Finding("Qt", "warning", version, advice)
    return Finding("Qt", "ok", version)


def check_libraries() -> Finding:
    missing = display.missing_libraries("qt")
    if missing:
        found = tr("missing: {0}").format(", ".join(package.provides for package in missing))
        return Finding(tr("Qt's libraries"), "missing", found, display.advice(missing))
    return Finding(tr("Qt's libraries"), "ok", tr("all there"))


def check_display() -> Finding:
    problem = display.display_problem()
    if problem is None:
        return Finding(tr("Display"), "ok", tr("a window can open"))
    advice = tr("Without one, gradviz trains on the command line and draws a picture.")
    return Finding(tr("Display"), "warning", problem, advice)


def check_chinese_font() -> Finding:
    name = tr("Chinese font")
    if sys.platform in ("win32", "darwin"):
        return Finding(name, "ok", tr("part of the system"))
    if shutil.which("fc-list"):
        families = _run(["fc-list", ":lang=zh", "family"]).stdout.splitlines()
        if families:
            return Finding(name, "ok", sorted(families)[0])
    elif found := _font_files():
        return Finding(name, "ok", found)
    advice = tr("Chinese text shows as boxes without one: {0}")
    packages = list(display.debian_packages("chinese"))
    return Finding(name, "warning", tr("none found"), advice.format(display.advice(packages)))


def check_numpy() -> Finding:
    try:
        import numpy as np
    except ImportError as problem:
        return Finding("NumPy", "missing", str(problem), "pip install 'numpy>=2'", essential=True)
    config = np.show_config(mode="dicts") or {}
    blas = config.get("Build Dependencies", {}).get("blas", {})
    library = f"{blas.get('name', '')} {blas.get('version', '')}".strip()
    if int(np.__version__.split(".")[0]) < 2:
        return Finding("NumPy", "missing", np.__version__, "pip install 'numpy>=2'", essential=True)
    if not library or library.startswith("none"):
        advice = tr("Products of matrices are slow without a BLAS; a wheel from PyPI brings one.")
        return Finding("NumPy", "warning", tr("{0}, without BLAS").format(np.__version__), advice)
    return Finding("NumPy", "ok", f"{np.__version__}, BLAS: {library}")


def check_gpu() -> Finding:
    if importlib.util.find_spec("cupy") is None:
        return Finding(tr("GPU"), "ok", tr("CuPy is not installed; everything runs on the processor"))
    answer = _python(
        "import cupy; n = cupy.cuda.runtime.getDeviceCount();"
        "print(cupy.__version__, cupy.cuda.runtime.getDeviceProperties(0)['name'].decode(), f'({n})')"
    )
    if answer.returncode != 0:
        advice = tr(
            "CuPy is there but cannot use a GPU: check the driver, and that CuPy fits its CUDA version."
        )
        return Finding(tr("GPU"), "warning", _last_line(answer.stderr), advice)
    return Finding(tr("GPU"), "ok", "CuPy " + answer.stdout.strip())


def check_data() -> Finding:
    from gradviz.session.mnist import load_mnist

    name = tr("Data")
    try:
        mnist = load_mnist()
    except DataError as problem:
        return Finding(name, "missing", str(problem), tr("Install gradviz anew."), essential=True)
    found = tr("MNIST sample: {0} training and {1} test images")
    return Finding(name, "ok", found.format(len(mnist.train_labels), len(mnist.test_labels)))


def check_engine() -> Finding:
    """One step of training, the heart of the main job."""
    import gradviz.engine as torch

    name = tr("Engine")
    weight = torch.ones(3, requires_grad=True)
    (weight * weight).sum().backward()
    if weight.grad is None or weight.grad.tolist() != [2.0, 2.0, 2.0]:
        return Finding(
            name, "missing", tr("computes a wrong gradient"), tr("Install gradviz anew."), essential=True
        )
    return Finding(name, "ok", tr("computes gradients"))


CHECKS: tuple[Callable[[], Finding], ...] = (
    check_python,
    check_qt,
    check_libraries,
    check_display,
    check_chinese_font,
    check_numpy,
    check_gpu,
    check_data,
    check_engine,
)


def findings() -> list[Finding]:
    """The result of every check, in order. A check that fails itself is reported, not raised."""
    results = []
    for check in CHECKS:
        try:
            results.append(check())
        except Exception as problem:
            name = check.__name__.removeprefix("check_")
            results.append(Finding(name, "missing", f"{type(problem).__name__}: {problem}", essential=True))
    return results


def main_job_can_run(results: list[Finding]) -> bool:
    """Whether SimpleNet can be trained, in a window or without one."""
    return not any(finding.status == "missing" and finding.essential for finding in results)


def _wanted_qt() -> str:
    """The versions of Qt that fit this Python, e.g. "<6.12,>=6.11.2"; "" where gradviz is not installed."""
    with contextlib.suppress(importlib.metadata.PackageNotFoundError):
        older = sys.version_info < (3, 12)
        for requirement in importlib.metadata.requires(DISTRIBUTION) or []:
            name, _, marker = requirement.lower().partition(";")
            if name.startswith("pyside6-essentials") and ("<" in marker) == older:
                return name.removeprefix("pyside6-essentials").strip()
    return ""


def _satisfies(version: str, wanted: str) -> bool:
    number = tuple(int(part) for part in re.findall(r"\d+", version)[:3])
    for condition in wanted.split(","):
        bound = tuple(int(part) for part in re.findall(r"\d+", condition))
        fits = number >= bound if condition.startswith(">=") else number < bound
        if not fits:
            return False
    return True


def _font_files() -> str:
    """A font file known for Chinese characters, looked for without fontconfig's tools."""
    for folder in ("/usr/share/fonts", "/usr/local/share/fonts", str(Path.home() / ".local/share/fonts")):
        for path in Path(folder).rglob("*.[ot]t[cf]"):
            if re.search(
                r"cjk|wqy|droidsansfallback|notosanssc|simhei|simsun|sourcehansans", path.name.lower()
            ):
                return path.name
    return ""


def _python(code: str) -> subprocess.CompletedProcess[str]:
    return _run([sys.executable, "-c", code])


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=30)
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, 1, "", tr("no answer within 30 s"))


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1].strip() if lines else tr("ended without a word")
