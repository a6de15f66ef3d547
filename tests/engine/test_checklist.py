"""The engine keeps what PyTorch promises: tests/engine/checklist/ holds the promises."""

import pytest

import gradviz.engine
from tests.engine import checklist

LINES = checklist.lines()


@pytest.mark.parametrize("line", LINES)
def test_it_holds(line: str) -> None:
    LINES[line](gradviz.engine)
