"""Cards and boxes that were put elsewhere. Pure data, no window."""

from dataclasses import replace
from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradviz.ui.graph.diagram import Diagram
from gradviz.ui.graph.layout import Placement, Rect, Request, lay_out
from gradviz.ui.graph.places import arranged, carried, dragged, place_in_box
from gradviz.ui.graph.routing import crosses, route
from tests.ui.graph.test_layout import holds, overlap
from tests.ui.recordings import simple_net

REQUESTS = {
    direction: Diagram(simple_net().iteration).request(1.5, direction) for direction in ("right", "down")
}
AUTOMATIC = {direction: lay_out(request) for direction, request in REQUESTS.items()}
KEYS = sorted((*REQUESTS["right"].cards, *REQUESTS["right"].scopes))


def pinned(pins: dict, direction: str = "right") -> Placement:
    return arranged(AUTOMATIC[direction], replace(REQUESTS[direction], pins=pins))


def boxes_around(request: Request, key: str) -> list[str]:
    found = []
    while key := request.around(key):
        found.append(key)
    return found


def through(placement: Placement) -> list:
    """Cards that an edge of others runs through."""
    return [
        (edge, key)
        for edge, line in placement.edges.items()
        for key, rect in placement.cards.items()
        if key not in edge and crosses(line, rect, clear=0)
    ]


def test_what_is_pinned_is_there_and_the_rest_stays():
    before = AUTOMATIC["right"]
    there = Rect(*before.cards["images"]).moved(0, 300)
    after = pinned({"images": (there.x, there.y)})
    assert after.cards == before.cards | {"images": there}
    assert after.scopes == before.scopes
    changed = {edge for edge in before.edges if after.edges[edge] != before.edges[edge]}
    assert changed == {("images", "net/flatten")}
    assert after.edges["images", "net/flatten"][0][1] != before.edges["images", "net/flatten"][0][1]


def test_a_box_takes_what_is_in_it_along():
    before = AUTOMATIC["right"]
    after = pinned({"criterion/": (before.scopes["criterion/"].x + 40, before.scopes["criterion/"].y + 200)})
    for key in ("criterion/log_softmax", "criterion/nll_loss"):
        assert after.cards[key] == before.cards[key].moved(40, 200)
    inside = before.edges["criterion/log_softmax", "criterion/nll_loss"]
    assert after.edges["criterion/log_softmax", "criterion/nll_loss"] == [
        (x + 40, y + 200) for x, y in inside
    ]


def test_a_box_grows_with_what_is_dragged_out_of_it():
    after = pinned({"net.fc1.bias": (-120.0, 400.0)})
    box, corner = after.scopes["net.fc1/"], after.corners["net.fc1/"]
    assert after.cards["net.fc1.bias"][:2] == (corner[0] - 120, corner[1] + 400)
    assert holds(box, after.cards["net.fc1.bias"])
    assert holds(after.scopes["net/"], box)
    start, end = after.titles["net.fc1/"]
    assert 0 < start < end < box.width


def test_what_would_be_covered_gives_way():
    relu = AUTOMATIC["right"].cards["net/relu"]
    box = AUTOMATIC["right"].scopes["net/"]
    after = pinned({"net/flatten": (relu.x - box.x + 10, relu.y - box.y + 10)})
    assert after.cards["net/relu"] != relu
    assert not overlap(after.cards["net/relu"], after.cards["net/flatten"])


@pytest.mark.parametrize("direction", ["right", "down"])
def test_a_card_in_the_way_is_gone_around(direction):
    """`labels` is put onto the straight way of an edge that it has nothing to do with."""
    line = AUTOMATIC[direction].edges["images", "net/flatten"]
    (x0, y0), (x1, y1) = line[0], line[1]
    after = pinned({"labels": ((x0 + x1) / 2 - 70, (y0 + y1) / 2 - 30)}, direction)
    assert through(after) == []


coordinates = st.floats(-900, 1500)


@pytest.mark.parametrize("direction", ["right", "down"])
@settings(max_examples=60, deadline=None)
@given(pins=st.dictionaries(st.sampled_from(KEYS), st.tuples(coordinates, coordinates), max_size=3))
def test_wherever_things_are_put_nothing_else_is_covered(direction, pins):
    request, after = REQUESTS[direction], pinned(pins, direction)
    for key, place in pins.items():
        assert place_in_box(after, request, key) == pytest.approx(place)
    rects = {**after.cards, **after.scopes}
    assert rects.keys() == {*request.cards, *request.scopes}
    for key, rect in rects.items():
        for box in boxes_around(request, key):
            assert holds(rects[box], rect), (box, key)
    for a, b in combinations(rects, 2):
        if request.around(a) == request.around(b) and not {a, b} <= pins.keys():
            assert not overlap(rects[a], rects[b]), (a, b)
    for (source, target), line in after.edges.items():
        start, end = after.cards[source], after.cards[target]
        first, last = (line[0], line[-1]) if direction == "right" else (line[0][::-1], line[-1][::-1])
        along, size = (0, 2) if direction == "right" else (1, 3)
        assert first[0] == pytest.approx(start[along] + start[size])
        assert last[0] == pytest.approx(end[along])
        assert all(abs(a[0] - b[0]) < 1 or abs(a[1] - b[1]) < 1 for a, b in pairwise(line)), "right angles"


def test_without_pins_nothing_is_done():
    assert arranged(AUTOMATIC["right"], REQUESTS["right"]) is AUTOMATIC["right"]


def test_while_it_is_dragged_a_box_moves_with_its_edges_and_the_rest_stays():
    before, request = AUTOMATIC["right"], REQUESTS["right"]
    keys = carried(request, "net.fc2/")
    assert keys == {"net.fc2/", "net.fc2.weight", "net.fc2.bias", "net.fc2/t", "net.fc2/addmm"}
    after = dragged(before, keys, 30, -20)
    assert after.scopes["net.fc2/"] == before.scopes["net.fc2/"].moved(30, -20)
    assert after.cards["net/relu"] == before.cards["net/relu"]
    line = after.edges["net/relu", "net.fc2/addmm"]
    assert line[0] == before.edges["net/relu", "net.fc2/addmm"][0]
    assert line[-1] == tuple(
        a + b for a, b in zip(before.edges["net/relu", "net.fc2/addmm"][-1], (30, -20), strict=True)
    )


# ── ways ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_free_way_is_straight():
    line = route((0, 0), (200, 0), [])
    assert {y for _, y in line} == {0}


def test_a_way_back_goes_around_both_ends():
    ends = [Rect(100, 0, 80, 40), Rect(-100, 0, 80, 40)]
    line = route((180, 20), (-100, 20), ends)
    assert line[0] == (180, 20) and line[-1] == (-100, 20)
    assert not any(crosses(line[1:-1], rect, clear=1) for rect in ends)


def test_a_way_through_a_gap_is_found():
    walls = [Rect(100, -500, 20, 480), Rect(100, 20, 20, 480), Rect(200, -10, 20, 400)]
    line = route((0, 0), (400, 0), walls)
    assert not any(crosses(line, wall, clear=1) for wall in walls)


def test_an_end_that_is_covered_is_reached_all_the_same():
    line = route((0, 0), (400, 0), [Rect(-50, -50, 500, 100)])
    assert line[0] == (0, 0) and line[-1] == (400, 0)
