"""`x[index]` and `x[index] = values`: integers, slices, integer and boolean index tensors."""

from __future__ import annotations

from itertools import dropwhile
from typing import Any

from gradviz.engine.backend import (
    Array,
    add_at,
    asarray,
    beside,
    in_order,
    is_array,
    shares_memory,
    xp,
)
from gradviz.engine.dtypes import bool_, of_array
from gradviz.engine.errors import require_one_device, type_name
from gradviz.engine.grad_mode import mode
from gradviz.engine.inplace import OVERLAPS, inplace
from gradviz.engine.ops.filling import Copy, Fill
from gradviz.engine.ops.index_parts import check_arrays, parts
from gradviz.engine.ops.shape import expand, reshape, unsqueeze, wrap_dim
from gradviz.engine.polymorphic import plain
from gradviz.engine.registry import numpy_names, tensor_method, torch_function
from gradviz.engine.tape import Op
from gradviz.engine.tensor import Tensor, wrap
from gradviz.engine.views import LEAF_VIEW_CHANGED

ALL = slice(None)


class Basic(Op):
    """A view made by one integer or slice."""

    args: tuple[str, ...] = ("x",)
    vjp: tuple[str, ...] = (r"g\ \mathrm{at\ the\ index,\ else\ }0",)
    is_view = True

    def __init__(self, index: tuple) -> None:
        self.index = index

    def forward(self, x):
        self.shape = x.shape
        return x[(*self.index, ...)]

    def backward(self, g):
        return Place(self.shape, self.index)(g)


class Select(Basic):
    """The slice number `index` of a dimension, without it."""

    formula = r"x[\mathrm{index}]"


class Slice(Basic):
    """A range of a dimension."""

    formula = r"x[\mathrm{from}:\mathrm{to}]"


class Alias(Basic):
    """All of it."""

    formula = "x"
    vjp = ("g",)


class Place(Op):
    """Values at an index of zeros: the gradient of a view by that index."""

    args = terms = ("values",)
    formula = r"0,\ \mathrm{out}[\mathrm{index}] = \mathrm{values}"
    vjp = (r"g[\mathrm{index}]",)

    def __init__(self, shape: tuple[int, ...], index: tuple) -> None:
        self.shape, self.index = shape, index

    def forward(self, values):
        out = xp.zeros(self.shape, values.dtype, like=values)
        out[self.index] = values
        return out

    def backward(self, g):
        return g[self.index]


class Index(Op):
    """Elements picked by integer or boolean index arrays."""

    args = terms = ("x",)
    formula = r"x[\mathrm{index}]"
    vjp = (r"\textstyle\sum\ g\ \mathrm{at\ each\ index}",)

    def __init__(self, index: tuple) -> None:
        self.index = index

    def forward(self, x):
        self.shape = x.shape
        return in_order(x[self.index])

    def backward(self, g):
        return AddAt(self.shape, self.index)(g)


class AddAt(Op):
    """Values added up at an index of zeros: the gradient of Index."""

    args = terms = ("values",)
    formula = r"0,\ \mathrm{out}[\mathrm{index}] \mathrel{+}= \mathrm{values}"
    vjp = (r"g[\mathrm{index}]",)

    def __init__(self, shape: tuple[int, ...], index: tuple) -> None:
        self.shape, self.index = shape, index

    def forward(self, values):
        out = xp.zeros(self.shape, values.dtype, like=values)
        add_at(out, self.index, values)
        return out

    def backward(self, g):
        return Index(self.index)(g)


class SetIndex(Op):
    """Overwrites a part, given by integers and slices, with values."""

    args = terms = ("x", "values")
    formula = r"x,\ \mathrm{out}[\mathrm{index}] = \mathrm{values}"
    vjp = (r"g\ \mathrm{outside\ the\ index}", r"g[\mathrm{index}]")
    namespace, backward_name = "torch::autograd::", "CopySlices"

    def __init__(self, index: tuple) -> None:
        self.index = index

    def forward(self, x, values):
        out = x.copy()
        self.overwrite(out, values)
        return out

    def overwrite(self, array: Array, values: Any) -> None:
        try:
            array[self.index] = values
        except ValueError:
            want, have = array[self.index].shape, xp.shape(values)
            raise RuntimeError(
                f"shape mismatch: value tensor of shape {list(have)} cannot be broadcast to indexing result "
                f"of shape {list(want)}"
            ) from None

    def backward(self, g):
        return ZeroAt(self.index)(g), g[self.index] if self.needs[1] else None


class ZeroAt(Op):
    """Zeros at an index, the rest as it is."""

    args = terms = ("x",)
    formula = r"x,\ \mathrm{out}[\mathrm{index}] = 0"
    vjp = (r"g\ \mathrm{outside\ the\ index}",)

    def __init__(self, index: tuple) -> None:
        self.index = index

    def forward(self, x):
        out = x.copy()
        out[self.index] = 0
        return out

    def backward(self, g):
        return ZeroAt(self.index)(g)


class IndexPut(SetIndex):
    """Overwrites (or adds to) elements picked by index arrays."""

    namespace, backward_name = "", "IndexPutBackward0"

    def __init__(self, index: tuple, accumulate: bool = False) -> None:
        super().__init__(index)
        self.accumulate = accumulate
        if accumulate:
            self.formula = r"x,\ \mathrm{out}[\mathrm{index}] \mathrel{+}= \mathrm{values}"
            self.vjp = ("g", self.vjp[1])

    def overwrite(self, array, values):
        if self.accumulate:
            add_at(array, self.index, values)
        else:
            super().overwrite(array, values)

    def backward(self, g):
        return (
            g if self.accumulate else ZeroAt(self.index)(g),
            Index(self.index)(g) if self.needs[1] else None,
        )


class IndexSelect(Index):
    """Slices of one dimension, picked by a vector of positions."""


class IndexAdd(Op):
    """Adds slices of `source` to those of `x` at the positions in `index`."""

    args = terms = ("x", "source")
    formula = r"x,\ \mathrm{out}[\mathrm{index}] \mathrel{+}= \alpha\, \mathrm{source}"
    vjp = ("g", r"\alpha\, g[\mathrm{index}]")

    def __init__(self, index: tuple, alpha: float) -> None:
        self.index, self.alpha = index, alpha

    def forward(self, x, source):
        if not x.ndim:  # counts as a vector of one
            source = source.reshape(1) if not source.ndim else source[None]
            return self.forward(x.reshape(1), source).reshape(())
        axis = len(self.index) - 1
        if x.dtype != source.dtype:
            have, got = (of_array(a.dtype).scalar_name for a in (x, source))
            raise RuntimeError(
                f"index_add_(): self ({have}) and source ({got}) must have the same scalar type"
            )
        count = self.index[-1].size
        if source.shape[axis : axis + 1] != (count,):
            raise RuntimeError(
                f"index_add_(): Number of indices ({count}) should be equal to source.size(dim): "
                f"({source.shape[axis] if source.ndim else 1}), for dim: {axis}"
            )
        if x.shape[:axis] + x.shape[axis + 1 :] != source.shape[:axis] + source.shape[axis + 1 :]:
            raise RuntimeError(
                "source tensor shape must match self tensor shape, excluding the specified dimension. Got "
                f"self.shape = {list(x.shape)} source.shape = {list(source.shape)}"
            )
        out = x.copy()
        add_at(out, self.index, source if self.alpha == 1 else source * self.alpha)
        return out

    def backward(self, g):
        return g, (Index(self.index)(g) if g.ndim else g) * self.alpha


def basic_view(x: Tensor, items: list) -> tuple[Tensor, list]:
    """The view that the integers, slices and None of an index give, one operation each as in torch, and what
    remains to be done with index arrays: one entry per dimension of the view."""
    rest: list = []
    dim = 0
    gone = 0  # dimensions that integers have taken away
    for item in items:
        if isinstance(item, int):
            n = x.array.shape[dim]
            if not -n <= item < n:
                axis = dim + gone
                raise IndexError(f"index {item} is out of bounds for dimension {axis} with size {n}")
            gone += 1
            x = Select((slice(None),) * dim + (item,))(x)
        elif is_array(item) and item.ndim:
            rest.append(item)
            dim += item.ndim if item.dtype == bool else 1
        elif is_array(item):  # True or False: a dimension of size 1 or 0
            x = unsqueeze(x, dim)
            rest.append(xp.zeros(int(item), "int64", like=x.array))
            dim += 1
        else:
            if item is None:
                x = unsqueeze(x, dim)
            elif item != ALL and item.indices(x.array.shape[dim]) != (0, x.array.shape[dim], 1):
                x = Slice((slice(None),) * dim + (item,))(x)
            rest.append(ALL)
            dim += 1
    return x, rest


def getitem(self: Tensor, index: Any) -> Tensor:
    """`self[index]`: a view for integers and slices, a copy where index arrays take part."""
    items = parts(index, self.array)
    view, rest = basic_view(self, items)
    if any(is_array(item) for item in rest):
        check_arrays(rest, view.array.shape)
        return Index(tuple(rest))(view)
    if view is not self:
        return view
    return (Slice if isinstance(index, slice) else Alias)(())(self)


def setitem(self: Tensor, index: Any, values: Any) -> None:
    """`self[index] = values` (a number or a Tensor, broadcast)."""
    if not isinstance(values, (Tensor, int, float, xp.integer)):
        raise TypeError(f"can't assign a {type_name(values)} to a torch.{self.dtype.type_name}")
    items = parts(index, self.array)
    if not any(is_array(item) for item in items):
        for dim, item in enumerate(i for i in items if i is not None):
            n = self.array.shape[dim]
            if isinstance(item, int) and not -n <= item < n:
                raise IndexError(f"index {item} is out of bounds for dimension {dim} with size {n}")
        if mode.enabled and self._requires_grad and self.is_leaf:
            raise RuntimeError(LEAF_VIEW_CHANGED)
        if isinstance(values, Tensor) and values.is_cuda != self.is_cuda:
            values = values.to(self.device)
        if all(item == slice(None) for item in items):
            _overwrite_all(self, values)
        else:
            inplace(SetIndex(tuple(items)), self, _expanded(values, self.array[tuple(items)].shape))
        return
    # torch lets integers make a view first, unlike NumPy when slices stand between them and arrays.
    view, rest = basic_view(self, items)
    check_arrays(rest, view.array.shape)
    _check_put(rest, self, values)
    inplace(IndexPut(tuple(rest)), view, _without_leading_ones(values))


def _check_put(rest: list, x: Tensor, values: Any) -> None:
    """Raises RuntimeError for values of another dtype, but for a single one that a mask takes."""
    if not isinstance(values, Tensor) or values.array.dtype == x.array.dtype:
        return
    by_mask = [item.dtype == bool for item in rest if is_array(item)] == [True]
    if values.numel() != 1 or not by_mask:
        have, got = x.dtype.scalar_name, values.dtype.scalar_name
        raise RuntimeError(
            "Index put requires the source and destination dtypes match, got "
            f"{have} for the destination and {got} for the source."
        )


def _overwrite_all(self: Tensor, values: Any) -> None:
    if not isinstance(values, Tensor):
        values = wrap(beside(asarray(values).astype(self.array.dtype), self.array))
    inplace(Copy() if values.ndim else Fill(), self, _expanded(values, self.array.shape))


def _expanded(values: Any, shape: tuple[int, ...]) -> Any:
    """Values to be written to a part of this shape, broadcast in torch's steps."""
    if not isinstance(values, Tensor) or not values.ndim or values.array.shape == shape:
        return values
    values = reshape(values, _leading_ones_dropped(values.array.shape))
    return values if values.array.shape == shape else expand(values, shape)


def _without_leading_ones(values: Any) -> Any:
    if isinstance(values, Tensor) and values.array.shape[:1] == (1,):
        return reshape(values, _leading_ones_dropped(values.array.shape))
    return values


def _leading_ones_dropped(shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(dropwhile(lambda n: n == 1, shape))


Tensor.__getitem__ = getitem
Tensor.__setitem__ = setitem


def positions_along(dim: int, index: Tensor, x: Tensor, name: str) -> tuple:
    """The full index for a vector of positions along a dimension. Raises IndexError for those outside."""
    axis, array = wrap_dim(dim, x.ndim), plain(index)
    require_one_device(array, plain(x))
    if array.ndim > 1:
        raise IndexError(f"{name}(): Index is supposed to be a vector")
    if array.dtype.kind not in "iu":
        raise RuntimeError(f"{name}(): Expected dtype int32 or int64 for index")
    n = x.shape[axis] if x.ndim else 1
    if array.size and (array.min() < 0 or array.max() >= n):
        raise IndexError(f"index out of range in self: dimension {axis} has size {n}")
    return (slice(None),) * axis + (array.reshape(-1),)


@torch_function
@tensor_method
@numpy_names
def index_select(input: Tensor, dim: int, index: Tensor) -> Tensor:
    """The slices of a dimension at the positions in the vector `index` (integers), as a copy."""
    if not input.ndim:  # counts as a vector of one
        return index_select(input.reshape(1), dim, index).reshape(())
    return IndexSelect(positions_along(dim, index, input, "index_select"))(input)


@torch_function
@tensor_method
def index_add(input: Tensor, dim: int, index: Tensor, source: Tensor, *, alpha: float = 1) -> Tensor:
    """A copy with the slices of `source` added at the positions in `index`."""
    if not input.ndim:  # counts as a vector of one
        return index_add(input.reshape(1), dim, index, source.reshape(1), alpha=alpha).reshape(())
    return IndexAdd(positions_along(dim, index, input, "index_add"), alpha)(input, source)


@tensor_method
def index_add_(self: Tensor, dim: int, index: Tensor, source: Tensor, *, alpha: float = 1) -> Tensor:
    if shares_memory(self.array, source.array):
        raise RuntimeError(OVERLAPS)
    return inplace(IndexAdd(positions_along(dim, index, self, "index_add_"), alpha), self, source)


@torch_function
@tensor_method
def index_put(input: Tensor, indices: tuple, values: Tensor, accumulate: bool = False) -> Tensor:
    """A copy with `values` written (or added) at the index arrays."""
    return IndexPut(_positions_in(input, indices), accumulate)(input, values)


@torch_function
@tensor_method
def index_put_(self: Tensor, indices: tuple, values: Tensor, accumulate: bool = False) -> Tensor:
    return inplace(IndexPut(_positions_in(self, indices), accumulate), self, values)


def _positions_in(x: Tensor, indices: tuple) -> tuple:
    found = parts(tuple(indices), x.array)
    check_arrays(found, x.array.shape)
    return tuple(found)


@torch_function
@tensor_method
def select(input: Tensor, dim: int, index: int) -> Tensor:
    """The slice number `index` of a dimension, as a view without that dimension."""
    axis = wrap_dim(dim, input.ndim)
    return getitem(input, (slice(None),) * axis + (index,))


@torch_function
@tensor_method
def narrow(input: Tensor, dim: int, start: int, length: int) -> Tensor:
    """`length` slices of a dimension from `start` on, as a view."""
    if not input.ndim:
        raise RuntimeError("narrow() cannot be applied to a 0-dim tensor.")
    if length < 0:
        raise RuntimeError("narrow(): length must be non-negative.")
    if isinstance(start, Tensor) and (start.ndim or start.dtype.is_floating_point or start.dtype is bool_):
        raise RuntimeError("start must be an 0-dim integral Tensor.")
    axis, start = wrap_dim(dim, input.ndim), int(start)
    n = input.shape[axis]
    if not -n <= start <= n:
        raise IndexError(f"start out of range (expected to be in range of [{-n}, {n}], but got {start})")
    start = start + n if start < 0 else start
    if start + length > n:
        raise RuntimeError(f"start ({start}) + length ({length}) exceeds dimension size ({n}).")
    return Slice((slice(None),) * axis + (slice(start, start + length),))(input)
