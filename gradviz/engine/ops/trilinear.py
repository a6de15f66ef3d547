"""The product of two vectors with a matrix between them, for many vectors and matrices."""

from __future__ import annotations

from gradviz.engine.ops.linalg import transposed
from gradviz.engine.tape import Op


class Trilinear(Op):
    """out[n, o] = Σ x[n, i] weight[o, i, j] y[n, j]; shapes: x (N, I), weight (O, I, J), y (N, J)."""

    args = saves = ("x", "weight", "y")
    terms = ("x weight y",)
    formula = r"x^{\top}\, \mathrm{weight}\, y"
    vjp = (
        r"\textstyle\sum_{o} g_{o}\, \mathrm{weight}_{o}\, y",
        r"\textstyle\sum_{n} g\, x\, y^{\top}",
        r"\textstyle\sum_{o} g_{o}\, \mathrm{weight}_{o}^{\top} x",
    )

    def forward(self, x, weight, y):
        return ((x @ weight) * y).sum(-1).T.copy()

    def backward(self, g, x, weight, y):
        by_output = transposed(g).reshape(g.shape[1], g.shape[0], 1)
        return (
            (by_output * (y @ transposed(weight))).sum(0),
            transposed(by_output * x) @ y,
            (by_output * (x @ weight)).sum(0),
        )
