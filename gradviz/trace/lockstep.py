"""Where in another branch's iteration one is when one stands at an event of this branch's."""

from __future__ import annotations

from collections import Counter

from gradviz.trace.iteration import Iteration


class Lockstep:
    """Pairs the events of two recordings of an iteration by what happens: the n-th event of a kind at a node.

    Branches may compute different graphs (another loss). An event that the follower does not have leads to
    the pair of the latest one before it that it has.
    """

    def __init__(self, leader: Iteration, follower: Iteration) -> None:
        places = {name: place for place, name in enumerate(_names(follower))}
        self._places = [-1]
        for name in _names(leader):
            self._places.append(places.get(name, self._places[-1]))
        if leader.complete and follower.complete:
            self._places[-1] = len(follower.events) - 1

    def event(self, event: int) -> int:
        """The follower's event for one of the leader's; -1, before the first, for -1."""
        return self._places[event + 1]


def _names(iteration: Iteration) -> list[tuple[str, str, int]]:
    """(kind, node's key, how many of these came before) of every event."""
    seen: Counter[tuple[str, str]] = Counter()
    names: list[tuple[str, str, int]] = []
    for event in iteration.events:
        name = event.kind, iteration.nodes[event.node].key
        names.append((*name, seen[name]))
        seen[name] += 1
    return names
