"""An array as a mosaic of pictures: every element has one place in it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradviz.trace.tiles import Tiles

sizes = st.integers(1, 6)


@given(sizes, sizes, sizes, st.integers(1, 20), st.integers(0, 9))
def test_every_place_leads_to_its_element(height, width, columns, count, first):
    tiles = Tiles(height, width, columns, count, first)
    array = np.arange(first + count * height * width + 3) + 1
    mosaic = tiles.of(array)
    assert mosaic.shape == tiles.shape
    seen = []
    for (row, col), number in np.ndenumerate(mosaic):
        element = tiles.element(row, col)
        assert number == (0 if element is None else array[element])
        seen += [] if element is None else [element]
    assert sorted(seen) == list(range(first, first + count * height * width))
    assert tiles.element(-1, 0) is None and tiles.element(0, tiles.shape[1]) is None


def test_filters_lie_as_their_axes_do():
    filters = np.arange(2 * 3 * 5 * 5).reshape(2, 3, 5, 5)
    mosaic = Tiles(5, 5, 3, 6).of(filters)
    assert np.array_equal(mosaic[5:10, 10:15], filters[1, 2])


@pytest.mark.parametrize("tiles", [Tiles(3, 3, 1, 5), Tiles(2, 2, 1, 1, 40), Tiles(1 << 20, 1 << 20)])
def test_what_does_not_fit_is_refused(tiles):
    with pytest.raises(ValueError, match="no mosaic"):
        tiles.of(np.zeros((6, 6)))
