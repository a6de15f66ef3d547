"""Whether a program still holds an array that the session holds, too."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from sys import getrefcount

import numpy as np

from gradviz.engine.backend import Array, viewed


def others_hold(references: list[Array]) -> bool:
    """Whether anybody but the session refers to the memory of these arrays, or to a view of it.

    `references` has an entry for every reference of the session; they are all to arrays on one memory.
    """
    if references[0].base is None and all(array is references[0] for array in references):
        # each stands here once more than where it was found; no variable, and `_OWN` is one less
        return getrefcount(references[0]) - 2 * len(references) > _OWN - 1
    return any(_spare(references))


def _spare(references: list[Array]) -> Iterable[bool]:
    known = {id(array): array for array in references}
    expected = Counter(map(id, references))
    listed = Counter(expected)
    for key in list(known):
        _count_bases(key, known, expected)
    for key in known:
        yield getrefcount(known[key]) - expected[key] - listed[key] > _OWN


def _count_bases(key: int, known: dict[int, Array], expected: Counter[int]) -> None:
    """A view refers to the array that it is a view of, and so does that one, if it is a view."""
    while (base := viewed(known[key])) is not None:
        expected[id(base)] += 1
        if id(base) in known:
            return
        key = id(base)
        known[key] = base


def _references_of_our_own() -> int:
    """How many references to an array are counted that are only made by counting: that of one variable or
    container, and of the call."""
    array = np.empty(0)
    return getrefcount(array)


_OWN = _references_of_our_own()
