"""What a Cholesky factor is used for: solving systems, and inverting."""

from __future__ import annotations

from gradviz.engine.backend import xp
from gradviz.engine.explain.decomposition import of_matrices
from gradviz.engine.ops.linalg import transposed
from gradviz.engine.ops.solving import check_square
from gradviz.engine.registry import tensor_method, torch_function
from gradviz.engine.tape import Op
from gradviz.engine.tensor import Tensor


class CholeskySolve(Op):
    """The x with l lᵀ x = b (`upper`: lᵀ l x = b)."""

    args = ("b", "l")
    saves = ("l", "out")
    terms = ("b",)
    formula = r"(l\, l^{\top})^{-1} b"
    assumption = "the factor is triangular, and stays so"
    vjp = (r"(l\, l^{\top})^{-1} g", r"-(g_{b} \mathrm{out}^{\top} + \mathrm{out}\, g_{b}^{\top})\, l")

    def __init__(self, upper: bool) -> None:
        self.upper = upper

    def forward(self, b, l):  # noqa: E741  (the customary letter)
        check_square(self.op_name, l)
        lower = xp.tril(transposed(l) if self.upper else l)
        return xp.linalg.solve(transposed(lower), xp.linalg.solve(lower, b))

    def backward(self, g, l, out):  # noqa: E741
        g_b = CholeskySolve(self.upper)(g, l)
        return g_b, gradient_of_factor(g_b @ transposed(out), l, self.upper) if self.needs[1] else None


class CholeskyInverse(Op):
    """The inverse of l lᵀ (`upper`: of lᵀ l)."""

    args = ("l",)
    saves = ("l", "out")
    formula = r"(l\, l^{\top})^{-1}"
    assumption = "the factor is triangular, and stays so"
    vjp = (r"-\mathrm{out}\, (g + g^{\top})\, \mathrm{out}\, l",)

    def __init__(self, upper: bool) -> None:
        self.upper = upper

    def forward(self, l):  # noqa: E741
        check_square(self.op_name, l)
        lower = xp.tril(transposed(l) if self.upper else l)
        inverse = xp.linalg.inv(lower)
        return transposed(inverse) @ inverse

    def backward(self, g, l, out):  # noqa: E741
        return gradient_of_factor(out @ g @ out, l, self.upper)

    def decompose(self, nr, index, l):  # noqa: E741
        return of_matrices(self.forward(l)[index], index, self.formula, l=l)


def gradient_of_factor(g, l, upper: bool):  # noqa: E741
    """The gradient of the factor, given minus that of the product."""
    both = g + transposed(g)
    return -(l @ both if upper else both @ l)


@torch_function
@tensor_method
def cholesky_solve(B: Tensor, L: Tensor, upper: bool = False) -> Tensor:
    """The X with `A @ X = B`, given the Cholesky factor of `A`."""
    return CholeskySolve(upper)(B, L)


@torch_function
@tensor_method
def cholesky_inverse(L: Tensor, upper: bool = False) -> Tensor:
    """The inverse of the matrix with this Cholesky factor."""
    return CholeskyInverse(upper)(L)
