"""Python's operators on tensors."""

from __future__ import annotations

from typing import Any

from gradviz.engine.backend import is_array, xp
from gradviz.engine.ops.arithmetic import (
    add,
    add_,
    mul,
    mul_,
    pow,
    pow_,
    rsub,
    sub,
    sub_,
)
from gradviz.engine.ops.comparison import (
    bitwise_and,
    bitwise_not,
    bitwise_or,
    bitwise_xor,
    eq,
    ge,
    gt,
    le,
    lt,
    ne,
)
from gradviz.engine.ops.division import div, div_, floor_divide, floor_divide_, remainder, remainder_
from gradviz.engine.ops.integers import bitwise_left_shift, bitwise_right_shift
from gradviz.engine.ops.matmul import matmul
from gradviz.engine.ops.pointwise import abs, neg, reciprocal
from gradviz.engine.tensor import Tensor


def _inverted(self: Tensor) -> Tensor:
    if self.is_floating_point():
        raise TypeError("~ (operator.invert) is only implemented on integer and Boolean-type tensors")
    return bitwise_not(self)


_NUMBERS = (Tensor, float, int, xp.generic)


def _operator(function: Any, swapped: bool = False, kinds: tuple[type, ...] = _NUMBERS) -> Any:
    """The method for an operator, which leaves operands it does not know to their own class."""

    def method(self: Tensor, other: Any) -> Any:
        if type(other) is not Tensor:  # asked first, since it is the usual case
            if not isinstance(other, kinds) and not is_array(other):
                return NotImplemented
            if isinstance(other, xp.generic):
                other = other.item()
        return function(other, self) if swapped else function(self, other)

    return method


Tensor.__add__ = Tensor.__radd__ = _operator(add)
Tensor.__sub__ = _operator(sub)
Tensor.__rsub__ = _operator(rsub)
Tensor.__mul__ = Tensor.__rmul__ = _operator(mul)
Tensor.__truediv__ = _operator(div)
Tensor.__rtruediv__ = _operator(lambda self, number: mul(reciprocal(self), number))  # as torch records it
Tensor.__floordiv__ = _operator(floor_divide)
Tensor.__rfloordiv__ = _operator(floor_divide, swapped=True)
Tensor.__mod__ = _operator(remainder)
Tensor.__rmod__ = _operator(remainder, swapped=True)
Tensor.__pow__ = _operator(pow)
Tensor.__rpow__ = _operator(pow, swapped=True)
Tensor.__matmul__ = _operator(matmul, kinds=(Tensor,))
Tensor.__rmatmul__ = _operator(matmul, swapped=True, kinds=(Tensor,))
Tensor.__iadd__ = _operator(add_)
Tensor.__isub__ = _operator(sub_)
Tensor.__imul__ = _operator(mul_)
Tensor.__itruediv__ = _operator(div_)
Tensor.__ipow__ = _operator(pow_)
Tensor.__ifloordiv__ = _operator(floor_divide_)
Tensor.__imod__ = _operator(remainder_)
Tensor.__iand__ = _operator(Tensor.bitwise_and_)
Tensor.__ior__ = _operator(Tensor.bitwise_or_)
Tensor.__ixor__ = _operator(Tensor.bitwise_xor_)
Tensor.__ilshift__ = _operator(Tensor.bitwise_left_shift_)
Tensor.__irshift__ = _operator(Tensor.bitwise_right_shift_)
Tensor.__neg__ = neg
Tensor.__pos__ = lambda self: self
Tensor.__abs__ = abs
Tensor.__invert__ = _inverted
Tensor.__eq__ = _operator(eq)
Tensor.__ne__ = _operator(ne)
Tensor.__lt__ = _operator(lt)
Tensor.__le__ = _operator(le)
Tensor.__gt__ = _operator(gt)
Tensor.__ge__ = _operator(ge)
Tensor.__lshift__ = _operator(bitwise_left_shift)
Tensor.__rlshift__ = _operator(bitwise_left_shift, swapped=True)
Tensor.__rshift__ = _operator(bitwise_right_shift)
Tensor.__rrshift__ = _operator(bitwise_right_shift, swapped=True)
Tensor.__and__ = Tensor.__rand__ = _operator(bitwise_and)
Tensor.__or__ = Tensor.__ror__ = _operator(bitwise_or)
Tensor.__xor__ = Tensor.__rxor__ = _operator(bitwise_xor)
