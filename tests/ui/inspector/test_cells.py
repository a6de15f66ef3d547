"""Where elements are drawn, and what they are called."""

import numpy as np

from gradviz.trace import summarize
from gradviz.ui.inspector.cells import (
    lay_out,
    wanted_cells,
)


def cells_of(values, index=()):
    values = np.asarray(values)
    return lay_out(summarize(values, *wanted_cells(values.shape), 0, index))


def test_a_matrix_is_drawn_as_it_is_printed():
    cells = cells_of(np.arange(12.0).reshape(3, 4))
    assert (cells.rows, cells.cols, cells.block) == (3, 4, (1, 1))
    assert cells.values[1, 2] == 6 and cells.index_text(1, 2) == "[1, 2]"


def test_a_vector_is_wrapped_and_keeps_its_indices():
    cells = cells_of(np.arange(100.0))
    assert cells.cols == 16 and cells.padding == 12
    assert cells.values[2, 5] == 37 and cells.index_text(2, 5) == "[37]"
    assert cells.contains(6, 3) and not cells.contains(6, 4)


def test_blocks_name_the_range_that_they_are_the_mean_of():
    cells = cells_of(np.zeros((128, 784)))
    assert cells.block == (1, 5)
    assert cells.index_text(3, 2) == "[3, 10:15]"
    assert cells.index_text(3, cells.cols - 1) == "[3, 780:784]"


def test_leading_indices_are_part_of_the_name():
    assert cells_of(np.zeros((4, 3, 2, 2)), (3, 1)).index_text(0, 1) == "[3, 1, 0, 1]"


def test_a_scalar_has_an_empty_index():
    assert cells_of(np.array(2.5)).index_text(0, 0) == "[]"


def test_a_block_is_chosen_by_its_first_element():
    summary = summarize(np.zeros((2, 300, 400), np.float32), 100, 100, index=(1,))
    cells = lay_out(summary)
    assert cells.index(5, 7) == (1, 15, 28)
    assert cells.index_text(5, 7) == "[1, 15:18, 28:32]"
