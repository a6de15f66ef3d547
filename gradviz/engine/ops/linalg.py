"""Products of matrices and vectors."""

from __future__ import annotations

from gradviz.engine.backend import Array
from gradviz.engine.dtypes import of_array
from gradviz.engine.errors import require_kinds, require_one_dtype
from gradviz.engine.inplace import inplace
from gradviz.engine.registry import tensor_method, torch_function
from gradviz.engine.tape import Op
from gradviz.engine.tensor import Tensor


def transposed(x):
    """The last two axes swapped, of an array or a Tensor."""
    return x.swapaxes(-1, -2)


def lies_by_columns(b: Array) -> bool:
    return b.strides[0] < b.strides[1]


def gradient_of_right(g, a, by_columns: bool):
    """The gradient of `b` in `a @ b`, in the memory layout of `b`.

    A weight that was transposed for the product thus gets its gradient in its own layout, without a copy.
    """
    if g.shape[0] == 1:  # an outer product, at which matrix multiplication is slow
        return (g.T * a).T if by_columns else a.T * g
    return (g.T @ a).T if by_columns else a.T @ g


class Mm(Op):
    args = saves = ("a", "b")
    saved_for = {"a": ("b",), "b": ("a",)}
    terms = ("a b",)
    formula = "a b"
    vjp = (r"g\, b^{\top}", r"a^{\top} g")

    def forward(self, a, b):
        _check_matrices(a, b)
        if a.dtype != b.dtype:
            have = [of_array(x.dtype).c_name for x in (a, b)]
            raise RuntimeError(f"expected m1 and m2 to have the same dtype, but got: {have[0]} != {have[1]}")
        require_kinds("iuf", "addmm_impl_cpu_", a)
        self.b_by_columns = lies_by_columns(b)
        return a @ b

    def backward(self, g, a, b):
        return (
            None if b is None else g @ transposed(b),
            None if a is None else gradient_of_right(g, a, self.b_by_columns),
        )


class Addmm(Op):
    args = ("bias", "a", "b")
    saves = ("a", "b")
    saved_for = {"a": ("b",), "b": ("a",)}
    terms = ("bias", "a b")
    formula = r"\mathrm{bias} + a b"
    vjp = (r"\textstyle\sum_{\mathrm{rows}} g", r"g\, b^{\top}", r"a^{\top} g")

    def __init__(self, beta: float = 1, alpha: float = 1) -> None:
        self.beta, self.alpha = beta, alpha
        if beta != 1 or alpha != 1:
            self.formula = r"\beta\, \mathrm{bias} + \alpha\, a b"
            self.vjp = (
                r"\beta \textstyle\sum_{\mathrm{rows}} g",
                r"\alpha\, g\, b^{\top}",
                r"\alpha\, a^{\top} g",
            )

    def forward(self, bias, a, b):
        _check_matrices(a, b)
        if not a.dtype == b.dtype == bias.dtype:
            require_one_dtype("self and mat2 must have the same dtype, but got {} and {}", bias, b)
            require_one_dtype("mat1 and mat2 must have the same dtype, but got {} and {}", a, b)
        self.b_by_columns = lies_by_columns(b)
        product = a @ b
        if self.alpha != 1:
            product *= self.alpha
        if self.beta == 0:
            return product
        product += bias if self.beta == 1 else self.beta * bias
        return product

    def backward(self, g, a, b):
        scaled = g if self.alpha == 1 else g * self.alpha
        return (
            (g if self.beta == 1 else g * self.beta) if self.needs[0] else None,
            None if b is None else scaled @ transposed(b),
            None if a is None else gradient_of_right(scaled, a, self.b_by_columns),
        )


class Bmm(Op):
    args = saves = ("a", "b")
    saved_for = {"a": ("b",), "b": ("a",)}
    terms = ("a b",)
    formula = r"a_{i}\, b_{i}"
    vjp = (r"g_{i}\, b_{i}^{\top}", r"a_{i}^{\top} g_{i}")

    def forward(self, a, b):
        if a.ndim != 3 or b.ndim != 3:
            raise RuntimeError(f"batch{1 if a.ndim != 3 else 2} must be a 3D tensor")
        if a.shape[0] != b.shape[0] or a.shape[2] != b.shape[1]:
            raise RuntimeError(
                f"Expected size for first two dimensions of batch2 tensor to be: [{a.shape[0]}, "
                f"{a.shape[2]}] but got: [{b.shape[0]}, {b.shape[1]}]."
            )
        require_one_dtype("expected scalar type {} but found {}", a, b)
        require_kinds("iuf", "bmm", a)
        return a @ b

    def backward(self, g, a, b):
        return None if b is None else g @ transposed(b), None if a is None else transposed(a) @ g


class Mv(Op):
    args = saves = ("a", "v")
    saved_for = {"a": ("v",), "v": ("a",)}
    terms = ("a v",)
    formula = "a v"
    vjp = (r"g\, v^{\top}", r"a^{\top} g")

    def forward(self, a, v):
        if a.ndim != 2 or v.ndim != 1 or a.shape[1] != v.shape[0]:
            raise RuntimeError(f"size mismatch, got input ({a.shape[0]}), mat ({_by(a)}), vec ({v.shape[0]})")
        require_one_dtype("addmv input tensors must have the same dtype, but got {}, {}, and {}", v, a, v)
        require_kinds("iuf", "addmv_impl_cpu", a)
        return a @ v

    def backward(self, g, a, v):
        return (
            None if v is None else g.reshape(-1, 1) * v.reshape(1, -1),
            None if a is None else transposed(a) @ g,
        )


class Dot(Op):
    args = saves = ("a", "b")
    saved_for = {"a": ("b",), "b": ("a",)}
    terms = ("a b",)
    formula = r"\textstyle\sum_{i} a_{i} b_{i}"
    vjp = (r"g\, b", r"g\, a")

    def forward(self, a, b):
        if a.ndim != 1 or b.ndim != 1:
            raise RuntimeError(f"1D tensors expected, but got {a.ndim}D and {b.ndim}D tensors")
        require_one_dtype("dot : expected both vectors to have same dtype, but found {} and {}", a, b)
        if a.shape != b.shape:
            raise RuntimeError(
                f"inconsistent tensor size, expected tensor [{a.shape[0]}] and src [{b.shape[0]}] to have "
                f"the same number of elements, but got {a.shape[0]} and {b.shape[0]} elements respectively"
            )
        require_kinds("iuf", "dot", a)
        return a @ b

    def backward(self, g, a, b):
        return None if b is None else g * b, None if a is None else g * a


def _by(a: Array) -> str:
    return "x".join(map(str, a.shape))


def _check_matrices(a: Array, b: Array) -> None:
    if a.ndim == b.ndim == 2 and a.shape[1] == b.shape[0]:
        return
    if a.ndim != 2:
        raise RuntimeError(f"mat1 must be a matrix, got {a.ndim}-D tensor")
    if b.ndim != 2:
        raise RuntimeError("mat2 must be a matrix")
    raise RuntimeError(f"mat1 and mat2 shapes cannot be multiplied ({_by(a)} and {_by(b)})")


@torch_function
@tensor_method
def mm(input: Tensor, mat2: Tensor) -> Tensor:
    """The product of two matrices: (n, m) and (m, p) give (n, p)."""
    return Mm()(input, mat2)


@torch_function
@tensor_method
def addmm(input: Tensor, mat1: Tensor, mat2: Tensor, *, beta: float = 1, alpha: float = 1) -> Tensor:
    """`beta * input + alpha * mat1 @ mat2`."""
    return Addmm(beta, alpha)(input, mat1, mat2)


@tensor_method
def addmm_(self: Tensor, mat1: Tensor, mat2: Tensor, *, beta: float = 1, alpha: float = 1) -> Tensor:
    return inplace(Addmm(beta, alpha), self, mat1, mat2)


@torch_function
@tensor_method
def bmm(input: Tensor, mat2: Tensor) -> Tensor:
    """Products of two stacks of matrices: (b, n, m) and (b, m, p) give (b, n, p)."""
    return Bmm()(input, mat2)


@torch_function
@tensor_method
def mv(input: Tensor, vec: Tensor) -> Tensor:
    """The product of a matrix (n, m) and a vector (m)."""
    return Mv()(input, vec)


@torch_function
@tensor_method
def dot(input: Tensor, tensor: Tensor) -> Tensor:
    """The inner product of two vectors of equal length."""
    return Dot()(input, tensor)


@torch_function
@tensor_method
def outer(input: Tensor, vec2: Tensor) -> Tensor:
    """All products of two vectors' elements: (n) and (m) give (n, m)."""
    if input.ndim != 1 or vec2.ndim != 1:
        name, wrong = ("self", input) if input.ndim != 1 else ("vec2", vec2)
        raise RuntimeError(f"outer: Expected 1-D argument {name}, but got {wrong.ndim}-D")
    return input.reshape(-1, 1) * vec2
