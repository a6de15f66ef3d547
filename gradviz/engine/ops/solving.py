"""Determinant, inverse and linear systems of square matrices (or stacks of them)."""

from __future__ import annotations

from gradviz.engine.backend import Array, xp
from gradviz.engine.explain.decomposition import Decomposition, Part, elements
from gradviz.engine.ops.linalg import transposed
from gradviz.engine.registry import tensor_method, torch_function
from gradviz.engine.tape import Op
from gradviz.engine.tensor import Tensor


class Inverse(Op):
    args = ("a",)
    saves = ("out",)
    formula = "a^{-1}"
    vjp = (r"-\mathrm{out}^{\top} g\, \mathrm{out}^{\top}",)
    backward_name = "LinalgInvExBackward0"

    def forward(self, a):
        _check_square("inv", a)
        try:
            return xp.linalg.inv(a)
        except xp.linalg.LinAlgError:
            raise RuntimeError(
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
        _check_square("det", a)
        return xp.linalg.det(a)

    def backward(self, g, a, out):
        return transposed(inverse(a)) * (g * out).reshape((*g.shape, 1, 1))

    def decompose(self, nr, index, a):
        first, below = a[index][0], a[index][1:]
        minors = [xp.linalg.det(xp.delete(below, j, 1)) for j in range(len(first))]
        signs = (-1.0) ** xp.arange(len(first))
        terms = Part(first * signs * xp.stack(minors), r"a_{1j}\, C_{1j}", (("a", elements(a, (*index, 0))),))
        return Decomposition((terms,))


class Solve(Op):
    args = ("a", "b")
    saves = ("a", "out")
    terms = ("b",)
    formula = "a^{-1} b"
    vjp = (r"-a^{-\top} g\, \mathrm{out}^{\top}", r"a^{-\top} g")
    backward_name = "LinalgSolveExBackward0"

    def forward(self, a, b):
        _check_square("solve", a)
        try:
            if b.ndim == a.ndim - 1 and b.shape == a.shape[:-1]:  # a vector, or one per matrix
                return xp.linalg.solve(a, b[..., None])[..., 0]
            return xp.linalg.solve(a, b)
        except xp.linalg.LinAlgError:
            raise RuntimeError(
                "torch.linalg.solve: The solver failed because the input matrix is singular."
            ) from None

    def backward(self, g, a, out):
        vector = out.ndim == a.ndim - 1
        g_b = solve(transposed(a), g)
        left, right = (g_b.reshape((*g_b.shape, 1)), out.reshape((*out.shape, 1))) if vector else (g_b, out)
        return -(left @ transposed(right)), g_b


def _check_square(name: str, a: Array) -> None:
    if a.ndim < 2 or a.shape[-1] != a.shape[-2]:
        raise RuntimeError(
            f"linalg.{name}: A must be batches of square matrices, but they are "
            f"{' by '.join(map(str, a.shape[-2:]))} matrices"
        )


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


def solve(a: Tensor, b: Tensor) -> Tensor:
    """The x with `a @ x = b`, for a vector or matrix `b`."""
    return Solve()(a, b)
