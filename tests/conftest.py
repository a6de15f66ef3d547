"""What all tests share. Nothing here imports Qt: the rooms below the window are tested without it."""

import os
from collections.abc import Iterator
from typing import Any

from gradviz.session.environment import ONE_BLAS_THREAD

os.environ.update(ONE_BLAS_THREAD | os.environ)  # before anything imports NumPy

import pytest

from gradviz.translate import set_language


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--device",
        choices=("cpu", "cuda"),
        default="cpu",
        help="where the engine's tests make their tensors; without a GPU, cuda is a stand-in",
    )


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """On how many samples of PyTorch's databases the engine agrees, for each operation, layer, optimizer."""
    reports = [r for outcome in ("passed", "failed") for r in terminalreporter.getreports(outcome)]
    table = [value for r in reports for name, value in r.user_properties if name == "agreement"]
    if not table:
        return
    agree, total = sum(row[1] for row in table), sum(row[2] for row in table)
    terminalreporter.section(f"PyTorch's databases: {agree} of {total} samples agree")
    for name, agree, total in table:
        terminalreporter.write_line(f"{agree:5}/{total:<5} {name}")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--device") == "cuda":
        from tests.engine import on_cuda

        on_cuda.set_up()


@pytest.fixture
def cuda() -> Iterator[None]:
    """There is a GPU, or else the stand-in for one."""
    from tests.engine import on_cuda

    with on_cuda.available():
        yield


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test starts in English, and so do the processes that it starts."""
    monkeypatch.setenv("GRADVIZ_LANG", "en")
    set_language("en")
