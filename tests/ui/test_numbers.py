"""How numbers are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradviz.ui.numbers import byte_size, compact, grouped, percent, shape_text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (0.41234, "0.4123"),
        (-0.00174123, "-0.001741"),
        (0.000174123, "1.741e-4"),
        (2.0e-7, "2e-7"),
        (65536.0, "65536"),
        (12345.6, "12346"),
        (1.0e30, "1e30"),
        (float("nan"), "NaN"),
        (float("-inf"), "-inf"),
    ],
)
def test_compact(value, text):
    assert compact(value) == text


@given(st.floats(-1e308, 1e308))
def test_compact_can_be_read_back(value):
    assert float(compact(value)) == pytest.approx(value, rel=1e-3, abs=1e-320)


def test_nearly_all_is_not_all():
    assert [percent(share) for share in (0, 1e-5, 0.482, 0.99999, 1)] == [
        "0 %",
        "< 0.1 %",
        "48.2 %",
        "> 99.9 %",
        "100 %",
    ]


def test_large_counts_are_grouped_by_thousands():
    assert [grouped(number) for number in (999, 12345, 1_000_000)] == ["999", "12,345", "1,000,000"]


def test_byte_size():
    sizes = (10, 32 * 1024, 1023 * 1024, 3 << 29)
    assert [byte_size(size) for size in sizes] == ["10 B", "32 KiB", "1023 KiB", "1.5 GiB"]


def test_shape_text():
    assert [shape_text(shape) for shape in ((), (10,), (64, 1, 28, 28))] == ["[]", "[10]", "[64, 1, 28, 28]"]


@pytest.mark.parametrize(
    ("count", "text"), [(999, "999 B"), (1_023_700, "1000 KiB"), (2_704_278, "2.58 MiB")]
)
def test_bytes_in_three_digits_for_where_there_is_little_room(count, text):
    assert byte_size(count, 3) == text
