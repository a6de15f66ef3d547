"""Arithmetic with a number where it is a setting of the operation, no input: so do torch's own functions.

What a program writes with a number, `x + 1`, has an input for it (https://pytorch.org/docs/stable/torch.html).
"""

from __future__ import annotations

from gradviz.engine.ops.arithmetic import Add, Mul, Sub
from gradviz.engine.ops.division import Div
from gradviz.engine.tensor import Tensor


class AddNumber(Add):
    op_name = "add"
    number_variants = {"y": "AddBackward1"}


class SubNumber(Sub):
    op_name = "sub"
    number_variants = {"y": "SubBackward1"}


class MulNumber(Mul):
    op_name = "mul"
    number_variants = {"y": "MulBackward1"}


class DivNumber(Div):
    op_name = "div"
    number_variants = {"y": "DivBackward1"}


def add_number(x: Tensor, number: float) -> Tensor:
    return AddNumber()(x, number)


def sub_number(x: Tensor, number: float) -> Tensor:
    return SubNumber()(x, number)


def mul_number(x: Tensor, number: float) -> Tensor:
    return MulNumber()(x, number)


def div_number(x: Tensor, number: float) -> Tensor:
    return DivNumber()(x, number)
