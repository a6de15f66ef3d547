"""Diagonals and triangles of matrices."""

from __future__ import annotations

from gradviz.engine.backend import asarray, diagonal_view, xp
from gradviz.engine.dtypes import result_type
from gradviz.engine.inplace import inplace
from gradviz.engine.ops.shape import wrap_dim
from gradviz.engine.polymorphic import plain
from gradviz.engine.registry import tensor_method, torch_function
from gradviz.engine.tape import Op
from gradviz.engine.tensor import Tensor


class Diagonal(Op):
    """The diagonal of two dimensions, as the last one."""

    args = ("x",)
    formula = r"\mathrm{diag}(x)"
    vjp = (r"g\ \mathrm{on\ the\ diagonal}",)
    is_view = True

    def __init__(self, offset: int, dim1: int, dim2: int) -> None:
        self.offset, self.dim1, self.dim2 = offset, dim1, dim2

    def forward(self, x):
        self.shape = x.shape
        check_plane(self.dim1, self.dim2, x.ndim)
        return diagonal_view(x, self.offset, self.dim1, self.dim2)

    def backward(self, g):
        return DiagEmbed(self.shape, self.offset, self.dim1, self.dim2)(g)


class DiagonalCopy(Diagonal):
    """The diagonal as a tensor of its own."""

    op_name = "diag"
    backward_name = "DiagonalBackward0_copy"
    is_view = False

    def forward(self, x):
        return super().forward(x).copy()


class Trace(Op):
    args = terms = ("x",)
    formula = r"\textstyle\sum_{i} x_{i i}"
    vjp = (r"g\, I",)

    def forward(self, x):
        self.shape = x.shape
        return asarray(x.trace(dtype="int64" if x.dtype.kind in "iub" else None))

    def backward(self, g):
        return g * xp.eye(*self.shape, dtype=plain(g).dtype, like=plain(g))


class DiagEmbed(Op):
    """Values on a diagonal of zeros."""

    args = terms = ("values",)
    formula = r"0,\ \mathrm{diag}(\mathrm{out}) = \mathrm{values}"
    vjp = (r"\mathrm{diag}(g)",)

    def __init__(self, shape: tuple[int, ...], offset: int, dim1: int, dim2: int) -> None:
        self.shape, self.offset, self.dim1, self.dim2 = shape, offset, dim1, dim2

    def forward(self, values):
        out = xp.zeros(self.shape, values.dtype, like=values)
        diagonal_view(out, self.offset, self.dim1, self.dim2)[...] = values
        return out

    def backward(self, g):
        return Diagonal(self.offset, self.dim1, self.dim2)(g)


class Tril(Op):
    args = ("x",)
    formula = r"\mathrm{tril}(x)"
    vjp = (r"\mathrm{tril}(g)",)
    keep = staticmethod(xp.tril)

    def __init__(self, diagonal: int = 0) -> None:
        self.diagonal = diagonal

    def forward(self, x):
        if x.ndim < 2:
            raise RuntimeError(f"{self.op_name}: input tensor must have at least 2 dimensions")
        return self.keep(x, self.diagonal)

    def backward(self, g):
        return type(self)(self.diagonal)(g)


class Triu(Tril):
    formula = r"\mathrm{triu}(x)"
    vjp = (r"\mathrm{triu}(g)",)
    keep = staticmethod(xp.triu)


def check_plane(dim1: int, dim2: int, ndim: int) -> tuple[int, int]:
    """The two dimensions of a diagonal, counted from the front. Raises RuntimeError when they are one."""
    first, second = wrap_dim(dim1, ndim), wrap_dim(dim2, ndim)
    if first == second:
        raise RuntimeError(f"diagonal dimensions cannot be identical {dim1}, {dim2}")
    return first, second


@torch_function
@tensor_method
def diagonal(input: Tensor, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Tensor:
    """A view of the diagonal of two dimensions, as the last dimension."""
    return Diagonal(offset, dim1, dim2)(input)


@torch_function
@tensor_method
def diag_embed(input: Tensor, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Tensor:
    """Matrices with the last dimension of `input` on a diagonal."""
    n = input.shape[-1] + abs(offset)
    first, second = check_plane(dim1, dim2, input.ndim + 1)
    shape = list(input.shape[:-1])
    for axis in sorted((first, second)):
        shape.insert(axis, n)
    return DiagEmbed(tuple(shape), offset, first, second)(input)


@torch_function
@tensor_method
def diag(input: Tensor, diagonal: int = 0) -> Tensor:
    """The diagonal of a matrix, or the matrix with this diagonal; as a copy."""
    if input.ndim not in (1, 2):
        raise RuntimeError(f"diag(): Supports 1D or 2D tensors. Got {input.ndim}D")
    return diag_embed(input, diagonal) if input.ndim == 1 else DiagonalCopy(diagonal, 0, 1)(input)


@torch_function
@tensor_method
def diagflat(input: Tensor, offset: int = 0) -> Tensor:
    """The matrix with all elements of `input` on a diagonal."""
    return diag_embed(input.reshape(-1), offset)


class BlockDiag(Op):
    """Matrices side by side along the diagonal of zeros."""

    args = terms = ("tensors",)
    formula = r"\mathrm{diag}(x_{1}, x_{2}, \ldots)"
    vjp = (r"g\ \mathrm{of\ this\ block}",)

    def forward(self, *blocks):
        for i, x in enumerate(blocks):
            if x.ndim > 2:
                raise RuntimeError(
                    "torch.block_diag: Input tensors must have 2 or fewer dimensions. Input "
                    f"{i} has {x.ndim} dimensions"
                )
        self.shapes = [x.shape for x in blocks]
        matrices = [x.reshape(1, -1) if x.ndim < 2 else x for x in blocks]
        rows, columns = (sum(x.shape[axis] for x in matrices) for axis in (0, 1))
        out = xp.zeros((rows, columns), result_type(*blocks), like=blocks[0])
        self.places, top, left = [], 0, 0
        for x in matrices:
            self.places.append((slice(top, top + len(x)), slice(left, left + x.shape[1])))
            out[self.places[-1]] = x
            top, left = top + len(x), left + x.shape[1]
        return out

    def backward(self, g):
        return tuple(g[at].reshape(shape) for at, shape in zip(self.places, self.shapes, strict=True))


@torch_function
def block_diag(*tensors: Tensor) -> Tensor:
    """Matrices (vectors count as rows) along the diagonal of zeros."""
    return BlockDiag()(*tensors)


@torch_function
@tensor_method
def trace(input: Tensor) -> Tensor:
    """The sum of a matrix's diagonal."""
    if input.ndim != 2:
        raise RuntimeError(f"trace: expected a matrix, but got tensor with dim {input.ndim}")
    return Trace()(input)


@torch_function
@tensor_method
def tril(input: Tensor, diagonal: int = 0) -> Tensor:
    """The lower triangle, zeros above."""
    return Tril(diagonal)(input)


@torch_function
@tensor_method
def triu(input: Tensor, diagonal: int = 0) -> Tensor:
    """The upper triangle, zeros below."""
    return Triu(diagonal)(input)


@tensor_method
def tril_(self: Tensor, diagonal: int = 0) -> Tensor:
    return inplace(Tril(diagonal), self)


@tensor_method
def triu_(self: Tensor, diagonal: int = 0) -> Tensor:
    return inplace(Triu(diagonal), self)
