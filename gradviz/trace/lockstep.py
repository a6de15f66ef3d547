"""Where in another branch's iteration one is when one stands at an event of this branch's."""

from __future__ import annotations

from collections import Counter

from gradviz.trace.iteration import Event, Iteration, Phase


class Lockstep:
    """Pairs the events of two recordings of an iteration by what happens: the n-th event of a kind at a node.

    Branches may compute different graphs (another loss). An event that the follower does not have leads to
    where the one before it led, or, if that is in another phase, to the end of what precedes the phase.
    """

    def __init__(self, leader: Iteration, follower: Iteration) -> None:
        places = {name: place for place, name in enumerate(_names(follower))}
        begins = _begins(follower.events)
        self._places = [-1]
        for event, name in zip(leader.events, _names(leader), strict=True):
            place = places.get(name)
            if place is None:
                place = self._places[-1]
                if place < 0 or follower.events[place].phase != event.phase:
                    place = max(begins[event.phase][place + 1] - 1, place)
            self._places.append(place)
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


def _begins(events: list[Event]) -> dict[Phase, list[int]]:
    """For every phase and every place: the first event of the phase from there on; 0 where there is none."""
    begins: dict[Phase, list[int]] = {"forward": [0], "backward": [0], "update": [0]}
    for place in range(len(events) - 1, -1, -1):
        for phase, found in begins.items():
            found.append(place if events[place].phase == phase else found[-1])
    return {phase: found[::-1] for phase, found in begins.items()}
