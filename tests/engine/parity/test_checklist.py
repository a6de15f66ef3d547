"""What the checklist says of PyTorch is true of PyTorch."""

import pytest
import torch

from tests.engine import checklist

pytestmark = pytest.mark.parity
LINES = checklist.lines()


@pytest.mark.parametrize("line", LINES)
def test_it_holds(line: str) -> None:
    LINES[line](torch)
