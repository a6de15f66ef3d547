"""Where a NaN or an infinite number first came from."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from gradviz.trace.graph import Text
from gradviz.trace.values import Role

MAX_STEPS = 1000

Outcome = Literal["made", "given", "earlier", "finite", "unknown"]
"""made: the last step's event made it of finite numbers. given: the last step's leaf holds it from the start,
as data or by its initialisation. earlier: that leaf came with it from the iteration before. finite: there is
none in the array. unknown: what is needed was not recorded."""


class OriginStep(Struct, frozen=True):
    """An array with a NaN or an infinite number in it, and what is behind that, in words.

    `event` is the one that made it; -1: it was there before the first. `template` is English, the window
    translates it and fills `arguments` into its {0}, {1}.
    """

    event: Annotated[int, Meta(ge=-1)]
    node: Annotated[int, Meta(ge=0)]
    role: Role
    output: Annotated[int, Meta(ge=0)]
    template: Text
    arguments: Annotated[tuple[Text, ...], Meta(max_length=20)] = ()


class Trail(Struct, frozen=True):
    """The way back from the array that was asked about (first step) to where it first happened (last)."""

    outcome: Outcome
    steps: Annotated[list[OriginStep], Meta(max_length=MAX_STEPS)] = []
