"""Tensors as values: creation, dtypes, ties, indexing, printing. Expected results are PyTorch's."""

from __future__ import annotations

import copy
import weakref

import numpy as np
import pytest

import gradviz.engine as torch
from tests.engine.tensors import leaf

T = torch.tensor


# -- dtypes ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("result", "dtype"),
    [
        (T([1, 2]), torch.int64),
        (T([1.0]), torch.float32),
        (T([np.float32(1), 1.5]), torch.float32),
        (T([np.float64(1), 1.5]), torch.float64),
        (T([True]), torch.bool),
        (T(np.ones(2)), torch.float64),
        (torch.arange(3), torch.int64),
        (torch.arange(3.0), torch.float32),
        (torch.full((2,), 1), torch.int64),
        (T([1]) + 1.5, torch.float32),
        (T([1.0]) + T([1.0], dtype=torch.float64), torch.float64),
        (T([1.0]) + T(1.0, dtype=torch.float64), torch.float32),
        (T([1]) + T(1.5, dtype=torch.float64), torch.float64),
        (T([1.0], dtype=torch.float16) + T([1]), torch.float16),
        (T([1], dtype=torch.int32) + T(1), torch.int32),
        (T([1], dtype=torch.uint8) + T([1], dtype=torch.int8), torch.int16),
        (T([1]) / T([2]), torch.float32),
        (T([1, 2]).exp(), torch.float32),
        (T([1], dtype=torch.int32).sum(), torch.int64),
        (T([True]).sum(), torch.int64),
        (T([True]) + 1, torch.int64),
        (T([3, 1]).sort().indices, torch.int64),
        (T([1.5]).long(), torch.int64),
        (torch.LongTensor([1]), torch.int64),
        (torch.Tensor([1]), torch.float32),
        (np.float64(2) * T([1.0]), torch.float32),
    ],
)
def test_result_dtype(result: torch.Tensor, dtype) -> None:
    assert result.dtype is dtype


def test_default_dtype() -> None:
    torch.set_default_dtype(torch.float64)
    try:
        assert T([1.0]).dtype is torch.zeros(1).dtype is torch.float64
    finally:
        torch.set_default_dtype(torch.float32)
    assert torch.float is torch.float32 and torch.long is torch.int64 and repr(torch.float) == "torch.float32"


# -- values where NumPy differs or ties decide ----------------------------------------------------------


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (T([1.0, 2.0, 4.0]).std(), 1.5275252),
        (T([1.0, 2.0]).var(unbiased=False), 0.25),
        (T([5, -5]) // 2, [2, -3]),
        (T([5, -5]) % 3, [2, 1]),
        (torch.fmod(T([5, -5]), 3), [2, -2]),
        (T([0.5, 1.5, 2.5]).round(), [0, 2, 2]),
        (T([3.0, 1.0, 2.0, 5.0]).median(), 2),
        (T([1.0, 3.0, 3.0]).argmax(), 1),
        (T([3.0, 1.0, 3.0]).sort(descending=True).indices, [0, 2, 1]),
        (T([1.0, 2.0, 3.0]).clamp(max=2), [1, 2, 2]),
        (torch.where(T([True, False]), 1, 0), [1, 0]),
        (T([[1, 0], [0, 1]]).nonzero(), [[0, 0], [1, 1]]),
        (T([0, 1, 1]).bincount(minlength=3), [1, 2, 0]),
        (T([0.0]).erf(), [0]),
        (torch.einsum("ii", T([[1.0, 2.0], [3.0, 4.0]])), 5),
        (torch.einsum("...j,j->...", torch.ones(2, 3), T([1.0, 2.0, 3.0])), [6, 6]),
        (torch.cumsum(T([1, 2, 3]), axis=0), [1, 3, 6]),
        (torch.ones(2, 3).sum(axis=1, keepdims=True), [[3], [3]]),
    ],
)
def test_values(found: torch.Tensor, expected) -> None:
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-6)


@pytest.mark.parametrize(
    ("function", "at", "gradient"),
    [
        (lambda x: x.max(), [3, 1, 3], [0.5, 0, 0.5]),
        (lambda x: x.amax(), [3, 1, 3], [0.5, 0, 0.5]),
        (lambda x: x.max(0).values, [3, 1, 3], [1, 0, 0]),
        (lambda x: torch.maximum(x, T([1.0, 2.0, 3.0])).sum(), [3, 2, 1], [1, 0.5, 0]),
        (lambda x: x.relu().sum(), [-1, 0, 1], [0, 0, 1]),
        (lambda x: x.abs().sum(), [-1, 0, 1], [-1, 0, 1]),
        (lambda x: x.norm(), [0, 0, 0], [0, 0, 0]),
        (lambda x: x.sqrt().sum(), [0, 1, 4], [np.inf, 0.5, 0.25]),
        (lambda x: x.clamp(0, 1).sum(), [0, 1, 2], [1, 1, 0]),
        (lambda x: (x**0).sum(), [0, 1, 2], [0, 0, 0]),
        (lambda x: torch.where(x > 0, x.log(), x).sum(), [1, 2, 4], [1, 0.5, 0.25]),
        (lambda x: x.prod(), [0, 2, 3], [6, 0, 0]),
        (lambda x: x.std(), [2, 2, 2], [0, 0, 0]),
    ],
)
def test_gradient_at_ties_and_edges(function, at, gradient) -> None:
    x = leaf(*at)
    function(x).backward()
    np.testing.assert_allclose(x.grad.numpy(), gradient, rtol=1e-6)


# -- indexing -------------------------------------------------------------------------------------------

INDICES = [
    0, -1, slice(1, None), (slice(None), 1), (0, 1), (..., 0), (None, 0), (slice(None, None, 2), None),
    ([0, 1], [2, 0]), (slice(None), [0, 2]), ([0, 0],), (0, slice(None), [1, 1]),
    ([0, 1], slice(None), [1, 0]), (slice(None), slice(None), [True, False, True, False]),
]  # fmt: skip


@pytest.mark.parametrize("index", INDICES, ids=str)
def test_reading_and_writing_by_index(index) -> None:
    array = np.arange(24.0).reshape(2, 3, 4)
    x = T(array.copy())
    if index == (0, slice(None), [1, 1]):
        expected = array[0][:, [1, 1]]  # an integer makes a view first, unlike in NumPy
    else:
        expected = array[index]
    np.testing.assert_array_equal(x[index].numpy(), expected)
    x[index] = -1.0
    assert (x.numpy() == -1).sum() == len(np.unique(expected))
    assert (x[index] == -1).all()


def test_reading_and_writing_by_mask() -> None:
    x = torch.arange(6.0).reshape(2, 3)
    assert x[x > 3].tolist() == [4, 5]
    x[x > 3] = torch.tensor([8.0, 9.0])
    assert x.tolist() == [[0, 1, 2], [3, 8, 9]]


# -- words ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "error", "words"),
    [
        (lambda: torch.ones(3) + torch.ones(4), RuntimeError,
         "The size of tensor a (3) must match the size of tensor b (4) at non-singleton dimension 0"),
        (lambda: torch.ones(64, 784) @ torch.ones(100, 10), RuntimeError,
         "mat1 and mat2 shapes cannot be multiplied (64x784 and 100x10)"),
        (lambda: torch.ones(12).reshape(3, 5), RuntimeError,
         "shape '[3, 5]' is invalid for input of size 12"),
        (lambda: torch.ones(2)[5], IndexError, "index 5 is out of bounds for dimension 0 with size 2"),
        (lambda: torch.ones(2)[0, 0], IndexError, "too many indices for tensor of dimension 1"),
        (lambda: torch.ones(2).sum(3), IndexError, "expected to be in range of [-1, 0], but got 3"),
        (lambda: torch.ones(2, 3).expand(3, 3), RuntimeError, "The expanded size of the tensor (3)"),
        (lambda: torch.cat([torch.ones(2, 3), torch.ones(2, 4)]), RuntimeError,
         "Sizes of tensors must match except in dimension 0. Expected size 3 but got size 4 for tensor"),
        (lambda: T([1, 2]).mean(), RuntimeError, "mean(): could not infer output dtype"),
        (lambda: leaf(1).numpy(), RuntimeError, "Can't call numpy() on Tensor that requires grad."),
        (lambda: torch.ones(2).item(), RuntimeError,
         "a Tensor with 2 elements cannot be converted to Scalar"),
        (lambda: bool(torch.ones(2)), RuntimeError,
         "Boolean value of Tensor with more than one value is ambiguous"),
        (lambda: len(T(1.0)), TypeError, "len() of a 0-d tensor"),
        (lambda: T([[1, 2], [3]]), ValueError, "expected sequence of length 2 at dim 1 (got 1)"),
        (lambda: torch.relu(3.0), TypeError,
         "relu(): argument 'input' (position 1) must be Tensor, not float"),
        (lambda: torch.nll_loss(torch.zeros(2, 3), T([1, 5])), IndexError, "Target 5 is out of bounds."),
        (lambda: torch.nll_loss(torch.zeros(2, 3), T([1])), ValueError, "Expected input batch_size (2)"),
        (lambda: torch.cat(torch.ones(2)), TypeError, "must be tuple of Tensors, not Tensor"),
        (lambda: torch.relu(), TypeError, "relu() missing 1 required positional arguments: \"input\""),
        (lambda: T([1, None]), RuntimeError, "Could not infer dtype of NoneType"),
        (lambda: torch.zeros("a"), TypeError, "zeros(): argument 'size' (position 1) must be tuple"),
        (lambda: copy.deepcopy(leaf(1) * 2), RuntimeError, "Only Tensors created explicitly by the user"),
        (lambda: torch.flor, AttributeError, "gradviz has no torch.flor yet; nearest: torch.floor"),
        (lambda: torch.ones(2) + "a", TypeError, "unsupported operand type(s) for +"),
    ],
)  # fmt: skip
def test_words(expression, error, words: str) -> None:
    with pytest.raises(error) as raised:
        expression()
    assert words in str(raised.value)


# -- printing -------------------------------------------------------------------------------------------


@pytest.mark.cpu
@pytest.mark.parametrize(
    ("tensor", "text"),
    [
        (T([1.0, 2.0], requires_grad=True), "tensor([1., 2.], requires_grad=True)"),
        (leaf(1, 2) * 2, "tensor([2., 4.], grad_fn=<MulBackward0>)"),
        (T(1.5), "tensor(1.5000)"),
        (T([]), "tensor([])"),
        (torch.zeros(3, 0), "tensor([], size=(3, 0))"),
        (T([True, False]), "tensor([ True, False])"),
        (T([[1, 20], [3, 4]]), "tensor([[ 1, 20],\n        [ 3,  4]])"),
        (T([float("nan"), 1.0, float("inf")]), "tensor([nan, 1., inf])"),
        (T([1e-5, 1.0]), "tensor([1.0000e-05, 1.0000e+00])"),
        (T([1.0, 2.0, 3e8]), "tensor([1.0000e+00, 2.0000e+00, 3.0000e+08])"),
        (T([-1.5, 2.0]), "tensor([-1.5000,  2.0000])"),
        (T([1.0], dtype=torch.float64), "tensor([1.], dtype=torch.float64)"),
        (T([1], dtype=torch.int32), "tensor([1], dtype=torch.int32)"),
        (torch.arange(2000), "tensor([   0,    1,    2,  ..., 1997, 1998, 1999])"),
        (torch.ones(2, 3).shape, "torch.Size([2, 3])"),
        (torch.device("cpu"), "device(type='cpu')"),
        (T([3.0, 1.0]).max(0), "torch.return_types.max(\nvalues=tensor(3.),\nindices=tensor(0))"),
    ],
)
def test_repr(tensor, text: str) -> None:
    assert repr(tensor) == text


@pytest.mark.cpu
def test_summary_of_a_matrix() -> None:
    row = "[0., 0., 0.,  ..., 0., 0., 0.]"
    rows = [row] * 3 + ["..."] + [row] * 3
    assert repr(torch.zeros(100, 100)) == "tensor([" + ",\n        ".join(rows) + "])"


@pytest.mark.cpu
def test_print_options() -> None:
    torch.set_printoptions(precision=2)
    try:
        assert repr(T([1.23456])) == "tensor([1.23])"
    finally:
        torch.set_printoptions(profile="default")
    assert f"{T(1.23456):.2f}" == "1.23" and str(T([1.23456])) == "tensor([1.2346])"


# -- as Python objects ----------------------------------------------------------------------------------


@pytest.mark.cpu
def test_conversion() -> None:
    x = T([[1.0, 2.0]])
    assert x.tolist() == [[1, 2]] and x.numpy() is x.array and np.asarray(x).sum() == 3
    assert float(T(2.5)) == 2.5 and int(T(2.7)) == 2 and [10, 20][T(1)] == 20 and bool(T(0.0)) is False
    array = np.zeros(2, np.float32)
    torch.from_numpy(array).add_(1)
    assert array.tolist() == [1, 1]
    assert (np.ones(2, np.float32) * T([1.0, 2.0])).tolist() == [1, 2]


def test_normal_makes_leaves_to_train() -> None:
    w = torch.normal(0, 0.01, size=(4, 3), requires_grad=True, device="cpu")
    assert w.requires_grad and w.is_leaf and tuple(w.shape) == (4, 3)


def test_identity() -> None:
    x, y = T([1.0]), T([1.0])
    assert len({x, y}) == 2 and (x == y).all() and 1.0 in x and weakref.ref(x)() is x
    z = copy.deepcopy(leaf(1, 2))
    assert z.requires_grad and z.is_leaf
    z.name = "weights"
    assert copy.deepcopy(z).name == "weights"


def test_iteration_gives_views_in_the_graph() -> None:
    x = leaf(1, 2, 3)
    a, b, c = x
    (a * b * c).backward()
    assert x.grad.tolist() == [6, 3, 2]


@pytest.mark.cpu
def test_stubs_for_programs_that_ask() -> None:
    assert torch.cuda.is_available() is False and torch.is_tensor(T(1)) and torch.numel(torch.ones(2, 3)) == 6
    torch.backends.cudnn.benchmark = False
    torch.cuda.manual_seed_all(0)
    assert torch.accelerator.current_accelerator() is None and not torch.accelerator.is_available()
    torch.set_float32_matmul_precision("high")
    assert torch.device("cuda" if torch.cuda.is_available() else "cpu") == torch.ones(1).device


# -- results written into a tensor that is there ----------------------------------------------------------


def test_out_receives_the_result() -> None:
    a, out = torch.ones(2, 2), torch.zeros(2, 2)
    assert torch.matmul(a, a, out=out) is out
    assert out.tolist() == [[2, 2], [2, 2]]
    values, indices = torch.empty(0), torch.empty(0, dtype=torch.int64)
    torch.max(T([[1.0, 3.0], [5.0, 4.0]]), 1, out=(values, indices))
    assert values.tolist() == [3, 5] and indices.tolist() == [1, 0]


@pytest.mark.cpu
def test_a_suffix_that_would_end_at_the_margin_takes_a_line_of_its_own() -> None:
    x = T([[-1.5487, -1.9113, -1.5358, -1.3291, -1.8351]], requires_grad=True)
    assert repr(x[:, :][0]).endswith("-1.8351],\n       grad_fn=<SelectBackward0>)")
    assert repr(x.view(5)[:]).endswith("-1.8351], grad_fn=<SliceBackward0>)")


@pytest.mark.cpu
def test_a_view_made_without_grad_prints_as_a_leaf_that_requires_grad() -> None:
    w = leaf(1, 2)
    with torch.no_grad():
        assert repr(w[:1]) == "tensor([1.], requires_grad=True)" and not (w + 1).requires_grad
