"""Joining tensors and taking them apart."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Any

from gradviz.engine.backend import is_array, xp
from gradviz.engine.dtypes import result_type
from gradviz.engine.ops.shape import reshape, wrap_dim
from gradviz.engine.registry import TORCH_FUNCTIONS, numpy_names, tensor_method, torch_function
from gradviz.engine.tape import Op
from gradviz.engine.tensor import Tensor


class Cat(Op):
    args = terms = ("tensors",)
    formula = r"[x_{1}, x_{2}, \ldots]"
    vjp = (r"g\ \mathrm{of\ this\ part}",)
    symbols = {"x": "tensors"}

    def __init__(self, dim: int) -> None:
        self.dim = dim

    def forward(self, *arrays):
        full = [a for a in arrays if a.shape != (0,)] or [arrays[0]]  # torch skips empty vectors
        first = full[0]
        axis = self.axis = wrap_dim(self.dim, first.ndim)
        for i, a in enumerate(full):
            if a.ndim == 0:
                raise RuntimeError(f"zero-dimensional tensor (at position {i}) cannot be concatenated")
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
        return xp.concatenate(full, axis, dtype=result_type(*arrays))

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
    symbols = {"x": "tensors"}

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
        return xp.stack(arrays, self.axis, dtype=result_type(*arrays))

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
def hstack(tensors: Sequence[Tensor]) -> Tensor:
    """Side by side: vectors end to end, matrices by columns."""
    if not tensors:
        raise RuntimeError("hstack expects a non-empty TensorList")
    tensors = [reshape(t, 1) if t.ndim == 0 else t for t in tensors]
    return cat(tensors, 0 if tensors[0].ndim == 1 else 1)


@torch_function
def vstack(tensors: Sequence[Tensor]) -> Tensor:
    """One below the other: vectors count as rows."""
    if not tensors:
        raise RuntimeError("vstack expects a non-empty TensorList")
    return cat([reshape(t, 1, -1) if t.ndim < 2 else t for t in tensors], 0)


@torch_function
@tensor_method
@numpy_names
def split(tensor: Tensor, split_size_or_sections: Any, dim: int = 0) -> tuple[Tensor, ...]:
    """Consecutive parts of so many elements each (the last may be shorter), or of the sizes listed."""
    n = tensor.shape[wrap_dim(dim, tensor.ndim)]
    if isinstance(split_size_or_sections, int):
        size = split_size_or_sections
        if size < 0 or (size == 0 and n):
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
    if chunks <= 0:
        raise RuntimeError(f"chunk expects `chunks` to be greater than 0, got: {chunks}")
    n = input.shape[wrap_dim(dim, input.ndim)]
    return split(input, max(1, -(-n // chunks)), dim)


@torch_function
@tensor_method
def unsafe_chunk(input: Tensor, chunks: int, dim: int = 0) -> tuple[Tensor, ...]:
    """As `chunk`, for parts of which each is used on its own."""
    if chunks <= 0:
        raise RuntimeError(f"chunk expects `chunks` to be greater than 0, got: {chunks}")
    n = input.shape[wrap_dim(dim, input.ndim)]
    size = max(1, -(-n // chunks))
    return UnsafeSplit(tuple(min(size, n - start) for start in range(0, n, size)), dim)(input)


@torch_function
@tensor_method
@numpy_names
def tensor_split(input: Tensor, indices_or_sections: Any, dim: int = 0) -> tuple[Tensor, ...]:
    """So many parts of nearly equal size, or parts that end before the indices listed."""
    n = input.shape[wrap_dim(dim, input.ndim)]
    if isinstance(indices_or_sections, Tensor):
        indices_or_sections = indices_or_sections.tolist()
    if isinstance(indices_or_sections, int):
        small, extra = divmod(n, indices_or_sections)
        parts = [small + 1] * extra + [small] * (indices_or_sections - extra)
    else:
        edges = [0, *[min(max(i + n if i < 0 else i, 0), n) for i in indices_or_sections], n]
        parts = [max(0, end - start) for start, end in pairwise(edges)]
    return Split(tuple(parts), dim, by_size=False)(input)


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


TORCH_FUNCTIONS["concat"] = TORCH_FUNCTIONS["concatenate"] = cat
