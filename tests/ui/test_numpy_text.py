"""What is copied as NumPy makes the very same array when it is run."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from gradviz.ui.numpy_text import WIDTH, numpy_text

DTYPES = ("bool", "uint8", "int64", "uint64", "float16", "float32", "float64", "complex64", "complex128")
SHAPES = arrays.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4)


def run(text: str) -> np.ndarray:
    return eval(text, {"np": np})


@given(st.sampled_from(DTYPES).flatmap(lambda dtype: arrays.arrays(dtype, SHAPES)))
def test_the_text_makes_the_same_array(array):
    made = run(numpy_text(array))
    assert made.dtype == array.dtype and made.shape == array.shape
    assert np.array_equal(made, array, equal_nan=array.dtype.kind in "fc")


@pytest.mark.parametrize(
    ("array", "text"),
    [
        (np.float32([[0.1, -0.0], [np.nan, -np.inf]]), "[0.1, -0.0],"),
        (np.float32([np.nan, np.inf, -np.inf]), "np.array([np.nan, np.inf, -np.inf], dtype=np.float32)"),
        (np.array(0.25), "np.array(0.25, dtype=np.float64)"),
        (np.zeros((0, 3), np.float32), "np.empty((0, 3), dtype=np.float32)"),
        (np.array([True]), "np.array([True], dtype=np.bool_)"),
    ],
)
def test_it_reads_like_a_program(array, text):
    assert text in numpy_text(array)


def test_long_rows_are_broken_into_lines():
    lines = numpy_text(np.random.default_rng(0).normal(size=(3, 100))).splitlines()
    assert len(lines) > 3 and max(map(len, lines)) <= WIDTH + len("np.array(") + 3
