"""Walking over the graph with the keyboard."""

from __future__ import annotations

from gradviz.ui.graph.diagram import Diagram
from gradviz.ui.graph.layout import Placement, Rect, mirrored


def neighbour(diagram: Diagram, placement: Placement, key: str, direction: str) -> str:
    """The card to go to from `key`: with the flow along an edge to what uses it, against the flow to what it
    is made of, across the flow to the nearest card there. So in a graph from left to right "right" goes with
    the flow. Without a start the first card; "" when there is none that way."""
    turned = placement.direction == "down"
    places = {
        card: mirrored(rect) if turned else rect
        for card, rect in placement.cards.items()
        if card in diagram.cards
    }
    if turned:
        direction = {"down": "right", "up": "left", "right": "down", "left": "up"}[direction]
    if key not in places:
        return next(iter(_inside(diagram, key)), next(iter(places), ""))
    here = places[key]
    ends = [
        (link.target, link.source) if link.backward else (link.source, link.target) for link in diagram.links
    ]
    if direction == "right":
        candidates = [end for start, end in ends if start == key]
    elif direction == "left":
        candidates = [start for start, end in ends if end == key]
    else:
        sign = -1 if direction == "up" else 1
        candidates = [
            card for card, rect in places.items() if sign * (_middle(rect)[1] - _middle(here)[1]) > 1
        ]
        return min(candidates, key=lambda card: _far(here, places[card], sideways=2.0), default="")
    return min(candidates, key=lambda card: _far(here, places[card], sideways=0.25), default="")


def _inside(diagram: Diagram, box: str) -> list[str]:
    """The cards in an open box."""
    return [key for key, card in diagram.cards.items() if box and f"{card.scope}/".startswith(box)]


def _far(here: Rect, there: Rect, sideways: float) -> float:
    (x0, y0), (x1, y1) = _middle(here), _middle(there)
    return abs(x1 - x0) * sideways + abs(y1 - y0)


def _middle(rect: Rect) -> tuple[float, float]:
    return rect.x + rect.width / 2, rect.y + rect.height / 2
