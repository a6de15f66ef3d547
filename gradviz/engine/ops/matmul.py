"""Products of tensors of any number of dimensions, made of torch's steps: views and one product."""

from __future__ import annotations

import math

from gradviz.engine.backend import Array, is_array, xp
from gradviz.engine.errors import in_torchs_words, not_a_tensor
from gradviz.engine.ops.inplace_shape import squeeze_
from gradviz.engine.ops.linalg import bmm, dot, mm, mv
from gradviz.engine.ops.shape import UnsafeView, contiguous, expand, reshape, squeeze, t, transpose, unsqueeze
from gradviz.engine.registry import tensor_method, torch_function
from gradviz.engine.tensor import Tensor, wrap


@torch_function
@tensor_method
def matmul(input: Tensor, other: Tensor) -> Tensor:
    """The product of vectors, matrices or stacks of matrices

    https://pytorch.org/docs/stable/generated/torch.matmul.html
    """
    input, other = _operand(input, "input", 1), _operand(other, "other", 2)
    dims = input.array.ndim, other.array.ndim
    if dims == (2, 2):
        return mm(input, other)
    if 0 in dims:
        raise RuntimeError(
            f"both arguments to matmul need to be at least 1D, but they are {dims[0]}D and {dims[1]}D"
        )
    if dims == (1, 1):
        return dot(input, other)
    if dims == (2, 1):
        return mv(input, other)
    if dims == (1, 2):
        return squeeze_(mm(unsqueeze(input, 0), other), 0)
    if dims[0] >= 3 and dims[1] <= 2 and _folds(input.array, other):
        return _folded(input, other)
    if dims[1] >= 3 and dims[0] <= 2:
        flipped = transpose(other, -2, -1)
        if dims[0] == 1 and _folds(flipped.array, input):
            return _folded(flipped, input)
        if input.requires_grad:
            return contiguous(transpose(_folded(flipped, t(input)), -2, -1))
    if dims == (3, 3) and input.shape[0] != other.shape[0]:
        # A stack of one is a matrix: its gradient then needs no sum over copies.
        if input.shape[0] == 1 and input.requires_grad:
            return matmul(squeeze(input, 0), other)
        if other.shape[0] == 1 and other.requires_grad:
            return matmul(input, squeeze(other, 0))
    return _batched(input, other)


def _operand(x: Tensor | Array, name: str, position: int) -> Tensor:
    if isinstance(x, Tensor):
        return x
    if not is_array(x):
        raise not_a_tensor("matmul", name, position, x)
    return wrap(x)


def _folds(stack: Array, matrix: Tensor) -> bool:
    """Whether the matrices of a stack can be taken for one, without a copy or to spare the matrix one."""
    if matrix.requires_grad or not stack.size:
        return True
    pairs = zip(stack.strides[:-2], stack.shape[1:-1], stack.strides[1:-1], strict=True)
    return all(outer == n * inner for outer, n, inner in pairs)


def _folded(stack: Tensor, other: Tensor) -> Tensor:
    """All rows of a stack of matrices, times a matrix or vector."""
    rows = reshape(stack, math.prod(stack.shape[:-1]), stack.shape[-1])
    product = (mm if other.ndim == 2 else mv)(rows, other)
    return UnsafeView((*stack.shape[:-1], *other.shape[1:]))(product)


def _batched(input: Tensor, other: Tensor) -> Tensor:
    """Two stacks, broadcast to one size; a vector on the right is one column in each."""
    left = input.shape[-2:] if input.ndim > 1 else (1, *input.shape)
    right = other.shape[-2:] if other.ndim > 1 else other.shape
    try:
        stack = xp.broadcast_shapes(input.shape[:-2], other.shape[:-2])
    except ValueError as error:
        raise in_torchs_words(error) from None
    count = math.prod(stack)
    a = reshape(expand(input, (*stack, *left)), count, *left)
    b = reshape(expand(other, (*stack, *right)), count, *right)
    if other.ndim == 1:
        return UnsafeView((*stack, left[0]))(squeeze(bmm(a, unsqueeze(b, 2)), -1))
    rows = left[:1] if input.ndim > 1 else ()
    return UnsafeView((*stack, *rows, right[1]))(bmm(a, b))
