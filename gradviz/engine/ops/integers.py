"""Operations on integers: common divisors and multiples, and shifted bits. None of them has a gradient."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradviz.engine.backend import Array, xp
from gradviz.engine.dtypes import promote
from gradviz.engine.errors import require_kinds, require_tensors
from gradviz.engine.ops.comparison import published
from gradviz.engine.tape import Op


class OfIntegers(Op):
    """A function of pairs of integers."""

    args = ("x", "y")
    differentiable = False
    vjp = ("0", "0")
    compute: Callable
    kernel = ""  # torch's name for what computes it
    takes_numbers = False

    def forward(self, x: Any, y: Any) -> Array:
        if not self.takes_numbers:
            require_tensors(self.op_name, input=x, other=y)
        x, y = promote(x, y)
        require_kinds("iu", self.kernel or self.op_name, x)
        return self.compute(x, y)


class Gcd(OfIntegers):
    formula = r"\gcd(x, y)"
    compute = staticmethod(xp.gcd)


class Lcm(OfIntegers):
    formula = r"\mathrm{lcm}(x, y)"
    compute = staticmethod(xp.lcm)


class BitwiseLeftShift(OfIntegers):
    formula = r"x \cdot 2^{y}"
    kernel = "lshift_cpu"
    takes_numbers = True
    compute = staticmethod(xp.left_shift)


class BitwiseRightShift(OfIntegers):
    formula = r"\lfloor x / 2^{y} \rfloor"
    kernel = "rshift_cpu"
    takes_numbers = True
    compute = staticmethod(xp.right_shift)


gcd, lcm = published(Gcd), published(Lcm)
bitwise_left_shift, bitwise_right_shift = published(BitwiseLeftShift), published(BitwiseRightShift)
