"""gather and scatter: one position per element along a dimension."""

from __future__ import annotations

from typing import Any

from gradviz.engine.backend import Array, add_at, is_array, xp
from gradviz.engine.errors import require_one_device
from gradviz.engine.inplace import inplace
from gradviz.engine.ops.indexing import Place, ZeroAt
from gradviz.engine.ops.shape import wrap_dim
from gradviz.engine.polymorphic import plain
from gradviz.engine.registry import numpy_names, tensor_method, torch_function
from gradviz.engine.tape import Op
from gradviz.engine.tensor import Tensor


class Gather(Op):
    """Elements picked along one dimension by an index of the result's shape."""

    args = terms = saves = ("x",)  # as torch does, which thus notices when x changes
    formula = r"x[\mathrm{index}]"
    vjp = (r"\textstyle\sum\ g\ \mathrm{at\ each\ index}",)

    def __init__(self, dim: int, index: Array) -> None:
        self.dim, self.index = dim, index

    def forward(self, x):
        wrap_dim(self.dim, x.ndim)
        if not self.index.size:
            self.axis = 0
            return xp.zeros(self.index.shape, x.dtype, like=x)
        if not x.ndim or not self.index.ndim:
            return (
                xp.broadcast_to(x.reshape(-1)[:1], self.index.shape or (1,)).reshape(self.index.shape).copy()
            )
        axis = self.axis = wrap_dim(self.dim, x.ndim)
        check_index("gather", self.index, x, axis)
        return x[along(self.index, axis)]

    def backward(self, g, x):
        return ScatterAlong(self.axis, tuple(x.shape), self.index)(g) if x.ndim else g


class ScatterAlong(Op):
    """Values added up in zeros at an index along one dimension: the gradient of Gather."""

    args = terms = ("values",)
    formula = r"0,\ \mathrm{out}[\mathrm{index}] \mathrel{+}= \mathrm{values}"
    vjp = (r"g[\mathrm{index}]",)

    def __init__(self, axis: int, shape: tuple[int, ...], index: Array) -> None:
        self.axis, self.shape, self.index = axis, shape, index

    def forward(self, values):
        out = xp.zeros(self.shape, values.dtype, like=values)
        if self.index.size:
            add_at(out, along(self.index, self.axis), values)
        return out

    def backward(self, g):
        return Gather(self.axis, self.index)(g)


class Scatter(Op):
    """Writes (or adds) values at an index along one dimension."""

    args = terms = ("x", "src")
    formula = r"x,\ \mathrm{out}[\mathrm{index}] = \mathrm{src}"
    vjp = (r"g\ \mathrm{outside\ the\ index}", r"g[\mathrm{index}]")
    number_variants = {"src": "ScatterBackward1"}

    def __init__(self, dim: int, index: Array, add: bool = False) -> None:
        self.dim, self.index, self.add = dim, index, add
        if add:
            self.backward_name = "ScatterAddBackward0"
            self.formula = r"x,\ \mathrm{out}[\mathrm{index}] \mathrel{+}= \mathrm{src}"
            self.vjp = ("g", self.vjp[1])

    def forward(self, x, src):
        out = x.copy()
        axis = self.axis = wrap_dim(self.dim, x.ndim)
        check_index("scatter", self.index, x, axis, src)
        self.where = along(self.index, axis) if x.ndim else ()
        if is_array(src):
            self.src_shape = src.shape
            src = src[tuple(slice(n) for n in self.index.shape)]
        else:
            src = xp.asarray(src).astype(x.dtype)[()]
        if self.add:
            add_at(out, self.where, src)
        else:
            out[self.where] = src
        return out

    def backward(self, g):
        g_src = None
        if self.needs[1]:
            part = tuple(slice(n) for n in self.index.shape)
            g_src = Place(self.src_shape, part)(Gather(self.axis, self.index)(g))
        return g if self.add else ZeroAt(self.where)(g), g_src


def along(index: Array, axis: int) -> tuple[Array, ...]:
    """The full index that picks `index` along `axis` and its own position along all others."""
    shapes = [(1,) * i + (-1,) + (1,) * (index.ndim - 1 - i) for i in range(index.ndim)]
    grid = [xp.arange(n, like=index).reshape(shape) for n, shape in zip(index.shape, shapes, strict=True)]
    grid[axis] = index
    return tuple(grid)


def check_index(name: str, index: Array, x: Array, axis: int, src: Any = None) -> None:
    """Raises RuntimeError unless an index fits `x`, along `axis` by its values, and `src`."""
    require_one_device(x, index, src)
    if not index.size:
        return
    if index.dtype not in ("int32", "int64"):
        raise RuntimeError(f"{name}(): Expected dtype int32/int64 for index")
    if is_array(src) and src.dtype != x.dtype:
        raise RuntimeError("scatter(): Expected self.dtype to be equal to src.dtype")
    if index.ndim != x.ndim:
        which = "input" if name == "gather" else "self"
        raise RuntimeError(f"Index tensor must have the same number of dimensions as {which} tensor")
    if is_array(src) and index.ndim != src.ndim:
        raise RuntimeError("Index tensor must have the same number of dimensions as src tensor")
    _check_sizes(name, index.shape, x.shape, axis, src)
    low, high = index.min(), index.max()
    if x.ndim and (low < 0 or high >= x.shape[axis]):
        raise RuntimeError(
            f"index {low if low < 0 else high} is out of bounds for dimension {axis} with size "
            f"{x.shape[axis]}"
        )


def _check_sizes(name: str, index: tuple[int, ...], x: tuple[int, ...], axis: int, src: Any) -> None:
    large = [dim for dim, (n, most) in enumerate(zip(index, x, strict=True)) if dim != axis and n > most]
    larger_than_src = is_array(src) and any(n > most for n, most in zip(index, src.shape, strict=True))
    expected = f"expected index {list(index)} to be no larger than self {list(x)} apart from dimension {axis}"
    if name == "gather" and large:
        raise RuntimeError(f"Size does not match at dimension {large[0]} {expected}")
    if large or larger_than_src:
        also = f" and to be no larger size than src {list(src.shape)}" if is_array(src) else ""
        raise RuntimeError(f"Expected {expected.removeprefix('expected ')}{also}")


@torch_function
@tensor_method
@numpy_names
def gather(input: Tensor, dim: int, index: Tensor, *, sparse_grad: bool = False) -> Tensor:
    """`out[i][j] = input[index[i][j]][j]` for dim 0, and so on; as large as `index` (int64)."""
    if input.ndim == 1 and index.ndim == 0:  # one number counts as a vector of one
        return Gather(dim, plain(index).reshape(1))(input).reshape(())
    return Gather(dim, plain(index))(input)


@torch_function
@tensor_method
@numpy_names
def take_along_dim(input: Tensor, indices: Tensor, dim: int | None = None) -> Tensor:
    """As `gather`, broadcasting; without `dim` in the flattened tensor."""
    if dim is None:
        return Gather(0, plain(indices).reshape(-1))(input.reshape(-1))
    axis = wrap_dim(dim, input.ndim)
    index = plain(indices)
    index = xp.where(index < 0, index + input.shape[axis], index)
    free = [1 if i == axis else n for i, n in enumerate(index.shape)]
    other = [1 if i == axis else n for i, n in enumerate(input.shape)]
    common = list(xp.broadcast_shapes(tuple(free), tuple(other)))
    common[axis] = index.shape[axis]
    index = xp.broadcast_to(index, tuple(common))
    common[axis] = input.shape[axis]
    return Gather(axis, index)(input.expand(*common))


@torch_function
@tensor_method
@numpy_names
def scatter(
    input: Tensor, dim: int, index: Tensor, src: Any = None, *, value: Any = None, reduce: Any = None
) -> Tensor:
    """A copy with `out[index[i][j]][j] = src[i][j]` for dim 0, and so on; `src` may be a number."""
    positions, values = _positions(input, index, value if src is None else src)
    return Scatter(dim, positions, _adds(reduce))(input, values)


@tensor_method
@numpy_names
def scatter_(
    self: Tensor, dim: int, index: Tensor, src: Any = None, *, value: Any = None, reduce: Any = None
) -> Tensor:
    positions, values = _positions(self, index, value if src is None else src)
    return inplace(Scatter(dim, positions, _adds(reduce)), self, values)


@torch_function
@tensor_method
@numpy_names
def scatter_add(input: Tensor, dim: int, index: Tensor, src: Tensor) -> Tensor:
    """A copy with `out[index[i][j]][j] += src[i][j]` for dim 0, and so on."""
    positions, values = _positions(input, index, src)
    return Scatter(dim, positions, add=True)(input, values)


@tensor_method
@numpy_names
def scatter_add_(self: Tensor, dim: int, index: Tensor, src: Tensor) -> Tensor:
    positions, values = _positions(self, index, src)
    return inplace(Scatter(dim, positions, add=True), self, values)


def _positions(target: Tensor, index: Tensor, values: Any) -> tuple[Array, Any]:
    """The index and the values to scatter; for a vector one number of either counts as a vector of one."""
    if target.ndim != 1:
        return plain(index), values
    if isinstance(values, Tensor) and values.ndim == 0:
        values = values.reshape(1)
    return (index.reshape(1) if index.ndim == 0 else index).array, values


def _adds(reduce: str | None) -> bool:
    if reduce not in (None, "add"):
        raise NotImplementedError(f"scatter: reduce='{reduce}' is not supported; 'add' is")
    return reduce == "add"
