"""Each check with a machine that has the thing, and with one that has not."""

import subprocess
import sys

import pytest

from gradviz import display, doctor
from gradviz.doctor import Finding, findings, main_job_can_run
from gradviz.errors import DataError


def answer(returncode: int, stdout: str = "", stderr: str = ""):
    """Stands in for a Python process that `doctor` starts."""
    return lambda code: subprocess.CompletedProcess([], returncode, stdout, stderr)


def test_the_main_job_can_run_here() -> None:
    results = findings()
    assert main_job_can_run(results), results
    assert len(results) == len(doctor.CHECKS)
    assert all(finding.advice for finding in results if finding.status != "ok")


def test_only_what_is_essential_stops_the_main_job() -> None:
    assert main_job_can_run([Finding("Qt", "missing", "")])
    assert not main_job_can_run([Finding("NumPy", "missing", "", essential=True)])


def test_qt_that_does_not_import_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    complaint = "Traceback …\nImportError: libEGL.so.1: cannot open shared object file"
    monkeypatch.setattr(doctor, "_python", answer(1, stderr=complaint))
    finding = doctor.check_qt()
    assert finding.status == "missing"
    assert finding.found == "ImportError: libEGL.so.1: cannot open shared object file"
    assert "pip install" in finding.advice


def test_qt_outside_its_pin_is_warned_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_python", answer(0, "6.12.0\n"))
    monkeypatch.setattr(doctor, "_wanted_qt", lambda: "<6.12,>=6.11.2")
    finding = doctor.check_qt()
    assert (finding.status, finding.found) == ("warning", "6.12.0")
    assert "<6.12,>=6.11.2" in finding.advice


def test_the_pin_is_read_from_the_installation(monkeypatch: pytest.MonkeyPatch) -> None:
    requirements = [
        "numpy>=2",
        'pyside6-essentials<6.12,>=6.11.2; python_version < "3.12"',
        'pyside6-essentials>=6.11.2; python_version >= "3.12"',
    ]
    monkeypatch.setattr(doctor.importlib.metadata, "requires", lambda name: requirements)
    assert doctor._wanted_qt() == ("<6.12,>=6.11.2" if sys.version_info < (3, 12) else ">=6.11.2")


@pytest.mark.parametrize(
    ("version", "fits"),
    [("6.11.1", False), ("6.11.2", True), ("6.11.10", True), ("6.12.0", False), ("7.0", False)],
)
def test_versions_are_compared_as_numbers(version: str, fits: bool) -> None:
    assert doctor._satisfies(version, "<6.12,>=6.11.2") is fits


def test_missing_libraries_come_with_their_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(display, "_loads", lambda library: library != "libEGL.so.1")
    finding = doctor.check_libraries()
    assert finding.status == "missing"
    assert "libEGL.so.1" in finding.found
    assert finding.advice == "apt-get install libegl1"


def test_a_gpu_that_does_not_answer_is_warned_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor.importlib.util, "find_spec", lambda name: object())
    monkeypatch.setattr(doctor, "_python", answer(1, stderr="cudaErrorNoDevice: no CUDA-capable device\n"))
    finding = doctor.check_gpu()
    assert (finding.status, finding.found) == ("warning", "cudaErrorNoDevice: no CUDA-capable device")
    monkeypatch.setattr(doctor, "_python", answer(0, "14.2.0 NVIDIA H100 (1)\n"))
    assert doctor.check_gpu() == Finding("GPU", "ok", "CuPy 14.2.0 NVIDIA H100 (1)")


def test_damaged_data_is_essential(monkeypatch: pytest.MonkeyPatch) -> None:
    def damaged() -> None:
        raise DataError("t10k: is cut off")

    monkeypatch.setattr("gradviz.session.mnist.load_mnist", damaged)
    finding = doctor.check_data()
    assert (finding.status, finding.essential, finding.found) == ("missing", True, "t10k: is cut off")


def test_a_check_that_fails_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def check_something() -> Finding:
        raise RuntimeError("broken")

    monkeypatch.setattr(doctor, "CHECKS", (check_something,))
    (finding,) = findings()
    assert (finding.check, finding.status, finding.found) == ("something", "missing", "RuntimeError: broken")


def test_a_check_does_not_bring_qt_into_this_process() -> None:
    code = "import sys; from gradviz.doctor import findings; findings(); print('PySide6' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "False", done.stderr
