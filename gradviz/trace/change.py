"""How an array has changed since the iteration before, at the same place of the program."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from msgspec.structs import replace

from gradviz.trace.difference import subtract
from gradviz.trace.iteration import Iteration
from gradviz.trace.lockstep import Lockstep
from gradviz.trace.values import ArrayRef
from gradviz.trace.wiring import by_key


def change_of(
    ref: ArrayRef,
    iteration: Callable[[int], Iteration | None],
    find: Callable[[ArrayRef], np.ndarray | None],
) -> np.ndarray | None:
    """The array less that of the node with the same key, an iteration before and as long in it.

    In double precision. None where one of the two is not there, or their shapes differ. `iteration` gives
    those that are kept, `find` their arrays.
    """
    now, before = iteration(ref.iteration), iteration(ref.iteration - 1)
    if now is None or before is None or not 0 <= ref.node < len(now.nodes):
        return None
    key = now.nodes[ref.node].key
    partner = by_key(before).get(key)
    if partner is None:
        return None
    event = Lockstep(now, before).event(min(ref.event, len(now.events) - 1))
    new = find(replace(ref, change=False))
    old = find(replace(ref, change=False, iteration=before.index, node=partner.id, event=event))
    return None if new is None or old is None or new.shape != old.shape else subtract(new, old)
