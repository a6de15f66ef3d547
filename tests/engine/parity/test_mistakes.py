"""The table of mistakes quotes PyTorch."""

import pytest
import torch

from tests.engine.mistakes import MISTAKES, answer_to

pytestmark = [pytest.mark.parity, pytest.mark.filterwarnings("ignore")]


@pytest.mark.parametrize("mistake", MISTAKES)
def test_pytorch_says_so(mistake: str) -> None:
    assert answer_to(mistake, torch).startswith(MISTAKES[mistake])
