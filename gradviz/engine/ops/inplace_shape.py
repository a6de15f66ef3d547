"""Tensors that change their own shape: no number moves, and views made of them before become unusable.

Source: https://docs.pytorch.org/docs/stable/generated/torch.Tensor.unsqueeze_.html, and others beside it
"""

from __future__ import annotations

from typing import Any

from gradviz.engine.inplace import inplace_view
from gradviz.engine.ops.shape import Squeeze, T, Transpose, Unsqueeze
from gradviz.engine.registry import tensor_method
from gradviz.engine.tape import Op
from gradviz.engine.tensor import Tensor


def _reshaped(op: Op, self: Tensor, backward_name: str) -> Tensor:
    op.backward_name = backward_name  # torch counts these after the ones that leave the tensor as it is
    return inplace_view(op, self)


@tensor_method
def unsqueeze_(self: Tensor, dim: int) -> Tensor:
    """A new dimension of size 1 at `dim`, in the tensor itself."""
    return _reshaped(Unsqueeze(dim), self, "UnsqueezeBackward1")


@tensor_method
def squeeze_(self: Tensor, dim: Any = None) -> Tensor:
    """Takes dimensions of size 1 (all, or those in `dim`) out of the tensor itself."""
    dims = tuple(dim) if isinstance(dim, tuple | list) else dim
    nr = 3 if dim is None else 5 if isinstance(dims, tuple) else 4
    return _reshaped(Squeeze(dims), self, f"SqueezeBackward{nr}")


@tensor_method
def t_(self: Tensor) -> Tensor:
    """Transposes a matrix itself; vectors and scalars stay as they are."""
    if self.ndim > 2:
        raise RuntimeError(f"t_() expects a tensor with <= 2 dimensions, but self is {self.ndim}D")
    return _reshaped(T(), self, "TBackward1")


@tensor_method
def transpose_(self: Tensor, dim0: int, dim1: int) -> Tensor:
    """Swaps two dimensions of the tensor itself."""
    return _reshaped(Transpose(dim0, dim1), self, "TransposeBackward1")
