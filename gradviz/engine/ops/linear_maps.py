"""A linear map along each of the last dimensions: what resizing and adaptive averages are."""

from __future__ import annotations

from gradviz.engine.backend import Array, xp
from gradviz.engine.ops.linalg import transposed
from gradviz.engine.tape import Op


class AlongAxes(Op):
    """Multiplies the last dimensions each by a matrix (outputs, inputs): …, for two of them A x Bᵀ."""

    args = terms = ("x",)
    formula = r"A\, x\, B^{\top}"
    vjp: tuple[str, ...] = (r"A^{\top} g\, B",)

    def __init__(self, matrices: list[Array]) -> None:
        self.matrices = matrices

    def forward(self, x):
        for i, matrix in enumerate(self.matrices):
            axis = x.ndim - len(self.matrices) + i
            x = xp.moveaxis(xp.moveaxis(x, axis, -1) @ transposed(matrix).astype(x.dtype), -1, axis)
        return x

    def backward(self, g):
        return AlongAxes([transposed(matrix) for matrix in self.matrices])(g)
