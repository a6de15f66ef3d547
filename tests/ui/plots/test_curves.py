"""Curves with fewer points look the same; spikes and gaps do no harm."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradviz.ui.plots.curves import broken, decimate, robust_limits, smooth


@given(st.integers(1, 5000), st.integers(10, 400))
def test_decimation_keeps_the_extremes_and_the_order(count, width):
    x = np.arange(count, dtype=float)
    y = np.sin(x * 12.9898) * 43758 % 1
    few_x, few_y = decimate(x, y, width)
    assert len(few_x) == len(few_y) <= max(2 * width, 2)
    assert (few_y.min(), few_y.max()) == (y.min(), y.max())
    assert (np.diff(few_x) >= 0).all()


def test_a_single_spike_survives_decimation():
    y = np.zeros(100_000)
    y[31_415] = 7
    assert decimate(np.arange(100_000), y, 300)[1].max() == 7


def test_a_few_nans_leave_the_bin_and_many_leave_a_gap():
    y = np.ones(10_000)
    y[5] = np.nan
    y[5000:6000] = np.nan
    _, few = decimate(np.arange(10_000), y, 100)
    assert few[0] == 1 and 15 < np.isnan(few).sum() < 25


def test_the_trend_follows_the_mean_of_noise():
    noise = np.random.default_rng(0).normal(3, 1, 50_000)
    _, trend = smooth(np.arange(50_000), noise, 300)
    assert len(trend) <= 300 and np.abs(trend - 3).max() < 0.2


def test_few_points_are_not_smoothed_away():
    x, y = np.arange(5), np.array([0.1, 0.7, 0.8, 0.85, 0.9])
    assert smooth(x, y, 300)[1] == pytest.approx(y)


def test_the_trend_ignores_what_is_not_finite():
    y = np.ones(2000)
    y[[3, 500]] = np.nan, np.inf
    assert smooth(np.arange(2000), y, 300)[1] == pytest.approx(np.ones(150))


def test_a_spike_does_not_flatten_the_rest():
    y = np.linspace(2.3, 0.3, 500)
    y[2] = 900
    low, high, cut = robust_limits(y)
    assert low == pytest.approx(0.3) and 2.3 < high < 5 and cut == 900


def test_without_a_spike_everything_is_in_view():
    y = np.linspace(2.3, 0.3, 500)
    assert robust_limits(y) == (pytest.approx(0.3), pytest.approx(2.3), None)


@pytest.mark.parametrize("y", [np.empty(0), np.array([np.nan, np.inf])])
def test_no_number_has_limits_too(y):
    assert robust_limits(y) == (0, 1, None)


def test_broken_values_are_found_and_counted_down():
    y = np.ones(10_000)
    y[100:5000] = np.nan
    places = broken(np.arange(10_000), y, 50)
    assert places[0] == 100 and len(places) <= 50
