"""Joining tensors and taking them apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import accumulate, pairwise
from typing import Any

from gradviz.engine.backend import in_order, is_array, xp
from gradviz.engine.dtypes import result_type
from gradviz.engine.ops.indexing import Slice
from gradviz.engine.ops.shape import reshape, unsqueeze, wrap_dim
from gradviz.engine.registry import TORCH_FUNCTIONS, numpy_names, tensor_method, torch_function
from gradviz.engine.tape import Op
from gradviz.engine.tensor import Tensor


class Cat(Op):
    args = terms = ("tensors",)
    formula = r"[x_{1}, x_{2}, \ldots]"
    vjp = (r"g\ \mathrm{of\ this\ part}",)

    def __init__(self, dim: int) -> None:
        self.dim = dim

    def forward(self, *arrays):
        full = [a for a in arrays if a.shape != (0,)] or [arrays[0]]  # torch skips empty vectors
        first = full[0]
        for i, a in enumerate(full):
            if a.ndim == 0:
                raise RuntimeError(f"zero-dimensional tensor (at position {i}) cannot be concatenated")
        axis = self.axis = wrap_dim(self.dim, first.ndim)
        for i, a in enumerate(full):
            if a.ndim != first.ndim:
                raise RuntimeError(
                    f"Tensors must have same number of dimensions: got {first.ndim} and {a.ndim}"
                )
            for d, (n, m) in enumerate(zip(first.shape, a.shape, strict=True)):
                if n != m and d != axis:
                    raise RuntimeError(
                        f"Sizes of tensors must match except in dimension {axis}. Expected size {n} but got "
                        f"size {m} for tensor number {i} in the list."
                    )
        self.ends = list(accumulate(0 if a.shape == (0,) else a.shape[axis] for a in arrays))
        return in_order(xp.concatenate(full, axis, dtype=result_type(*arrays)))

    def backward(self, g):
        whole = (slice(None),) * self.axis
        starts = [0, *self.ends[:-1]]
        return tuple(
            g[(*whole, slice(start, end))] if start < end else None
            for start, end in zip(starts, self.ends, strict=True)
        )


class Stack(Op):
    args = terms = ("tensors",)
    formula = r"[x_{1}, x_{2}, \ldots]"
    vjp = (r"g\ \mathrm{of\ this\ part}",)

    def __init__(self, dim: int) -> None:
        self.dim = dim

    def forward(self, *arrays):
        for i, a in enumerate(arrays):
            if a.shape != arrays[0].shape:
                raise RuntimeError(
                    f"stack expects each tensor to be equal size, but got {list(arrays[0].shape)} at entry "
                    f"0 and {list(a.shape)} at entry {i}"
                )
        self.axis = wrap_dim(self.dim, arrays[0].ndim + 1)
        return in_order(xp.stack(arrays, self.axis, dtype=result_type(*arrays)))

    def backward(self, g):
        whole = (slice(None),) * self.axis
        return tuple(g[(*whole, i)] for i in range(len(self.edges)))


class Split(Op):
    """Consecutive parts of a dimension, as views."""

    args = ("x",)
    formula = r"[\mathrm{out}_{1}, \mathrm{out}_{2}, \ldots] = x"
    vjp = (r"[g_{1}, g_{2}, \ldots]",)
    is_view = True

    def __init__(self, sizes: tuple[int, ...], dim: int, by_size: bool = True) -> None:
        self.sizes, self.dim = sizes, dim
        self.backward_name = "SplitBackward0" if by_size else "SplitWithSizesBackward0"

    def forward(self, x):
        axis = wrap_dim(self.dim, x.ndim)
        parts, start = [], 0
        for size in self.sizes:
            parts.append(x[(slice(None),) * axis + (slice(start, start + size),)])
            start += size
        return tuple(parts)

    def backward(self, *grads):
        return cat(grads, self.dim)


class UnsafeSplit(Split):
    """Parts that torch does not keep track of: they may be changed in place, unknown to the whole."""

    tracks_view = False

    def __init__(self, sizes: tuple[int, ...], dim: int) -> None:
        self.sizes, self.dim = sizes, dim


class Unbind(Op):
    """The slices along a dimension, without it, as views."""

    args = ("x",)
    formula = r"[\mathrm{out}_{1}, \mathrm{out}_{2}, \ldots] = x"
    vjp = (r"[g_{1}, g_{2}, \ldots]",)
    is_view = True

    def __init__(self, dim: int) -> None:
        self.dim = dim

    def forward(self, x):
        if not x.ndim:
            raise IndexError("Dimension specified as 0 but tensor has no dimensions")
        along = xp.moveaxis(x, wrap_dim(self.dim, x.ndim), 0)
        return tuple(along[i, ...] for i in range(len(along)))  # with "..." also numbers come as arrays

    def backward(self, *grads):
        return stack(grads, self.dim)


def _check_list(name: str, tensors: Any) -> None:
    if not isinstance(tensors, (list, tuple)):
        have = type(tensors).__name__
        raise TypeError(f"{name}(): argument 'tensors' (position 1) must be tuple of Tensors, not {have}")
    for i, x in enumerate(tensors):
        if not (isinstance(x, Tensor) or is_array(x)):
            raise TypeError(f"expected Tensor as element {i} in argument 0, but got {type(x).__name__}")


@torch_function
@numpy_names
def cat(tensors: Sequence[Tensor], dim: int = 0) -> Tensor:
    """The tensors one after the other along an existing dimension."""
    _check_list("cat", tensors)
    if not tensors:
        raise ValueError("torch.cat(): expected a non-empty list of Tensors")
    return Cat(dim)(*tensors)


@torch_function
@numpy_names
def stack(tensors: Sequence[Tensor], dim: int = 0) -> Tensor:
    """Tensors of one shape side by side along a new dimension."""
    _check_list("stack", tensors)
    if not tensors:
        raise RuntimeError("stack expects a non-empty TensorList")
    return Stack(dim)(*tensors)


@torch_function
def atleast_1d(*tensors: Any) -> Any:
    """With at least one dimension; of several tensors (or a list of them) a tuple."""
    return _each(lambda x: reshape(x, 1) if x.ndim == 0 else x, tensors)


@torch_function
def atleast_2d(*tensors: Any) -> Any:
    """With at least two dimensions, new ones in front; of several tensors (or a list of them) a tuple."""
    return _each(_with_two_dimensions, tensors)


@torch_function
def atleast_3d(*tensors: Any) -> Any:
    """With at least three dimensions, of which a matrix gets the last; of several tensors a tuple."""
    return _each(_with_three_dimensions, tensors)


def _with_two_dimensions(x: Tensor) -> Tensor:
    return reshape(x, 1, 1) if x.ndim == 0 else unsqueeze(x, 0) if x.ndim == 1 else x


def _with_three_dimensions(x: Tensor) -> Tensor:
    if x.ndim == 0:
        return reshape(x, 1, 1, 1)
    if x.ndim == 1:
        return unsqueeze(unsqueeze(x, 0), -1)
    return unsqueeze(x, -1) if x.ndim == 2 else x


def _each(function: Callable[[Tensor], Tensor], tensors: tuple) -> Any:
    """The function of a single tensor, or of every one of several."""
    if len(tensors) == 1 and isinstance(tensors[0], Tensor):
        return function(tensors[0])
    return tuple(function(x) for x in (tensors[0] if len(tensors) == 1 else tensors))


@torch_function
def hstack(tensors: Sequence[Tensor]) -> Tensor:
    """Side by side: vectors end to end, matrices by columns."""
    tensors = _some("hstack", atleast_1d, tensors)
    return cat(tensors, 0 if tensors[0].ndim == 1 else 1)


@torch_function
def vstack(tensors: Sequence[Tensor]) -> Tensor:
    """One below the other: vectors count as rows."""
    return cat(_some("vstack", atleast_2d, tensors), 0)


@torch_function
def dstack(tensors: Sequence[Tensor]) -> Tensor:
    """One behind the other, along the third dimension."""
    return cat(_some("dstack", atleast_3d, tensors), 2)


def _some(name: str, shaped: Callable, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
    if not tensors:
        raise RuntimeError(f"{name} expects a non-empty TensorList")
    return shaped(list(tensors))


@torch_function
@tensor_method
@numpy_names
def split(tensor: Tensor, split_size_or_sections: Any, dim: int = 0) -> tuple[Tensor, ...]:
    """Consecutive parts of so many elements each (the last may be shorter), or of the sizes listed."""
    n = tensor.shape[wrap_dim(dim, tensor.ndim)]
    if isinstance(split_size_or_sections, int):
        size = split_size_or_sections
        if size == 0 and n:
            raise RuntimeError(
                f"split_size can only be 0 if dimension size is 0, but got dimension size of {n}"
            )
        if size < 0:
            raise RuntimeError(f"split expects split_size be non-negative, but got split_size={size}")
        parts = tuple(min(size, n - start) for start in range(0, n, size)) if n else (0,)
        return Split(parts, dim)(tensor)
    parts = tuple(split_size_or_sections)
    if sum(parts) != n:
        raise RuntimeError(
            f"split_with_sizes expects split_sizes to sum exactly to {n} (input tensor's size at dimension "
            f"{dim}), but got split_sizes={list(parts)}"
        )
    return Split(parts, dim, by_size=False)(tensor)


@torch_function
@tensor_method
@numpy_names
def chunk(input: Tensor, chunks: int, dim: int = 0) -> tuple[Tensor, ...]:
    """At most so many consecutive parts of equal size (the last may be shorter)."""
    if not input.ndim:
        raise RuntimeError("chunk expects at least a 1-dimensional tensor")
    if chunks <= 0:
        raise RuntimeError(f"chunk expects `chunks` to be greater than 0, got: {chunks}")
    n = input.shape[wrap_dim(dim, input.ndim)]
    return split(input, max(1, -(-n // chunks)), dim)


@torch_function
@tensor_method
def unsafe_chunk(input: Tensor, chunks: int, dim: int = 0) -> tuple[Tensor, ...]:
    """As `chunk`, for parts of which each is used on its own."""
    if not input.ndim:
        raise RuntimeError("chunk expects at least a 1-dimensional tensor")
    if chunks <= 0:
        raise RuntimeError(f"chunk expects `chunks` to be greater than 0, got: {chunks}")
    n = input.shape[wrap_dim(dim, input.ndim)]
    size = max(1, -(-n // chunks))
    return UnsafeSplit(tuple(min(size, n - start) for start in range(0, n, size)), dim)(input)


@torch_function
@tensor_method
@numpy_names
def split_with_sizes(input: Tensor, split_sizes: Any, dim: int = 0) -> tuple[Tensor, ...]:
    """Consecutive parts of the sizes listed."""
    return split(input, list(split_sizes), dim)


@torch_function
@tensor_method
@numpy_names
def tensor_split(input: Tensor, indices_or_sections: Any, dim: int = 0) -> tuple[Tensor, ...]:
    """So many parts of nearly equal size, or parts that end before the indices listed; each a view."""
    if not input.ndim:
        raise RuntimeError(
            "tensor_split expected at least a 1-dimensional tensor, but got a tensor with 0 dims"
        )
    axis = wrap_dim(dim, input.ndim)
    n = input.shape[axis]
    if isinstance(indices_or_sections, Tensor):
        indices_or_sections = indices_or_sections.tolist()
    if isinstance(indices_or_sections, int):
        if indices_or_sections <= 0:
            raise RuntimeError(f"number of sections must be larger than 0, got {indices_or_sections}")
        small, extra = divmod(n, indices_or_sections)
        edges = [i * small + min(i, extra) for i in range(indices_or_sections + 1)]
    else:
        edges = [0, *[min(max(i + n if i < 0 else i, 0), n) for i in indices_or_sections], n]
    ranges = [slice(start, max(start, end)) for start, end in pairwise(edges)]
    return tuple(Slice((slice(None),) * axis + (part,))(input) for part in ranges)


def _split_along(name: str, axis: int, least: int) -> Callable:
    """Publishes a function that splits along one dimension, of tensors with at least so many."""

    def function(input: Tensor, indices_or_sections: Any) -> tuple[Tensor, ...]:
        if input.ndim < least:
            raise RuntimeError(
                f"torch.{name} requires a tensor with at least {least} dimension, but "
                f"got a tensor with {input.ndim} dimensions!"
            )
        dim = 0 if input.ndim == 1 else axis
        sections = indices_or_sections
        if isinstance(sections, str):
            raise TypeError(
                f"{name}() received an invalid combination of arguments - got (Tensor, str), but expected a "
                "number of sections or the indices at which to split"
            )
        if isinstance(sections, int) and (sections <= 0 or input.shape[dim] % sections):
            raise RuntimeError(
                f"torch.{name} attempted to split along dimension {dim}, but the size of the dimension "
                f"{input.shape[dim]} is not divisible by the split_size {sections}!"
            )
        return tensor_split(input, sections, dim)

    function.__name__, function.__doc__ = name, f"Parts along dimension {axis}, as `tensor_split`."
    return tensor_method(torch_function(function))


hsplit = _split_along("hsplit", 1, 1)
vsplit = _split_along("vsplit", 0, 2)
dsplit = _split_along("dsplit", 2, 3)


@torch_function
@tensor_method
@numpy_names
def unbind(input: Tensor, dim: int = 0) -> tuple[Tensor, ...]:
    """All slices along a dimension, without it."""
    return Unbind(dim)(input)


@torch_function
def column_stack(tensors: Sequence[Tensor]) -> Tensor:
    """Vectors as the columns of a matrix."""
    return hstack([reshape(t, -1, 1) if t.ndim < 2 else t for t in tensors])


TORCH_FUNCTIONS["concat"] = TORCH_FUNCTIONS["concatenate"] = TORCH_FUNCTIONS["cat"]
TORCH_FUNCTIONS["row_stack"] = TORCH_FUNCTIONS["vstack"]
