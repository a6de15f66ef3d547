"""LU factorization with row exchanges: a = p l u, and systems solved by it."""

from __future__ import annotations

import math
from typing import Any

from gradviz.engine.backend import Array, xp
from gradviz.engine.explain.decomposition import of_matrices
from gradviz.engine.ops.diagonals import tril, triu
from gradviz.engine.ops.joining import cat
from gradviz.engine.ops.linalg import transposed
from gradviz.engine.ops.solving import check_floats, solve_triangular
from gradviz.engine.polymorphic import plain
from gradviz.engine.registry import publish_alias, result_of, torch_function
from gradviz.engine.tape import Op
from gradviz.engine.tensor import Tensor, wrap

LuResult = result_of("linalg_lu", "P", "L", "U")
LuUnpackResult = result_of("lu_unpack", "P", "L", "U")
LuFactorResult = result_of("linalg_lu_factor", "LU", "pivots")


class LinalgLu(Op):
    args = ("a",)
    outputs = saves = ("p", "l", "u")
    formula = r"p, l, u\ \mathrm{with}\ p\, l\, u = a"
    vjp = (r"p\, l^{-\top} (\mathrm{tril}'(l^{\top} g_{l}) + \mathrm{triu}(g_{u} u^{\top}))\, u^{-\top}",)
    op_name = "lu"

    def forward(self, a):
        check_floats(self.op_name, a)
        packed, pivots = eliminated(a)
        lower, upper = unpacked(packed)
        return permutation(pivots, a), lower, upper

    def backward(self, g_p, g_l, g_u, p, l, u):  # noqa: E741  (the customary letter)
        return p @ gradient_of_factors(g_l, g_u, l, u)

    def decompose(self, nr, index, a):
        return of_matrices(self.forward(a)[nr][index], index, self.formula, a=a)


class LinalgLuFactorEx(Op):
    """Both triangles in one matrix, and for every row the one (counted from 1) it was exchanged with."""

    args = ("a",)
    outputs = ("packed", "pivots")
    saves = ("packed", "p")
    formula = r"l + u - 1,\ \mathrm{row\ exchanges}"
    vjp = LinalgLu.vjp
    op_name = "lu_factor"

    def forward(self, a):
        check_floats(self.op_name, a)
        packed, pivots = eliminated(a)
        self.p = permutation(pivots, a)
        return packed, pivots

    def backward(self, g, g_pivots, packed, p):
        lower, upper = unpacked(packed)
        k = min(packed.shape[-2:])
        return p @ gradient_of_factors(tril(g[..., :, :k], -1), triu(g[..., :k, :]), lower, upper)

    def decompose(self, nr, index, a):
        return of_matrices(self.forward(a)[nr][index], index, self.formula, a=a)


def eliminated(a: Array) -> tuple[Array, Array]:
    """Gaussian elimination with partial pivoting, of all matrices at once."""
    rows, columns = a.shape[-2:]
    packed = a.reshape(math.prod(a.shape[:-2]), rows, columns).copy()
    each = xp.arange(len(packed), like=a)
    pivots = []
    for j in range(min(rows, columns)):
        best = j + xp.abs(packed[:, j:, j]).argmax(-1)
        pivots.append(best + 1)
        top = packed[:, j].copy()
        packed[:, j] = packed[each, best]
        packed[each, best] = top
        pivot = packed[:, j, j]
        packed[:, j + 1 :, j] /= xp.where(pivot == 0, 1, pivot)[:, None]
        packed[:, j + 1 :, j + 1 :] -= packed[:, j + 1 :, j, None] * packed[:, None, j, j + 1 :]
    exchanged = xp.stack(pivots, -1) if pivots else xp.zeros((len(packed), 0), like=a)
    return packed.reshape(a.shape), exchanged.astype("int32").reshape(*a.shape[:-2], len(pivots))


def unpacked(packed: Any) -> tuple[Any, Any]:
    """The triangles l, with ones on its diagonal, and u."""
    rows, columns = packed.shape[-2:]
    k = min(rows, columns)
    ones = xp.eye(rows, k, dtype=plain(packed).dtype, like=plain(packed))
    return tril(packed[..., :, :k], -1) + ones, triu(packed[..., :k, :])


def permutation(pivots: Array, like: Array) -> Array:
    """The matrix that undoes the row exchanges."""
    rows = like.shape[-2]
    orders = xp.broadcast_to(xp.arange(rows, like=like), (math.prod(like.shape[:-2]), rows)).copy()
    each = xp.arange(len(orders), like=like)
    for j, other in enumerate(pivots.reshape(len(orders), pivots.shape[-1]).T - 1):
        orders[each, j], orders[each, other] = orders[each, other], orders[:, j].copy()
    eye = xp.eye(rows, dtype=like.dtype, like=like)
    return eye[orders].swapaxes(-1, -2).reshape(*like.shape[:-1], rows)


def gradient_of_factors(g_l: Any, g_u: Any, lower: Any, upper: Any) -> Any:
    """The gradient of `l u`. What lies outside of the square part is a triangular system of its own."""
    k = upper.shape[-2]
    square_l, square_u = lower[..., :k, :], upper[..., :, :k]
    below = right = None
    if lower.shape[-2] > k:
        below = solve_triangular(transposed(square_u), g_l[..., k:, :], upper=False, left=False)
        g_u = g_u - transposed(lower[..., k:, :]) @ below
    if upper.shape[-1] > k:
        right = solve_triangular(transposed(square_l), g_u[..., k:], upper=True, unitriangular=True)
        g_l = g_l - right @ transposed(upper[..., k:])
    inner = tril(transposed(square_l) @ g_l[..., :k, :], -1) + triu(g_u[..., :k] @ transposed(square_u))
    half = solve_triangular(transposed(square_l), inner, upper=True, unitriangular=True)
    found = solve_triangular(transposed(square_u), half, upper=False, left=False)
    if below is not None:
        return cat([found, below], -2)
    return found if right is None else cat([found, right], -1)


def lu(A: Tensor, *, pivot: bool = True) -> Any:
    """P, L and U with `P @ L @ U = A` (torch.linalg.lu): (m, n) gives (m, m), (m, k) and (k, n)."""
    _require_pivots(pivot)
    p, lower, upper = LinalgLu()(A)
    return LuResult(p.detach(), lower, upper)


def lu_factor(A: Tensor, *, pivot: bool = True) -> Any:
    """L and U in one matrix, and the row exchanges (int32, from 1), for `lu_solve`."""
    _require_pivots(pivot)
    return LuFactorResult(*LinalgLuFactorEx()(A))


def lu_solve(LU: Tensor, pivots: Tensor, B: Tensor, *, left: bool = True, adjoint: bool = False) -> Tensor:
    """The X with `A @ X = B` (not `left`: `X @ A = B`), given what `lu_factor` made of A."""
    if not left:
        return transposed(lu_solve(LU, pivots, transposed(B), adjoint=not adjoint))
    p = wrap(permutation(pivots.array, LU.array))
    if adjoint:
        half = solve_triangular(transposed(LU), B, upper=False)
        return p @ solve_triangular(transposed(LU), half, upper=True, unitriangular=True)
    half = solve_triangular(LU, transposed(p) @ B, upper=False, unitriangular=True)
    return solve_triangular(LU, half, upper=True)


@torch_function
def lu_unpack(
    LU_data: Tensor, LU_pivots: Tensor, unpack_data: bool = True, unpack_pivots: bool = True
) -> Any:
    """P, L and U of what `lu_factor` returned."""
    nothing = LU_data.new_zeros((0,))
    p = wrap(permutation(LU_pivots.array, LU_data.array)) if unpack_pivots else nothing
    return LuUnpackResult(p, *(unpacked(LU_data) if unpack_data else (nothing, nothing)))


def _torch_lu(A: Tensor, pivot: bool = True, get_infos: bool = False) -> Any:
    """As `torch.linalg.lu_factor`; with `get_infos` and a 0 for every matrix."""
    packed, pivots = lu_factor(A, pivot=pivot)
    infos = wrap(xp.zeros(A.shape[:-2], "int32", like=A.array))
    return (packed, pivots, infos) if get_infos else (packed, pivots)


def _torch_lu_solve(b: Tensor, LU_data: Tensor, LU_pivots: Tensor) -> Tensor:
    """As `torch.linalg.lu_solve`, with the right-hand side first."""
    return lu_solve(LU_data, LU_pivots, b)


def _require_pivots(pivot: bool) -> None:
    if not pivot:
        raise RuntimeError("linalg.lu: LU without pivoting is not implemented on the CPU")


publish_alias("lu", _torch_lu)
publish_alias("lu_solve", _torch_lu_solve)
