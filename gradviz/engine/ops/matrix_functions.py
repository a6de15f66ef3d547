"""Powers, exponential and norms of matrices, and products of several."""

from __future__ import annotations

import math
from typing import Any

from gradviz.engine.backend import Array, largest, xp
from gradviz.engine.explain.decomposition import of_matrices
from gradviz.engine.ops import reduction
from gradviz.engine.ops.factorization import svdvals
from gradviz.engine.ops.joining import cat
from gradviz.engine.ops.linalg import transposed
from gradviz.engine.ops.matmul import matmul
from gradviz.engine.ops.reduction import Dims
from gradviz.engine.ops.shape import movedim, wrap_dim
from gradviz.engine.ops.solving import check_square, inverse, solve
from gradviz.engine.polymorphic import plain
from gradviz.engine.registry import numpy_names, publish_alias, tensor_method, torch_function
from gradviz.engine.tape import Op
from gradviz.engine.tensor import Tensor, wrap

TERMS = 18  # of the exponential series, good to the last digit for norms up to 1


class LinalgMatrixExp(Op):
    args = saves = ("a",)
    formula = r"e^{a}"
    vjp = (r"\mathrm{the\ upper\ right\ block\ of}\ e^{[a^{\top}, g;\ 0, a^{\top}]}",)
    op_name = "matrix_exp"

    def forward(self, a):
        check_square(self.op_name, a)
        size = float(largest(xp.abs(a).sum(-2), None, 0))
        halvings = max(0, math.ceil(math.log2(size))) if 0 < size < math.inf else 0
        small = a / 2**halvings
        term = total = xp.broadcast_to(xp.eye(a.shape[-1], dtype=a.dtype, like=a), a.shape)
        for k in range(1, TERMS + 1):
            term = term @ small / k
            total = total + term
        for _ in range(halvings):
            total = total @ total
        return total

    def backward(self, g, a):
        n = a.shape[-1]
        flipped = transposed(a)
        zeros = xp.zeros_like(plain(g))
        block = cat([cat([flipped, g], -1), cat([like(zeros, g), flipped], -1)], -2)
        return LinalgMatrixExp()(block)[..., :n, n:]

    def decompose(self, nr, index, a):
        return of_matrices(self.forward(a)[index], index, self.formula, a=a)


def like(array: Array, g: Any) -> Any:
    return wrap(array) if isinstance(g, Tensor) else array


@torch_function
@tensor_method
def matrix_exp(input: Tensor) -> Tensor:
    """The exponential of a square matrix."""
    return LinalgMatrixExp()(input)


@torch_function
@tensor_method
def matrix_power(input: Tensor, n: int) -> Tensor:
    """The product of `n` copies of a square matrix; of its inverse for negative `n`."""
    check_square("matrix_power", plain(input))
    if n == 0:
        eye = xp.eye(input.shape[-1], dtype=input.array.dtype, like=input.array)
        return input.clone().copy_(wrap(eye))
    base = inverse(input) if n < 0 else input
    power, result = None, None
    count = abs(n)
    if count == 3:
        return base @ base @ base
    while count:  # by the bits of n, lowest first
        power = base if power is None else power @ power
        if count & 1:
            result = power if result is None else result @ power
        count >>= 1
    return result


def multi_dot(tensors: Any) -> Tensor:
    """The product of several matrices, in the order that takes the fewest multiplications.

    The first may be a row vector, the last a column vector.
    """
    factors = list(tensors)
    if len(factors) < 2:
        raise RuntimeError(f"multi_dot(): expected at least 2 tensors but got {len(factors)}")
    first, last = factors[0].ndim == 1, factors[-1].ndim == 1
    if first:
        factors[0] = factors[0].unsqueeze(0)
    if last:
        factors[-1] = factors[-1].unsqueeze(-1)
    for i, x in enumerate(factors):
        if x.ndim != 2:
            raise RuntimeError(f"multi_dot(): tensor {i} must be 2D but got {tensors[i].ndim}D")
    sizes = [factors[0].shape[0], *[x.shape[1] for x in factors]]
    product = _product(factors, _splits(sizes), 0, len(factors) - 1)
    kept = [n for n, vector in zip(product.shape, (first, last), strict=True) if not vector]
    return product.view(kept)


def _splits(sizes: list[int]) -> dict[tuple[int, int], int]:
    """Where to split the chain from i to j (T. Cormen et al., "Introduction to Algorithms", 14.2)."""
    n = len(sizes) - 1
    cost = {(i, i): 0 for i in range(n)}
    split = {}
    for length in range(1, n):
        for i in range(n - length):
            j = i + length
            costs = [
                (cost[i, k] + cost[k + 1, j] + sizes[i] * sizes[k + 1] * sizes[j + 1], k) for k in range(i, j)
            ]
            cost[i, j], split[i, j] = min(costs)
    return split


def _product(factors: list[Tensor], split: dict[tuple[int, int], int], i: int, j: int) -> Tensor:
    if i == j:
        return factors[i]
    k = split[i, j]
    return matmul(_product(factors, split, i, k), _product(factors, split, k + 1, j))


@torch_function
def chain_matmul(*matrices: Any) -> Tensor:
    """The product of several matrices, as `torch.linalg.multi_dot`."""
    factors = matrices[0] if len(matrices) == 1 and not isinstance(matrices[0], Tensor) else matrices
    return factors[0] if len(factors) == 1 else multi_dot(factors)


def vector_norm(
    x: Tensor, ord: float = 2, dim: Dims = None, keepdim: bool = False, *, dtype: Any = None
) -> Tensor:
    """The vector norm of order `ord` over `dim` (all dimensions by default)."""
    return reduction.vector_norm(x, ord, dim, keepdim, dtype)


def matrix_norm(
    A: Tensor, ord: Any = "fro", dim: Any = (-2, -1), keepdim: bool = False, *, dtype: Any = None
) -> Tensor:
    """The norm of the matrices in two dimensions: "fro", "nuc", ±2 (by singular values), ±1 or ±inf."""
    if A.ndim < 2:
        raise RuntimeError("linalg.matrix_norm: The input tensor A must have at least 2 dimensions.")
    axes = tuple(wrap_dim(d, A.ndim) for d in dim)
    if len(axes) != 2:
        raise RuntimeError("linalg.matrix_norm: dim must be a 2-tuple.")
    if axes[0] == axes[1]:
        raise RuntimeError(f"linalg.matrix_norm: dims must be different. Got ({dim[0]}, {dim[1]})")
    if dtype is not None:
        A = A.to(dtype)
    if ord in ("fro", "f"):
        return vector_norm(A, 2, axes, keepdim)
    if ord in (1, -1, math.inf, -math.inf):
        rows, columns = axes if abs(ord) == 1 else axes[::-1]
        sums = vector_norm(A, 1, rows, keepdim)
        columns -= columns > rows and not keepdim
        return _extreme(sums, ord, columns, keepdim)
    if ord not in ("nuc", 2, -2):
        raise RuntimeError(f"linalg.matrix_norm: Order {ord} not supported.")
    values = svdvals(movedim(A, axes, (-2, -1)))
    found = values.sum(-1, keepdim) if ord == "nuc" else _extreme(values, ord, -1, keepdim)
    return movedim(found.unsqueeze(-1), (-2, -1), axes) if keepdim else found


def _extreme(values: Tensor, ord: float, dim: int, keepdim: bool) -> Tensor:
    """The largest value, of none 0; for a negative order the smallest."""
    if ord > 0:
        return values.amax(dim, keepdim) if values.shape[dim] else values.sum(dim, keepdim)
    return values.amin(dim, keepdim)


@numpy_names
def _torch_norm(
    input: Tensor, p: float | str = "fro", dim: Dims = None, keepdim: bool = False, dtype: Any = None
) -> Tensor:
    """The vector norm of order `p` over `dim` ("fro": 2); "nuc": the sum of a matrix's singular values."""
    if p == "nuc":
        return matrix_norm(input, "nuc", (-2, -1) if dim is None else dim, keepdim, dtype=dtype)
    return vector_norm(input, 2 if p in ("fro", None) else p, dim, keepdim, dtype=dtype)


publish_alias("norm", _torch_norm)


@torch_function
def frobenius_norm(input: Tensor, dim: Dims = None, keepdim: bool = False) -> Tensor:
    """The root of the sum of squares."""
    return vector_norm(input, 2, dim, keepdim)


@torch_function
def nuclear_norm(input: Tensor, dim: Any = (-2, -1), keepdim: bool = False) -> Tensor:
    """The sum of the singular values."""
    return matrix_norm(input, "nuc", dim, keepdim)


def norm(A: Tensor, ord: Any = None, dim: Dims = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """A vector norm over one dimension, a matrix norm over two; without `ord` the 2-norm of all elements."""
    if isinstance(dim, int):
        dim = (dim,)
    if dim is not None and len(dim) not in (1, 2):
        raise RuntimeError(f"linalg.norm: If dim is specified, it must be of length 1 or 2. Got {list(dim)}")
    if ord is not None and dim is None and A.ndim not in (1, 2):
        raise RuntimeError(
            f"linalg.norm: If dim is not specified but ord is, the input must be 1D or 2D. Got {A.ndim}D."
        )
    if ord is not None and (len(dim) == 2 if dim is not None else A.ndim == 2):
        return matrix_norm(A, ord, (0, 1) if dim is None else dim, keepdim, dtype=dtype)
    return vector_norm(A, 2 if ord is None else ord, dim, keepdim, dtype=dtype)


def cond(input: Tensor, p: Any = None) -> Tensor:
    """The condition number: the norm of a matrix times that of its inverse, by default in the 2-norm."""
    if p in (None, 2, -2):
        values = svdvals(input)
        largest, smallest = values[..., :1], values[..., -1:]
        return (smallest / largest if p == -2 else largest / smallest).squeeze(-1)
    return matrix_norm(input, p) * matrix_norm(inverse(input), p)


def tensorinv(input: Tensor, ind: int = 2) -> Tensor:
    """The inverse of the linear map between the first `ind` dimensions and the others."""
    if ind <= 0:
        raise RuntimeError("Expected a strictly positive integer for 'ind'")
    rows, columns = input.shape[:ind], input.shape[ind:]
    if math.prod(rows) != math.prod(columns):
        raise RuntimeError(
            "Expected self to satisfy the requirement prod(self.shape[ind:]) == prod(self.shape[:ind]), but "
            f"got {math.prod(columns)} != {math.prod(rows)}"
        )
    return inverse(input.reshape(math.prod(rows), -1)).reshape(*columns, *rows)


def tensorsolve(A: Tensor, B: Tensor, dims: Any = None) -> Tensor:
    """The X with `tensordot(A, X, X.ndim) = B`."""
    if dims is not None:
        A = movedim(A, tuple(dims), tuple(range(A.ndim - len(dims), A.ndim)))
    return solve(A.reshape(B.numel(), -1), B.reshape(-1)).reshape(A.shape[B.ndim :])
