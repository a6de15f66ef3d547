"""What colours the numbers get."""

import numpy as np
import pytest

from gradviz.trace import summarize
from gradviz.ui.heatmap import colorize, heatmap_image, looks_like_images, scale_of
from gradviz.ui.theme import theme


def image_of(values, **options):
    return heatmap_image(summarize(np.asarray(values), 64, 64), **options)


def test_signed_data_is_symmetric_about_zero():
    scale = scale_of(np.array([[-1.0, 0.0, 4.0]]))
    assert (scale.kind, scale.low, scale.high) == ("diverging", -4.0, 4.0)
    picture = image_of([[-4.0, 4.0]])
    assert picture.pixelColor(0, 0) == theme.color("negative")
    assert picture.pixelColor(1, 0) == theme.color("positive")


def test_data_of_one_sign_uses_its_whole_range():
    scale = scale_of(np.array([[-2.5, -2.25]]))
    assert (scale.kind, scale.low, scale.high) == ("sequential", -2.5, -2.25)


def test_parameters_and_gradients_mean_the_same_by_a_colour_whatever_their_signs():
    scale = scale_of(np.array([[0.06, 0.12]]), signed=True)
    assert (scale.kind, scale.low, scale.high) == ("diverging", -0.12, 0.12)
    summary = summarize(np.array([[-2.0, -2.0, -1e-9]]), 64, 64)
    assert heatmap_image(summary, signed=True).pixelColor(0, 0) == theme.color("negative")


@pytest.mark.parametrize(("value", "role"), [(0.0, "zero"), (3.0, "positive"), (-3.0, "negative")])
def test_equal_cells_say_their_sign(value, role):
    expected, got = theme.color(role).getRgb(), image_of([[value, value]]).pixelColor(0, 0).getRgb()
    assert np.abs(np.subtract(expected, got)).max() <= 1


def test_nan_and_infinity_have_their_own_colours_and_leave_the_scale_alone():
    picture = image_of([[np.nan, np.inf, -np.inf, -1.0, 1.0]])
    colors = [picture.pixelColor(col, 0) for col in range(5)]
    assert colors[0] == theme.color("nan")
    assert colors[1] == colors[2] == theme.color("error")
    assert colors[3] == theme.color("negative")


def test_two_grids_can_share_a_scale():
    small, large = np.array([[-1.0, 1.0]]), np.array([[-10.0, 10.0]])
    shared = scale_of(small, large)
    assert colorize(small, shared).pixelColor(1, 0) != colorize(large, shared).pixelColor(1, 0)


def test_pictures_are_grey():
    picture = image_of(np.array([[0.0, 1.0]]), image=True)
    assert [picture.pixelColor(x, 0).name() for x in (0, 1)] == ["#000000", "#ffffff"]


def test_one_pixel_a_cell():
    picture = image_of(np.zeros((3, 5)))
    assert (picture.width(), picture.height()) == (5, 3)


@pytest.mark.parametrize(
    "values",
    [np.zeros((0, 4)), np.full((2, 2), np.nan), np.array(True), np.array([2**62, -(2**62)]), np.array(7)],
    ids=["empty", "all nan", "bool", "int64", "scalar"],
)
def test_any_array_has_a_picture(values):
    assert image_of(values).isNull() == (values.size == 0)


def test_the_range_of_float32_does_not_overflow():
    largest = np.finfo(np.float32).max
    picture = image_of(np.array([[-largest, largest]], np.float32))
    assert picture.pixelColor(0, 0) == theme.color("negative")
    assert picture.pixelColor(1, 0) == theme.color("positive")


@pytest.mark.parametrize("shape", [(64, 1, 28, 28), (64, 28, 28), (3, 32, 32), (8, 3, 32, 48)])
def test_inputs_with_pixels_on_their_last_axes_are_images(shape):
    assert looks_like_images("input", shape)
    assert not looks_like_images("parameter", shape)


@pytest.mark.parametrize("shape", [(), (64, 784), (64, 16, 28, 28), (64, 4, 4), (8, 10, 300), (0, 0, 0)])
def test_other_inputs_are_not(shape):
    assert not looks_like_images("input", shape)
