"""A linear map along each of the last dimensions: what borders, resizing and adaptive averages are."""

from __future__ import annotations

from gradviz.engine.backend import Array, beside, xp
from gradviz.engine.ops.indexing import AddAt
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
            matrix = beside(matrix, x).astype(x.dtype)
            x = xp.moveaxis(xp.moveaxis(x, axis, -1) @ transposed(matrix), -1, axis)
        return x

    def backward(self, g):
        return AlongAxes([transposed(matrix) for matrix in self.matrices])(g)


class PickAlongAxes(Op):
    """Takes, along each of the last dimensions, the elements at the given positions."""

    args = terms = ("x",)
    formula: str = r"x[\mathrm{positions}]"
    vjp: tuple[str, ...] = (r"\textstyle\sum\ g\ \mathrm{over\ the\ copies\ of\ each\ element}",)

    def __init__(self, positions: list[Array]) -> None:
        self.positions = positions

    def forward(self, x):
        self.shape = x.shape
        grids = [beside(grid, x) for grid in xp.ix_(*self.positions)]
        self.index = (*[slice(None)] * (x.ndim - len(grids)), *grids)
        return x[self.index]

    def backward(self, g):
        return AddAt(self.shape, self.index)(g)
