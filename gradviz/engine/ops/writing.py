"""Copies of a tensor with some elements overwritten: index_fill, put, masked_scatter, slice_scatter …"""

from __future__ import annotations

import math
from typing import Any

from gradviz.engine.backend import Array, add_at, diagonal_view, is_array, xp
from gradviz.engine.dtypes import of_array
from gradviz.engine.errors import require_one_device
from gradviz.engine.inplace import inplace
from gradviz.engine.ops.diagonals import Diagonal
from gradviz.engine.ops.indexing import Index, Place, SetIndex, ZeroAt, positions_along
from gradviz.engine.ops.masking import MaskedFill
from gradviz.engine.ops.shape import wrap_dim
from gradviz.engine.polymorphic import plain
from gradviz.engine.registry import numpy_names, tensor_method, torch_function
from gradviz.engine.tape import Op
from gradviz.engine.tensor import Tensor


class IndexFill(SetIndex):
    """Fills slices of a dimension with one number."""

    namespace, backward_name = "", "IndexFillBackward1"
    number_variants = {"values": "IndexFillBackward0"}

    def forward(self, x, values):
        if is_array(values) and values.ndim:
            raise RuntimeError(
                "index_fill_ only supports a 0-dimensional value tensor, but got tensor with "
                f"{values.ndim} dimension(s)."
            )
        return super().forward(x, values)

    def backward(self, g):
        outside = ZeroAt(self.index)(g)
        return outside, (g - outside).sum() if self.needs[1] else None


class IndexCopy(SetIndex):
    """Overwrites slices of a dimension."""

    namespace, backward_name = "", "IndexCopyBackward0"

    def forward(self, x, values):
        if x.dtype != values.dtype:
            have, got = (of_array(a.dtype).scalar_name for a in (x, values))
            raise RuntimeError(
                f"index_copy_(): self and source expected to have the same dtype, but got (self) {have} and "
                f"(source) {got}"
            )
        return super().forward(x, values)


class SelectScatter(SetIndex):
    """Overwrites one slice of a dimension."""

    namespace, backward_name = "", "SelectScatterBackward0"

    def forward(self, x, values):
        want = x[self.index].shape
        if values.shape != want:
            raise RuntimeError(
                "expected src to have a size equal to the slice of self. src size = "
                f"{list(values.shape)}, slice size = {list(want)}"
            )
        return super().forward(x, values)


class SliceScatter(SelectScatter):
    """Overwrites a range of a dimension."""

    backward_name = "SliceScatterBackward0"


class DiagonalScatter(Op):
    """Overwrites a diagonal."""

    args = terms = ("x", "values")
    formula = r"x,\ \mathrm{diag}(\mathrm{out}) = \mathrm{values}"
    vjp = (r"g\ \mathrm{outside\ the\ diagonal}", r"\mathrm{diag}(g)")

    def __init__(self, offset: int, dim1: int, dim2: int) -> None:
        self.diagonal = (offset, dim1, dim2)

    def forward(self, x, values):
        out = x.copy()
        view = diagonal_view(out, *self.diagonal)
        if values.shape != view.shape:
            raise RuntimeError(
                "expected src to have a size equal to the slice of self. src size = "
                f"{list(values.shape)}, slice size = {list(view.shape)}"
            )
        view[...] = values
        return out

    def backward(self, g):
        zeros = xp.zeros_like(diagonal_view(plain(g).copy(), *self.diagonal))
        return DiagonalScatter(*self.diagonal)(g, zeros), Diagonal(*self.diagonal)(g)


class Take(Op):
    """Elements of the flattened tensor."""

    args = terms = saves = ("x",)  # as torch does, which thus notices when x changes
    formula = r"x[\mathrm{index}]"
    vjp = (r"\textstyle\sum\ g\ \mathrm{at\ each\ index}",)

    def __init__(self, index: Array) -> None:
        self.index = index

    def forward(self, x):
        return x.reshape(-1)[flat_positions(self.index, x)]

    def backward(self, g, x):
        return Put(self.index, accumulate=True)(xp.zeros_like(plain(x)), g)


class Put(Op):
    """Overwrites (or adds to) elements of the flattened tensor."""

    args = terms = ("x", "source")
    formula = r"x,\ \mathrm{out}[\mathrm{index}] = \mathrm{source}"
    vjp = (r"g\ \mathrm{outside\ the\ index}", r"g[\mathrm{index}]")

    def __init__(self, index: Array, accumulate: bool) -> None:
        self.index, self.accumulate = index, accumulate

    def forward(self, x, source):
        if x.dtype != source.dtype:
            have, got = (of_array(a.dtype).scalar_name for a in (x, source))
            raise RuntimeError(
                f"put_(): self and source expected to have the same dtype, but got self.dtype = {have} and "
                f"source.dtype = {got}"
            )
        if self.index.size != source.size:
            raise RuntimeError(
                "put_(): Expected source and index to have the same number of elements, but got "
                f"source.numel() = {source.size}, index.numel() = {self.index.size}"
            )
        out = x.copy()
        positions = flat_positions(self.index, x)
        if self.accumulate:
            add_at(out.reshape(-1), (positions,), source.reshape(positions.shape))
        else:
            out.reshape(-1)[positions] = source.reshape(positions.shape)
        self.source_shape = source.shape
        return out

    def backward(self, g):
        g_x = g
        if not self.accumulate:
            zeros = xp.zeros(self.index.shape, plain(g).dtype, like=plain(g))
            g_x = Put(self.index, accumulate=False)(g, zeros)
        return g_x, Take(self.index)(g).reshape(self.source_shape) if self.needs[1] else None


class MaskedScatter(Op):
    """Overwrites the elements where a mask is true with those of `source`, one after the other."""

    args = terms = ("x", "source")
    formula = r"x,\ \mathrm{out}[\mathrm{mask}] = \mathrm{source}"
    vjp = (r"g \odot \neg\mathrm{mask}", r"g[\mathrm{mask}]")

    def __init__(self, mask: Array) -> None:
        self.mask = mask

    def forward(self, x, source):
        if x.dtype != source.dtype:
            have, got = (of_array(a.dtype).scalar_name for a in (x, source))
            raise RuntimeError(
                f"masked_scatter_: expected self and source to have same dtypes but got {have} and {got}"
            )
        out = xp.broadcast_to(x, xp.broadcast_shapes(x.shape, self.mask.shape)).copy()
        self.where = xp.broadcast_to(self.mask, out.shape)
        self.count, self.source_shape = int(self.where.sum()), source.shape
        if self.count > source.size:
            raise RuntimeError(
                "masked_scatter: expected self.numel() of the mask's true elements to be at most "
                f"source.numel(), but got {self.count} and {source.size}"
            )
        out[self.where] = source.reshape(-1)[: self.count]
        return out

    def backward(self, g):
        g_source = None
        if self.needs[1]:
            first = (slice(0, self.count),)
            g_source = Place((math.prod(self.source_shape),), first)(Index((self.where,))(g))
            g_source = g_source.reshape(self.source_shape)
        return ZeroAt((self.where,))(g), g_source


def flat_positions(index: Array, x: Array) -> Array:
    """Positions in the flattened `x`, counted from the front. Raises IndexError for those outside."""
    require_one_device(x, index)
    if index.dtype != "int64":
        raise RuntimeError(
            f"take(): Expected a long tensor for index, but got {of_array(index.dtype).scalar_name}"
        )
    if index.size and not x.size:
        raise IndexError("take(): tried to take from an empty tensor")
    if index.size and (index.min() < -x.size or index.max() >= x.size):
        wrong = index[(index < -x.size) | (index >= x.size)].reshape(-1)[0]
        raise IndexError(f"out of range: tried to access index {wrong} on a tensor of {x.size} elements.")
    return xp.where(index < 0, index + x.size, index)


@torch_function
@tensor_method
def take(input: Tensor, index: Tensor) -> Tensor:
    """The elements of the flattened tensor at the positions `index` (int64), in its shape."""
    return Take(plain(index))(input)


@torch_function
@tensor_method
def put(input: Tensor, index: Tensor, source: Tensor, accumulate: bool = False) -> Tensor:
    """A copy with elements of the flattened tensor overwritten (or added to)."""
    return Put(plain(index), accumulate)(input, source)


@tensor_method
def put_(self: Tensor, index: Tensor, source: Tensor, accumulate: bool = False) -> Tensor:
    return inplace(Put(plain(index), accumulate), self, source)


@torch_function
@tensor_method
@numpy_names
def index_fill(input: Tensor, dim: int, index: Tensor, value: Any) -> Tensor:
    """A copy with the slices of a dimension at the positions `index` filled with one number."""
    if not input.ndim:  # counts as a vector of one
        return index_fill(input.reshape(1), dim, index, value).reshape(())
    return IndexFill(positions_along(dim, index, input, "index_fill_"))(input, value)


@tensor_method
@numpy_names
def index_fill_(self: Tensor, dim: int, index: Tensor, value: Any) -> Tensor:
    return inplace(IndexFill(positions_along(dim, index, self, "index_fill_")), self, value)


@torch_function
@tensor_method
@numpy_names
def index_copy(input: Tensor, dim: int, index: Tensor, source: Tensor) -> Tensor:
    """A copy with the slices of a dimension at the positions `index` replaced by those of `source`."""
    if not input.ndim:  # counts as a vector of one
        return index_copy(input.reshape(1), dim, index, source.reshape(1)).reshape(())
    return IndexCopy(positions_along(dim, index, input, "index_copy_"))(input, source)


@tensor_method
@numpy_names
def index_copy_(self: Tensor, dim: int, index: Tensor, source: Tensor) -> Tensor:
    return inplace(IndexCopy(positions_along(dim, index, self, "index_copy_")), self, source)


@torch_function
@tensor_method
def masked_scatter(input: Tensor, mask: Tensor, source: Tensor) -> Tensor:
    """A copy with the elements of `source`, in order, where the boolean mask is true."""
    return MaskedScatter(_checked(mask))(input, source)


@tensor_method
def masked_scatter_(self: Tensor, mask: Tensor, source: Tensor) -> Tensor:
    return inplace(MaskedScatter(_checked(mask)), self, source)


def _checked(mask: Tensor) -> Array:
    if plain(mask).dtype != bool:
        raise RuntimeError(
            "masked_scatter_ only supports boolean masks, but got mask with dtype "
            f"{of_array(plain(mask).dtype).scalar_name}"
        )
    return plain(mask)


@torch_function
@tensor_method
def select_scatter(input: Tensor, src: Tensor, dim: int, index: int) -> Tensor:
    """A copy with `src` in place of the slice number `index` of a dimension."""
    return SelectScatter((slice(None),) * wrap_dim(dim, input.ndim) + (index,))(input, src)


@torch_function
@tensor_method
def slice_scatter(
    input: Tensor, src: Tensor, dim: int = 0, start: int | None = None, end: int | None = None, step: int = 1
) -> Tensor:
    """A copy with `src` in place of a range of a dimension."""
    index = (slice(None),) * wrap_dim(dim, input.ndim) + (slice(start, end, step),)
    return SliceScatter(index)(input, src)


@torch_function
@tensor_method
def diagonal_scatter(input: Tensor, src: Tensor, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Tensor:
    """A copy with `src` on a diagonal."""
    return DiagonalScatter(offset, dim1, dim2)(input, src)


@tensor_method
def fill_diagonal_(self: Tensor, fill_value: float, wrap: bool = False) -> Tensor:
    """Fills the main diagonal of a matrix, or of a cube; `wrap` begins anew below a tall matrix."""
    if self.ndim < 2:
        raise RuntimeError("dimensions must larger than 1")
    if self.ndim > 2 and len(set(self.shape)) > 1:
        raise RuntimeError("all dimensions of input must be of equal length")
    columns = self.shape[-1]
    if self.ndim > 2:
        on = xp.zeros(self.shape, bool, like=self.array)
        on.reshape(-1)[:: sum(columns**d for d in range(self.ndim))] = True
        return inplace(MaskedFill(on), self, fill_value)
    tops = range(0, self.shape[0], columns + 1) if wrap else (0,)
    for top in tops:
        (self.narrow(0, top, self.shape[0] - top) if top else self).diagonal().fill_(fill_value)
    return self
