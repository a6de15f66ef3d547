"""When memory allows a view in another shape."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import gradviz.engine as torch
from gradviz.engine.ops.shape import allows_view


@st.composite
def strided(draw) -> np.ndarray:
    """An array of up to four dimensions, with gaps in its memory, permuted or broadcast."""
    shape = draw(st.lists(st.integers(1, 4), min_size=1, max_size=4))
    steps = draw(st.lists(st.integers(1, 2), min_size=len(shape), max_size=len(shape)))
    whole = np.arange(math.prod(n * step for n, step in zip(shape, steps, strict=True)))
    array = whole.reshape([n * step for n, step in zip(shape, steps, strict=True)])
    array = array[tuple(slice(None, None, step) for step in steps)]
    if draw(st.booleans(), label="broadcast"):
        array = np.broadcast_to(array, (draw(st.integers(1, 3)), *array.shape))
    return array.transpose(draw(st.permutations(range(array.ndim))))


@st.composite
def reshaping(draw) -> tuple[np.ndarray, tuple[int, ...]]:
    array = draw(strided())
    shape, left = [], array.size
    while left > 1:
        factor = draw(st.sampled_from([n for n in range(2, left + 1) if left % n == 0]))
        shape += [factor] + [1] * draw(st.integers(0, 1))
        left //= factor
    return array, tuple(shape)


@given(reshaping())
def test_a_view_is_allowed_where_numpy_does_not_copy(case) -> None:
    array, shape = case
    assert allows_view(array, shape) == np.shares_memory(array, array.reshape(shape))


def test_reshape_is_a_view_or_a_copy_in_another_shape() -> None:
    x = torch.ones(2, 3, requires_grad=True)
    assert x.reshape(6).grad_fn.name() == "ViewBackward0"
    assert x.t().reshape(3, 2).grad_fn.name() == "ReshapeAliasBackward0"
    copied = x.t().reshape(6).grad_fn
    assert copied.name() == "UnsafeViewBackward0"
    assert copied.next_functions[0][0].name() == "CloneBackward0"
