"""How many units of an activation are dead or saturated."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from gradviz.trace.units import Units, count_units, has_units


def test_a_relu_unit_is_dead_if_it_is_zero_for_every_sample():
    value = np.float32([[0, 1, 0, 2], [0, 0, 3, 4]])
    assert count_units("relu", value) == Units("dead", 0.5, 1, 4)
    assert count_units("relu_", value) == count_units("relu", value)


def test_the_channels_of_an_image_have_a_unit_for_every_pixel():
    value = np.zeros((2, 3, 4, 5))
    value[1, 0] = 1
    assert count_units("relu", value) == Units("dead", 5 / 6, 40, 60)


@pytest.mark.parametrize(
    ("operation", "value"),
    [
        ("sigmoid", [[0.5, 0.999], [0.001, 0.9999]]),
        ("tanh", [[0.0, -0.999], [0.995, 0.9999]]),
        ("hardsigmoid", [[0.5, 1.0], [0.0, 1.0]]),
    ],
)
def test_a_sigmoid_is_saturated_where_it_is_flat(operation, value):
    assert count_units(operation, np.array(value)) == Units("saturated", 0.75, 1, 2)


@pytest.mark.parametrize("operation", ["softmax", "log_softmax"])
@pytest.mark.parametrize("axis", [0, 1])
def test_a_softmax_is_saturated_where_it_is_sure(operation, axis):
    rows = np.array([[0.001, 0.999], [0.5, 0.5], [1.0, 0.0]])
    value = rows if axis else rows.T
    with np.errstate(divide="ignore"):
        value = np.log(value) if operation == "log_softmax" else value
    assert count_units(operation, value) == Units("saturated", 2 / 3, 2, 3)


def test_other_operations_have_none():
    assert not has_units("addmm") and has_units("tanh_")
    assert count_units("addmm", np.ones(3)) is None


@pytest.mark.parametrize("value", [np.zeros((0, 4)), np.zeros(3, bool), np.zeros(3, complex)])
def test_what_has_no_real_elements_has_none(value):
    assert count_units("relu", value) is None


@given(
    st.sampled_from(["relu", "sigmoid", "tanh", "softmax", "log_softmax", "hardsigmoid"]),
    arrays.arrays(
        st.sampled_from([np.float16, np.float32, np.float64, np.int64]),
        arrays.array_shapes(min_dims=0, max_dims=4, max_side=4),
    ),
)
def test_any_numbers_can_be_counted(operation, value):
    units = count_units(operation, value)
    assert 0 <= units.share <= 1 and 0 <= units.idle <= units.count


def test_nan_is_not_idle():
    assert count_units("relu", np.array([[np.nan, 0.0]])) == Units("dead", 0.5, 1, 2)
