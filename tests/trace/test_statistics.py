"""Statistics of arrays, as conditions ask for them."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from gradviz.trace.statistics import Statistics, square_sum

FINITE = arrays.arrays(
    st.sampled_from(["f2", "f4", "f8", "i1", "i8", "u1", "?"]),
    arrays.array_shapes(min_dims=0, max_dims=3, max_side=5),
    elements={"allow_nan": False, "allow_infinity": False},
)
ANYTHING = arrays.arrays(
    st.sampled_from(["f2", "f4", "f8", "c8", "c16", "i1", "i8", "u8", "?"]),
    arrays.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
)


@pytest.fixture(autouse=True)
def quiet():
    """As under `hits_in`: overflow is an answer."""
    with np.errstate(all="ignore"):
        yield


NAMES = ("norm", "min", "max", "mean", "std", "size", "nan", "inf", "finite", "zeros")


@given(FINITE)
def test_of_finite_numbers_they_are_what_numpy_says_in_float64(array):
    of, wide = Statistics(array), array.astype(np.float64)
    assert of.norm == pytest.approx(math.sqrt(float(np.square(wide).sum())), rel=1e-5)
    assert (of.min, of.max) == (wide.min(), wide.max())
    assert of.mean == pytest.approx(wide.mean(), rel=1e-9, abs=1e-300, nan_ok=True)
    assert of.std == pytest.approx(wide.std(), rel=1e-6, abs=1e-300, nan_ok=True)
    assert (of.size, of.nan, of.inf, of.finite) == (array.size, 0, 0, True)
    assert of.zeros == pytest.approx(np.mean(wide == 0))


@given(ANYTHING)
def test_no_array_raises_and_all_answers_are_plain_numbers(array):
    of = Statistics(array)
    answers = [getattr(of, name) for name in NAMES]
    assert all(answer is None or type(answer) in (int, float, bool) for answer in answers)
    flat = array.reshape(-1)
    known = flat if array.dtype.kind in "fc" else flat.astype(float)
    assert (of.nan, of.inf) == (np.isnan(known).sum(), np.isinf(known).sum())
    assert of.finite is bool(np.isfinite(known).all())


def test_what_is_not_finite_shows_as_in_torch():
    of = Statistics(np.array([3.0, np.inf, -4.0], np.float32))
    assert (of.norm, of.max, of.min, of.nan, of.inf, of.finite) == (math.inf, math.inf, -4.0, 0, 1, False)
    of = Statistics(np.array([3.0, np.nan, np.inf], np.float32))
    assert math.isnan(of.norm) and math.isnan(of.max) and (of.nan, of.inf) == (1, 1)


def test_of_no_elements_most_are_unknown():
    of = Statistics(np.empty((0, 3), np.float32))
    assert [getattr(of, name) for name in NAMES] == [0.0, None, None, None, None, 0, 0, 0, True, None]


@pytest.mark.parametrize("scale", [1e-30, 1e-20, 1.0, 1e18, 1e25, 1e38])
def test_squares_beyond_float32_are_summed_up_all_the_same(scale):
    array = np.full(4, scale, np.float32)
    assert square_sum(array) == pytest.approx(4 * float(array[0]) ** 2, rel=1e-5)
    assert Statistics(array).finite


def test_an_expanded_array_is_not_copied():
    huge = np.broadcast_to(np.float32([[1.0], [np.nan]]), (2, 1 << 40))
    of = Statistics(huge)
    assert (of.size, of.nan, of.zeros) == (1 << 41, 1 << 40, 0.0)
    ones = Statistics(np.broadcast_to(np.float32(1), (1 << 20, 1 << 20)))
    assert (ones.norm, ones.mean, ones.std) == (float(1 << 20), 1.0, 0.0)
