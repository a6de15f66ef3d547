"""The picture of the window: a real program, run by the real worker."""

import numpy as np
import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QImage

from gradviz.ui.picture import write_picture
from gradviz.ui.theme import LIGHT

PROGRAM = """
import torch

torch.manual_seed(0)
x, y = torch.randn(16, 3), torch.randn(16, 1)
w = torch.randn(3, 1, requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.1)
for step in range(1000):
    loss = (torch.relu(x @ w) - y).pow(2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
"""


@pytest.fixture
def program(tmp_path):
    path = tmp_path / "program.py"
    path.write_text(PROGRAM)
    return path


def pixels(path) -> np.ndarray:
    """uint8 [height, width, 3]"""
    image = QImage(str(path)).convertToFormat(QImage.Format.Format_RGB32)
    return np.array(image.constBits()).reshape(image.height(), image.width(), 4)[..., 2::-1]


def count(picture: np.ndarray, color: str) -> int:
    wanted = [int(color[i : i + 2], 16) for i in (1, 3, 5)]
    return int((picture == wanted).all(-1).sum())


def test_it_shows_a_backward_pass(qapp, program, tmp_path):
    write_picture(tmp_path / "p.png", program, size=QSize(1200, 800), theme="light", training=20)
    picture = pixels(tmp_path / "p.png")
    assert picture.shape == (800, 1200, 3)
    assert count(picture, LIGHT.backward) > 1000  # events in the strip, edges, histogram
    assert count(picture, LIGHT.forward) > 1000


def test_a_place_that_cannot_be_written_is_an_error(qapp, program, tmp_path):
    with pytest.raises(OSError, match="No such file"):
        write_picture(tmp_path / "nowhere" / "p.png", program, training=1)


def test_a_program_that_fails_is_shown_too(qapp, tmp_path):
    bad = tmp_path / "bad.py"
    bad.write_text("1 / 0\n")
    write_picture(tmp_path / "p.png", bad, size=QSize(1200, 800))
    assert pixels(tmp_path / "p.png").shape == (800, 1200, 3)
