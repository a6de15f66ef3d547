"""Edges run around cards and boxes, and what is on screen stays, whatever the graph."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradviz.trace.folding import fold
from gradviz.ui.graph import level
from gradviz.ui.graph.diagram import Diagram
from gradviz.ui.graph.layout import Edge, Member, Placement, Request, lay_out
from gradviz.ui.graph.task import Rect
from tests.benchmarks.large_programs import LSTM, LSTM_CELL, RESIDUAL, SCALARS, TRANSFORMER
from tests.session.harness import record
from tests.ui.recordings import simple_net

SCOPES = {"a/": "", "a.b/": "a/", "c/": ""}


@st.composite
def requests(draw, most=22) -> Request:
    """Cards in boxes in boxes, and edges in the order of time."""
    sizes = st.sampled_from([(88.0, 46.0), (140.0, 62.0), (180.0, 80.0)])
    homes = draw(st.lists(st.sampled_from(["", *SCOPES]), min_size=2, max_size=most))
    cards = {str(number): Member(*draw(sizes), home) for number, home in enumerate(homes)}
    numbers = st.integers(0, len(cards) - 1)
    pairs = draw(st.sets(st.tuples(numbers, numbers), max_size=2 * len(cards)))
    edges = tuple((str(a), str(b)) for a, b in sorted(pairs) if a < b)
    direction = draw(st.sampled_from(["right", "down"]))
    return Request(cards, boxes_of(cards), edges, draw(st.sampled_from([0.8, 1.5, 3.0])), direction)


def boxes_of(cards: dict[str, Member]) -> dict[str, str]:
    return {
        box: around for box, around in SCOPES.items() if any(around_(card, box) for card in cards.values())
    }


def around_(card: Member, box: str) -> bool:
    return card.scope.replace("/", ".").startswith(box.replace("/", "."))


def earlier(request: Request, keys: set[str]) -> Request:
    """The same graph when only these cards had appeared."""
    cards = {key: card for key, card in request.cards.items() if key in keys}
    edges = tuple(edge for edge in request.edges if keys.issuperset(edge))
    return Request(cards, boxes_of(cards), edges, request.aspect, request.direction)


def entered(request: Request, placement: Placement) -> list[tuple[Edge, str]]:
    """Edges that run through a card or a box that they do not belong to, and which."""

    def around(key: str) -> set[str]:
        boxes, scope = set(), request.cards[key].scope
        while scope:
            boxes.add(scope)
            scope = request.scopes[scope]
        return boxes

    places = {**placement.cards, **placement.scopes}
    table = np.array(list(places.values())).reshape(-1, 4)
    low, high = table[:, :2] + 1, table[:, :2] + table[:, 2:] - 1
    found = []
    for edge, line in placement.edges.items():
        start, end = np.array(line[:-1]), np.array(line[1:])
        assert (abs(end - start).min(axis=1) < 2).all(), "right angles"
        least, most = np.minimum(start, end)[:, None], np.maximum(start, end)[:, None]
        touched = ((least < high) & (low < most)).all(axis=2).any(axis=0)
        own = {*edge, *around(edge[0]), *around(edge[1])}
        found += [(edge, key) for key, hit in zip(places, touched, strict=True) if hit and key not in own]
    return found


@settings(max_examples=40, deadline=None)
@given(requests())
def test_edges_of_any_graph_run_around_cards_and_boxes(request):
    assert entered(request, lay_out(request)) == []


@settings(max_examples=40, deadline=None)
@given(requests())
def test_also_where_there_is_too_much_for_more_than_columns(request):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(level, "MAX_LAYERED", 0)
        patch.setattr("gradviz.ui.graph.layout.lay_out_alike", level.lay_out_level)
        placement = lay_out(request)
    assert entered(request, placement) == []
    assert not any(overlap(one, other) for one, other in combinations(placement.cards.values(), 2))


@settings(max_examples=60, deadline=None)
@given(requests(), st.data())
def test_what_appears_later_leaves_the_rest_where_it_is_and_its_edges_run_around(request, data):
    """Also while a forward pass runs. What grew pushes only what is right of it or below."""
    keys = set(data.draw(st.lists(st.sampled_from(sorted(request.cards)), unique=True)))
    first = lay_out(earlier(request, keys))
    second = lay_out(request, first)
    assert entered(request, second) == []
    boxes = {scope for key in request.cards.keys() - keys for scope in (request.cards[key].scope,) if scope}
    grown = [first.scopes[box] for box in SCOPES if box in first.scopes and boxes & {box, *inside(box)}]
    for key in keys:
        before = first.cards[key]
        pushed = any(
            before.x >= box.x + box.width or before.y >= box.y + box.height or holds(box, before)
            for box in grown
        )
        assert pushed or second.cards[key] == before


def overlap(a: Rect, b: Rect) -> bool:
    return a.x < b.x + b.width and b.x < a.x + a.width and a.y < b.y + b.height and b.y < a.y + a.height


def inside(box: str) -> set[str]:
    return {other for other in SCOPES if around_(Member(0, 0, other), box)}


def holds(box: Rect, card: Rect) -> bool:
    return box.x <= card.x <= box.x + box.width and box.y <= card.y <= box.y + box.height


PROGRAMS = {
    "transformer": TRANSFORMER.replace("layer, 12", "layer, 3"),
    "residual": RESIDUAL.replace("range(50)", "range(5)"),
    "LSTMCell": LSTM_CELL.replace("1000", "30"),
    "LSTM": LSTM.replace("1000", "40"),
    "scalars": SCALARS.replace("range(56)", "range(1)").replace("16, 16", "5, 5"),
}


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize("direction", ["right", "down"])
def test_edges_of_real_programs_run_around_cards_and_boxes(name, direction):
    iteration = record(PROGRAMS[name]).iterations[0]
    folding = fold(iteration)
    for opened in (None, set(folding.scopes)):
        request = Diagram(iteration, opened, folding).request(1.5, direction)
        assert entered(request, lay_out(request)) == []


def test_edges_of_simplenet_run_around_whatever_is_opened():
    iteration = simple_net().iteration
    scopes = sorted(fold(iteration).scopes)
    for opened in (set(chosen) for count in range(len(scopes) + 1) for chosen in combinations(scopes, count)):
        request = Diagram(iteration, opened).request(1.5)
        assert entered(request, lay_out(request)) == []
