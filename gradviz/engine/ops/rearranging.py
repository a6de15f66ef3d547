"""Rearrangements that copy: flipping, rolling, repeating."""

from __future__ import annotations

from typing import Any

from gradviz.engine.backend import beside, in_order, to_numpy, xp
from gradviz.engine.ops.indexing import index_select
from gradviz.engine.ops.shape import clone, expand, flatten, reshape, sizes, unsqueeze, wrap_dim
from gradviz.engine.polymorphic import plain
from gradviz.engine.registry import tensor_method, torch_function
from gradviz.engine.tape import Op
from gradviz.engine.tensor import Tensor, wrap


class Flip(Op):
    args = terms = ("x",)
    formula = r"\mathrm{flip}(x)"
    vjp = (r"\mathrm{flip}(g)",)

    def __init__(self, dims: tuple[int, ...]) -> None:
        self.dims = dims

    def forward(self, x):
        axes = tuple(wrap_dim(d, x.ndim) for d in self.dims)
        if len(set(axes)) != len(axes):
            raise RuntimeError("dim appears multiple times in the list of dims")
        return xp.flip(x, axes).copy() if x.ndim else x.copy()

    def backward(self, g):
        return flip(g, self.dims)


class Roll(Op):
    args = terms = ("x",)
    formula = r"\mathrm{roll}(x)"
    vjp = (r"\mathrm{roll}^{-1}(g)",)

    def __init__(self, shifts: Any, dims: Any) -> None:
        self.shifts, self.dims = shifts, dims

    def forward(self, x):
        return xp.roll(in_order(x), self.shifts, self.dims)

    def backward(self, g):
        back = -self.shifts if isinstance(self.shifts, int) else tuple(-s for s in self.shifts)
        return roll(g, back, self.dims)


class Repeat(Op):
    """Whole copies side by side."""

    args = terms = ("x",)
    formula = r"\mathrm{repeat}(x)"
    vjp = (r"\textstyle\sum_{\mathrm{copies}} g",)

    def __init__(self, repeats: tuple[int, ...]) -> None:
        self.repeats = repeats

    def forward(self, x):
        if len(self.repeats) < x.ndim:
            raise RuntimeError(
                "Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor"
            )
        self.shape = (1,) * (len(self.repeats) - x.ndim) + x.shape
        return xp.tile(in_order(x), self.repeats)

    def backward(self, g):
        pairs = [n for pair in zip(self.repeats, self.shape, strict=True) for n in pair]
        return g.reshape(tuple(pairs)).sum(tuple(range(0, len(pairs), 2))) if pairs else g


@torch_function
@tensor_method
def flip(input: Tensor, *args: Any, dims: Any = ()) -> Tensor:
    """The elements in reverse order along `dims`, as a copy."""
    return Flip(sizes(args or (dims,)))(input)


class Rot90(Op):
    args = terms = ("x",)
    formula = r"\mathrm{rot90}(x)"
    vjp = (r"\mathrm{rot90}^{-1}(g)",)
    op_name = "rot90"

    def __init__(self, k: int, dims: tuple[int, ...]) -> None:
        self.k, self.dims = k, dims

    def forward(self, x):
        return xp.rot90(x, self.k, self.dims).copy()

    def backward(self, g):
        return Rot90(-self.k, self.dims)(g)


@torch_function
@tensor_method
def rot90(input: Tensor, k: int = 1, dims: Any = (0, 1)) -> Tensor:
    """A plane turned by `k` right angles, from the first of `dims` towards the second, as a copy."""
    dims = tuple(dims)
    if len(dims) != 2:
        raise RuntimeError(f"expected total rotation dims == 2, but got dims = {len(dims)}")
    if input.ndim < 2:
        raise RuntimeError(f"expected total dims >= 2, but got total dims = {input.ndim}")
    first, second = (wrap_dim(d, input.ndim) for d in dims)
    if first == second:
        raise RuntimeError(
            f"expected rotation dims to be different, but got dim0 = {dims[0]} and dim1 = {dims[1]}"
        )
    return Rot90(k, (first, second))(input)


@torch_function
@tensor_method
def fliplr(input: Tensor) -> Tensor:
    if input.ndim < 2:
        raise RuntimeError("Input must be >= 2-d.")
    return flip(input, 1)


@torch_function
@tensor_method
def flipud(input: Tensor) -> Tensor:
    if input.ndim < 1:
        raise RuntimeError("Input must be >= 1-d.")
    return flip(input, 0)


@torch_function
@tensor_method
def roll(input: Tensor, shifts: Any, dims: Any = None) -> Tensor:
    """The elements shifted, those falling off the end coming in at the start."""
    shifts = sizes((shifts,))
    if not shifts:
        raise RuntimeError("`shifts` required")
    if dims is None:
        if len(shifts) != 1:
            raise RuntimeError(f"shifts and dimensions must align. shifts: {len(shifts)}, dims:0")
        return Roll(shifts[0], None)(input)
    dims = sizes((dims,))
    if len(shifts) != len(dims):
        raise RuntimeError(f"shifts and dimensions must align. shifts: {len(shifts)}, dims:{len(dims)}")
    if dims and not input.ndim:
        raise IndexError(f"Dimension specified as {dims[0]} but tensor has no dimensions")
    return Roll(shifts, tuple(wrap_dim(d, input.ndim) for d in dims))(input)


@tensor_method
def repeat(self: Tensor, *args: Any, repeats: Any = ()) -> Tensor:
    """Copies of the tensor side by side, so many along each dimension."""
    return _repeated(self, sizes(args or (repeats,)))


@torch_function
@tensor_method
def tile(input: Tensor, *args: Any, dims: Any = ()) -> Tensor:
    """As `repeat`; missing leading dimensions count 1."""
    counts = sizes(args or (dims,))
    return _repeated(input, (1,) * (input.ndim - len(counts)) + counts)


def _repeated(x: Tensor, counts: tuple[int, ...]) -> Tensor:
    if any(count < 0 for count in counts) and len(counts) >= x.ndim:
        shape = [n * count for n, count in zip((1,) * (len(counts) - x.ndim) + x.shape, counts, strict=True)]
        negative = min(-1, *shape)
        raise RuntimeError(f"Trying to create tensor with negative dimension {negative}: {shape}")
    return Repeat(counts)(x)


@torch_function
@tensor_method
def repeat_interleave(
    input: Tensor, repeats: Any, dim: int | None = None, *, output_size: Any = None
) -> Tensor:
    """Every element (or slice along `dim`) repeated so many times in place."""
    if dim is None:
        input, dim = reshape(input, -1), 0
    if isinstance(repeats, int) and input.ndim:
        axis = wrap_dim(dim, input.ndim)
        wide = [*input.shape[: axis + 1], repeats, *input.shape[axis + 1 :]]
        return flatten(clone(expand(unsqueeze(input, axis + 1), wide)), axis, axis + 1)
    positions = xp.repeat(xp.arange(input.shape[dim]), to_numpy(plain(repeats)))
    return index_select(input, dim, wrap(beside(positions, plain(input))))


@torch_function
def meshgrid(*tensors: Any, indexing: str = "ij") -> tuple[Tensor, ...]:
    """Grids of coordinates from vectors; "ij" (the default) or "xy" says which comes first."""
    vectors = list(tensors[0]) if len(tensors) == 1 and not isinstance(tensors[0], Tensor) else list(tensors)
    for v in vectors:
        if v.ndim > 1:
            raise RuntimeError(
                "torch.meshgrid: Expected 0D or 1D tensor in the tensor list but got: "
                + "".join(f" {n}" for n in v.shape)
            )
    n = len(vectors)
    order = list(range(n))
    if indexing == "xy" and n > 1:
        order[0], order[1] = 1, 0
    elif indexing not in ("ij", "xy"):
        raise RuntimeError(f'torch.meshgrid: indexing must be one of "xy" or "ij", but received: {indexing}')
    shaped = [
        reshape(v, *[-1 if axis == order[i] else 1 for axis in range(n)]) for i, v in enumerate(vectors)
    ]
    shape = tuple(v.numel() for v in (vectors[i] for i in order))
    return tuple(expand(v, shape) for v in shaped)
