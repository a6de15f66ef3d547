"""Choosing by a mask: where, masked_fill and their like."""

from __future__ import annotations

from typing import Any

from gradviz.engine.backend import Array, asarray, in_order, is_array, xp
from gradviz.engine.dtypes import of_array, promote, result_type
from gradviz.engine.inplace import inplace
from gradviz.engine.ops.indexing import Index
from gradviz.engine.polymorphic import plain
from gradviz.engine.registry import tensor_method, torch_function
from gradviz.engine.tape import Op
from gradviz.engine.tensor import Tensor, wrap


class Where(Op):
    args = ("x", "y")
    saves = ("mask",)
    formula = r"x\ \mathrm{if}\ c\ \mathrm{else}\ y"
    vjp = (r"g \odot c", r"g \odot \neg c")
    symbols = {"c": "condition"}

    def __init__(self, condition: Tensor | Array) -> None:
        self.condition = plain(condition)
        if isinstance(condition, Tensor):
            self.companions = {"condition": condition}

    def forward(self, x, y):
        self.mask = self.condition
        return xp.where(self.condition, *promote(x, y))

    def backward(self, g, mask):
        zero = xp.zeros((), plain(g).dtype, like=plain(g))
        return Where(mask)(g, zero), Where(mask)(zero, g) if self.needs[1] else None


class MaskedFill(Op):
    args = ("x", "value")
    saves = ("where",)
    formula = r"\mathrm{value}\ \mathrm{if}\ \mathrm{mask}\ \mathrm{else}\ x"
    vjp = (r"g \odot \neg \mathrm{mask}", r"g \odot \mathrm{mask}")
    backward_name = "MaskedFillBackward1"
    number_variants = {"value": "MaskedFillBackward0"}

    def __init__(self, mask: Tensor) -> None:
        self.mask = plain(mask)
        if self.mask.dtype != bool:
            raise RuntimeError(
                "masked_fill_ only supports boolean masks, but got mask with dtype "
                f"{of_array(self.mask.dtype).c_name}"
            )
        if isinstance(mask, Tensor):
            self.companions = {"mask": mask}

    def forward(self, x, value):
        if is_array(value) and value.ndim:
            raise RuntimeError(
                "masked_fill_ only supports a 0-dimensional value tensor, but got tensor with "
                f"{value.ndim} dimension(s)."
            )
        if isinstance(value, complex):
            raise RuntimeError(
                f"value cannot be converted to type {of_array(x.dtype).c_name} without overflow"
            )
        self.where = self.mask
        return in_order(xp.where(self.mask, asarray(value).astype(x.dtype)[()], x))

    def backward(self, g, where):
        zero = xp.zeros((), plain(g).dtype, like=plain(g))
        return Where(where)(zero, g), Where(where)(g, zero).sum() if self.needs[1] else None


class MaskedSelect(Index):
    """The elements where a mask is true, as a vector; both broadcast."""

    def forward(self, x):
        (mask,) = self.index
        self.shape = xp.broadcast_shapes(x.shape, mask.shape)
        self.index = (xp.broadcast_to(mask, self.shape),)
        return xp.broadcast_to(x, self.shape)[self.index]


@torch_function
def where(condition: Tensor, input: Any = None, other: Any = None) -> Any:
    """`input` where the condition holds, else `other`; alone, the indices where it holds."""
    if input is None and other is None:
        return nonzero(condition, as_tuple=True)
    if plain(condition).dtype not in (bool, "uint8"):
        raise RuntimeError(
            f"where expected condition to be a boolean tensor, but got a tensor with dtype "
            f"{of_array(plain(condition).dtype).scalar_name}"
        )
    if not (isinstance(input, Tensor) or is_array(input)) and not (
        isinstance(other, Tensor) or is_array(other)
    ):
        input = wrap(xp.asarray(input, result_type(input, other), like=plain(condition)))
    return Where(condition)(input, other)


def _where_method(self: Tensor, condition: Tensor, other: Any) -> Tensor:
    """`self` where the condition holds, else `other`."""
    return where(condition, self, other)


Tensor.where = _where_method


@torch_function
@tensor_method
def masked_fill(input: Tensor, mask: Tensor, value: Any) -> Tensor:
    """A copy with `value` where the boolean mask is true."""
    return MaskedFill(mask)(input, value)


@tensor_method
def masked_fill_(self: Tensor, mask: Tensor, value: Any) -> Tensor:
    return inplace(MaskedFill(mask), self, value)


@torch_function
@tensor_method
def masked_select(input: Tensor, mask: Tensor) -> Tensor:
    """The elements where the boolean mask is true, as a vector."""
    if plain(mask).dtype != bool:
        raise RuntimeError("masked_select: expected BoolTensor for mask")
    return MaskedSelect((plain(mask),))(input)


@torch_function
@tensor_method
def nonzero(input: Tensor, *, as_tuple: bool = False) -> Any:
    """The indices (int64) of all elements that are not zero: a row each; `as_tuple`: a vector a dimension."""
    array = plain(input)
    found = array.nonzero() if array.ndim else xp.atleast_1d(array).nonzero()
    if as_tuple:
        return tuple(wrap(i) for i in found)
    return wrap(xp.stack(found, 1) if array.ndim else xp.zeros((len(found[0]), 0), "int64", like=array))


@torch_function
@tensor_method
def argwhere(input: Tensor) -> Tensor:
    return nonzero(input)
