"""Questions about tensors and dtypes, and what is the identity for real numbers in main memory."""

from __future__ import annotations

from typing import Any

from gradviz.engine import dtypes
from gradviz.engine.backend import xp
from gradviz.engine.creation import full
from gradviz.engine.errors import in_torchs_words
from gradviz.engine.ops.shape import sizes, transpose
from gradviz.engine.registry import tensor_method, torch_function
from gradviz.engine.tensor import Size, Tensor


@torch_function
@tensor_method
def is_nonzero(input: Tensor) -> bool:
    """Whether the only element is not zero."""
    if input.numel() != 1:
        what = "no values" if not input.numel() else "more than one value"
        raise RuntimeError(f"Boolean value of Tensor with {what} is ambiguous")
    return bool(input)


@torch_function
@tensor_method
def is_same_size(input: Tensor, other: Tensor) -> bool:
    """Whether both have the same shape."""
    return input.shape == other.shape


@torch_function
def is_signed(input: Tensor) -> bool:
    """Whether the dtype has negative numbers."""
    return input.is_signed()


@torch_function
def is_complex(input: Tensor) -> bool:
    """False: tensors hold real numbers."""
    return False


@torch_function
@tensor_method
def is_conj(input: Tensor) -> bool:
    """False: tensors hold real numbers."""
    return False


@torch_function
def can_cast(from_: dtypes.dtype, to: dtypes.dtype) -> bool:
    """Whether the category (bool, integer, float) does not go down, and unsigned stays so."""
    if dtypes.category(from_.array) > dtypes.category(to.array):
        return False
    return to is not dtypes.uint8 or from_ in (dtypes.uint8, dtypes.bool_) or not from_.is_signed


@torch_function
def broadcast_shapes(*shapes: Any) -> Size:
    """The shape that tensors of these shapes broadcast to."""
    try:
        return Size(xp.broadcast_shapes(*[(s,) if isinstance(s, int) else tuple(s) for s in shapes]))
    except ValueError as error:
        raise in_torchs_words(error) from None


@tensor_method
def sum_to_size(self: Tensor, *size: Any) -> Tensor:
    """The sum over what was broadcast from `size`."""
    shape = sizes(size)
    if not shape:
        return self.sum()
    if tuple(self.shape) == shape:
        return self
    trailing = self.shape[self.ndim - len(shape) :]
    fits = len(shape) <= self.ndim and all(n in (1, m) for n, m in zip(shape, trailing, strict=True))
    if not fits:
        raise RuntimeError(f"size {{{list(shape)}}} is not expandable to size {{{list(self.shape)}}}.")
    extra = self.ndim - len(shape)
    summed = [d for d, n in enumerate(self.shape) if d < extra or (shape[d - extra] == 1 and n != 1)]
    total = self.sum(summed, keepdim=True)
    return total.view(shape) if extra else total


@torch_function
@tensor_method
def adjoint(input: Tensor) -> Tensor:
    """The last two dimensions swapped."""
    return transpose(input, -2, -1)


@torch_function
@tensor_method
def conj(input: Tensor) -> Tensor:
    """The tensor itself, as its numbers are real."""
    return input


@torch_function
@tensor_method
def resolve_conj(input: Tensor) -> Tensor:
    """The tensor itself, as its numbers are real."""
    return input


@torch_function
def real(input: Tensor) -> Tensor:
    """The tensor itself, as its numbers are real."""
    return input


@torch_function
def scalar_tensor(s: float, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """A number as a tensor without dimensions, in the default float dtype."""
    return full((), s, dtype=dtype or dtypes.get_default_dtype(), device=device, requires_grad=requires_grad)


@tensor_method
def pin_memory(self: Tensor, device: Any = None) -> Tensor:
    """The tensor itself: it is in main memory, from where no GPU is fed."""
    return self


@tensor_method
def is_pinned(self: Tensor, device: Any = None) -> bool:
    return False


@tensor_method
def share_memory_(self: Tensor) -> Tensor:
    """The tensor itself: there are no other processes."""
    return self


@tensor_method
def is_shared(self: Tensor) -> bool:
    return False


Tensor.mH = property(adjoint, doc="The last two dimensions swapped.")
Tensor.real = property(real, doc="The tensor itself, as its numbers are real.")
Tensor.is_cpu = property(lambda self: not self.is_cuda, doc="Whether the tensor is in main memory.")
