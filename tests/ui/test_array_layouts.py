"""What an array of a shape can be laid out as."""

import numpy as np
import pytest

from gradviz.ui.array_layouts import Layout, layout_at_first, pictures_of, tiles_of

MOSAIC = Layout("mosaic")


@pytest.mark.parametrize(
    ("shape", "first"),
    [
        ((3, 784), (28, 28)),
        ((3, 3072), (48, 64)),
        ((3, 128), (8, 16)),
        ((784,), None),
        ((3, 4), None),
        ((3, 7919), None),
        ((0, 64), None),
        ((2, 8, 8), None),
    ],
)
def test_what_a_row_may_be_a_picture_of(shape, first):
    assert next(iter(pictures_of(shape)), None) == first


def test_any_size_that_fits_can_be_chosen():
    assert (32, 96) in pictures_of((3, 3072)) and (96, 32) in pictures_of((3, 3072))
    assert all(height * width == 3072 for height, width in pictures_of((3, 3072)))
    tiles = tiles_of((3, 3072), Layout("picture", row=2, height=32, width=96), (), False)
    assert (tiles.height, tiles.width, tiles.first) == (32, 96, 6144)


@pytest.mark.parametrize(
    ("shape", "filters", "count", "columns"),
    [
        ((64, 3, 5, 5), True, 192, 3),
        ((64, 1, 28, 28), False, 64, 8),
        ((8, 16, 7, 7), False, 16, 4),
        ((16, 7, 7), False, 16, 4),
        ((10, 784), False, 10, 3),
        ((512, 512, 3, 3), True, 512 * 512, 512),
    ],
)
def test_how_many_pictures_a_mosaic_has(shape, filters, count, columns):
    tiles = tiles_of(shape, MOSAIC, (), filters)
    assert (tiles.count, tiles.columns) == (count, columns)
    assert tiles.of(np.zeros(shape)).shape == tiles.shape


def test_a_mosaic_of_one_sample_begins_where_that_does():
    shape = (4, 8, 5, 5)
    tiles = tiles_of(shape, MOSAIC, (3, 0), False)
    array = np.arange(np.prod(shape)).reshape(shape)
    assert tiles.of(array)[0, 0] == array[3, 0, 0, 0]


@pytest.mark.parametrize("shape", [(), (3,), (0, 784), (0, 3, 5, 5), (1, 1, 5, 5), (3, 4)])
def test_what_has_no_pictures_stays_on_the_plane(shape):
    assert tiles_of(shape, MOSAIC, (), True) is None
    assert tiles_of(shape, Layout("picture"), (), True) is None


def test_filters_are_tiles_at_first_and_nothing_else_is():
    assert layout_at_first((8, 3, 5, 5), True) == MOSAIC
    assert layout_at_first((8, 3, 5, 5), False) == layout_at_first((10, 784), True) == Layout()
