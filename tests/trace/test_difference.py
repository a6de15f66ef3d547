"""The difference of two arrays is NumPy's, says what is the same bit for bit, and survives odd numbers."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from gradviz.trace.difference import compare

pairs = arrays.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=5).flatmap(
    lambda shape: st.tuples(*[arrays.arrays(np.float32, shape, elements=st.floats(-1e3, 1e3, width=32))] * 2)
)


@given(pairs)
def test_norms_are_those_of_numpy(pair):
    a, b = pair
    found = compare(a, b, 4, 4)
    change = a.astype(np.float64) - b
    assert found.norm == pytest.approx(np.linalg.norm(change.reshape(-1)))
    assert found.norm_a == pytest.approx(np.linalg.norm(a.astype(np.float64).reshape(-1)))
    assert found.norm_b == pytest.approx(np.linalg.norm(b.astype(np.float64).reshape(-1)))
    assert (found.kind == "same") == (a.tobytes() == b.tobytes())


def test_the_heat_map_shows_a_minus_b():
    found = compare(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[1.0, 0.0], [3.0, 5.0]]), 9, 9)
    assert found.summary is not None
    assert found.summary.cells().tolist() == [[0, 2], [0, -1]]
    assert found.relative == pytest.approx(math.sqrt(5 / 30))


def test_what_is_not_finite_in_both_is_no_difference():
    odd = np.array([np.nan, np.inf, -np.inf, 1.0])
    found = compare(odd, odd.copy())
    assert found.kind == "same" and found.norm == 0 and found.summary.nans == 0
    other = compare(odd, np.array([np.nan, -np.inf, -np.inf, 1.0]))
    assert other.kind == "numbers" and other.broken == 1
    assert compare(np.array([np.nan, 1.0]), np.array([0.0, 1.0])).broken == 1


def test_equal_numbers_of_other_bits_are_no_difference_in_size_but_not_the_same():
    found = compare(np.array([0.0]), np.array([-0.0]))
    assert (found.kind, found.norm, found.relative) == ("numbers", 0, 0)


@pytest.mark.parametrize("dtype", [np.bool_, np.uint8, np.int64, np.complex64])
def test_any_kind_of_number_can_be_compared(dtype):
    found = compare(np.array([0, 1], dtype), np.array([1, 1], dtype))
    assert found.norm == 1


def test_arrays_of_different_shapes_only_have_norms():
    found = compare(np.ones((2, 3)), np.ones(4))
    assert (found.kind, found.norm_b, found.summary) == ("shapes", 2, None)
    assert math.isnan(found.relative)


def test_a_difference_from_zeros_is_infinitely_large():
    assert math.isinf(compare(np.zeros(3), np.ones(3)).relative)
    assert compare(np.zeros(3), np.zeros(3)).relative == 0
