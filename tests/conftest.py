"""What all tests share. Nothing here imports Qt: the rooms below the window are tested without it."""

import os
from collections.abc import Iterator

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
