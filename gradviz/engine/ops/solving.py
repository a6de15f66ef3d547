"""Determinant, inverse and linear systems of square matrices (or stacks of them)."""

from __future__ import annotations

import math
from typing import Any

from gradviz.engine.backend import Array, xp
from gradviz.engine.dtypes import of_array
from gradviz.engine.explain.decomposition import Decomposition, Part, elements, of_matrices
from gradviz.engine.ops.diagonals import tril, triu
from gradviz.engine.ops.linalg import transposed
from gradviz.engine.ops.masking import where
from gradviz.engine.registry import result_of, tensor_method, torch_function
from gradviz.engine.tape import Op
from gradviz.engine.tensor import Tensor, wrap


class Inverse(Op):
    args = ("a",)
    saves = ("out",)
    formula = "a^{-1}"
    vjp = (r"-\mathrm{out}^{\top} g\, \mathrm{out}^{\top}",)
    backward_name = "LinalgInvExBackward0"

    def forward(self, a):
        check_square("inv", a)
        try:
            return xp.linalg.inv(a)
        except xp.linalg.LinAlgError:
            raise LinAlgError(
                "linalg.inv: The diagonal element is zero, the inversion could not be completed because "
                "the input matrix is singular."
            ) from None

    def backward(self, g, out):
        flipped = transposed(out)
        return -(flipped @ g @ flipped)

    def decompose(self, nr, index, a):
        *stack, i, j = index
        matrix, out = a[tuple(stack)], xp.linalg.inv(a[tuple(stack)])
        products = out[i][:, None] * matrix * out[:, j]
        terms = Part(
            products, r"\mathrm{out}_{ik}\, a_{kl}\, \mathrm{out}_{lj}", (("a", elements(a, tuple(stack))),)
        )
        return Decomposition((terms,))


class Det(Op):
    args = ("a",)
    saves = ("a", "out")
    formula = r"\det a"
    vjp = (r"g\, \mathrm{out}\ a^{-\top}",)
    backward_name = "LinalgDetBackward0"

    def forward(self, a):
        check_square("det", a)
        return xp.linalg.det(a)

    def backward(self, g, a, out):
        return transposed(inverse(a)) * (g * out).reshape((*g.shape, 1, 1))

    def decompose(self, nr, index, a):
        first, below = a[index][0], a[index][1:]
        minors = [xp.linalg.det(xp.delete(below, j, 1)) for j in range(len(first))]
        signs = (-1.0) ** xp.arange(len(first))
        terms = Part(first * signs * xp.stack(minors), r"a_{1j}\, C_{1j}", (("a", elements(a, (*index, 0))),))
        return Decomposition((terms,))


class Slogdet(Op):
    """Sign and logarithm of the absolute value of the determinant."""

    args = ("a",)
    saves = ("a",)
    formula = r"\mathrm{sign}(\det a),\ \ln |\det a|"
    vjp = (r"g\, a^{-\top}",)
    backward_name = "LinalgSlogdetBackward0"

    def forward(self, a):
        check_square("slogdet", a)
        return tuple(xp.linalg.slogdet(a))

    def backward(self, g_sign, g, a):
        return transposed(inverse(a)) * g.reshape((*g.shape, 1, 1))

    def decompose(self, nr, index, a):
        return of_matrices(self.forward(a)[nr][index], index, self.formula, a=a)


class Solve(Op):
    args = ("a", "b")
    saves = ("a", "out")
    terms = ("b",)
    formula = "a^{-1} b"
    vjp = (r"-a^{-\top} g\, \mathrm{out}^{\top}", r"a^{-\top} g")
    backward_name = "LinalgSolveExBackward0"

    def forward(self, a, b):
        check_square("solve", a)
        self.vector = b.ndim == 1 or (b.ndim == a.ndim - 1 and b.shape == a.shape[:-1])
        if b.shape[-1 if self.vector else -2] != a.shape[-1]:
            raise RuntimeError(
                f"linalg.solve: Incompatible shapes of A and B for the equation AX = B ({_by(a)} and "
                f"{_by(b)})"
            )
        try:
            return xp.linalg.solve(a, b[..., None])[..., 0] if self.vector else xp.linalg.solve(a, b)
        except xp.linalg.LinAlgError:
            raise LinAlgError(
                "torch.linalg.solve: The solver failed because the input matrix is singular."
            ) from None

    def backward(self, g, a, out):
        if self.vector:
            g, out = g.reshape((*g.shape, 1)), out.reshape((*out.shape, 1))
        g_b = Solve()(transposed(a), g)
        return -(g_b @ transposed(out)), g_b.reshape(g_b.shape[:-1]) if self.vector else g_b


class LinalgSolveTriangular(Op):
    """The solution of a system of which one triangle counts, with ones on the diagonal if `unitriangular`."""

    args = ("a", "b")
    saves = ("a", "out")
    terms = ("b",)
    formula = "a^{-1} b"
    vjp = (r"-a^{-\top} g\, \mathrm{out}^{\top}\ \mathrm{of\ the\ triangle}", r"a^{-\top} g")

    def __init__(self, upper: bool, unitriangular: bool) -> None:
        self.upper, self.unitriangular = upper, unitriangular

    def forward(self, a, b):
        check_square("solve_triangular", a)
        if a.shape[-1] != b.shape[-2]:
            raise RuntimeError(
                "linalg.solve_triangular: Incompatible shapes of A and B for the equation AX = B "
                f"({_by(a)} and {_by(b)})"
            )
        return xp.linalg.solve(self._triangle(a), b)

    def _triangle(self, a: Array) -> Array:
        keep = xp.triu if self.upper else xp.tril
        if not self.unitriangular:
            return keep(a)
        return keep(a, 1 if self.upper else -1) + xp.eye(a.shape[-1], dtype=a.dtype, like=a)

    def backward(self, g, a, out):
        g_b = LinalgSolveTriangular(not self.upper, self.unitriangular)(transposed(a), g)
        g_a = -(g_b @ transposed(out))
        diagonal = int(self.unitriangular)
        return triu(g_a, diagonal) if self.upper else tril(g_a, -diagonal), g_b


class LinAlgError(RuntimeError):
    """A matrix that the algorithm cannot work with: singular, or not positive definite."""

    __module__ = "torch.linalg"


InvExResult = result_of("linalg_inv_ex", "inverse", "info")
SlogdetResult = result_of("linalg_slogdet", "sign", "logabsdet")


def check_square(name: str, a: Array) -> None:
    """Raises RuntimeError unless `a` holds square matrices of floating-point numbers."""
    check_floats(name, a)
    if a.shape[-1] != a.shape[-2]:
        raise RuntimeError(
            f"linalg.{name}: A must be batches of square matrices, but they are "
            f"{' by '.join(map(str, a.shape[-2:]))} matrices"
        )


def check_floats(name: str, a: Array) -> None:
    """Raises RuntimeError unless `a` holds matrices of floating-point numbers."""
    if a.ndim < 2:
        raise RuntimeError(f"linalg.{name}: The input tensor A must have at least 2 dimensions.")
    if a.dtype.kind != "f":
        have = of_array(a.dtype).scalar_name
        raise RuntimeError(f"linalg.{name}: Expected a floating point or complex tensor as input. Got {have}")
    if a.dtype.itemsize < 4:
        raise RuntimeError(f"linalg.{name}: Low precision dtypes not supported. Got Half")


def _by(a: Array) -> str:
    return "x".join(map(str, a.shape[-2:]))


@torch_function
@tensor_method
def inverse(input: Tensor) -> Tensor:
    """The inverse of a square matrix. Raises RuntimeError for a singular one."""
    return Inverse()(input)


@torch_function
@tensor_method
def det(input: Tensor) -> Tensor:
    """The determinant of a square matrix."""
    return Det()(input)


@torch_function
@tensor_method
def slogdet(input: Tensor) -> Any:
    """Sign and logarithm of the absolute value of the determinant."""
    return SlogdetResult(*Slogdet()(input))


@torch_function
@tensor_method
def logdet(input: Tensor) -> Tensor:
    """The logarithm of the determinant: NaN where that is negative."""
    sign, logarithm = slogdet(input)
    return where(sign == -1, math.nan, logarithm)


def solve(A: Tensor, B: Tensor, *, left: bool = True) -> Tensor:
    """The X with `A @ X = B`, for a vector or matrix `B`; not `left`: with `X @ A = B`.

    Raises LinAlgError for a singular matrix.
    """
    return Solve()(A, B) if left else transposed(Solve()(transposed(A), transposed(B)))


def solve_triangular(
    A: Tensor, B: Tensor, *, upper: bool, left: bool = True, unitriangular: bool = False
) -> Tensor:
    """The X with `A @ X = B` (not `left`: `X @ A = B`) for a triangular matrix `A`."""
    if left:
        return LinalgSolveTriangular(upper, unitriangular)(A, B)
    return transposed(LinalgSolveTriangular(not upper, unitriangular)(transposed(A), transposed(B)))


def inv_ex(A: Tensor, *, check_errors: bool = False) -> Any:
    """The inverse, and 0 for every matrix that has one. Raises LinAlgError for a singular one."""
    return InvExResult(inverse(A), wrap(xp.zeros(A.shape[:-2], "int32", like=A.array)))
