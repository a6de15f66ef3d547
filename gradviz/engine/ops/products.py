"""Products added to something, and products of another kind: inner, cross, Kronecker."""

from __future__ import annotations

from math import prod
from typing import Any

from gradviz.engine.backend import Array, xp
from gradviz.engine.inplace import inplace
from gradviz.engine.ops.linalg import Bmm, Dot, Mv, outer, transposed
from gradviz.engine.ops.shape import UnsafeView, wrap_dim
from gradviz.engine.registry import publish_alias, tensor_method, torch_function
from gradviz.engine.tape import Op
from gradviz.engine.tensor import Tensor


class Scaled(Op):
    """`beta * x + alpha * product`."""

    def __init__(self, beta: float = 1, alpha: float = 1) -> None:
        self.beta, self.alpha = beta, alpha

    def combined(self, x: Array, product: Array) -> Array:
        # For integers the numbers are cut to integers, as torch does.
        alpha, beta = map(product.dtype.type, (self.alpha, self.beta))
        product = product * alpha
        if not self.beta:  # then x does not count, not even where it is NaN
            return xp.broadcast_to(product, xp.broadcast_shapes(x.shape, product.shape)).copy()
        return x * beta + product


class Addmv(Scaled):
    args = ("x", "a", "v")
    saves = ("a", "v")
    saved_for = {"a": ("v",), "v": ("a",)}
    terms = ("x", "a v")
    formula = r"\beta x + \alpha\, a v"
    vjp = (r"\beta g", r"\alpha\, g\, v^{\top}", r"\alpha\, a^{\top} g")

    def forward(self, x, a, v):
        return self.combined(x, Mv().forward(a, v))

    def backward(self, g, a, v):
        scaled = g * self.alpha
        return (
            g * self.beta,
            None if v is None else scaled.reshape(-1, 1) * v.reshape(1, -1),
            None if a is None else transposed(a) @ scaled,
        )


class Addr(Scaled):
    args = ("x", "u", "v")
    saves = ("u", "v")
    saved_for = {"u": ("v",), "v": ("u",)}
    terms = ("x", "u v")
    formula = r"\beta x + \alpha\, u v^{\top}"
    vjp = (r"\beta g", r"\alpha\, g\, v", r"\alpha\, g^{\top} u")

    def forward(self, x, u, v):
        for name, vector in (("vec1", u), ("vec2", v)):
            if vector.ndim != 1:
                raise RuntimeError(f"addr: Expected 1-D argument {name}, but got {vector.ndim}-D")
        product = (u[:, None] * v).astype(xp.result_type(x, u, v))
        if xp.broadcast_shapes(x.shape, product.shape) != product.shape:
            raise RuntimeError(
                f"size mismatch, input: {list(x.shape)}, v1: {list(u.shape)}, v2: {list(v.shape)}"
            )
        return self.combined(x, product)

    def backward(self, g, u, v):
        scaled = g * self.alpha
        return (
            g * self.beta,
            None if v is None else scaled @ v,
            None if u is None else transposed(scaled) @ u,
        )


class Addbmm(Scaled):
    args = ("x", "a", "b")
    saves = ("a", "b")
    saved_for = {"a": ("b",), "b": ("a",)}
    terms = ("x", "a b")
    formula = r"\beta x + \alpha \textstyle\sum_{i} a_{i}\, b_{i}"
    vjp = (r"\beta g", r"\alpha\, g\, b_{i}^{\top}", r"\alpha\, a_{i}^{\top} g")

    def forward(self, x, a, b):
        return self.combined(x, Bmm().forward(a, b).sum(0))

    def backward(self, g, a, b):
        scaled = g * self.alpha
        return (
            g * self.beta,
            None if b is None else scaled @ transposed(b),
            None if a is None else transposed(a) @ scaled,
        )


class Baddbmm(Scaled):
    args = ("x", "a", "b")
    saves = ("a", "b")
    saved_for = {"a": ("b",), "b": ("a",)}
    terms = ("x", "a b")
    formula = r"\beta x + \alpha\, a_{i}\, b_{i}"
    vjp = (r"\beta g", r"\alpha\, g_{i}\, b_{i}^{\top}", r"\alpha\, a_{i}^{\top} g_{i}")

    def forward(self, x, a, b):
        return self.combined(x, Bmm().forward(a, b))

    def backward(self, g, a, b):
        scaled = g * self.alpha
        return (
            g * self.beta,
            None if b is None else scaled @ transposed(b),
            None if a is None else transposed(a) @ scaled,
        )


class Vdot(Dot):
    """The inner product of two vectors, recorded under a name of its own."""


class LinalgCross(Op):
    args = saves = ("a", "b")
    saved_for = {"a": ("b",), "b": ("a",)}
    terms = ("a b",)
    formula = r"a \times b"
    vjp = (r"b \times g", r"g \times a")
    op_name = "cross"

    def __init__(self, dim: int) -> None:
        self.dim = dim

    def forward(self, a, b):
        if a.ndim != b.ndim:
            raise RuntimeError("linalg.cross: inputs must have the same number of dimensions.")
        axis = wrap_dim(self.dim, a.ndim)
        if a.shape[axis] != 3 or b.shape[axis] != 3:
            raise RuntimeError(
                f"linalg.cross: inputs dimension {self.dim} must have length 3. Got {a.shape[axis]} and "
                f"{b.shape[axis]}"
            )
        return xp.cross(a, b, axis=axis)

    def backward(self, g, a, b):
        return (
            None if b is None else LinalgCross(self.dim)(b, g),
            None if a is None else LinalgCross(self.dim)(g, a),
        )


@torch_function
@tensor_method
def addmv(input: Tensor, mat: Tensor, vec: Tensor, *, beta: float = 1, alpha: float = 1) -> Tensor:
    """`beta * input + alpha * mat @ vec`."""
    return Addmv(beta, alpha)(input, mat, vec)


@torch_function
@tensor_method
def addmv_(self: Tensor, mat: Tensor, vec: Tensor, *, beta: float = 1, alpha: float = 1) -> Tensor:
    return inplace(Addmv(beta, alpha), self, mat, vec)


@torch_function
@tensor_method
def addr(input: Tensor, vec1: Tensor, vec2: Tensor, *, beta: float = 1, alpha: float = 1) -> Tensor:
    """`beta * input + alpha * outer(vec1, vec2)`."""
    return Addr(beta, alpha)(input, vec1, vec2)


@tensor_method
def addr_(self: Tensor, vec1: Tensor, vec2: Tensor, *, beta: float = 1, alpha: float = 1) -> Tensor:
    return inplace(Addr(beta, alpha), self, vec1, vec2)


@torch_function
@tensor_method
def addbmm(input: Tensor, batch1: Tensor, batch2: Tensor, *, beta: float = 1, alpha: float = 1) -> Tensor:
    """`beta * input + alpha * (batch1 @ batch2).sum(0)`."""
    return Addbmm(beta, alpha)(input, batch1, batch2)


@tensor_method
def addbmm_(self: Tensor, batch1: Tensor, batch2: Tensor, *, beta: float = 1, alpha: float = 1) -> Tensor:
    return inplace(Addbmm(beta, alpha), self, batch1, batch2)


@torch_function
@tensor_method
def baddbmm(input: Tensor, batch1: Tensor, batch2: Tensor, *, beta: float = 1, alpha: float = 1) -> Tensor:
    """`beta * input + alpha * batch1 @ batch2` for stacks of matrices."""
    return Baddbmm(beta, alpha)(input, batch1, batch2)


@tensor_method
def baddbmm_(self: Tensor, batch1: Tensor, batch2: Tensor, *, beta: float = 1, alpha: float = 1) -> Tensor:
    return inplace(Baddbmm(beta, alpha), self, batch1, batch2)


@torch_function
@tensor_method
def vdot(input: Tensor, other: Tensor) -> Tensor:
    """The inner product of two vectors of equal length."""
    return Vdot()(input, other)


@torch_function
@tensor_method
def inner(input: Tensor, other: Tensor) -> Tensor:
    """Sums of products along the last dimension of both: (…, n) and (…, n)."""
    if input.ndim == 0 or other.ndim == 0:
        return input * other
    if input.shape[-1] != other.shape[-1]:
        raise RuntimeError(
            "inner() the last dimension must match on both input tensors but got shapes "
            f"{list(input.shape)} and {list(other.shape)}"
        )
    return tensordot(input, other, ([-1], [-1]))


@torch_function
def tensordot(a: Tensor, b: Tensor, dims: Any = 2) -> Tensor:
    """Products summed over the last `dims` dimensions of `a` and the first of `b`, or over two lists."""
    if isinstance(dims, int):
        if dims < 0:
            raise RuntimeError(f"tensordot expects dims >= 0, but got dims={dims}")
        if dims > min(a.ndim, b.ndim):
            raise RuntimeError(f"tensordot expects dims < ndim_a or ndim_b, but got dims={dims}")
        left, right = list(range(a.ndim - dims, a.ndim)), list(range(dims))
    else:
        left, right = [wrap_dim(d, a.ndim) for d in dims[0]], [wrap_dim(d, b.ndim) for d in dims[1]]
    if len(left) != len(right):
        raise RuntimeError("both dimension lists should have same length")
    for p, q in zip(left, right, strict=True):
        if b.shape[q] == 1:  # one of them broadcasts: the other is summed beforehand
            a = a.sum(p, keepdim=True, dtype=a.dtype)
        elif a.shape[p] == 1:
            b = b.sum(q, keepdim=True, dtype=b.dtype)
        elif a.shape[p] != b.shape[q]:
            raise RuntimeError(
                f"contracted dimensions need to match, but first has size {a.shape[p]} in dim {p} and second "
                f"has size {b.shape[q]} in dim {q}"
            )
    rows = [d for d in range(a.ndim) if d not in left]
    columns = [d for d in range(b.ndim) if d not in right]
    count = 1
    for d in left:
        count *= a.shape[d]
    shape = [a.shape[d] for d in rows] + [b.shape[d] for d in columns]
    if prod(shape) == 1:  # all dimensions are summed
        a, b = a.permute(rows + left), b.permute(right + columns)
        return (a.dot(b) if a.ndim == b.ndim == 1 else (a.squeeze() * b.squeeze()).sum()).view(shape)
    height, width = (int(xp.prod([x.shape[d] for d in kept])) for x, kept in ((a, rows), (b, columns)))
    product = a.permute(rows + left).reshape(height, count) @ b.permute(right + columns).reshape(count, width)
    return product.view(shape)


@torch_function
@tensor_method
def kron(input: Tensor, other: Tensor) -> Tensor:
    """The Kronecker product: blocks of `other`, scaled by the elements of `input`."""
    n = max(input.ndim, other.ndim)
    sizes = [(1,) * (n - x.ndim) + tuple(x.shape) for x in (input, other)]
    left = UnsafeView(tuple(size for pair in zip(sizes[0], (1,) * n, strict=True) for size in pair))(input)
    right = UnsafeView(tuple(size for pair in zip((1,) * n, sizes[1], strict=True) for size in pair))(other)
    return UnsafeView(tuple(p * q for p, q in zip(*sizes, strict=True)))(left * right)


@torch_function
@tensor_method
def cross(input: Tensor, other: Tensor, dim: int | None = None) -> Tensor:
    """The cross product of vectors along `dim`, by default the first dimension of size 3."""
    if dim is None:
        threes = [d for d, n in enumerate(input.shape) if n == 3]
        if not threes:
            raise RuntimeError("no dimension of size 3 in input")
        dim = threes[0]
    return LinalgCross(dim)(input, other)


def linalg_cross(input: Tensor, other: Tensor, *, dim: int = -1) -> Tensor:
    """The cross product of vectors along `dim` (torch.linalg.cross)."""
    return LinalgCross(dim)(input, other)


def vecdot(x: Tensor, y: Tensor, *, dim: int = -1) -> Tensor:
    """Inner products along `dim`."""
    return vdot(x, y) if x.ndim == y.ndim == 1 else (x * y).sum(dim)


publish_alias("ger", outer)
