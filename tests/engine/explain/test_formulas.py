"""What operations say of themselves: formulas that can be drawn and speak of nothing unknown."""

from __future__ import annotations

import inspect

import pytest
import ziamath

from gradviz.engine.explain.equations import names_in, plain
from gradviz.engine.ops.division import DivRounded
from gradviz.engine.ops.linalg import Addmm
from gradviz.engine.ops.loss import MseLoss
from gradviz.engine.tape import Op
from tests.engine.test_gradients import operations

CONVENTIONAL = {
    *"edg",  # Euler's number, the differential, ∂L/∂out
    *"ijkrt",  # what is summed or integrated over
    *"lmpuv",  # the factors of a matrix or a number
    "n",  # how many
    "x",  # one of several tensors
}


def test_every_formula_can_be_drawn() -> None:
    texts = {text for op in operations() for text in (op.formula, *op.vjp)}
    assert all(ziamath.Latex(text).svg() for text in texts)


@pytest.mark.parametrize("op", operations(), ids=lambda op: op.__name__)
def test_an_operation_speaks_of_nothing_unknown(op: type[Op]) -> None:
    letters = {n for text in (op.formula, *op.vjp) for n in names_in(text) if len(n) == 1 and n.islower()}
    known = {*op.args, *op.outputs, *inspect.signature(op).parameters}
    assert letters - known - set(op.symbols) <= CONVENTIONAL
    code = "".join(inspect.getsource(c) for c in op.__mro__ if c not in (Op, object))
    for name in op.symbols.values():
        assert name in known or f"self.{name}" in code or f"def {name}(" in code


@pytest.mark.parametrize("op", operations(), ids=lambda op: op.__name__)
def test_terms_are_arguments(op: type[Op]) -> None:
    factors = {plain(factor) for product in op.terms for factor in product.split()}
    assert factors <= set(op.args)


@pytest.mark.parametrize(
    ("op", "formula"),
    [
        (Addmm(), r"\mathrm{bias} + a b"),
        (Addmm(beta=0.5), r"\beta\, \mathrm{bias} + \alpha\, a b"),
        (MseLoss("none"), "(x - y)^{2}"),
        (MseLoss("mean"), r"\frac{1}{n} \textstyle\sum\ (x - y)^{2}"),
        (DivRounded("floor"), r"\lfloor x / y \rfloor"),
        (DivRounded("trunc"), r"\mathrm{trunc}(x / y)"),
    ],
)
def test_a_formula_follows_the_settings(op: Op, formula: str) -> None:
    assert op.formula == formula and len(op.vjp) == len(op.args)
