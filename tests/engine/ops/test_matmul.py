"""Products of tensors of any number of dimensions, and einsum, against NumPy's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gradviz.engine as torch

sides = st.integers(1, 3)


@st.composite
def factors(draw) -> list[torch.Tensor]:
    """Two tensors whose product exists, each of which may require grad or lie by columns in memory."""
    inner, stack = draw(sides), draw(st.lists(sides, max_size=2))
    left = (*draw(stacks(stack)), draw(sides), inner) if draw(st.booleans()) else (inner,)
    right = (*draw(stacks(stack)), inner, draw(sides)) if draw(st.booleans()) else (inner,)
    found = []
    for seed, shape in enumerate((left, right)):
        array = np.random.default_rng(seed).normal(size=shape[::-1]).T
        array = array if draw(st.booleans(), label="by columns") else array.copy()
        found.append(torch.from_numpy(array).requires_grad_(draw(st.booleans(), label="requires grad")))
    return found


@st.composite
def stacks(draw, common: list[int]) -> tuple[int, ...]:
    """Leading dimensions that broadcast to the common ones."""
    kept = common[draw(st.integers(0, len(common))) :]
    return tuple(n if draw(st.booleans()) else 1 for n in kept)


@given(factors())
def test_matmul_is_numpys(case) -> None:
    a, b = case
    expected = np.matmul(a.detach().numpy(), b.detach().numpy())
    product = a @ b
    assert product.shape == expected.shape
    np.testing.assert_allclose(product.detach().numpy(), expected, atol=1e-12)
    if product.requires_grad:
        product.sum().backward()
        for x in (a, b):
            assert x.grad is None or x.grad.shape == x.shape


EQUATIONS = [
    "ij,jk->ik",
    "ij,jk->ki",
    "ij,ij->",
    "ij->ji",
    "ii->i",
    "ii",
    "i,j",
    "ij,jk,kl->il",
    "...i,...i->...",
    "i...,j->j...",
    "ij,kj,k->ik",
    "ij,k->k",
    "iji,j->ji",
]


@pytest.mark.parametrize("equation", EQUATIONS)
def test_einsum_is_numpys(equation: str) -> None:
    rng = np.random.default_rng(0)
    names = equation.partition("->")[0].split(",")
    arrays = [rng.normal(size=(3,) * len(name.replace("...", "xy"))) for name in names]
    tensors = [torch.tensor(array, requires_grad=True) for array in arrays]
    found = torch.einsum(equation, *tensors)
    np.testing.assert_allclose(found.detach().numpy(), np.einsum(equation, *arrays), atol=1e-12)
    assert torch.autograd.gradcheck(lambda *x: torch.einsum(equation, *x), tensors)


def test_a_stack_times_a_matrix_is_one_product_of_matrices() -> None:
    a, b = torch.ones(2, 3, 4, requires_grad=True), torch.ones(4, 5, requires_grad=True)
    node = (a @ b).grad_fn
    names = []
    while node is not None:
        names.append(node.name())
        node = node.next_functions[0][0] if node.next_functions else None
    assert names == [
        "UnsafeViewBackward0",
        "MmBackward0",
        "ViewBackward0",
        "torch::autograd::AccumulateGrad",
    ]
