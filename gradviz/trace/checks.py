"""What finite differences say of an operation's backward, as data."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from gradviz.trace.graph import Text
from gradviz.trace.reasons import Index

MAX_DIFFERENCES = 64
Count = Annotated[int, Meta(ge=0)]


class Difference(Struct, frozen=True, array_like=True):
    """An element whose slope is `expected` by finite differences and `found` in the gradient."""

    index: Index
    expected: float
    found: float


class GradientCheck(Struct, frozen=True):
    """On the gradient that an operation's backward gives to one argument.

    "surrogate": it is not the derivative, and not meant to be. Of `checked` elements that were moved, `kinks`
    are at a kink, where several slopes are right. `error` is the largest difference of those that are right,
    relative to the largest slope. `words` say, in English, what no numbers say; `given` fills their {0}.
    """

    argument: Text
    state: Literal["right", "wrong", "surrogate", "unchecked"]
    checked: Count = 0
    kinks: Count = 0
    worst: Annotated[tuple[Difference, ...], Meta(max_length=MAX_DIFFERENCES)] = ()
    words: Text = ""
    error: float = 0.0
    given: Text = ""
