"""torch.linalg: matrices (https://docs.pytorch.org/docs/stable/linalg.html)."""

from __future__ import annotations

from gradviz.engine.ops.combinations import vander
from gradviz.engine.ops.diagonals import diagonal as _diagonal
from gradviz.engine.ops.factorization import cholesky, eigh, eigvalsh, qr, svd, svdvals
from gradviz.engine.ops.lu import lu, lu_factor, lu_solve
from gradviz.engine.ops.matmul import matmul
from gradviz.engine.ops.matrix_functions import (
    cond,
    matrix_exp,
    matrix_norm,
    matrix_power,
    multi_dot,
    norm,
    tensorinv,
    tensorsolve,
    vector_norm,
)
from gradviz.engine.ops.products import linalg_cross as cross
from gradviz.engine.ops.products import vecdot
from gradviz.engine.ops.pseudoinverse import lstsq, matrix_rank, pinv
from gradviz.engine.ops.solving import LinAlgError, det, inv_ex, inverse, slogdet, solve, solve_triangular
from gradviz.engine.tensor import Tensor

inv = inverse


def diagonal(A: Tensor, *, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Tensor:
    """A view of the diagonal of matrices, as the last dimension."""
    return _diagonal(A, offset, dim1, dim2)


__all__ = [
    "LinAlgError",
    "cholesky",
    "cond",
    "cross",
    "det",
    "diagonal",
    "eigh",
    "eigvalsh",
    "inv",
    "inv_ex",
    "lstsq",
    "lu",
    "lu_factor",
    "lu_solve",
    "matmul",
    "matrix_exp",
    "matrix_norm",
    "matrix_power",
    "matrix_rank",
    "multi_dot",
    "norm",
    "pinv",
    "qr",
    "slogdet",
    "solve",
    "solve_triangular",
    "svd",
    "svdvals",
    "tensorinv",
    "tensorsolve",
    "vander",
    "vecdot",
    "vector_norm",
]
