"""Many images as one."""

import pytest

from gradviz import engine as torch
from gradviz.session.torchvision.utils import make_grid


def test_images_stand_in_rows_with_a_border():
    images = torch.arange(1.0, 6.0).view(5, 1, 1, 1).expand(5, 3, 2, 2)
    grid = make_grid(images, nrow=3, padding=1, pad_value=-1)
    assert grid.shape == (3, 7, 10)
    assert grid[0, 1].tolist() == [-1, 1, 1, -1, 2, 2, -1, 3, 3, -1]
    assert grid[0, 5].tolist() == [-1, 4, 4, -1, 5, 5, -1, -1, -1, -1]


def test_grey_images_get_three_channels_and_one_image_no_border():
    assert make_grid(torch.zeros(4, 1, 8, 8)).shape == (3, 12, 42)
    assert make_grid([torch.zeros(3, 5, 5), torch.ones(3, 5, 5)], padding=0).shape == (3, 5, 10)
    assert make_grid(torch.zeros(1, 5, 5)).shape == (3, 5, 5)


@pytest.mark.parametrize(("each", "largest"), [(False, [0.25, 1.0]), (True, [1.0, 1.0])])
def test_values_are_normalized_together_or_one_by_one(each, largest):
    images = torch.tensor([[0.0, 1.0], [0.0, 4.0]]).view(2, 1, 1, 2)
    grid = make_grid(images, padding=0, normalize=True, scale_each=each)
    assert [grid[0, 0, 1].item(), grid[0, 0, 3].item()] == pytest.approx(largest)
