"""Pseudo-inverse, least squares, and what singular values say: rank and condition of a matrix.

The backward rule is that of G. H. Golub and V. Pereyra, "The Differentiation of Pseudo-Inverses and Nonlinear
Least Squares Problems Whose Variables Separate" (1973).
"""

from __future__ import annotations

from typing import Any

from gradviz.engine.backend import Array, asarray, beside, largest, xp
from gradviz.engine.explain.decomposition import of_matrices
from gradviz.engine.ops.factorization import svdvals
from gradviz.engine.ops.linalg import transposed
from gradviz.engine.ops.solving import check_floats
from gradviz.engine.polymorphic import plain
from gradviz.engine.registry import result_of, tensor_method, torch_function
from gradviz.engine.tape import Op
from gradviz.engine.tensor import Tensor, wrap

LstsqResult = result_of("linalg_lstsq", "solution", "residuals", "rank", "singular_values")

DRIVERS = ("gels", "gelsy", "gelsd", "gelss")  # LAPACK's; here they only say what is returned


class LinalgPinv(Op):
    args = ("a",)
    saves = ("a", "out")
    formula = "a^{+}"
    vjp = (r"-(a^{+} g^{\top} a^{+})^{\top} + \ldots",)
    op_name = "pinv"

    def __init__(self, atol: Any, rtol: Any, hermitian: bool) -> None:
        self.atol, self.rtol, self.hermitian = atol, rtol, hermitian

    def forward(self, a):
        check_floats(self.op_name, a)
        if not a.size:
            return transposed(xp.zeros_like(a))
        if self.hermitian:
            s, u = xp.linalg.eigh(a)
            vh = transposed(u)
        else:
            u, s, vh = xp.linalg.svd(a, full_matrices=False)
        keep = xp.abs(s) > cutoff(xp.abs(s), a.shape, self.atol, self.rtol)[..., None]
        inverse = xp.where(keep, 1 / xp.where(keep, s, 1), 0).astype(a.dtype)
        return transposed(vh) @ (inverse[..., None] * transposed(u))

    def backward(self, g, a, out):
        return gradient_of_pinv(g, a, out)

    def decompose(self, nr, index, a):
        return of_matrices(self.forward(a)[index], index, self.formula, a=a)


class LinalgLstsq(Op):
    """The x that makes the sums of squares of a x - b smallest, these sums, and facts about a."""

    args = ("a", "b")
    outputs = ("x", "residuals", "rank", "singular_values")
    saves = ("a", "b", "x")
    formula = "x = a^{+} b"
    vjp = (r"\mathrm{that\ of}\ a^{+}\ \mathrm{for}\ g\, b^{\top}", r"a^{+\top} g")
    op_name = "lstsq"

    def __init__(self, rcond: float | None, driver: str) -> None:
        self.rcond, self.driver = rcond, driver

    def forward(self, a, b):
        check_floats(self.op_name, a)
        x = LinalgPinv(None, self.rcond, False).forward(a) @ b
        s = xp.linalg.svd(a, compute_uv=False)
        rank = asarray((s > cutoff(s, a.shape, None, self.rcond)[..., None]).sum(-1))
        rows, columns = a.shape[-2:]
        nothing = xp.zeros((0,), a.dtype, like=a)
        self.has_residuals = rows > columns and self.driver != "gelsy" and bool((rank == columns).all())
        return (
            x,
            ((a @ x - b) ** 2).sum(-2) if self.has_residuals else nothing,
            nothing.astype("int64") if self.driver == "gels" else rank,
            s if self.driver in ("gelss", "gelsd") else nothing,
        )

    def backward(self, g, g_residuals, g_rank, g_singular, a, b, x):
        inverse = pinv(a)
        g_a, g_b = gradient_of_pinv(g @ transposed(b), a, inverse), transposed(inverse) @ g
        if self.has_residuals:
            scaled = (a @ x - b) * 2 * g_residuals[..., None, :]
            g_a, g_b = g_a + scaled @ transposed(x), g_b - scaled
        return g_a, g_b

    def decompose(self, nr, index, a, b):
        return of_matrices(self.forward(a, b)[nr][index], index, self.formula, a=a, b=b)


def gradient_of_pinv(g: Any, a: Any, out: Any) -> Any:
    """The gradient of `a`, given that of its pseudo-inverse `out`."""
    flipped, g = transposed(out), transposed(g)
    if a.shape[-2] <= a.shape[-1]:
        k = g @ out
        right = k @ flipped
        return -transposed(out @ k) + right - (a @ out) @ right + (flipped @ out) @ (g - k @ a)
    k = out @ g
    left = flipped @ k
    return -transposed(k @ out) + (g - a @ k) @ out @ flipped + left - (left @ out) @ a


def cutoff(s: Array, shape: tuple[int, ...], atol: Any, rtol: Any) -> Array:
    """Below which singular values count as zero, one for every matrix; `s` in descending order."""
    atol, rtol = plain(atol), plain(rtol)
    if rtol is None:
        rtol = max(shape[-2:]) * xp.finfo(s.dtype).eps if atol is None else 0.0
        if atol is not None:
            rtol = xp.where(xp.greater(atol, 0), 0.0, max(shape[-2:]) * xp.finfo(s.dtype).eps)[()]
    return xp.maximum(0.0 if atol is None else atol, rtol * largest(s, -1, 0))


def pinv(
    input: Tensor, rcond: Any = None, hermitian: bool = False, *, atol: Any = None, rtol: Any = None
) -> Tensor:
    """The pseudo-inverse of Moore and Penrose: (m, n) gives (n, m).

    Singular values up to `max(atol, rtol * the largest)` count as zero.
    """
    return LinalgPinv(atol, rcond if rtol is None else rtol, hermitian)(input)


def lstsq(input: Tensor, b: Tensor, rcond: float | None = None, *, driver: str | None = None) -> Any:
    """The solution of least squares of `input @ x = b`, the sums of squares left over, and the rank."""
    if (driver or "gelsy") not in DRIVERS:
        raise RuntimeError(
            "torch.linalg.lstsq: parameter `driver` should be one of (gels, gelsy, gelsd, gelss)"
        )
    vector = b.ndim == input.ndim - 1
    found = LinalgLstsq(rcond, driver or "gelsy")(input, b.unsqueeze(-1) if vector else b)
    solution, residuals, rank, singular_values = found
    return LstsqResult(
        solution.squeeze(-1) if vector else solution, residuals, rank, singular_values.detach()
    )


def matrix_rank(
    input: Tensor, tol: Any = None, hermitian: bool = False, *, atol: Any = None, rtol: Any = None
) -> Tensor:
    """How many singular values are larger than `max(atol, rtol * the largest)` (int64)."""
    s = svdvals(input).array
    limit = plain(tol) if tol is not None else cutoff(s, input.shape, atol, rtol)
    return wrap(asarray((s > beside(asarray(limit), s)[..., None]).sum(-1)))


@torch_function
@tensor_method
def pinverse(input: Tensor, rcond: float = 1e-15) -> Tensor:
    """As `torch.linalg.pinv`."""
    return pinv(input, rcond)
