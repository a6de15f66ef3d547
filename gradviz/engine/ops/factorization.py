"""Matrix factorizations: Cholesky, QR, singular values, symmetric eigenvalues.

The backward rules are those of M. Seeger et al., "Auto-Differentiating Linear Algebra" (2017).
"""

from __future__ import annotations

from typing import Any

from gradviz.engine.backend import Array, xp
from gradviz.engine.explain.decomposition import of_matrices
from gradviz.engine.ops.joining import cat
from gradviz.engine.ops.linalg import transposed
from gradviz.engine.ops.solving import LinAlgError, check_floats, check_square, solve
from gradviz.engine.polymorphic import plain
from gradviz.engine.registry import publish_alias, result_of
from gradviz.engine.tape import Op
from gradviz.engine.tensor import Tensor

QrResult = result_of("linalg_qr", "Q", "R")
SvdResult = result_of("linalg_svd", "U", "S", "Vh")
OldQrResult = result_of("qr", "Q", "R")
OldSvdResult = result_of("svd", "U", "S", "V")
EighResult = result_of("linalg_eigh", "eigenvalues", "eigenvectors")


class LinalgCholeskyEx(Op):
    """The lower triangular l (or upper triangular u) with l lᵀ = a (or uᵀ u = a)."""

    args = ("a",)
    saves = ("out",)
    formula = r"l\ \mathrm{with}\ l\, l^{\top} = a"
    vjp = (r"l^{-\top}\, \mathrm{tril}'(l^{\top} g)\, l^{-1},\ \mathrm{made\ symmetric}",)
    op_name = "cholesky"
    assumption = "the matrix is symmetric, and stays so"

    def __init__(self, upper: bool, backward_name: str) -> None:
        self.upper, self.backward_name = upper, backward_name

    def forward(self, a):
        check_square(self.op_name, a)
        if not a.size:
            return a.copy()
        try:
            lower = xp.linalg.cholesky(transposed(a) if self.upper else a)
        except xp.linalg.LinAlgError:
            raise LinAlgError(
                "linalg.cholesky: The factorization could not be completed because the input is not "
                "positive-definite (a leading minor is not positive)."
            ) from None
        return transposed(lower) if self.upper else lower

    def backward(self, g, out):
        lower, g = (transposed(out), transposed(g)) if self.upper else (out, g)
        phi = (transposed(lower) @ g) * half_triangle(plain(g))
        # inverse(lᵀ) phi inverse(l), with the second product as the solution of a transposed system
        left = solve(transposed(lower), phi)
        g_a = transposed(solve(transposed(lower), transposed(left)))
        return (g_a + transposed(g_a)) * 0.5

    def decompose(self, nr, index, a):
        return of_matrices(self.forward(a)[index], index, self.formula, a=a)


class LinalgQr(Op):
    args = ("a",)
    outputs = saves = ("q", "r")
    formula = r"q, r\ \mathrm{with}\ q\, r = a,\ q^{\top} q = 1"
    vjp = (r"(g_{q} + q\, \mathrm{sym}(\mathrm{triu}(g_{r}\, r^{\top} - q^{\top} g_{q})))\, r^{-\top}",)
    op_name = "qr"

    def __init__(self, mode: str) -> None:
        self.mode = mode

    def forward(self, a):
        check_floats("qr", a)
        if self.mode == "r":
            r = xp.linalg.qr(a, "r")
            return xp.empty((0,), a.dtype, like=a), r
        return tuple(xp.linalg.qr(a, self.mode))

    def backward(self, g_q, g_r, q, r):
        rows, columns = r.shape[-2:]
        if self.mode == "r":
            raise RuntimeError(
                "The derivative of linalg.qr depends on Q, which is not computed when mode='r'. Please use "
                "linalg.qr(A, mode='reduced') if you are going to require gradients."
            )
        if self.mode == "complete" and rows > columns:
            raise RuntimeError(
                "The QR decomposition is not differentiable when mode='complete' and nrows > ncols. Please "
                "use linalg.qr(A, mode='reduced') if you are going to require gradients."
            )
        if rows < columns:  # a = [b, c] and r = [u, qᵀ c]: the rest is the factorization of b alone
            c = q @ r[..., rows:]
            g_c = q @ g_r[..., rows:]
            g_b = self._of_square(g_q + c @ transposed(g_r[..., rows:]), g_r[..., :rows], q, r[..., :rows])
            return cat([g_b, g_c], -1)
        return self._of_square(g_q, g_r, q, r)

    @staticmethod
    def _of_square(g_q, g_r, q, r):
        inner = g_r @ transposed(r) - transposed(q) @ g_q
        upper = transposed(half_triangle(plain(inner)))
        inner = inner * upper
        inner = inner + transposed(inner)
        return transposed(solve(r, transposed(g_q + q @ inner)))

    def decompose(self, nr, index, a):
        return of_matrices(self.forward(a)[nr][index], index, self.formula, a=a)


class LinalgSvd(Op):
    args = ("a",)
    outputs = saves = ("u", "s", "vh")
    formula = r"u, s, v^{\top}\ \mathrm{with}\ u\, \mathrm{diag}(s)\, v^{\top} = a"
    vjp = (
        r"u (\mathrm{skew}(u^{\top} g_{u}) / e\ s + s\ \mathrm{skew}(v^{\top} g_{v}) / e + "
        r"\mathrm{diag}(g_{s})) v^{\top} + \ldots",
    )
    op_name = "svd"

    def __init__(self, full_matrices: bool) -> None:
        self.full_matrices = full_matrices

    def forward(self, a):
        check_floats("svd", a)
        return tuple(xp.linalg.svd(a, full_matrices=self.full_matrices))

    def backward(self, g_u, g_s, g_vh, u, s, vh):
        k = s.shape[-1]
        u, g_u, vh, g_vh = u[..., :k], g_u[..., :k], vh[..., :k, :], g_vh[..., :k, :]
        if all(is_zero(g) for g in (g_u, g_vh)):  # also defined where singular values are equal
            return (u * row(g_s)) @ vh
        v, g_v = transposed(vh), transposed(g_vh)
        squares = s * s
        gaps = with_diagonal(row(squares) - column(squares), 1.0)
        inner = skew(transposed(u) @ g_u) / gaps * row(s) + column(s) * (skew(vh @ g_v) / gaps)
        found = u @ with_diagonal(inner, g_s) @ vh
        if u.shape[-2] > k:
            outside = g_u / row(s)
            found = found + (outside - u @ (transposed(u) @ outside)) @ vh
        if v.shape[-2] > k:
            outside = transposed(g_v / row(s))
            found = found + u @ (outside - (outside @ v) @ vh)
        return found

    def decompose(self, nr, index, a):
        return of_matrices(self.forward(a)[nr][index], index, self.formula, a=a)


class LinalgEigh(Op):
    args = ("a",)
    outputs = saves = ("l", "v")
    formula = r"l, v\ \mathrm{with}\ v\, \mathrm{diag}(l)\, v^{\top} = a"
    vjp = (r"v (\mathrm{diag}(g_{l}) + v^{\top} g_{v} / (l_{j} - l_{i})) v^{\top}",)
    op_name = "eigh"
    assumption = "the matrix is symmetric, and stays so"

    def __init__(self, uplo: str) -> None:
        self.uplo = uplo

    def forward(self, a):
        check_square(self.op_name, a)
        return tuple(xp.linalg.eigh(a, self.uplo))

    def backward(self, g_l, g_v, l, v):  # noqa: E741  (the customary letter)
        if is_zero(g_v):  # also defined where eigenvalues are equal
            return (v * row(g_l)) @ transposed(v)
        gaps = with_diagonal(row(l) - column(l), 1.0)
        turning = transposed(v) @ g_v  # of which only the antisymmetric part turns the vectors
        return v @ with_diagonal((turning - transposed(turning)) * 0.5 / gaps, g_l) @ transposed(v)

    def decompose(self, nr, index, a):
        return of_matrices(self.forward(a)[nr][index], index, self.formula, a=a)


def with_diagonal(x: Any, values: Any) -> Any:
    """Square matrices with other values (vectors, or a number) on the diagonal."""
    on = xp.eye(x.shape[-1], dtype=plain(x).dtype, like=plain(x))
    return x * (1 - on) + (values if isinstance(values, float) else row(values)) * on


def half_triangle(like: Array) -> Array:
    """1 below the diagonal, 1/2 on it, 0 above."""
    ones = xp.ones(like.shape[-2:], like.dtype, like=like)
    return xp.tril(ones) - 0.5 * xp.eye(len(ones), dtype=like.dtype, like=like)


def row(x: Any) -> Any:
    """Vectors as rows, to broadcast over the rows of matrices."""
    return x[..., None, :]


def column(x: Any) -> Any:
    """Vectors as columns."""
    return x[..., None]


def skew(x: Any) -> Any:
    return x - transposed(x)


def is_zero(g: Any) -> bool:
    """Whether a gradient is of an output that nothing depends on."""
    return not plain(g).any() and not (isinstance(g, Tensor) and g.requires_grad)


def cholesky(input: Tensor, *, upper: bool = False) -> Tensor:
    """The lower triangular L with `L @ L.T = input` (`upper`: U with `U.T @ U = input`).

    Raises LinAlgError for a matrix that is not positive definite.
    """
    return LinalgCholeskyEx(upper, "LinalgCholeskyExBackward0")(input)


def qr(A: Tensor, mode: str = "reduced") -> Any:
    """Q with orthonormal columns and R upper triangular with `Q @ R = A`; mode "r" gives R alone."""
    if mode not in ("reduced", "complete", "r"):
        raise RuntimeError(
            f"qr received unrecognized mode '{mode}' but expected one of 'reduced' (default), 'r', or "
            "'complete'"
        )
    return QrResult(*LinalgQr(mode)(A))


def svd(A: Tensor, full_matrices: bool = True, *, driver: str | None = None) -> Any:
    """U, S in descending order and Vh with `U @ diag(S) @ Vh = A`: (m, n) gives (m, m), (k,) and (n, n), or
    (m, k), (k,) and (k, n) without `full_matrices`."""
    return SvdResult(*LinalgSvd(full_matrices)(A))


def svdvals(A: Tensor, *, driver: str | None = None) -> Tensor:
    """The singular values in descending order."""
    return svd(A, full_matrices=False).S


def eigh(input: Tensor, UPLO: str = "L") -> Any:
    """Eigenvalues (ascending) and eigenvectors (columns) of a symmetric matrix; one triangle counts."""
    if UPLO.upper() not in ("L", "U"):
        raise RuntimeError(f"Expected UPLO argument to be 'L' or 'U', but got {UPLO}")
    return EighResult(*LinalgEigh(UPLO.upper())(input))


def eigvalsh(input: Tensor, UPLO: str = "L") -> Tensor:
    """The eigenvalues of a symmetric matrix, ascending."""
    return eigh(input, UPLO).eigenvalues


def _torch_cholesky(input: Tensor, upper: bool = False) -> Tensor:
    """As `torch.linalg.cholesky`."""
    return LinalgCholeskyEx(upper, "CholeskyBackward0")(input)


def _torch_qr(input: Tensor, some: bool = True) -> Any:
    """As `torch.linalg.qr`; not `some`: the complete Q."""
    return OldQrResult(*LinalgQr("reduced" if some else "complete")(input))


def _torch_svd(input: Tensor, some: bool = True, compute_uv: bool = True) -> Any:
    """U, S and V (not transposed) with `U @ diag(S) @ V.T = input`."""
    u, s, vh = svd(input, full_matrices=not some)
    if not compute_uv:
        rows, columns = input.shape[-2:]
        batch = input.shape[:-2]
        u, vh = input.new_zeros((*batch, rows, rows)), input.new_zeros((*batch, columns, columns))
    return OldSvdResult(u, s, transposed(vh))


publish_alias("cholesky", _torch_cholesky)
publish_alias("qr", _torch_qr)
publish_alias("svd", _torch_svd)
