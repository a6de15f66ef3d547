"""Summaries of arrays agree with NumPy, whatever the array."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from gradviz.trace import RawArray, summarize
from gradviz.trace.values import MAX_RAW, Part, norm_of

any_array = arrays.arrays(
    st.sampled_from([np.float32, np.float64, np.int64, np.bool_, np.uint8]),
    arrays.array_shapes(min_dims=0, max_dims=5, min_side=0, max_side=9),
)


@given(any_array, st.integers(1, 12), st.integers(1, 12), st.integers(0, 8))
def test_any_array_can_be_summed_up(values, rows, cols, bins):
    summary = summarize(values, rows, cols, bins)
    assert summary.shape == values.shape
    assert summary.rows <= rows and summary.cols <= cols
    assert summary.cells().shape == (summary.rows, summary.cols)
    finite = values[np.isfinite(values)].astype(np.float64)
    assert summary.nans + summary.infs + finite.size == values.size
    assert sum(summary.counts) == (finite.size if bins else 0)
    if finite.size:
        assert (summary.minimum, summary.maximum) == (finite.min(), finite.max())


def test_a_small_array_is_drawn_cell_by_cell():
    values = np.arange(6, dtype=np.float32).reshape(2, 3)
    summary = summarize(values, 10, 10)
    assert np.array_equal(summary.cells(), values)
    assert (summary.row_step, summary.col_step) == (1, 1)


def test_a_large_array_is_drawn_in_means_of_blocks():
    values = np.arange(20, dtype=np.float64).reshape(4, 5)
    summary = summarize(values, 2, 3)
    assert (summary.row_step, summary.col_step) == (2, 2)
    assert summary.cells()[0, 0] == values[:2, :2].mean()
    assert summary.cells()[1, 2] == values[2:, 4:].mean()  # the smaller block at the corner


def test_the_index_chooses_a_slice_and_is_clipped_into_range():
    values = np.arange(24.0).reshape(2, 3, 4)
    assert np.array_equal(summarize(values, 9, 9, index=(1,)).cells(), values[1])
    assert summarize(values, 9, 9, index=(7,)).index == (1,)


def test_nan_and_infinity_are_counted_and_kept_out_of_the_statistics():
    summary = summarize(np.array([1.0, np.nan, np.inf, -np.inf, 3.0]), 1, 5, 4)
    assert (summary.nans, summary.infs) == (1, 2)
    assert (summary.minimum, summary.maximum, summary.mean) == (1, 3, 2)
    assert sum(summary.counts) == 2


def test_the_histogram_survives_the_whole_range_of_floats():
    assert sum(summarize(np.array([-1.7e308, 0.0, 1.7e308]), 1, 3, 4).counts) == 3


def test_statistics_of_nothing_are_nan():
    summary = summarize(np.empty((0, 3)), 4, 4, 4)
    assert np.isnan(summary.minimum) and np.isnan(summary.mean) and summary.norm == 0
    assert summary.counts == []


@pytest.mark.parametrize("shape", [(), (3,), (2, 0, 4)])
def test_any_number_of_dimensions_becomes_rows_and_columns(shape):
    summary = summarize(np.ones(shape), 4, 4)
    assert summary.rows * summary.cols == min(np.prod(shape), 16)


def test_a_large_array_is_summed_up_in_pieces(monkeypatch):
    array = np.random.default_rng(0).normal(size=(7, 11, 13))
    array[0, 0, :3] = np.nan, np.inf, 0
    whole = summarize(array, 4, 4, 8)
    monkeypatch.setattr("gradviz.trace.values.PART", 10)
    pieces = summarize(array, 4, 4, 8)
    assert (pieces.nans, pieces.infs, pieces.zeros, pieces.counts) == (1, 1, 1, whole.counts)
    assert (pieces.minimum, pieces.maximum) == (whole.minimum, whole.maximum)
    for name in ("mean", "std", "norm"):
        assert np.isclose(getattr(pieces, name), getattr(whole, name))


@given(any_array)
def test_an_array_travels_in_full(values):
    assert np.array_equal(RawArray.of(values).array(), values, equal_nan=values.dtype.kind == "f")


def test_what_is_too_large_or_no_array_of_numbers_does_not_travel():
    with pytest.raises(ValueError):
        RawArray.of(np.empty(MAX_RAW + 1, np.uint8))
    with pytest.raises(ValueError):
        RawArray.of(np.array(["text"]))


@pytest.mark.parametrize("shape", [(3,), (0, 1 << 62, 1 << 62), (2, 2, 2)])
def test_bytes_that_are_not_such_an_array_are_refused(shape):
    with pytest.raises(ValueError):
        RawArray(shape, "float32", b"")


@given(any_array)
def test_the_norm_is_over_finite_elements(values):
    finite = np.where(np.isfinite(values), values, 0).astype(np.float64)
    with np.errstate(over="ignore"):
        assert norm_of(values) == pytest.approx(np.sqrt(np.square(finite).sum()))


@given(arrays.arrays(np.float32, arrays.array_shapes(min_dims=3, max_dims=4, max_side=4)))
def test_a_part_is_a_rectangle_of_a_slice(values):
    part = Part((1,) * (values.ndim - 2), 1, 2, 0, 1)
    index = tuple(min(1, length - 1) for length in values.shape[:-2])
    assert np.array_equal(part.of(values), values[index][1:3, 0:1], equal_nan=True)


@pytest.mark.parametrize(
    ("shape", "found"), [((), ()), ((5,), (2,)), ((3, 5), (1, 2)), ((0, 3, 5), (0, 0)), ((2, 0, 5), (0, 2))]
)
def test_a_part_of_any_shape_leaves_out_what_lies_outside(shape, found):
    part = Part((), 2, 1 << 40, 3, 1 << 40)
    assert part.of(np.zeros(shape)).shape == found
